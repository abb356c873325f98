"""Convert the saved UI state to JSON and back."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cache

from ssmtui.model.scope import ScopeName
from ssmtui.ui.state.ui_state import SortOrder, UiState

_log = logging.getLogger(__name__)

SCHEMA = "ssmtui.habits"
VERSION = 1


class MalformedUiState(ValueError):
    """A text that is no habits."""


class NewerUiState(ValueError):
    """Habits of a later version, which are not understood."""


def ui_state_from_json(text: str) -> tuple[UiState, Mapping[str, object]]:
    """The habits that a text tells of, and all that it says: a member that is not known is to be kept.

    Raises:
        HabitsNewer: they are of a later version.
        HabitsMalformed: it tells of none.

    """
    try:
        told = _parsed(text)
        name, _, version = str(told["schema"]).partition("/")
        if name != SCHEMA or not version.isdecimal():
            raise MalformedUiState
        if int(version) > VERSION:
            raise NewerUiState
        if unknown := told.keys() - {"schema", *(each.name for each in fields(UiState))}:
            _log_unknown_members(tuple(sorted(unknown)))
        return _ui_state(told), told
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedUiState from error


@cache
def _log_unknown_members(names: tuple[str, ...]) -> None:
    """Log once what is ignored, and kept in the file."""
    _log.warning("members of the UI state that this version of ssmtui does not know are ignored: %s", names)


def _parsed(text: str) -> dict[str, object]:
    try:
        told: dict[str, object] = json.loads(text)
    except (ValueError, RecursionError) as error:  # no JSON, too many digits, too deep
        raise MalformedUiState from error
    return told


def ui_state_to_json(ui_state: UiState, beside: Mapping[str, object]) -> str:
    """The text of habits; what stood beside them stays."""
    members = {**asdict(ui_state), "filters": dict(ui_state.filters)}
    return json.dumps({**beside, "schema": f"{SCHEMA}/{VERSION}", **members}, indent=2, ensure_ascii=False) + "\n"


def _ui_state(told: Mapping[str, object]) -> UiState:
    order = told.get("order")
    filters = told.get("filters") or {}
    if not isinstance(filters, dict) or not (order is None or isinstance(order, dict)):
        raise MalformedUiState
    return UiState(
        theme=_text_or_none(told.get("theme")),
        columns=_texts(told.get("columns")),
        order=SortOrder(_text(order["column"]), descending=order.get("descending") is True) if order else None,
        filters=tuple(sorted((_text(name), _text(text)) for name, text in filters.items())),
        recent_filters=_texts(told.get("recent_filters")),
        scopes=tuple(_scope(each) for each in _list(told.get("scopes"))),
    )


def _scope(told: object) -> ScopeName:
    if not isinstance(told, dict):
        raise MalformedUiState
    return ScopeName(_text_or_none(told.get("profile")), _text(told["region"]), _text_or_none(told.get("role")))


def _list(told: object) -> list[object]:
    if not isinstance(told, list | None):
        raise MalformedUiState
    return told or []


def _texts(told: object) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(told))


def _text(told: object) -> str:
    if not isinstance(told, str):
        raise MalformedUiState
    return told


def _text_or_none(told: object) -> str | None:
    return None if told is None else _text(told)
