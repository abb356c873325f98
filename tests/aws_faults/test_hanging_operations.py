"""AWS not answering, or asking to slow down for ever, one operation after another: every diagnosis ends in its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.aws import sdk
from ssmtui.model.finding import Finding, Status, VerdictStatus
from ssmtui.simulator.in_thread import SimulatedAws
from tests.aws_faults.test_failing_operations import NETWORK, READ_INSTEAD_OF, WORLDS_STRUCK, one_of_each_kind
from tests.simulated_diagnosis import remembered_aws
from tests.simulated_diagnosis.fixtures import without_source
from tests.simulated_diagnosis.remembered_aws import (
    Diagnosed,
    Fault,
    Operation,
    RememberedAws,
    hanging,
    known_world,
    throttled,
)

SECONDS = 4.0


@pytest.fixture(autouse=True)
def remembered_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "invoke", remembered_aws.invoke)


def statuses(state: FleetState) -> dict[str, VerdictStatus]:
    return {node.id: state.verdict(key).status for key, node in state.nodes.items()}


def findings(state: FleetState) -> Mapping[str, Finding]:
    return {id_: held.finding for id_, held in state.findings.items()}


def wrongs(truth: FleetState, told: Diagnosed, operation: Operation, seconds: float) -> Iterator[str]:
    """What is not as it must be of a diagnosis that was struck by a fault."""
    call = ":".join(operation)
    state = told.state
    if told.seconds > seconds + 0.2:
        yield f"took {told.seconds:g} s"
    if told.left or told.complaints:
        yield f"left {told.left}, {told.complaints}"
    if state.crashes or without_source(state):
        yield f"crashed {state.crashes}, without a source {without_source(state)}"
    before = statuses(truth)
    for id_, status in statuses(state).items():
        # A node that fails may hide behind what cannot be read; no other word is a true one.
        if status not in {before[id_], VerdictStatus.UNKNOWN}:
            yield f"{id_} is {before[id_].value} and told as {status.value}"
    known = findings(truth)
    for id_, finding in findings(state).items():
        is_new = id_ not in known or known[id_].status is not finding.status
        if not is_new or finding.cause in LAST_RESORTS:
            continue
        if finding.status not in {Status.UNKNOWN, Status.INFO}:
            yield f"{id_} is told as {finding.status.value} now"
        named = {call, READ_INSTEAD_OF.get(operation)}
        # A list of nodes that failed is named by the error of the account and Region.
        if any(call in error.message for error in state.errors.values()):
            continue
        if finding.status is Status.UNKNOWN and not any(each.source in named for each in finding.evidence):
            yield f"{id_} does not name the call: {[(each.fact, each.source) for each in finding.evidence]}"


LAST_RESORTS = {"not-registered", "connection-lost", "control-channel-down", "cloudwatch-logs-lost"}
"""They are told where nothing else explains a node, and also where what explains it could not be read."""


def struck(
    world: RememberedAws, operation: Operation, fault: Fault, truth: FleetState, nodes: Sequence[str] = ()
) -> list[str]:
    told = world.diagnosed((operation, fault), nodes=nodes, seconds=SECONDS)
    return [f"{':'.join(operation)} {fault.__name__}: {each}" for each in wrongs(truth, told, operation, SECONDS)]


@pytest.mark.parametrize("name", WORLDS_STRUCK)
def test_whatever_operation_does_not_answer_a_diagnosis_ends_and_says_so(name: str, at_simulator: SimulatedAws) -> None:
    world = known_world(at_simulator, name)
    truth = world.diagnosed().state
    operations = sorted(each for each in world.asked if each[1] not in NETWORK)
    # Each operation hangs in every sixth of the worlds, and is throttled in every sixth: six worlds and more.
    struck_here = [
        (operation, (hanging, throttled)[place % 6])
        for place, operation in enumerate(operations, start=WORLDS_STRUCK.index(name))
        if place % 6 < 2
    ]
    assert [each for operation, fault in struck_here for each in struck(world, operation, fault, truth)] == []


def test_what_hangs_on_the_organization_names_the_call_that_did_not_tell_it(at_simulator: SimulatedAws) -> None:
    at_simulator.load("role-denied-by-organization")
    world = RememberedAws(at_simulator.endpoint_url, at_simulator.regions[0])
    truth = world.diagnosed().state
    assert struck(world, ("organizations", "DescribeOrganization"), hanging, truth) == []


@pytest.mark.whole
def test_in_the_demo_every_operation_of_the_network_may_hang(at_simulator: SimulatedAws) -> None:
    at_simulator.load("demo")
    world = RememberedAws(at_simulator.endpoint_url, at_simulator.regions[0])
    nodes = one_of_each_kind(world.diagnosed().state)
    truth = world.diagnosed(nodes=nodes).state
    operations = sorted(each for each in world.asked if each[1] in NETWORK)
    assert {name for _, name in operations} == NETWORK
    assert [each for operation in operations for each in struck(world, operation, hanging, truth, nodes)] == []


def test_two_minutes_are_enough_for_every_operation_to_hang(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    world = RememberedAws(at_simulator.endpoint_url, at_simulator.regions[0])
    world.diagnosed()
    told = world.diagnosed(*((operation, hanging) for operation in sorted(world.asked)))
    assert told.seconds <= 120.2
    assert (told.left, told.complaints, told.state.nodes) == ([], [], {})
    (error,) = told.state.errors.values()
    assert error.message == (
        "Could not list nodes: ec2:DescribeInstances: no answer within 60 s; "
        "ssm:DescribeInstanceProperties: no answer within 60 s."
    )
