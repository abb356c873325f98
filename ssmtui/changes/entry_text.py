"""A journal entry as one line of JSON, and back. There are two kinds: a change planned, and what became of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from ssmtui.changes.change import Change, ChangeState
from ssmtui.language import say
from ssmtui.model.plan import JSON, Call, FromAnswer, FromGuard, Guard, Parameter, WayBack
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.model.subject import Subject, SubjectKind

SCHEMA = "ssmtui.journal/1"

_FROM_ANSWER, _FROM_GUARD = "$answer", "$guard"
_TAKEN = {_FROM_ANSWER, _FROM_GUARD}

T = TypeVar("T")


class EntryMalformed(ValueError):
    """A line of the journal that cannot be understood: torn, or not ours."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a change, as an entry of its own."""

    change_id: str
    state: ChangeState
    results: Mapping[str, str]
    notes: tuple[str, ...]
    why: str

    def of(self, change: Change) -> Change:
        """The change, now that this is known."""
        return replace(change, state=self.state, results=self.results, notes=self.notes, why=self.why)


def planned_line(change: Change) -> str:
    """The entry that is written before the first call."""
    entry: dict[str, JSON] = {
        "schema": SCHEMA,
        "id": change.id,
        "state": ChangeState.PLANNED.value,
        "at": change.at.isoformat(),
        "fix": change.fix,
        "title": change.title,
        "scope": _scope_data(change.scope),
        "subject": {"kind": change.subject.kind.value, "id": change.subject.id},
        "guards": [_guard_data(each) for each in change.guards],
        "calls": [_call_data(each) for each in change.calls],
        "before": change.before,
        "after": change.after,
        "way_back": {
            "guards": [_guard_data(each) for each in change.way_back.guards],
            "calls": [_call_data(each) for each in change.way_back.calls],
        },
        "undo": change.undo,
        "undoes": change.undoes,
        "settles_within": change.settles_within.total_seconds() if change.settles_within is not None else None,
        "awaited_by": list(change.awaited_by),
    }
    return json.dumps(entry)


def ending_line(ending: Ending, at: datetime) -> str:
    """The entry that is written after the calls."""
    entry: dict[str, JSON] = {
        "schema": SCHEMA,
        "id": ending.change_id,
        "state": ending.state.value,
        "at": at.isoformat(),
        "results": dict(ending.results),
        "notes": list(ending.notes),
        "why": ending.why,
    }
    return json.dumps(entry)


def read_line(line: str) -> Change | Ending:
    """The entry in a line.

    Raises:
        EntryMalformed: the line holds no entry.

    """
    try:
        raw = json.loads(line)
        if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
            raise EntryMalformed(say("it is no entry of a journal of ssmtui"))
        state = ChangeState(raw["state"])
        return _planned(raw) if state is ChangeState.PLANNED else _ending(raw, state)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EntryMalformed(str(error)) from error


def _planned(raw: Mapping[str, object]) -> Change:
    subject, way_back = _mapping(raw["subject"]), _mapping(raw["way_back"])
    return Change(
        id=_text(raw["id"]),
        at=datetime.fromisoformat(_text(raw["at"])),
        fix=_text(raw["fix"]),
        title=_text(raw["title"]),
        scope=_scope(_mapping(raw["scope"])),
        subject=Subject(SubjectKind(subject["kind"]), _text(subject["id"])),
        guards=_each(raw["guards"], _guard),
        calls=_each(raw["calls"], _call),
        before=_text(raw["before"]),
        after=_text(raw["after"]),
        way_back=WayBack(_each(way_back["guards"], _guard), _each(way_back["calls"], _call)),
        undo=_text(raw["undo"]),
        undoes=_text(raw["undoes"]),
        # Entries of older versions know of no delay.
        settles_within=_seconds(raw.get("settles_within")),
        awaited_by=_each(raw.get("awaited_by", ()), _text),
    )


def _ending(raw: Mapping[str, object], state: ChangeState) -> Ending:
    return Ending(
        change_id=_text(raw["id"]),
        state=state,
        results={name: _text(value) for name, value in _mapping(raw["results"]).items()},
        notes=_each(raw["notes"], _text),
        why=_text(raw["why"]),
    )


def _scope_data(scope: Scope) -> JSON:
    return {
        "profile": scope.name.profile,
        "account": scope.account,
        "region": scope.region,
        "partition": scope.partition,
        "dns_suffix": scope.dns_suffix,
        "caller": scope.caller,
        "principal": scope.principal,
    }


def _scope(raw: Mapping[str, object]) -> Scope:
    region = _text(raw["region"])
    return Scope(
        name=ScopeName(_text_or_none(raw["profile"]), region),
        account=_text(raw["account"]),
        region=region,
        partition=_text(raw["partition"]),
        dns_suffix=_text(raw["dns_suffix"]),
        caller=_text(raw["caller"]),
        principal=_text_or_none(raw["principal"]),
    )


def _guard_data(guard: Guard) -> JSON:
    return {
        "name": guard.name,
        "service": guard.service,
        "operation": guard.operation,
        "parameters": guard.parameters,
        "path": guard.path,
        "expected": guard.expected,
    }


def _guard(raw: object) -> Guard:
    entry = _mapping(raw)
    return Guard(
        name=_text(entry["name"]),
        service=_text(entry["service"]),
        operation=_text(entry["operation"]),
        parameters={name: _json(value) for name, value in _mapping(entry["parameters"]).items()},
        path=_text(entry["path"]),
        expected=_text_or_none(entry["expected"]),
    )


def _call_data(call: Call) -> JSON:
    return {
        "service": call.service,
        "operation": call.operation,
        "parameters": {name: _parameter_data(value) for name, value in call.parameters.items()},
        "action": call.action,
        "resource": call.resource,
        "without": call.without,
    }


def _call(raw: object) -> Call:
    entry = _mapping(raw)
    return Call(
        service=_text(entry["service"]),
        operation=_text(entry["operation"]),
        parameters={name: _parameter(value) for name, value in _mapping(entry["parameters"]).items()},
        action=_text(entry["action"]),
        resource=_text(entry["resource"]),
        without=_text(entry["without"]),
    )


def _parameter_data(value: Parameter) -> JSON:
    match value:
        case FromAnswer():
            return {_FROM_ANSWER: [value.call, value.path]}
        case FromGuard():
            return {_FROM_GUARD: [value.guard, value.path]}
        case list() | tuple():
            return [_parameter_data(each) for each in value]
    return value


def _parameter(raw: object) -> Parameter:
    match raw:
        case {"$answer": [int() as call, str() as path]}:
            return FromAnswer(call, path)
        case {"$guard": [int() as guard, str() as path]}:
            return FromGuard(guard, path)
        case list() if raw and all(isinstance(each, dict) and each.keys() & _TAKEN for each in raw):
            taken = (_parameter(each) for each in raw)
            return [each for each in taken if isinstance(each, FromAnswer | FromGuard)]
    return _json(raw)


def _json(raw: object) -> JSON:
    match raw:
        case None | bool() | int() | float() | str():
            return raw
        case list():
            return [_json(each) for each in raw]
        case dict():
            return {str(name): _json(value) for name, value in raw.items()}
    raise EntryMalformed(f"{type(raw).__name__} is not of JSON")


def _each(raw: object, read: Callable[[object], T]) -> tuple[T, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise EntryMalformed("a list was expected")
    return tuple(read(each) for each in raw)


def _mapping(raw: object) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        raise EntryMalformed("a mapping was expected")
    return raw


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise EntryMalformed("a text was expected")
    return raw


def _seconds(raw: object) -> timedelta | None:
    if raw is None:
        return None
    if not isinstance(raw, int | float):
        raise EntryMalformed("a number of seconds was expected")
    try:
        return timedelta(seconds=raw)
    except OverflowError as error:
        raise EntryMalformed("a number of seconds was expected") from error


def _text_or_none(raw: object) -> str | None:
    return None if raw is None else _text(raw)
