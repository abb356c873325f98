"""What a timed refresh takes in, what it asks for that, and what it leaves alone."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from queue import Empty
from typing import Any

import boto3
import pytest

from ssmtui.diagnosis.connections import EvidenceSource, NodeConnections
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone, NodeGone, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.diagnosis.refresh_schedule import MAX_AGE, MAX_CONNECTION_AGE, RefreshSchedule
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.finding import FleetFinding, VerdictStatus
from ssmtui.model.node import ConnectionStatus, NodeKey, PingStatus
from ssmtui.model.node_facts import Observation
from ssmtui.model.probe import NOT_PROBED, ProbeEnd, ProbeKind, ProbeOutcome
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.state import SETUP_ACCESS_KEY
from tests.builders.fleet import NOON
from tests.builders.storage import a_key
from tests.evidence.fact_builders import store
from tests.evidence.fake_aws import FakeAws

LISTING = {"DescribeInstances", "DescribeInstanceProperties", "GetInventory"}
"""What is asked each time: it tells of all nodes at once."""


@dataclass(slots=True)
class Kept:
    """A run that is kept fresh, on a clock that stands unless it is put on."""

    aws: SimulatedAws
    now: datetime
    live: LiveDiagnosis
    state: FleetState

    def after(self, minutes: float) -> list[Event]:
        """What is told by a timed refresh some minutes later; what it asks for is in the journal."""
        self.now += timedelta(minutes=minutes)
        self.aws.journal.clear()
        self.live.refresh_incrementally()
        told: list[Event] = []
        follow(self.live, self.state, on_event=lambda _state, event: told.append(event))
        return told

    @property
    def asked(self) -> Counter[str]:
        """How often each operation was asked since the last look."""
        return Counter(entry.operation for entry in self.aws.journal.entries)

    def key(self, name: str) -> NodeKey:
        """The node of that name."""
        return next(key for key, node in self.state.nodes.items() if node.name == name)

    def client(self, service: str) -> Any:
        """The account, for somebody who changes something in it by hand."""
        self.aws.hidden()  # it is not as it was built from now on
        return boto3.client(
            service,
            region_name=self.aws.regions[0],
            endpoint_url=self.aws.endpoint_url,
            aws_access_key_id=SETUP_ACCESS_KEY,
            aws_secret_access_key="simulated",
        )

    def disable_keys(self) -> None:
        """Somebody disables every key."""
        kms = self.client("kms")
        for each in kms.list_keys()["Keys"]:
            kms.disable_key(KeyId=each["KeyId"])


@pytest.fixture
def keep(at_simulator: SimulatedAws) -> Iterator[Any]:
    runs: list[LiveDiagnosis] = []

    def kept(world: str) -> Kept:
        at_simulator.load(world)
        run: Kept
        begun = datetime.now(UTC)
        run = Kept(at_simulator, begun, None, FleetState())  # type: ignore[arg-type] # begun on its clock, below
        asked = DiagnosisRequest(
            regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url, clock=lambda: run.now
        )
        run.live = LiveDiagnosis.start(asked)
        runs.append(run.live)
        follow(run.live, run.state)
        return run

    yield kept
    for each in runs:
        each.close()


def undated(held: FleetFinding) -> FleetFinding:
    """A finding without its words, some of which tell times: since when a node has not reported grows meanwhile."""
    return replace(held, finding=replace(held.finding, evidence=(), summary=""))


def what_is_alive() -> Counter[str]:
    """How many there are of each of ssmtui's own things, and of tasks and connections."""
    gc.collect()
    named = (f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())
    alive = Counter(name for name in named if name.startswith(("ssmtui.", "_asyncio.", "aiohttp.")))
    # A deadline counts its two minutes to the end, whoever has done with it; the journal is the simulator's.
    del alive["ssmtui.evidence.aws.limits.Deadline"]
    return Counter({name: count for name, count in alive.items() if not name.startswith("ssmtui.simulator.")})


def changes(told: list[Event]) -> list[Event]:
    """What was told of rows and findings; that heartbeats go on is no change."""
    return [each for each in told if isinstance(each, NodeGone | VerdictChanged | FindingChanged | FindingGone)]


def test_where_nothing_has_changed_the_nodes_are_listed_and_nothing_is_told(keep: Any) -> None:
    run = keep("healthy-small")
    assert changes(run.after(minutes=1)) == []
    assert set(run.asked) == LISTING


def test_rows_and_findings_stand_as_they_are_while_everything_broken_is_read_again(keep: Any) -> None:
    run = keep("demo")
    verdicts, findings = dict(run.state.verdicts), dict(run.state.findings)
    told = changes(run.after(minutes=1))
    assert [each for each in told if not isinstance(each, FindingChanged)] == []
    assert run.state.verdicts == verdicts
    assert {id_: undated(held) for id_, held in run.state.findings.items()} == {
        id_: undated(held) for id_, held in findings.items()
    }


def test_what_is_broken_is_looked_at_each_time_and_what_is_well_beside_it_is_not(keep: Any) -> None:
    run = keep("key-disabled")
    before = dict(run.state.verdicts)
    assert changes(run.after(minutes=1)) == []
    assert run.asked["DescribeKey"] > 0
    assert run.asked["GetConnectionStatus"] == 0
    assert run.asked["DescribeSecurityGroups"] == 0
    assert run.state.verdicts == before


def test_what_was_mended_by_hand_turns_green_without_being_asked_for(keep: Any) -> None:
    run = keep("key-disabled")
    [broken] = [held for held in run.state.findings.values() if held.finding.cause == "kms-key-disabled"]
    run.client("kms").enable_key(KeyId=broken.finding.subject.id.rpartition("/")[2])
    told = run.after(minutes=1)
    assert FindingGone(broken.id) in told
    verdicts = [each.verdict for each in told if isinstance(each, VerdictChanged) and each.key in broken.nodes]
    assert [each.status for each in verdicts] == [VerdictStatus.OK] * len(broken.nodes)  # once each: nothing flickers
    assert run.asked["GetConnectionStatus"] == 0


def test_what_breaks_by_itself_is_seen_within_its_age(keep: Any) -> None:
    run = keep("healthy-small")
    run.disable_keys()
    assert not any(each.finding.cause == "kms-key-disabled" for each in run.state.findings.values())
    told = run.after(minutes=MAX_AGE / timedelta(minutes=1))
    assert "kms-key-disabled" in {each.finding.finding.cause for each in told if isinstance(each, FindingChanged)}


def test_the_facts_of_what_is_well_come_due_a_few_at_a_time(keep: Any) -> None:
    run = keep("healthy-small")
    asked = []
    for _ in range(int(MAX_AGE / timedelta(minutes=1))):
        assert changes(run.after(minutes=1)) == []
        asked.append(sum(times for operation, times in run.asked.items() if operation not in LISTING))
    assert sum(asked) > 0
    assert max(asked) < sum(asked)


def test_a_connection_is_asked_about_again_where_it_was_lost_or_the_row_has_changed_or_in_its_time(keep: Any) -> None:
    run = keep("healthy-small")
    hidden = run.aws.hidden()
    [id_, *_] = sorted(each for each in hidden.agents if each.startswith("i-"))
    hidden.agents[id_] = replace(hidden.agents[id_], running=False)
    told = run.after(minutes=1)
    assert run.asked["GetConnectionStatus"] == 1
    [lost] = {each.key for each in told if isinstance(each, VerdictChanged)}
    assert lost.id == id_
    hidden.agents[id_] = replace(hidden.agents[id_], running=True)
    run.after(minutes=1)
    assert run.asked["GetConnectionStatus"] == 1
    assert run.state.verdict(lost).status is VerdictStatus.OK
    run.after(minutes=MAX_CONNECTION_AGE / timedelta(minutes=1))
    assert run.asked["GetConnectionStatus"] == len(run.state.nodes)


def test_a_node_that_is_no_more_goes_with_what_was_found_of_it(keep: Any) -> None:
    run = keep("agent-absent")
    [held] = [each for each in run.state.findings.values() if each.finding.cause == "agent-absent"]
    [gone] = held.nodes
    run.client("ec2").terminate_instances(InstanceIds=[gone.id])
    told = run.after(minutes=1)
    if NodeGone(gone) not in told:  # EC2 lists what was terminated for a while
        pytest.skip("the simulated EC2 still lists it")
    assert FindingGone(held.id) in told


def test_a_probe_counts_until_something_is_read_otherwise(keep: Any) -> None:
    run = keep("healthy-small")
    [key, *_] = sorted(run.state.nodes, key=lambda each: each.id)
    outcome = ProbeOutcome(key, ProbeKind.SHELL, run.now, (), ProbeEnd.OPENED)
    run.live.probed(run.state.scope_of[key].name, outcome)
    follow(run.live, run.state)
    run.after(minutes=1)
    assert run.state.probes[key] != NOT_PROBED
    run.disable_keys()
    run.after(minutes=MAX_AGE / timedelta(minutes=1))
    assert run.state.probes.get(key, NOT_PROBED) == NOT_PROBED
    assert run.state.verdict(key).status is VerdictStatus.FAIL


def test_a_row_that_is_asked_for_is_read_anew_with_all_that_its_path_goes_through(keep: Any) -> None:
    run = keep("healthy-small")
    [key, *_] = sorted(run.state.nodes, key=lambda each: each.id)
    run.aws.journal.clear()
    run.live.refresh_nodes(run.state.scope_of[key].name, [key], ())
    follow(run.live, run.state)
    assert run.asked["GetConnectionStatus"] == 1
    assert {"DescribeKey", "GetDocument", "DescribeSecurityGroups", "SimulatePrincipalPolicy"} <= set(run.asked)


def test_a_second_refresh_does_nothing_while_the_first_is_under_way(keep: Any) -> None:
    run = keep("healthy-small")
    run.aws.journal.clear()
    for _ in range(5):
        run.live.refresh_incrementally()
    follow(run.live, run.state)
    with pytest.raises(Empty):
        run.live.events.get_nowait()
    assert run.asked["DescribeInstances"] == 1


def test_nothing_grows_over_many_refreshes(keep: Any) -> None:
    run = keep("key-disabled")
    alive = []
    for _ in range(8):
        run.after(minutes=MAX_AGE / timedelta(minutes=1))
        alive.append(what_is_alive())
    # A task that has just ended may be seen once; what leaks is there in every later look.
    early, late = alive[2:5], alive[5:]
    grown = {
        name: ([each[name] for each in early], [each[name] for each in late])
        for name in late[-1]
        if min(each[name] for each in late) > max(each[name] for each in early)
    }
    assert grown == {}, "\n".join(f"{name} {counts}" for name, counts in sorted(grown.items()))


MANY = 200
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("value", "most"),
    [
        (a_key(), MAX_AGE),
        (Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED), MAX_CONNECTION_AGE),
    ],
)
async def test_what_is_well_is_due_between_half_of_its_age_and_all_of_it_each_thing_at_its_own_time(
    value: object, most: timedelta
) -> None:
    async def read() -> object:
        return value

    facts = store(FakeAws())
    for number in range(MANY):
        await facts.kept.begun((type(value), str(number)), NOON, read).value()
    known = NodeConnections(facts, ConnectionOption.ALL, EvidenceSource(facts.kept))
    fresh = RefreshSchedule(facts, (), {}, known)
    due = [len(await fresh.due((), NOON + age)) for age in (most / 2 - SECOND, most * 3 / 4, most)]
    assert (due[0], due[-1]) == (0, MANY)
    assert 0 < due[1] < MANY


async def test_whether_a_node_is_connected_is_always_due_where_it_is_not_known_to_be() -> None:
    async def read() -> object:
        return Observation(PingStatus.ONLINE, ConnectionStatus.NOT_CONNECTED)

    facts = store(FakeAws())
    await facts.kept.begun((Observation, "i-1"), NOON, read).value()
    fresh = RefreshSchedule(facts, (), {}, NodeConnections(facts, ConnectionOption.ALL, EvidenceSource(facts.kept)))
    assert await fresh.due((), NOON) == {(Observation, "i-1")}
