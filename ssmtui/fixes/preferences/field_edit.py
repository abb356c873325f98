"""Settings of the preferences written anew in the stored text, proved to be all that changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ssmtui.fixes.preferences.editing import CannotEdit, Literal
from ssmtui.fixes.preferences.preference_fields import FIELD, Field, FieldKind
from ssmtui.fixes.preferences.value_edit import with_value
from ssmtui.language import say
from ssmtui.model.preferences import DocumentFormat
from ssmtui.model.preferences_text import PreferencesMalformed, parse_document, read_preferences

_SWITCH = re.compile(r"(.*?)(true|false)([\"']?)", re.IGNORECASE | re.DOTALL)
# What YAML reads as this very text, bare: no number, no word that YAML 1.1 or 1.2 takes for something else.
_BARE = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_NOT_BARE = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def with_fields(text: str, format_: DocumentFormat, values: Mapping[str, str]) -> str:
    """The text with these settings, by their names; what a setting is written as (quotes, capitals) stays its own.

    Raises:
        PreferencesMalformed: the text cannot be read.
        CannotEdit: a setting cannot be written without changing something else.

    """
    edited = text
    for name, value in values.items():
        if not _says(edited, format_, FIELD[name], value):
            edited = _with_field(edited, format_, FIELD[name], value)
    after = read_preferences(edited, format_, "")
    for name, value in values.items():
        if FIELD[name].of(after) != value:
            raise CannotEdit(say("{key} is written in a way that ssmtui does not change", key=name))
    return edited


def _says(text: str, format_: DocumentFormat, field: Field, value: str) -> bool:
    """Whether a setting has that value already; one that is not of its type has none."""
    found: object = parse_document(text, format_)
    for name in field.path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if field.kind is FieldKind.SWITCH:
        return isinstance(found, bool | str) and str(found).lower() == value
    return found == value or (found is None and not value)


def _with_field(text: str, format_: DocumentFormat, field: Field, value: str) -> str:
    write = switch_literal(value) if field.kind is FieldKind.SWITCH else text_literal(value, format_)
    try:
        return with_value(text, format_, field.path, write)
    except PreferencesMalformed as malformed:
        raise CannotEdit(say("{key} is written in a way that ssmtui does not change", key=field.name)) from malformed


def switch_literal(word: str) -> Literal:
    """How to write `true` or `false`: in the quotes and capitals of a value that says either, else as a boolean."""

    def literal(written: str | None) -> str:
        match = _SWITCH.fullmatch(written) if written is not None else None
        if match is None:
            return word
        before, old, after = match.groups()
        capitals = str.upper if old.isupper() else str.capitalize if old[0].isupper() else str
        return f"{before}{capitals(word)}{after}"

    return literal


def text_literal(value: str, format_: DocumentFormat) -> Literal:
    """How to write a text: as YAML writes it there now, bare or in single quotes, where it can be; else as JSON does.

    A JSON text in double quotes is the same in YAML.
    """

    def literal(written: str | None) -> str:
        if format_ is DocumentFormat.JSON or not written:
            return json.dumps(value, ensure_ascii=False)
        # What is written as a block runs on to the end of its last line.
        end = written[len(written.rstrip()) :]
        if written.startswith("'") and "\n" not in value:
            return f"'{value.replace(chr(39), chr(39) * 2)}'{end}"
        if _BARE.fullmatch(written) and _BARE.fullmatch(value) and value.lower() not in _NOT_BARE:
            return value + end
        return json.dumps(value, ensure_ascii=False) + end

    return literal
