"""Every world is what it says: computed reality agrees with what each node is expected to suffer from."""

from __future__ import annotations

from collections import Counter
from types import FunctionType, ModuleType

import pytest

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.node_state.registration import RegistrationStatus, registration_status
from ssmtui.simulator.scenario import (
    Control,
    Expectation,
    HybridNode,
    Instance,
    Node,
    Platform,
    Scenario,
    Verdict,
    fleet_expectation,
)
from ssmtui.simulator.worlds import UnknownWorldError, names, world, worlds_in
from tests.simulator.clients import ids_by_name
from tests.simulator.session_outcome import session_outcome


def suffered(region: str, node_id: str) -> tuple[Verdict, str | None]:
    """Verdict and cause as reality has them, in the words of the expectations."""
    outcome = session_outcome(state.ACCOUNT, region, node_id)
    if outcome.cause is not None and node_id in state.hidden(state.ACCOUNT, region).operators:
        return Verdict.RESTRICTED, "instance-service-managed"
    if outcome.cause == "instance-not-running":
        return Verdict.STOPPED, outcome.cause
    if outcome.delayed:
        return Verdict.WARN, outcome.cause
    if outcome.cause is not None:
        return Verdict.FAIL, outcome.cause
    if outcome.losses:
        return Verdict.WARN, outcome.losses[0]
    return Verdict.OK, None


def possible(expected: Expectation) -> set[tuple[Verdict, str | None]]:
    if expected.verdict is not Verdict.UNKNOWN:
        return {(expected.verdict, expected.cause)}
    # Who may not even list nodes may start no session to them either; what is out of sight works all the same, or loses
    # its logs.
    if expected.cause is None:
        return {(Verdict.FAIL, "caller-start-denied")}
    return {(Verdict.OK, None), (Verdict.WARN, expected.cause)}


@pytest.mark.parametrize("name", names())
def test_every_node_suffers_from_what_is_expected(aws: SimulatedAws, name: str) -> None:
    scenario = world(name)
    aws.load(scenario)
    for region in scenario.regions:
        ids = ids_by_name(region.name)
        expected = {node.name: possible(node.expected) for node in region.nodes}
        real = {node.name: suffered(region.name, ids[node.name]) for node in region.nodes}
        assert {name: each for name, each in real.items() if each not in expected[name]} == {}


@pytest.mark.parametrize("name", names())
def test_world_is_named_as_it_is_registered(name: str) -> None:
    scenario = world(name)
    node_names = [node.name for node in scenario.nodes]
    assert scenario.name == name
    assert scenario.summary.endswith(".")
    assert len(node_names) == len(set(node_names))


def test_every_kind_of_control_is_a_node_that_must_not_fail() -> None:
    controls = [node.expected for name in names() for node in world(name).nodes if node.expected.control is not None]
    assert {each.control for each in controls} == set(Control)
    assert {each.verdict for each in controls} == {Verdict.OK, Verdict.STOPPED}


def test_the_worlds_hold_enough_of_what_is_broken_and_of_what_is_not() -> None:
    verdicts = Counter(node.expected.verdict for name in names() for node in world(name).nodes)
    assert verdicts[Verdict.FAIL] >= 80
    assert verdicts[Verdict.OK] >= 40
    assert len(names()) >= 130


def some_world() -> Scenario:
    """A world like any other."""
    raise NotImplementedError


def test_a_world_is_a_public_function_of_a_module_that_takes_nothing_and_gives_one() -> None:
    module = ModuleType("some_worlds")
    made = FunctionType(some_world.__code__, {"__name__": "some_worlds"}, "some_world")
    made.__annotations__ = {"return": Scenario}
    taking = FunctionType(some_world.__code__, {"__name__": "some_worlds"}, "taking")
    taking.__annotations__ = {"name": str, "return": Scenario}
    vars(module).update(some_world=made, _some_world=made, imported=some_world, taking=taking, Scenario=Scenario)
    assert list(worlds_in(module)) == [("some-world", made)]


def test_the_demo_is_the_first_and_the_others_follow_by_name() -> None:
    assert names() == ("demo", *sorted(set(names()) - {"demo"}))


def test_there_is_no_world_of_another_name() -> None:
    with pytest.raises(UnknownWorldError):
        world("atlantis")


@pytest.fixture(scope="module")
def demo() -> Scenario:
    return world("demo")


def test_the_demo_is_a_fleet(demo: Scenario) -> None:
    by_region = {region.name: len(region.nodes) for region in demo.regions}
    verdicts = Counter(fleet_expectation(node).verdict for node in demo.nodes)
    assert list(by_region) == ["eu-west-3", "eu-central-1"]
    assert by_region["eu-central-1"] == 8
    assert len(demo.nodes) >= 45
    assert verdicts[Verdict.OK] >= 30
    assert verdicts[Verdict.STOPPED] == 3
    assert {node.platform for node in demo.nodes} == set(Platform) - {Platform.WINDOWS_2012}
    assert {type(node) for node in demo.nodes} == {Instance, HybridNode}


def test_the_demo_has_every_kind_of_fault(demo: Scenario) -> None:
    assert {node.expected.cause for node in demo.nodes} >= {
        None,
        "agent-needs-wmic",
        "agent-service-disabled",
        "agent-unit-removed",
        "cloudwatch-logs-lost",
        "connection-lost",
        "domain-controller",
        "egress-blocked",
        "endpoint-security-group-closed",
        "imds-disabled",
        "instance-not-running",
        "instance-profile-empty",
        "instance-profile-missing",
        "kms-node-denied",
        "log-endpoint-missing",
        "log-group-unencrypted",
        "log-group-unreadable",
        "no-route-to-endpoint",
        "not-registered",
        "role-channels-denied",
        "role-core-denied",
        "role-trust-wrong",
        "root-volume-full",
        "s3-encryption-unreadable",
        "s3-logs-lost",
    }


def test_the_ids_of_a_world_are_the_same_in_every_run(aws: SimulatedAws) -> None:
    runs: list[dict[str, str]] = []
    for _ in range(2):
        aws.load("healthy-small")
        runs.append(ids_by_name("eu-west-3"))
    assert runs[0] == runs[1]


def test_nodes_stand_as_their_faults_let_them(aws: SimulatedAws, demo: Scenario) -> None:
    aws.load(demo)
    home = demo.regions[0].name
    ids = ids_by_name(home)

    def where(name: str) -> RegistrationStatus:
        return registration_status(state.ACCOUNT, home, ids[name])

    online = ("Online", "connected")
    assert {
        name: (where(name).ping_status, where(name).connection)
        for name in ("web-1", "pos-paris-01", "reporting-1", "legacy-app-1", "cron-1", "sandbox-1", "dev-alex")
    } == {
        "web-1": online,
        "pos-paris-01": online,
        "reporting-1": online,
        "legacy-app-1": ("Online", "notconnected"),
        "cron-1": ("ConnectionLost", "notconnected"),
        "sandbox-1": (None, "notconnected"),
        "dev-alex": (None, "notconnected"),
    }
    assert where("web-1").iam_role == "web"
    assert where("pos-paris-01").iam_role == "point-of-sale"


def nodes_of_ec2(nodes: tuple[Node, ...]) -> list[Instance]:
    return [node for node in nodes if isinstance(node, Instance)]


def test_every_expected_cause_of_an_unregistered_node_is_seen_from_outside(demo: Scenario) -> None:
    unregistered = {node.expected.cause for node in nodes_of_ec2(demo.nodes) if not node.agent.registered_before}
    assert len(unregistered) >= 6
