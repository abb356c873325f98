"""Read and write a journal entry as one line of JSON, and check that this version can carry it out."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import get_args, get_origin

from cattrs import BaseValidationError, Converter, override
from cattrs.cols import homogenous_tuple_structure_factory, is_mapping, mapping_structure_factory
from cattrs.dispatch import StructureHook
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from ssmtui.language import say
from ssmtui.model.plan import JSON, AnswerReference, Call, Guard, GuardReference, Parameter
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.change import Change, ChangeEnding, ChangeState
from ssmtui.remediation.operations.catalog import READS, WRITES
from ssmtui.text.times import duration_of, moment_in


def can_carry_out(change: Change) -> bool:
    """Return whether this version has all operations of the calls and guards, and all referenced answers exist."""
    rows = ((change.guards, change.calls), (change.way_back.guards, change.way_back.calls))
    return all(_can_carry_out_calls(guards, calls) for guards, calls in rows)


def _can_carry_out_calls(guards: Sequence[Guard], calls: Sequence[Call]) -> bool:
    known = all((guard.service, guard.operation) in READS for guard in guards) and all(
        (call.service, call.operation) in WRITES for call in calls
    )
    return known and all(
        0 <= taken.call < at if isinstance(taken, AnswerReference) else 0 <= taken.guard < len(guards)
        for at, call in enumerate(calls)
        for taken in call.takes
    )


_log = logging.getLogger(__name__)

_FAMILY = "ssmtui.journal/"
SCHEMA = f"{_FAMILY}1"


class MalformedEntryError(ValueError):
    """A line of the journal that cannot be read: incomplete, or not from ssmtui."""


class LaterVersionEntryError(MalformedEntryError):
    """A line of the journal from a later version of ssmtui, in a format that this version does not know."""


def planned_line(change: Change) -> str:
    """Return the entry to write before the first call."""
    return json.dumps(
        {"schema": SCHEMA, "id": change.id, "state": ChangeState.PLANNED.value, **entry_converter().unstructure(change)}
    )


def ending_line(ending: ChangeEnding, at: datetime) -> str:
    """Return the entry to write after the calls."""
    begin = {"schema": SCHEMA, "id": ending.change_id, "state": ending.state.value, "at": at.isoformat()}
    return json.dumps({**begin, **entry_converter().unstructure(ending)})


def read_line(line: str) -> Change | ChangeEnding:
    """Read the entry in a line.

    Raises:
        MalformedEntryError: the line has no valid entry.

    """
    try:
        raw = json.loads(line)
        schema = raw.get("schema") if isinstance(raw, dict) else None
        if isinstance(schema, str) and schema.startswith(_FAMILY) and schema != SCHEMA:
            raise LaterVersionEntryError(say("written by a later version of ssmtui"))
        if not isinstance(raw, dict) or schema != SCHEMA:
            raise MalformedEntryError(say("not an entry of an ssmtui journal"))
        kind: type[Change | ChangeEnding] = Change if ChangeState(raw["state"]) is ChangeState.PLANNED else ChangeEnding
        of_the_line = ("schema", "state") if kind is Change else ("schema", "at")
        members = {name: value for name, value in raw.items() if name not in of_the_line}
        try:
            return entry_converter(forbid_unknown_members=True).structure(members, kind)
        except (BaseValidationError, ValueError, KeyError, TypeError):
            entry = entry_converter().structure(members, kind)
        _log_unknown_members()
        return entry
    except MalformedEntryError:
        raise
    except (BaseValidationError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedEntryError(str(error)) from error


@cache
def _log_unknown_members() -> None:
    """Log once, for any number of entries."""
    _log.warning("the journal has entries with members that this version of ssmtui does not know: they are ignored")


_FROM_ANSWER, _FROM_GUARD = "$answer", "$guard"
_TAKEN = {_FROM_ANSWER, _FROM_GUARD}


@cache
def entry_converter(*, forbid_unknown_members: bool = False) -> Converter:
    """Return the converter between entries and JSON; an invalid entry raises any of the exceptions of cattrs.

    A missing member gets its default. An unknown member is ignored or forbidden.
    """
    converter = Converter(forbid_extra_keys=forbid_unknown_members)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook_func(lambda kind: kind == tuple[str, str], _pair)
    converter.register_structure_hook_factory(_is_row, _row)
    converter.register_structure_hook_factory(is_mapping, _members)
    converter.register_structure_hook(datetime, lambda raw, _: moment_in(_text(raw)))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(timedelta, _seconds)
    converter.register_unstructure_hook(timedelta, timedelta.total_seconds)
    converter.register_unstructure_hook(AnswerReference, lambda taken: {_FROM_ANSWER: [taken.call, taken.path]})
    converter.register_unstructure_hook(GuardReference, lambda taken: {_FROM_GUARD: [taken.guard, taken.path]})
    _of_parameters(converter)
    _of_scopes(converter)
    _of_entries(converter)
    return converter


def _of_parameters(converter: Converter) -> None:
    parameters = override(struct_hook=lambda raw, _: {name: _parameter(value) for name, value in _object(raw).items()})
    taken_as_it_is = override(struct_hook=lambda raw, _: _object(raw))
    # Members that older versions do not have are written only if they have a value, so that lines stay the same.
    unset = override(omit_if_default=True)
    written = make_dict_unstructure_fn(Call, converter, besides=unset, context=unset)
    converter.register_structure_hook(Call, make_dict_structure_fn(Call, converter, parameters=parameters))
    converter.register_unstructure_hook(Call, written)
    converter.register_structure_hook(Guard, make_dict_structure_fn(Guard, converter, parameters=taken_as_it_is))
    converter.register_unstructure_hook(Guard, make_dict_unstructure_fn(Guard, converter, amid=unset))


def _of_scopes(converter: Converter) -> None:
    """Convert scopes: a scope's name is its profile, and its role if there is one. The Region is not repeated."""
    unset = override(omit_if_default=True)
    read = make_dict_structure_fn(Scope, converter)
    written = make_dict_unstructure_fn(
        Scope, converter, name=override(omit=True), judged=unset, document=unset, has_long_term_key=unset
    )
    converter.register_structure_hook(
        Scope,
        lambda raw, kind: read(_with_name(_object(raw)), kind),
    )
    converter.register_unstructure_hook(Scope, lambda scope: {**_name_of(scope), **written(scope)})


def _with_name(raw: Mapping[str, JSON]) -> Mapping[str, JSON]:
    name = {"profile": raw["profile"], "region": raw["region"], "role": raw.get("role")}
    return {**{member: value for member, value in raw.items() if member not in ("profile", "role")}, "name": name}


def _name_of(scope: Scope) -> Mapping[str, JSON]:
    role: Mapping[str, JSON] = {} if scope.name.role is None else {"role": scope.name.role}
    return {"profile": scope.name.profile, **role}


def _of_entries(converter: Converter) -> None:
    """Convert changes: the end of a change is a separate entry with the ID of the change."""
    no, id_, unset = override(omit=True), override(rename="id"), override(omit_if_default=True)
    converter.register_structure_hook(
        Change, make_dict_structure_fn(Change, converter, state=no, results=no, notes=no, why=no)
    )
    converter.register_unstructure_hook(
        Change,
        make_dict_unstructure_fn(
            Change, converter, state=no, results=no, notes=no, why=no, finding_id=unset, choices=unset
        ),
    )
    converter.register_structure_hook(ChangeEnding, make_dict_structure_fn(ChangeEnding, converter, change_id=id_))
    converter.register_unstructure_hook(ChangeEnding, make_dict_unstructure_fn(ChangeEnding, converter, change_id=id_))


def _is_row(kind: object) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1] is ...


def _row(kind: type, converter: Converter) -> StructureHook:
    each = homogenous_tuple_structure_factory(kind, converter)

    def of_list(raw: object, kind: type) -> object:
        if not isinstance(raw, list):
            raise TypeError("a list was expected")
        return each(raw, kind)

    return of_list


def _members(kind: type, converter: Converter) -> StructureHook:
    each: StructureHook = mapping_structure_factory(kind, converter)
    return lambda raw, kind: each(_object(raw), kind)


def _parameter(raw: JSON) -> Parameter:
    match raw:
        case {"$answer": [int() as call, str() as path]}:
            return AnswerReference(call, path)
        case {"$guard": [int() as guard, str() as path]}:
            return GuardReference(guard, path)
        case list() if raw and all(isinstance(each, dict) and each.keys() & _TAKEN for each in raw):
            taken = (_parameter(each) for each in raw)
            return [each for each in taken if isinstance(each, AnswerReference | GuardReference)]
    return raw


def _pair(raw: object, _: object) -> tuple[str, str]:
    match raw:
        case [str() as first, str() as second]:
            return first, second
    raise TypeError("two texts were expected")


def _object(raw: object) -> Mapping[str, JSON]:
    if not isinstance(raw, dict):
        raise TypeError("an object was expected")
    return raw


def _text(raw: object, _: object = str) -> str:
    if not isinstance(raw, str):
        raise TypeError("a text was expected")
    return raw


def _seconds(raw: object, _: object) -> timedelta:
    if not isinstance(raw, int | float):
        raise TypeError("a number of seconds was expected")
    return duration_of(raw)
