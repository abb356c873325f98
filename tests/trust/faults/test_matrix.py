"""A little of `make faults`, for every run of the tests: one read that decides, failing in ways that differ most."""

from __future__ import annotations

import pytest

from tools.trust.faults.in_app import row_in_app, stormed
from tools.trust.faults.matrix import row
from tools.trust.faults.places import KINDS, Asked, Place
from tools.trust.faults.runs import Bench

PLACE = Place("log-group-unencrypted")
LOG_GROUPS = Asked("logs:DescribeLogGroups", (PLACE,))
CHOSEN = ("throttled-for-ever", "truncated", "50-megabytes")

pytestmark = pytest.mark.simulated


def test_however_a_read_fails_nothing_false_is_told_and_the_call_is_named(bench: Bench) -> None:
    told = row(bench, LOG_GROUPS, 0, [KINDS[each] for each in CHOSEN])
    assert (told.lost, told.cells) == ((), len(CHOSEN))


def test_a_read_that_is_asked_at_none_of_its_places_any_more_is_a_loss_of_its_own(bench: Bench) -> None:
    told = row(bench, Asked("organizations:ListAccounts", (PLACE,)), 0, [KINDS["refused"]])
    assert told.lost == ("organizations:ListAccounts: asked at none of its places any more; --survey finds others",)
    assert not told.cells


def test_the_app_says_the_same_and_answers_its_keys(bench: Bench) -> None:
    told = row_in_app(bench, LOG_GROUPS, [KINDS["truncated"]])
    assert (told.lost, told.cells) == ((), 1)


def test_throttled_by_half_and_failing_by_a_twentieth_the_same_is_told(bench: Bench) -> None:
    assert stormed(bench, PLACE.world).lost == ()
