"""Convert the values of a journal entry to JSON and back with cattrs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import get_args, get_origin

from cattrs import Converter, override
from cattrs.cols import homogenous_tuple_structure_factory, is_mapping, mapping_structure_factory
from cattrs.dispatch import StructureHook
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from ssmtui.model.plan import JSON, AnswerReference, Call, Guard, GuardReference, Parameter
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.change import Change, ChangeEnding
from ssmtui.text.times import duration_of, moment_in

_FROM_ANSWER, _FROM_GUARD = "$answer", "$guard"
_TAKEN = {_FROM_ANSWER, _FROM_GUARD}


def entry_converter(*, forbid_unknown_members: bool = False) -> Converter:
    """From the values of an entry to JSON and back; what is not of its form is any exception that cattrs raises.

    A member that the entry lacks has its default. One that is unknown is ignored, or forbidden.
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
    # What lines of older versions have not is not written where there is nothing to say, so that a line stays the same.
    unset = override(omit_if_default=True)
    written = make_dict_unstructure_fn(Call, converter, besides=unset, context=unset)
    converter.register_structure_hook(Call, make_dict_structure_fn(Call, converter, parameters=parameters))
    converter.register_unstructure_hook(Call, written)
    converter.register_structure_hook(Guard, make_dict_structure_fn(Guard, converter, parameters=taken_as_it_is))
    converter.register_unstructure_hook(Guard, make_dict_unstructure_fn(Guard, converter, amid=unset))


def _of_scopes(converter: Converter) -> None:
    """The name of a scope is told by its profile, and its role where there is one: the Region is there once."""
    unset = override(omit_if_default=True)
    read = make_dict_structure_fn(Scope, converter)
    written = make_dict_unstructure_fn(Scope, converter, name=override(omit=True), judged=unset, document=unset)
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
    """What became of a change is an entry of its own, which names the change by its id."""
    no, id_ = override(omit=True), override(rename="id")
    converter.register_structure_hook(
        Change, make_dict_structure_fn(Change, converter, state=no, results=no, notes=no, why=no)
    )
    converter.register_unstructure_hook(
        Change, make_dict_unstructure_fn(Change, converter, state=no, results=no, notes=no, why=no)
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
