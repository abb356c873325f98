"""What is wrong with single values of a preferences document, and how each is put right: written anew, nothing else.

docs/facts/failure-texts.md §2.6: SSM Agent takes `true`, `false` and their names as texts; anything else makes it drop
the request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ssmtui.fixes.preferences.preference_fields import FIELDS, FieldKind
from ssmtui.language import say
from ssmtui.model.preferences import is_reference
from ssmtui.model.preferences_text import INPUTS, LOG_BUCKET, LOG_GROUP, SCHEMA_VERSION
from ssmtui.model.scope import Scope

_MEANS = {"yes": True, "on": True, "1": True, "no": False, "off": False, "0": False, "": False}


@dataclass(frozen=True, slots=True)
class Repair:
    """One value put right: where it stands, what is written there (as JSON writes it), and why, in a sentence."""

    path: tuple[str, ...]
    written: str
    why: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """A switch of which nobody can tell whether it was to be on."""

    name: str


def repairs_of(document: Mapping[str, object], scope: Scope) -> tuple[Repair | Undecided, ...]:
    """The repairs of everything that can be put right by one value, in the order of the settings.

    `document` is the parsed text. What only its author can put right is left out.
    """
    inputs = document.get(INPUTS)
    settings: Mapping[str, object] = inputs if isinstance(inputs, Mapping) else {}
    return (*_schema(document), *_of_types(settings), *_of_names(settings, scope))


def _schema(document: Mapping[str, object]) -> Iterator[Repair]:
    if document.get("schemaVersion") != SCHEMA_VERSION:
        why = say("The schema version of Session documents is {version}.", version=SCHEMA_VERSION)
        yield Repair(("schemaVersion",), json.dumps(SCHEMA_VERSION), why)


def _of_types(settings: Mapping[str, object]) -> Iterator[Repair | Undecided]:
    for field in FIELDS:
        found: object = settings
        for name in field.path[1:]:
            found = found.get(name) if isinstance(found, Mapping) else None
        if field.kind is FieldKind.SWITCH:
            there = field.name in settings
            if there and not isinstance(found, bool) and not (isinstance(found, str) and _is_word(found)):
                yield _switch(field.name, field.path, found)
        elif isinstance(found, bool):
            yield Repair(
                field.path, '""', say("{setting} takes a text, which is empty where it is off.", setting=field.name)
            )


def _switch(name: str, path: tuple[str, ...], found: object) -> Repair | Undecided:
    text = "" if found is None else str(found).strip().lower() if isinstance(found, str | int) else None
    if text is None or text not in _MEANS:
        return Undecided(name)
    word = "true" if _MEANS[text] else "false"
    why = (
        say("{setting} was {text}: it is {word} now.", setting=name, text=text, word=word)
        if text
        else say("{setting} was empty, which means off: it is false now.", setting=name)
    )
    return Repair(path, word, why)


def _is_word(text: str) -> bool:
    return text.lower() in {"true", "false"} or is_reference(text)


def _of_names(settings: Mapping[str, object], scope: Scope) -> Iterator[Repair]:
    bucket, group = settings.get(LOG_BUCKET), settings.get(LOG_GROUP)
    if isinstance(bucket, str) and (name := _bucket_name(bucket)):
        yield Repair((INPUTS, LOG_BUCKET), json.dumps(name), say("The bucket is named by its bare name."))
        prefix = _prefix(bucket)
        if prefix and not settings.get("s3KeyPrefix"):
            yield Repair(
                (INPUTS, "s3KeyPrefix"),
                json.dumps(prefix),
                say("The prefix that stood behind the bucket's name has its own setting."),
            )
    if isinstance(group, str) and (name := _group_name(group, scope)):
        yield Repair((INPUTS, LOG_GROUP), json.dumps(name), say("The log group is named by its bare name."))


def _bucket_name(text: str) -> str:
    """`s3://name/prefix` and `arn:aws:s3:::name/prefix` name a bucket; empty for anything else."""
    return _place(text).partition("/")[0]


def _prefix(text: str) -> str:
    return _place(text).partition("/")[2].rstrip("/")


def _place(text: str) -> str:
    if text.startswith("s3://"):
        return text.removeprefix("s3://")
    return text.partition(":s3:::")[2] if text.startswith("arn:") else ""


def _group_name(text: str, scope: Scope) -> str:
    """The name in the ARN of a log group; empty where it is another Region's or account's, or none."""
    within = scope.arn("logs", "log-group:")
    return text.removeprefix(within).removesuffix(":*") if text.startswith(within) else ""
