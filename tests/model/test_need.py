"""How needs are read from annotations, and where that goes wrong (docs/architecture.md §7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NewType

import pytest

from ssmtui.model.fact import Absent, Need, NoFact, NotApplicable, Unreadable, needs_of, product_of
from ssmtui.model.node import Instance, Node

if TYPE_CHECKING:
    from ssmtui.model.fact import Now

Name = NewType("Name", str)


def test_a_need_is_a_kind_and_what_may_stand_in_its_place() -> None:
    def judge(node: Node, instance: Instance | Absent | Unreadable) -> None: ...

    assert needs_of(judge) == (
        Need("node", Node, frozenset()),
        Need("instance", Instance, frozenset({Absent, Unreadable})),
    )


def test_an_alias_of_the_markers_is_as_good_as_they_are() -> None:
    def judge(instance: Instance | NoFact) -> None: ...

    assert needs_of(judge) == (Need("instance", Instance, frozenset({Absent, NotApplicable, Unreadable})),)


def test_parameters_are_left_out_by_their_names() -> None:
    def read(aws: Instance, node: Node) -> None: ...

    assert needs_of(read, leaving=("aws",)) == (Need("node", Node, frozenset()),)


def test_what_a_function_makes_is_a_kind_without_the_markers() -> None:
    def work_out(node: Node) -> Instance | NotApplicable:
        raise NotImplementedError

    assert product_of(work_out).kind is Instance


def one_or_none(instance: Instance | None) -> None: ...
def two_kinds(either: Instance | Node) -> None: ...
def row(instances: tuple[Instance, ...]) -> None: ...
def several(instances: list[Instance]) -> None: ...
def by_name(instances: dict[str, Instance]) -> None: ...
def alias(name: Name) -> None: ...
def only_a_marker(what: Absent) -> None: ...


@pytest.mark.parametrize("function", [one_or_none, two_kinds, row, several, by_name, alias, only_a_marker])
def test_what_names_no_single_kind_is_refused(function: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match=re.escape(f"{function.__name__}: ") + r"\w+ names no single kind of fact"):
        needs_of(function)


def test_what_is_imported_for_the_type_checker_alone_is_not_found() -> None:
    def judge(now: Now) -> None: ...

    with pytest.raises(NameError, match="'Now' is not defined"):
        needs_of(judge)


def test_a_class_inside_a_function_is_not_found() -> None:
    class Inside: ...

    def judge(inside: Inside) -> None: ...

    with pytest.raises(NameError, match="'Inside' is not defined"):
        needs_of(judge)
