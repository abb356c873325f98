"""One switch of the preferences turned in the stored text, proved to be the only thing that changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.fixes.preferences.editing import CannotEdit, Literal
from ssmtui.fixes.preferences.value_edit import with_value
from ssmtui.language import say
from ssmtui.model.preferences import DocumentFormat, EncryptedOnly, SessionPreferences
from ssmtui.model.preferences_text import (
    INPUTS,
    LOG_GROUP_ENCRYPTED_ONLY,
    S3_ENCRYPTED_ONLY,
    PreferencesMalformed,
    parse_document,
    read_preferences,
)

_WORD = re.compile(r"(.*?)(true|false)([\"']?)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch of the preferences: its key in the document, and where it is among the settings."""

    key: str
    of: Callable[[SessionPreferences], EncryptedOnly]


ONLY_ENCRYPTED_BUCKETS = Switch(S3_ENCRYPTED_ONLY, lambda preferences: preferences.s3_encrypted_only)
ONLY_ENCRYPTED_LOG_GROUPS = Switch(LOG_GROUP_ENCRYPTED_ONLY, lambda preferences: preferences.log_group_encrypted_only)


def with_switch(text: str, format_: DocumentFormat, switch: Switch, value: EncryptedOnly) -> str:
    """The text with a switch turned on or off.

    A text stays a text (`"true"` becomes `"false"`) and a boolean a boolean; an absent switch is added as a boolean in
    the document's own style. Everything else stays byte for byte.

    Raises:
        PreferencesMalformed: the text cannot be read.
        CannotEdit: the switch cannot be turned without changing something else.

    """
    parse_document(text, format_)
    literal = _literal("true" if value is EncryptedOnly.ON else "false")
    try:
        edited = with_value(text, format_, (INPUTS, switch.key), literal)
        turned = switch.of(read_preferences(edited, format_, "")) is value
    except PreferencesMalformed as malformed:
        raise CannotEdit(say("{key} is written in a way that ssmtui does not change", key=switch.key)) from malformed
    if not turned:
        raise CannotEdit(say("{key} is written in a way that ssmtui does not change", key=switch.key))
    return edited


def _literal(word: str) -> Literal:
    """How to write `true` or `false`: with the quotes, the capitals and the tag of the value that stands there."""

    def literal(written: str | None) -> str:
        if written is None:
            return word
        match = _WORD.fullmatch(written)
        if match is None:
            # A text with an escape in it (`"tr\\u0075e"`) means the same and is written plainly.
            return f"{written[0]}{word}{written[-1]}"
        before, old, after = match.groups()
        return f"{before}{_in_capitals_of(old, word)}{after}"

    return literal


def _in_capitals_of(old: str, word: str) -> str:
    if old.isupper():
        return word.upper()
    return word.capitalize() if old[0].isupper() else word
