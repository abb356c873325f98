"""A node that somebody names or looks at is examined further than the fleet is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.diagnosis.deep_inspection import inspect_deeply
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.access_denied import RefusedCall, RefusedCalls
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.network import NetworkInterface, NetworkInterfaces
from ssmtui.model.node_facts import ConsoleOutput
from ssmtui.model.permissions import DataKeyDryRun
from ssmtui.model.ssm_agent import RecentCommand, RecentCommands
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import InlinePolicy, StatementJSON, fleet_expectation
from ssmtui.simulator.state import Command, now
from ssmtui.simulator.worlds import names, world
from ssmtui.simulator.worlds.building_blocks import WITHOUT_SIMULATION
from tests.builders.fleet import NOON, a_node
from tests.evidence.fact_builders import store
from tests.evidence.fake_aws import FakeAws
from tests.simulated_diagnosis.fixtures import Diagnose
from tests.worlds.test_expected_verdicts import causes_of, told

UPDATE = "11111111-1111-1111-1111-111111111111"
HIDDEN = sorted(name for name in names() if any(fleet_expectation(node) != node.expected for node in world(name).nodes))


def sources(aws: SimulatedAws) -> list[str]:
    return [entry.operation for entry in aws.journal.entries]


@pytest.mark.parametrize("name", HIDDEN)
def test_what_does_not_show_from_afar_is_told_of_a_node_that_is_named(
    name: str, at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load(name)
    hidden = [node for node in world(name).nodes if fleet_expectation(node) != node.expected]
    state = diagnose(*(node.name for node in hidden))
    assert state.crashes == []
    assert told(state) == {node.name: (node.expected.verdict.value, node.expected.root_cause) for node in hidden}
    for node in hidden:
        wanted = {cause for cause in (node.expected.cause, *node.expected.also) if cause}
        assert wanted <= causes_of(state, node.name), node.name


@pytest.mark.parametrize("connections", list(ConnectionOption))
def test_a_connected_node_with_a_full_disk_is_not_ok_once_it_is_named(
    connections: ConnectionOption, at_simulator: SimulatedAws
) -> None:
    at_simulator.load("root-volume-filled")
    request = DiagnosisRequest(
        regions=at_simulator.regions,
        endpoint_url=at_simulator.endpoint_url,
        nodes=("metrics-1", "web-1"),
        connections=connections,
    )
    live = LiveDiagnosis.start(request)
    try:
        assert told(follow(live)) == {"metrics-1": ("fail", "root-volume-full"), "web-1": ("ok", None)}
    finally:
        live.close()


def test_a_node_is_looked_at_more_closely_once_somebody_opens_it_and_no_other_is(at_simulator: SimulatedAws) -> None:
    at_simulator.load("root-volume-filled")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        state = follow(live)
        assert state.inspections == {}
        assert "GetConsoleOutput" not in sources(at_simulator)
        [key] = [key for key, node in state.nodes.items() if node.name == "metrics-1"]
        at_simulator.journal.clear()
        live.inspect_nodes([key])
        state = follow(live, state)
        assert told(state) == {"metrics-1": ("fail", "root-volume-full"), "web-1": ("ok", None)}
        assert sources(at_simulator).count("GetConsoleOutput") == 1
        assert "DescribeInstances" not in sources(at_simulator)
        assert [look.what for look in state.inspections[key] or ()][:1] == ["console output"]
        at_simulator.journal.clear()
        live.inspect_nodes([key])
        follow(live, state)
        assert sources(at_simulator) == []
    finally:
        live.close()


def looks(state: FleetState) -> dict[str, tuple[str, str]]:
    """What was looked at, and by what it was kept from being read."""
    [told_of] = state.inspections.values()
    assert told_of is not None
    return {look.source: (look.found, look.unread.action if look.unread else "") for look in told_of}


def test_what_could_not_be_looked_at_is_told_and_takes_nothing_back(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("root-volume-filled")
    at_simulator.fault("refused", "ec2", "GetConsoleOutput")
    state = diagnose("metrics-1")
    assert told(state) == {"metrics-1": ("ok", None)}
    assert looks(state)["ec2:GetConsoleOutput"] == ("", "ec2:GetConsoleOutput")
    notes = {each.finding.cause: each.finding for each in state.findings.values()}
    assert notes["root-volume-full"].status.value == "info"
    assert notes["root-volume-full"].needs == ("ec2:GetConsoleOutput",)


def test_an_update_of_the_agent_that_failed_is_told_of_a_node_that_is_named(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("healthy-small")
    key = min(diagnose().nodes, key=lambda each: each.id)
    at_simulator.hidden(key.region).commands[UPDATE] = Command(
        UPDATE, key.id, "AWS-UpdateSSMAgent", "", {}, now() - timedelta(hours=2), "Failed"
    )
    state = diagnose(key.id)
    assert [verdict for verdict, _ in told(state).values()] == ["warn"]
    [found] = [each.finding for each in state.findings.values() if each.finding.cause == "agent-update-failed"]
    assert found.fixes == ("update-agent",)
    assert "AWS-UpdateSSMAgent" in looks(state)["ssm:ListCommandInvocations"][0]


def refused(count: int) -> tuple[RefusedCall, ...]:
    return tuple(RefusedCall(f"kms:Call{number}", "", NOON, "AccessDenied") for number in range(count))


def commands(count: int) -> tuple[RecentCommand, ...]:
    return tuple(RecentCommand(f"c-{number}", f"Run{number}", NOON, "Success") for number in range(count))


NOTHING_REFUSED = RefusedCalls((), complete=True)
LAB = NetworkInterface("eni-2", 1, "subnet-2", "vpc-1", ("sg-2", "sg-3"), "10.0.1.10", None)
CALLS = "kms:Call0 12:00, kms:Call1 12:00, kms:Call2 12:00, kms:Call3 12:00"
RAN = ", ".join(f"Run{number} 2026-11-25 12:00 UTC Success" for number in range(4))


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        (ConsoleOutput("one\ntwo", None), "2 lines"),
        (ConsoleOutput("one", NOON), "1 line, the newest of 2026-11-25 12:00 UTC"),
        (NetworkInterfaces(()), "none"),
        (NetworkInterfaces((LAB,)), "eni-2 in subnet-2 with sg-2, sg-3"),
        (RecentCommands(()), "none within 30 days"),
        (RecentCommands(commands(4)), RAN),
        (RecentCommands(commands(4), complete=False), f"{RAN} …"),
        (RecentCommands(commands(5)), f"{RAN} …"),
        (RefusedCalls((), complete=True), "none within the last hour"),
        (RefusedCalls((), complete=False), "in the newest calls: none within the last hour"),
        (RefusedCalls(refused(4), complete=True), f"4 within the last hour: {CALLS} UTC"),
        (
            RefusedCalls((*refused(5), *refused(1)), complete=False),
            f"in the newest calls: 6 within the last hour: {CALLS} … UTC",
        ),
    ],
)
async def test_what_was_found_is_told_in_a_line_and_what_does_not_fit_is_not_concealed(
    fact: object, found: str
) -> None:
    others = (ConsoleOutput("", None), NetworkInterfaces(()), RecentCommands(()), NOTHING_REFUSED, DataKeyDryRun("k"))
    supposed = [fact if type(each) is type(fact) else each for each in others]
    looks = await inspect_deeply(store(FakeAws(), *supposed).resolver(a_node()))
    assert [each.found for each, held in zip(looks, supposed, strict=True) if held is fact] == [found]


_NO_KEY_POLICY = {"Effect": "Deny", "Action": ["kms:GetKeyPolicy", "kms:ListGrants"], "Resource": "*"}
_NO_DATA_KEYS = {"Effect": "Deny", "Action": "kms:GenerateDataKey", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "told_of", "status"),
    [
        pytest.param((_NO_KEY_POLICY,), "KMS allows it", None, id="allowed"),
        pytest.param((_NO_KEY_POLICY, _NO_DATA_KEYS), "KMS refused it", Status.FAIL, id="denied"),
    ],
)
def test_kms_is_asked_by_a_dry_run_about_a_named_node_only(
    statements: tuple[StatementJSON, ...],
    told_of: str,
    status: Status | None,
    at_simulator: SimulatedAws,
    diagnose: Diagnose,
) -> None:
    blind = replace(WITHOUT_SIMULATION, inline=(*WITHOUT_SIMULATION.inline, InlinePolicy("no-key-policy", statements)))
    at_simulator.load(replace(world("healthy-small"), caller=blind))
    state = diagnose()
    assert "GenerateDataKey" not in sources(at_simulator)
    assert "kms-caller-denied" in {held.finding.cause for held in state.findings.values()}
    name = next(node.name for node in state.nodes.values() if node.id.startswith("i-"))
    state = diagnose(name)
    found = [held.finding for held in state.findings.values() if held.finding.cause == "kms-caller-denied"]
    assert [(each.status, each.confidence) for each in found] == ([(status, Confidence.PROVED)] if status else [])
    assert looks(state)["kms:GenerateDataKey"][0].startswith(told_of)
    assert sources(at_simulator).count("GenerateDataKey") == 1
