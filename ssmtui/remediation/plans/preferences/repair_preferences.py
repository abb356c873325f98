"""`repair-preferences`: rewrite values that SSM Agent cannot read, or show how to correct them by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ssmtui.language import say, translatable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.document_text import DocumentText, MalformedText
from ssmtui.model.plan import FixNotApplicable, Form, Step, Steps, shell_word
from ssmtui.model.preferences import (
    INPUTS,
    LOG_BUCKET,
    LOG_GROUP,
    SCHEMA_VERSION,
    EncryptedOnly,
    PreferencesDocument,
    SessionPreferences,
    parse_preferences_text,
    read_switch,
)
from ssmtui.model.scope import DOCUMENT_NAME, Scope
from ssmtui.remediation.plans.plan_parts import CallerRights, Rights, chosen_values, denial_text
from ssmtui.remediation.plans.preferences.document_plan import (
    NEW_DOCUMENT,
    STALE,
    UPDATE,
    WritableDocument,
    rewrite_plan,
)
from ssmtui.remediation.plans.preferences.fields import FIELD, FIELDS, FieldKind
from ssmtui.remediation.plans.preferences.text_edit import CannotEditError, Literal, with_value
from ssmtui.remediation.plans.registry import Draft, fix

_TRUE_WORDS = ("true", "yes", "on", "1")
_FALSE_WORDS = ("false", "no", "off", "0", "")
_MEANS = dict.fromkeys(_TRUE_WORDS, True) | dict.fromkeys(_FALSE_WORDS, False)


@dataclass(frozen=True, slots=True)
class Repair:
    """A corrected value: its path, the new value (as JSON), and the reason in a sentence."""

    path: tuple[str, ...]
    written: str
    why: str


@dataclass(frozen=True, slots=True)
class UndecidedSwitch:
    """A switch whose intended value is unknown."""

    name: str


def repairs_of(document: Mapping[str, object], scope: Scope) -> tuple[Repair | UndecidedSwitch, ...]:
    """Return the repairs of everything that one value can correct, in the order of the settings.

    `document` is the parsed text. Errors that only the author can correct are left out.
    """
    inputs = document.get(INPUTS)
    settings: Mapping[str, object] = inputs if isinstance(inputs, Mapping) else {}
    return (*_schema(document), *_of_types(settings), *_of_names(settings, scope))


def _schema(document: Mapping[str, object]) -> Iterator[Repair]:
    if document.get("schemaVersion") != SCHEMA_VERSION:
        why = say("Session documents have the schema version {version}.", version=SCHEMA_VERSION)
        yield Repair(("schemaVersion",), json.dumps(SCHEMA_VERSION), why)


def _of_types(settings: Mapping[str, object]) -> Iterator[Repair | UndecidedSwitch]:
    for field in FIELDS:
        found: object = settings
        for name in field.path[1:]:
            found = found.get(name) if isinstance(found, Mapping) else None
        if field.kind is FieldKind.SWITCH:
            if read_switch(field.name, found) is EncryptedOnly.MALFORMED:
                yield _switch(field.name, field.path, found)
        elif isinstance(found, bool):
            yield Repair(
                field.path, '""', say("{setting} must be a text; an empty text turns it off.", setting=field.name)
            )


def _switch(name: str, path: tuple[str, ...], found: object) -> Repair | UndecidedSwitch:
    text = "" if found is None else str(found).strip().lower() if isinstance(found, str | int) else None
    if text is None or text not in _MEANS:
        return UndecidedSwitch(name)
    word = "true" if _MEANS[text] else "false"
    why = (
        say("{setting}: {text} becomes {word}.", setting=name, text=text, word=word)
        if text
        else say("{setting}: the empty value means off and becomes false.", setting=name)
    )
    return Repair(path, word, why)


def _of_names(settings: Mapping[str, object], scope: Scope) -> Iterator[Repair]:
    bucket, group = settings.get(LOG_BUCKET), settings.get(LOG_GROUP)
    if isinstance(bucket, str) and (name := _bucket_name(bucket)):
        yield Repair((INPUTS, LOG_BUCKET), json.dumps(name), say("The bucket setting contains only the bucket name."))
        prefix = _prefix(bucket)
        if prefix and not settings.get("s3KeyPrefix"):
            yield Repair(
                (INPUTS, "s3KeyPrefix"),
                json.dumps(prefix),
                say("The prefix moves from the bucket setting to its own setting."),
            )
    if isinstance(group, str) and (name := _group_name(group, scope)):
        yield Repair(
            (INPUTS, LOG_GROUP), json.dumps(name), say("The log group setting contains only the log group name.")
        )


def _bucket_name(text: str) -> str:
    """Return the bucket name of `s3://name/prefix` or `arn:aws:s3:::name/prefix`; empty for anything else."""
    return _place(text).partition("/")[0]


def _prefix(text: str) -> str:
    return _place(text).partition("/")[2].rstrip("/")


def _place(text: str) -> str:
    if text.startswith("s3://"):
        return text.removeprefix("s3://")
    return text.partition(":s3:::")[2] if text.startswith("arn:") else ""


def _group_name(text: str, scope: Scope) -> str:
    """Return the name from the ARN of a log group; empty for another Region or account, or another text."""
    within = scope.arn("logs", "log-group:")
    return text.removeprefix(within).removesuffix(":*") if text.startswith(within) else ""


_READ = translatable("Save the newest text of the session preferences to a file.")
_CORRECT = translatable("Correct the text in the file: {faults}")
_SOUND = translatable(
    "A valid document looks like this. Settings can be left out. YAML documents have the same structure."
)
_WRITE = translatable(
    "Upload the file. AWS refuses the text if a newer version was saved in the meantime: start again in this case."
)
_DEFAULT = translatable("Make the new version in the AWS response the default version, which the console shows.")


def repair_by_hand(fix: str, scope: Scope, document: PreferencesDocument, faults: Sequence[str]) -> Steps:
    """Return the steps, including what is wrong."""
    region, file = shell_word(scope.region, "REGION"), f"preferences.{document.format.value.lower()}"
    named = f"--region {region} --name {DOCUMENT_NAME}"
    stored = f"--document-format {document.format.value}"
    version = shell_word(document.latest_version, "VERSION")
    read = (
        f"aws ssm get-document {named} --document-version '$LATEST' \\\n"
        f"  {stored} --query Content --output text > {file}"
    )
    write = f"aws ssm update-document {named} --document-version {version} \\\n  {stored} --content file://{file}"
    default = f"aws ssm update-document-default-version {named} --document-version NEW_VERSION"
    return Steps(
        fix,
        say("Correct the session preferences by hand"),
        (
            Step(say(_READ), read),
            Step(say(_CORRECT, faults=" ".join(faults))),
            Step(say(_SOUND), NEW_DOCUMENT, Form.JSON),
            Step(say(_WRITE), write),
            Step(say(_DEFAULT), default),
        ),
    )


_SLUG = "repair-preferences"


@fix(slug=_SLUG, stale=STALE, whole_region=True)
def repair_preferences(
    scope: Scope,
    document: PreferencesDocument,
    preferences: SessionPreferences,
    caller: CallerRights,
    choices: Choices,
) -> Draft:
    """Correct every value that can be corrected; errors that only the author can correct become steps by hand."""
    rights = Rights(caller)
    denial = rights.forbidden(UPDATE)
    if denial:
        return denial_text(denial)
    if not preferences.faults:
        return say("the preferences document has no errors")
    if isinstance(document.content, MalformedText):
        return _by_hand(scope, document, preferences.faults, document.content.why)
    open_ = WritableDocument(scope, document, document.content, rights)
    try:
        found = repairs_of(open_.text.said, scope)
        undecided = tuple(_choice(each) for each in found if isinstance(each, UndecidedSwitch))
        answer = chosen_values(choices, undecided)
        if isinstance(answer, FixNotApplicable):
            return answer
        repairs = [each if isinstance(each, Repair) else _as_said(each, answer[each.name]) for each in found]
        after = _repaired(open_.text, repairs)
    except CannotEditError as reason:
        return _by_hand(scope, document, preferences.faults, str(reason))
    left = parse_preferences_text(after, document.arn).faults
    if left == preferences.faults:
        return _by_hand(scope, document, left, " ".join(left))
    notes = tuple(each.why for each in repairs)
    title = say("Correct the session preferences")
    return rewrite_plan(open_, title, after, notes=notes)


def _by_hand(scope: Scope, document: PreferencesDocument, faults: Sequence[str], reason: str) -> FixNotApplicable:
    why = say("the preferences document must be edited by hand: {reason}", reason=reason)
    return FixNotApplicable(_SLUG, why, steps=repair_by_hand(_SLUG, scope, document, faults))


def _repaired(text: DocumentText, repairs: Sequence[Repair]) -> DocumentText:
    for repair in repairs:
        text = with_value(text, repair.path, _literally(repair.written))
    return text


def _literally(value: str) -> Literal:
    return lambda _: value


def _as_said(switch: UndecidedSwitch, word: str) -> Repair:
    return Repair(
        FIELD[switch.name].path, word, say("{setting} becomes {word}, as chosen.", setting=switch.name, word=word)
    )


def _choice(switch: UndecidedSwitch) -> Choice:
    return Choice(switch.name, say(FIELD[switch.name].meaning), (Candidate("true"), Candidate("false")))
