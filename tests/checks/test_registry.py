"""In which order a session meets the checks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.checks.registry import Check, CheckCycle, UnknownCheck, all_checks, order_checks
from ssmtui.model.finding import Link
from tests.builders.fleet import a_check

ALL = all_checks()


def names(*checks: Check) -> list[str]:
    return [each.name for each in order_checks(checks)]


def test_the_links_come_as_they_stand_on_the_path() -> None:
    assert names(a_check("a", Link.SYSTEM), a_check("b", Link.WORKSTATION)) == ["b", "a"]


def test_a_check_comes_after_those_that_it_names_and_of_several_the_first_by_name() -> None:
    checks = (
        a_check("bucket", Link.PREFERENCES, after=("document",)),
        a_check("document", Link.PREFERENCES),
        a_check("agents-word", Link.PREFERENCES, after=("document",)),
        a_check("a-key", Link.PREFERENCES, after=("bucket",)),
    )
    assert names(*checks) == names(*reversed(checks)) == ["document", "agents-word", "bucket", "a-key"]


def test_a_check_that_names_none_and_that_none_names_is_the_last_of_its_link() -> None:
    checks = (
        a_check("alone", Link.AGENT),
        a_check("reports", Link.AGENT, after=("registered",)),
        a_check("registered", Link.AGENT),
        a_check("below", Link.SYSTEM),
    )
    assert names(*checks) == ["registered", "reports", "alone", "below"]


@given(st.sampled_from(ALL), st.integers(0, 1), st.sampled_from(["a", "m", "zz"]))
def test_a_new_check_moves_none_of_the_others(met_before: Check, named: int, name: str) -> None:
    new = a_check(name, met_before.link, after=(met_before.name,)[:named])
    assert [each for each in order_checks((*ALL, new)) if each is not new] == list(ALL)


def test_a_check_after_one_that_its_link_does_not_have_is_refused_by_name() -> None:
    checks = (a_check("runs", Link.INSTANCE), a_check("reports", Link.AGENT, after=("runs", "registered")))
    with pytest.raises(UnknownCheck, match=r"after registered, runs"):
        order_checks(checks)


def test_a_circle_is_refused_with_the_checks_that_are_in_it() -> None:
    checks = (
        a_check("one", Link.AGENT, after=("three",)),
        a_check("two", Link.AGENT, after=("one",)),
        a_check("three", Link.AGENT, after=("two",)),
    )
    with pytest.raises(CheckCycle, match=r"(one|two|three) comes after (one|two|three) comes after"):
        order_checks(checks)
