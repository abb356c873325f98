"""Habits as the text of their file, and back: JSON, with a version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from ssmtui.model.scope import ScopeName
from ssmtui.ui.state.habits import Habits, Order

SCHEMA = "ssmtui.habits"
VERSION = 1


class HabitsMalformed(ValueError):
    """A text that is no habits."""


class HabitsNewer(ValueError):
    """Habits of a later version, which are not understood."""


def habits_of(text: str) -> tuple[Habits, Mapping[str, object]]:
    """The habits that a text tells of, and all that it says: a member that is not known is to be kept.

    Raises:
        HabitsNewer: they are of a later version.
        HabitsMalformed: it tells of none.

    """
    try:
        told = _parsed(text)
        name, _, version = str(told["schema"]).partition("/")
        if name != SCHEMA or not version.isdecimal():
            raise HabitsMalformed
        if int(version) > VERSION:
            raise HabitsNewer
        return _habits(told), told
    except (KeyError, TypeError, AttributeError) as error:
        raise HabitsMalformed from error


def _parsed(text: str) -> dict[str, object]:
    try:
        told: dict[str, object] = json.loads(text)
    except (ValueError, RecursionError) as error:  # no JSON, too many digits, too deep
        raise HabitsMalformed from error
    return told


def text_of(habits: Habits, beside: Mapping[str, object]) -> str:
    """The text of habits; what stood beside them stays."""
    members = {**asdict(habits), "filters": dict(habits.filters)}
    return json.dumps({**beside, "schema": f"{SCHEMA}/{VERSION}", **members}, indent=2, ensure_ascii=False) + "\n"


def _habits(told: Mapping[str, object]) -> Habits:
    order = told.get("order")
    filters = told.get("filters") or {}
    if not isinstance(filters, dict) or not (order is None or isinstance(order, dict)):
        raise HabitsMalformed
    return Habits(
        theme=_text_or_none(told.get("theme")),
        columns=_texts(told.get("columns")),
        order=Order(_text(order["column"]), descending=order.get("descending") is True) if order else None,
        filters=tuple(sorted((_text(name), _text(text)) for name, text in filters.items())),
        recent_filters=_texts(told.get("recent_filters")),
        scopes=tuple(_scope(each) for each in _list(told.get("scopes"))),
    )


def _scope(told: object) -> ScopeName:
    if not isinstance(told, dict):
        raise HabitsMalformed
    return ScopeName(_text_or_none(told["profile"]), _text(told["region"]), _text_or_none(told["role"]))


def _list(told: object) -> list[object]:
    if not isinstance(told, list | None):
        raise HabitsMalformed
    return told or []


def _texts(told: object) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(told))


def _text(told: object) -> str:
    if not isinstance(told, str):
        raise HabitsMalformed
    return told


def _text_or_none(told: object) -> str | None:
    return None if told is None else _text(told)
