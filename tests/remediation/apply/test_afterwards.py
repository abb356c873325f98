"""What follows an attempt to change something, for whoever shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Confidence, Finding, FleetFinding, Link, Status
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import ChangeDelay, Forecast
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import ScopeName
from ssmtui.model.storage import Key
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    Change,
    ChangeOutcome,
    EditConflict,
    FailedOutcome,
    NodeFailureOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.apply.follow_up import (
    Effect,
    FollowUp,
    Kinds,
    PendingDelay,
    facts_by_scope,
    follow_up_of_apply,
    follow_up_of_undo,
    nodes_expected_to_change,
)
from ssmtui.remediation.plans.registry import stale_after
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
PLAN = replace(bucket_toggle(FakeAws([ON])), settles_within=HALF_AN_HOUR, stale=(PreferencesDocument, Key))
SCOPE = PLAN.scope
NODES = tuple(NodeKey(SCOPE.account, SCOPE.region, id_) for id_ in ("i-1", "i-2"))
CHANGE = Change(
    "20261124T120000Z-1",
    NOON,
    PLAN.fix,
    PLAN.title,
    SCOPE,
    PLAN.subject,
    PLAN.guards,
    PLAN.calls,
    PLAN.before,
    PLAN.after,
    PLAN.way_back,
    PLAN.undo,
    "",
    settles_within=HALF_AN_HOUR,
    awaited_by=("i-1", "i-2"),
)
UNDOING = replace(CHANGE, id="20261124T120100Z-2", title="Undo", undoes=CHANGE.id)
SOMEBODY = RefusedOutcome("the text of the newest version was changed in the meantime", EditConflict("a", "b", "c"))
REFUSED = RefusedOutcome("not authorized", action="ssm:UpdateDocument")
FAILED = FailedOutcome("it could not be reached")
DELAY = ChangeDelay(PLAN.fix, PLAN.title, NOON, NOON + HALF_AN_HOUR, CHANGE.id)

WAITED = PendingDelay(NODES, DELAY)
STALE = stale_after(PLAN.fix)


@pytest.mark.parametrize(
    ("outcome", "effect", "read_again", "waits"),
    [
        (AppliedOutcome(CHANGE, ()), Effect.MADE, PLAN.stale, WAITED),
        (UnsureOutcome("no answer", CHANGE), Effect.PERHAPS, PLAN.stale, WAITED),
        (NodeFailureOutcome("it ended as Failed"), Effect.IN_PART, PLAN.stale, None),
        (SOMEBODY, Effect.NONE, PLAN.stale, None),
        (REFUSED, Effect.NONE, None, None),
        (FAILED, Effect.NONE, None, None),
    ],
)
def test_what_may_be_otherwise_is_read_again_and_what_may_have_been_made_is_waited_for(
    outcome: ChangeOutcome, effect: Effect, read_again: Kinds | None, waits: PendingDelay | None
) -> None:
    assert follow_up_of_apply(PLAN, outcome, NODES, NOON) == FollowUp(SCOPE.name, effect, PLAN.stale, read_again, waits)


def test_what_shows_at_once_is_not_waited_for() -> None:
    assert follow_up_of_apply(replace(PLAN, settles_within=None), AppliedOutcome(CHANGE, ()), NODES, NOON).waits is None


def test_what_was_taken_back_is_waited_for_no_more_and_ends_as_late_as_it_began() -> None:
    late = NOON + timedelta(minutes=10)
    delay = ChangeDelay(PLAN.fix, "Undo", late, late + HALF_AN_HOUR, UNDOING.id)
    assert STALE
    assert follow_up_of_undo(CHANGE, SCOPE.name, AppliedOutcome(UNDOING, ()), late) == FollowUp(
        SCOPE.name, Effect.MADE, STALE, STALE, PendingDelay(NODES, delay, is_undo=True), ended_delay=CHANGE.id
    )
    at_once = replace(CHANGE, settles_within=None)
    assert follow_up_of_undo(at_once, SCOPE.name, AppliedOutcome(UNDOING, ()), late).waits is None


@pytest.mark.parametrize(
    ("outcome", "effect", "read_again"),
    [
        (UnsureOutcome("no answer", UNDOING), Effect.PERHAPS, STALE),
        (SOMEBODY, Effect.NONE, STALE),
        (REFUSED, Effect.NONE, None),
        (FAILED, Effect.NONE, None),
    ],
)
def test_what_was_perhaps_not_taken_back_is_waited_for_as_before(
    outcome: ChangeOutcome, effect: Effect, read_again: Kinds | None
) -> None:
    assert follow_up_of_undo(CHANGE, SCOPE.name, outcome, NOON) == FollowUp(SCOPE.name, effect, STALE, read_again)


def test_each_scope_is_read_again_once_and_wholly_where_one_change_asks_for_all() -> None:
    here, there = SCOPE.name, ScopeName("prod", "us-east-1")
    assert facts_by_scope([(here, (Key,)), (there, None), (here, (PreferencesDocument, Key))]) == {
        here: (Key, PreferencesDocument)
    }
    assert facts_by_scope([(here, (Key,)), (here, ()), (here, (Key,))]) == {here: ()}


def test_before_there_is_a_forecast_the_nodes_that_a_change_is_about_are_hoped_for() -> None:
    state = FleetState()
    elsewhere = replace(SCOPE, name=ScopeName("dev", SCOPE.region))
    stray = NodeKey(SCOPE.account, SCOPE.region, "i-9")
    state.scope_of = {NODES[0]: SCOPE, NODES[1]: SCOPE, stray: elsewhere}
    state.findings = {"x": held_finding(NODES[1], stray)}
    assert nodes_expected_to_change(PLAN, None, state) == (NODES[1],)
    assert nodes_expected_to_change(PLAN, Forecast(("i-1",), (), (), (), (), ("i-2",)), state) == NODES
    assert nodes_expected_to_change(PLAN, Forecast((), (), (), (), ()), state) == ()


def held_finding(*nodes: NodeKey) -> FleetFinding:
    found = Finding("preferences-drift", Status.WARN, Confidence.PROVED, PLAN.subject, "It drifts.", ())
    return FleetFinding("preferences-drift@x", SCOPE, Link.PREFERENCES, found, frozenset(nodes))
