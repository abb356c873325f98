"""Plans that write the preferences document: guards, calls, undo, and the preferences afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from ssmtui.language import say, translatable
from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText, parse_document_text
from ssmtui.model.fact import Absent
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.plan import (
    AnswerReference,
    Call,
    FactChange,
    Guard,
    GuardReference,
    Parameter,
    Plan,
    Reach,
    UndoPlan,
)
from ssmtui.model.preferences import SCHEMA_VERSION, PreferencesDocument, SessionPreferences, parse_preferences
from ssmtui.model.scope import DOCUMENT_NAME, Scope
from ssmtui.remediation.plans.plan_parts import CallerRights, Rights, denial_text
from ssmtui.remediation.plans.registry import Draft, fix

# The document from the User Guide (getting-started-create-preferences-cli): no logging and no key. If a bucket or a log
# group is added later, it must be encrypted.
NEW_DOCUMENT = json.dumps(
    {
        "schemaVersion": SCHEMA_VERSION,
        "description": "Document to hold regional settings for Session Manager",
        "sessionType": "Standard_Stream",
        "inputs": {
            "s3BucketName": "",
            "s3KeyPrefix": "",
            "s3EncryptionEnabled": True,
            "cloudWatchLogGroupName": "",
            "cloudWatchEncryptionEnabled": True,
            "cloudWatchStreamingEnabled": False,
            "kmsKeyId": "",
            "runAsEnabled": False,
            "runAsDefaultUser": "",
            "idleSessionTimeout": "20",
            "maxSessionDuration": "",
            "shellProfile": {"windows": "", "linux": ""},
        },
    },
    indent=2,
)
"""The new document if a Region has no preferences."""


CREATE = "ssm:CreateDocument"
UPDATE = "ssm:UpdateDocument"
SET_DEFAULT = "ssm:UpdateDocumentDefaultVersion"
STALE = (PreferencesDocument, SessionPreferences)
"""The facts to read again after the document has changed."""

DELAY = translatable(
    "AWS documents no delay. New sessions use the changed preferences; running sessions keep the old ones."
)

_DEFAULT_STAYS = translatable(
    "The default version is not changed. The Preferences page of the console shows the default version."
)


@dataclass(frozen=True, slots=True)
class PreferencesChange:
    """The parts of a plan that follow from the two texts; `document` and `preferences` are as after the change."""

    arn: str
    before: str
    after: str
    guards: tuple[Guard, ...]
    calls: tuple[Call, ...]
    way_back: UndoPlan
    undo: str
    document: PreferencesDocument
    preferences: SessionPreferences
    notes: tuple[str, ...]

    @property
    def facts_after(self) -> tuple[FactChange, ...]:
        """Return the document and the preferences after the change."""
        return (FactChange(PreferencesDocument, self.document), FactChange(SessionPreferences, self.preferences))


def preferences_change(
    scope: Scope, document: PreferencesDocument | Absent, after: DocumentText, *, default_can_follow: bool = True
) -> PreferencesChange:
    """Return the change of the stored document to the text `after`; a missing document is created as JSON.

    `default_can_follow` is False if the caller is not allowed to change the default version.
    """
    if isinstance(document, Absent):
        return _creation(scope, after)
    return _update(document, after, default_can_follow=default_can_follow)


def facts_after_undo(document: PreferencesDocument, before: str) -> tuple[FactChange, ...] | None:
    """Return the facts after an undo that stores the text `before` again; None if that text is no document."""
    content = parse_document_text(before, document.format)
    if isinstance(content, MalformedText):
        return None
    then = _document_after(document, content, default_follows=True)
    return (FactChange(PreferencesDocument, then), FactChange(SessionPreferences, parse_preferences(then)))


def _update(document: PreferencesDocument, after: DocumentText, *, default_can_follow: bool) -> PreferencesChange:
    before, in_step = document.content.text, document.default_version == document.latest_version
    calls = [_write(document, after.text, document.latest_version)]
    back = [_write(document, before, GuardReference(0, "DocumentVersion"))]
    notes = []
    if not in_step:
        notes.append(
            say(
                "The default version ({default_version}) is not the newest ({latest_version}). This change is based "
                "on the newest version.",
                default_version=document.default_version,
                latest_version=document.latest_version,
            )
        )
    if default_can_follow:
        written = AnswerReference(0, "DocumentDescription.DocumentVersion")
        calls.append(_set_default(document.arn, written))
        back.append(_set_default(document.arn, written if in_step else document.default_version))
    else:
        notes.append(
            say(
                "You are not allowed to use {set_default}. {default_stays}",
                set_default=SET_DEFAULT,
                default_stays=say(_DEFAULT_STAYS),
            )
        )
    then = _document_after(document, after, default_follows=default_can_follow)
    return PreferencesChange(
        arn=document.arn,
        before=before,
        after=after.text,
        guards=(
            _described(say("the newest version"), "Document.LatestVersion", document.latest_version),
            _content_guard(document.format, before),
        ),
        calls=tuple(calls),
        way_back=UndoPlan((_content_guard(document.format, after.text),), tuple(back)),
        undo=_undo(document, default_can_follow=default_can_follow),
        document=then,
        preferences=parse_preferences(then),
        notes=tuple(notes),
    )


def _undo(document: PreferencesDocument, *, default_can_follow: bool) -> str:
    if not default_can_follow:
        return say("The previous text is saved as a new version; the default version is not changed.")
    if document.default_version == document.latest_version:
        return say("The previous text is saved as a new version, which becomes the default version.")
    return say(
        "The previous text is saved as a new version; version {default} is the default again.",
        default=document.default_version,
    )


def _creation(scope: Scope, after: DocumentText) -> PreferencesChange:
    arn = scope.arn("ssm", f"document/{DOCUMENT_NAME}")
    stored, text = after.format, after.text
    create = Call(
        "ssm",
        "CreateDocument",
        {"Name": DOCUMENT_NAME, "DocumentType": "Session", "DocumentFormat": stored.value, "Content": text},
        CREATE,
        arn,
    )
    then = PreferencesDocument(arn, stored, "1", "1", after, text)
    return PreferencesChange(
        arn=arn,
        before="",
        after=text,
        guards=(_described(say("the document"), "Document.Name", None),),
        calls=(create,),
        way_back=UndoPlan(
            (_content_guard(stored, text), _described(say("the newest version"), "Document.LatestVersion", "1")),
            (Call("ssm", "DeleteDocument", {"Name": DOCUMENT_NAME}, "ssm:DeleteDocument", arn),),
        ),
        undo=say("The document is deleted if it has not been changed since."),
        document=then,
        preferences=parse_preferences(then),
        notes=(),
    )


def _write(document: PreferencesDocument, content: str, version: Parameter) -> Call:
    parameters: dict[str, Parameter] = {
        "Name": DOCUMENT_NAME,
        "DocumentVersion": version,
        "DocumentFormat": document.format.value,
        "Content": content,
    }
    return Call("ssm", "UpdateDocument", parameters, UPDATE, document.arn)


def _set_default(arn: str, version: Parameter) -> Call:
    parameters: dict[str, Parameter] = {"Name": DOCUMENT_NAME, "DocumentVersion": version}
    return Call("ssm", "UpdateDocumentDefaultVersion", parameters, SET_DEFAULT, arn, without=say(_DEFAULT_STAYS))


def _described(name: str, path: str, expected: str | None) -> Guard:
    return Guard(name, "ssm", "DescribeDocument", {"Name": DOCUMENT_NAME}, path, expected)


def _content_guard(stored: DocumentFormat, content: str) -> Guard:
    parameters = {"Name": DOCUMENT_NAME, "DocumentVersion": "$LATEST", "DocumentFormat": stored.value}
    return Guard(say("the text of the newest version"), "ssm", "GetDocument", parameters, "Content", content)


def _document_after(
    document: PreferencesDocument, after: DocumentText, *, default_follows: bool
) -> PreferencesDocument:
    # AWS increments the version number.
    newest = str(int(document.latest_version) + 1)
    return PreferencesDocument(
        arn=document.arn,
        format=document.format,
        latest_version=newest,
        default_version=newest if default_follows else document.default_version,
        content=after,
        default_content=after.text if default_follows else document.default_content,
    )


@dataclass(frozen=True, slots=True)
class WritableDocument:
    """A document that can be written, and the caller's permissions.

    `text` is the text to edit, or AWS's default document.
    """

    scope: Scope
    document: PreferencesDocument | Absent
    text: DocumentText
    rights: Rights


def writable(scope: Scope, document: PreferencesDocument | Absent, caller: CallerRights) -> WritableDocument | str:
    """Return the document to edit, or why it cannot be written with any content."""
    rights = Rights(caller)
    text = document.content if isinstance(document, PreferencesDocument) else _new()
    if isinstance(text, MalformedText):
        return malformed_message(text)
    denial = rights.forbidden(CREATE if isinstance(document, Absent) else UPDATE)
    return denial_text(denial) if denial else WritableDocument(scope, document, text, rights)


def malformed_message(text: MalformedText) -> str:
    """Return why a document that is not a mapping cannot be edited."""
    return say("the preferences document {malformed}: correct the document first", malformed=text.why)


def rewrite_plan(
    open_: WritableDocument,
    title: str,
    after: DocumentText,
    loses: str = "",
    notes: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Plan:
    """Return the plan that changes the document to `after`."""
    rights, scope = open_.rights, open_.scope
    change = preferences_change(scope, open_.document, after, default_can_follow=rights.forbidden(SET_DEFAULT) is None)
    needed = (CREATE,) if isinstance(open_.document, Absent) else (UPDATE, SET_DEFAULT)
    faults = change.preferences.faults
    stay = (say("The document has other errors, which stay: {faults}", faults=" ".join(faults)),) if faults else ()
    return Plan(
        title=title,
        scope=scope,
        subject=Subject(SubjectKind.DOCUMENT, change.arn),
        calls=change.calls,
        before=change.before,
        after=change.after,
        guards=change.guards,
        way_back=change.way_back,
        reach=Reach.REGION,
        undo=change.undo,
        facts_after=change.facts_after,
        loses=loses,
        delay=say(DELAY),
        notes=(*warnings, *change.notes, *notes, *rights.notes(*needed), *stay),
        confirmation=scope.region,
    )


def _new() -> DocumentText | MalformedText:
    return parse_document_text(NEW_DOCUMENT, DocumentFormat.JSON)


# docs/facts/preferences.md §3: AWS does not document which version a session without a document name uses; the
# console's Preferences page shows the default version.
_WHICH = translatable(
    "AWS does not document which of the two versions sessions use; the console shows the default version. If the "
    "default version is correct, copy its text to the newest version instead."
)
_DELAY = translatable("AWS documents no delay.")


@fix(slug="align-preferences-versions", stale=STALE, whole_region=True)
def align_preferences_versions(
    scope: Scope,
    document: PreferencesDocument,
    caller: CallerRights,
) -> Draft:
    """Make the newest version the default."""
    rights = Rights(caller)
    denial = rights.forbidden(SET_DEFAULT)
    if document.default_version == document.latest_version:
        return say("the newest version is already the default version")
    if denial:
        return denial_text(denial)
    was, newest = document.default_version, document.latest_version
    aligned = replace(document, default_version=newest, default_content=document.content.text)
    return Plan(
        title=say("Make version {newest} of the session preferences the default", newest=newest),
        scope=scope,
        subject=Subject(SubjectKind.DOCUMENT, document.arn),
        calls=(_default(document, newest),),
        before=document.default_content,
        after=document.content.text,
        guards=(
            _default_guard(say("the newest version"), "Document.LatestVersion", newest),
            _default_guard(say("the default version"), "Document.DefaultVersion", was),
            _text(document, document.default_content),
        ),
        way_back=UndoPlan(
            (
                _default_guard(say("the default version"), "Document.DefaultVersion", newest),
                _text(document, document.content.text),
            ),
            (_default(document, was),),
        ),
        reach=Reach.REGION,
        undo=say("Version {was} becomes the default again.", was=was),
        facts_after=(FactChange(PreferencesDocument, aligned),),
        delay=say(_DELAY),
        notes=(say(_WHICH), *rights.notes(SET_DEFAULT)),
        confirmation=scope.region,
    )


def _default(document: PreferencesDocument, version: str) -> Call:
    parameters = {"Name": DOCUMENT_NAME, "DocumentVersion": version}
    return Call("ssm", "UpdateDocumentDefaultVersion", parameters, SET_DEFAULT, document.arn)


def _default_guard(name: str, path: str, expected: str) -> Guard:
    return Guard(name, "ssm", "DescribeDocument", {"Name": DOCUMENT_NAME}, path, expected)


def _text(document: PreferencesDocument, content: str) -> Guard:
    parameters = {"Name": DOCUMENT_NAME, "DocumentVersion": "$DEFAULT", "DocumentFormat": document.format.value}
    return Guard(say("the text of the default version"), "ssm", "GetDocument", parameters, "Content", content)
