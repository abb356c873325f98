"""Settings of the preferences written anew in the stored text, proved to be all that changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ssmtui.fixes.preferences.editing import CannotEdit, Literal
from ssmtui.fixes.preferences.preference_fields import FIELD, Field, FieldKind
from ssmtui.fixes.preferences.value_edit import with_value
from ssmtui.language import say
from ssmtui.model.document_text import DocumentFormat, DocumentText
from ssmtui.model.preferences_text import read_preferences

_SWITCH = re.compile(r"(.*?)(true|false)([\"']?)", re.IGNORECASE | re.DOTALL)
_WORDS = frozenset({"true", "false"})
# What YAML reads as this very text, bare: no number, no word that YAML 1.1 or 1.2 takes for something else.
_BARE = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_NOT_BARE = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def with_fields(document: DocumentText, values: Mapping[str, str]) -> DocumentText:
    """The document with these settings, by their names; what a setting is written as (quotes, capitals) stays its own.

    Raises:
        CannotEdit: a setting cannot be written without changing something else.

    """
    edited = document
    for name, value in values.items():
        field = FIELD[name]
        found = _found(edited, field)
        if not _says(found, field, value):
            is_switch = field.kind is FieldKind.SWITCH
            write = switch_literal(found, value) if is_switch else text_literal(value, document.format)
            edited = with_value(edited, field.path, write)
    after = read_preferences(edited, "")
    for name, value in values.items():
        if FIELD[name].of(after) != value:
            raise CannotEdit(say("{key} is written in a way that ssmtui does not change", key=name))
    return edited


def _found(document: DocumentText, field: Field) -> object:
    found: object = document.said
    for name in field.path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _says(found: object, field: Field, value: str) -> bool:
    """Whether a setting has that value already; one that is not of its type has none."""
    if field.kind is FieldKind.SWITCH:
        return isinstance(found, bool | str) and str(found).lower() == value
    return found == value or (found is None and not value)


def switch_literal(found: object, word: str) -> Literal:
    """How to write `true` or `false`: in the quotes and capitals of a value that says either, else as a boolean."""

    def literal(written: str | None) -> str:
        match = _SWITCH.fullmatch(written) if written is not None else None
        if match is not None:
            before, old, after = match.groups()
            capitals = str.upper if old.isupper() else str.capitalize if old[0].isupper() else str
            return f"{before}{capitals(word)}{after}"
        if written and written[0] in "\"'" and str(found).lower() in _WORDS:
            # A text with an escape in it (`"tr\\u0075e"`) means the same and is written plainly.
            return f"{written[0]}{word}{written[0]}"
        return word

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
