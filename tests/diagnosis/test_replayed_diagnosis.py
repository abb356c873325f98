"""What a replay foretells is what was foretold while AWS could be asked: plans, choices and forecasts."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest

from ssmtui.cli.snapshot import count_changed_verdicts
from ssmtui.cli.snapshot_redaction import redacted
from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
from ssmtui.evidence.snapshots.snapshot_file import read_snapshot, write_snapshot
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.finding import FleetFinding
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.model.sessions import ListedSession, SessionState
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Scenario
from tests.remediation.apply.faulty_worlds import host_management_turned_off


def choices_in(planned: Plan | FixNotApplicable) -> Iterator[Choices]:
    if isinstance(planned, FixNotApplicable) and planned.choices:
        choice = planned.choices[0]
        yield from (Choices(((choice.name, each.value),)) for each in choice.candidates if not each.why_not)


def foretold(handle: DiagnosisHandle, held: FleetFinding) -> Iterator[object]:
    """What would be said of every fix of a finding."""
    for fix in held.finding.fixes:
        planned = handle.plan(held.scope.name, fix, held.id).result()
        for choices in (NOTHING_CHOSEN, *choices_in(planned)):
            plan = handle.plan(held.scope.name, fix, held.id, choices).result()
            yield plan
            if isinstance(plan, Plan):
                yield handle.forecast(plan).result()


@pytest.mark.parametrize("world", ["key-missing", "log-group-unreadable", host_management_turned_off])
def test_a_replay_foretells_what_was_foretold(world: str | Callable[[], Scenario], at_simulator: SimulatedAws) -> None:
    at_simulator.load(world if isinstance(world, str) else world())
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        state = follow(live)
        file = io.BytesIO()
        write_snapshot(live.snapshot().result(), file)
        file.seek(0)
        replay = ReplayedDiagnosis(read_snapshot(file).snapshot, "it is a snapshot")
        try:
            follow(replay)
            for held in state.findings.values():
                assert list(foretold(replay, held)) == list(foretold(live, held)), held.id
            name = next(iter(state.scopes))
            assert replay.region_facts(name).result() == live.region_facts(name).result()
            assert_nothing_is_asked(replay, name)
        finally:
            replay.close()
    finally:
        live.close()


@pytest.mark.parametrize(
    "world", ["policies-read", "instance-registered-elsewhere", "preferences-yaml", "bucket-past-its-endpoint"]
)
def test_a_redacted_snapshot_is_judged_as_the_original_is(world: str, at_simulator: SimulatedAws) -> None:
    at_simulator.load(world)
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        state, snapshot = follow(live), live.snapshot(with_fixes=False).result()
    finally:
        live.close()
    shown, told = redacted(snapshot, b"k" * 32)
    assert count_changed_verdicts(snapshot, shown) == (0, len(state.nodes))
    assert told


def assert_nothing_is_asked(replay: ReplayedDiagnosis, name: ScopeName) -> None:
    told: list[ListedSession] = []
    unread = replay.sessions(name, SessionState.ACTIVE, told.extend).result()
    assert unread is not None
    assert (unread.why, told) == ("ssm:DescribeSessions: not in the snapshot", [])
    assert replay.accesses().result() == ()
    assert replay.look_up(()).result() == ()


def test_a_replay_of_some_nodes_says_which_names_it_has_not_and_which_others(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        state, snapshot = follow(live), live.snapshot(with_fixes=False).result()
    finally:
        live.close()
    [scope] = state.scopes
    first, *others = state.nodes.values()
    replay = ReplayedDiagnosis(snapshot, "it is a snapshot", (first.name, "nobody"))
    try:
        told = follow(replay)
        assert replay.plans_to_end(scope, ()).result() == ()
    finally:
        replay.close()
    assert (set(told.nodes), told.nowhere()) == ({first.key}, ("nobody",))
    assert told.others() == {called for node in others for called in (node.id, node.name)}
