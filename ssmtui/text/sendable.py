"""Refuse text that no request can carry, such as half of a surrogate pair."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.language import say


class NotSendable(ValueError):
    """A parameter of a request holds half a character. Its text names the parameter."""


def refuse_half_characters(parameters: Mapping[str, object]) -> None:
    """Refuse the parameters of a request that cannot be encoded, before anything is sent.

    Raises:
        NotSendable: one of them holds half a character.

    """
    for name, value in parameters.items():
        if _has_half_character(value):
            raise NotSendable(say("{parameter} holds half a character, which no request can send", parameter=name))


def _has_half_character(value: object) -> bool:
    if isinstance(value, str):
        return not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value)
    if isinstance(value, Mapping):
        return any(_has_half_character(name) or _has_half_character(each) for name, each in value.items())
    return isinstance(value, list | tuple) and any(map(_has_half_character, value))
