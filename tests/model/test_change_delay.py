"""A change that has yet to show: for how long, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.model.plan import ChangeDelay, delay_of
from tests.builders.fleet import NOON
from tests.remediation.apply.plans import creation

QUARTER = timedelta(minutes=15)


def test_a_change_shows_by_the_longest_delay_that_is_documented_after_it_was_made() -> None:
    plan = replace(creation("{}"), settles_within=QUARTER)
    assert delay_of(plan, NOON, "change-1") == ChangeDelay(plan.fix, plan.title, NOON, NOON + QUARTER, "change-1")


def test_a_change_for_which_no_delay_is_documented_is_not_waited_for() -> None:
    assert delay_of(replace(creation("{}"), settles_within=None), NOON) is None
