from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ssmtui.checks.agent.registration import (
    hybrid_nodes_are_on_the_advanced_tier,
    machine_is_registered_once,
    managed_nodes_are_within_the_quota,
    node_could_register_again,
)
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Status
from ssmtui.model.node import ConnectionStatus, PingStatus
from ssmtui.model.node_facts import (
    Activation,
    Activations,
    ActivationTier,
    HybridMachine,
    ManagedFleet,
    Observation,
    RegisteredMachine,
    UnconnectedNode,
    UnmanagedInstance,
)
from tests.builders.fleet import REGION, a_node, a_scope, an_instance
from tests.checks.agent.nodes import HYBRID_ID, hybrid
from tests.checks.outcome import Said, said

GONE = Observation(PingStatus.CONNECTION_LOST, ConnectionStatus.NOT_CONNECTED)
MACHINE = RegisteredMachine("ip-10-0-0-10", "10.0.0.10")
EXPIRED = Activation("a-1", expired=True, expires=datetime(2026, 10, 1, tzinfo=UTC), limit=10, registered=1)
USED_UP = Activation("a-2", expired=False, expires=None, limit=1, registered=1)
OPEN = Activation("a-3", expired=False, expires=None, limit=10, registered=1)


MOOT = NotApplicable("not of this node")


@pytest.mark.parametrize(
    ("advanced", "expected"),
    [
        (True, []),
        (False, [Said("hybrid-tier-standard", Status.FAIL, Confidence.PROVED, HYBRID_ID, ("enable-advanced-tier",))]),
    ],
)
def test_hybrid_nodes_need_the_advanced_tier(advanced: object, expected: list[Said]) -> None:
    tier = ActivationTier("arn", advanced=bool(advanced))
    assert said(hybrid_nodes_are_on_the_advanced_tier(hybrid(), tier)) == expected


@pytest.mark.parametrize(
    ("activations", "noted"),
    [
        pytest.param({"stores": (EXPIRED,)}, True, id="expired"),
        pytest.param({"stores": (EXPIRED, USED_UP)}, True, id="expired and used up"),
        pytest.param({"stores": (EXPIRED, OPEN)}, False, id="another is open"),
        pytest.param({"warehouse": (EXPIRED,)}, False, id="another role's"),
        pytest.param({}, False, id="none is known"),
    ],
)
def test_a_lost_node_is_noted_where_it_could_not_register_again(
    activations: dict[str, tuple[Activation, ...]], noted: object
) -> None:
    node = hybrid()
    found = node_could_register_again(node, UnconnectedNode(node.node, GONE), Activations(activations))
    expected = Said("activation-expired", Status.INFO, Confidence.PROVED, HYBRID_ID, ("steps-reregister",))
    assert said(found) == ([expected] if noted else [])


def test_activations_that_are_not_read_are_told_by_their_action_and_change_no_verdict() -> None:
    node = hybrid()
    unread = Unreadable("ssm:DescribeActivations", "not authorized")
    (finding,) = node_could_register_again(node, UnconnectedNode(node.node, GONE), unread)
    assert (finding.status, finding.needs) == (Status.INFO, ("ssm:DescribeActivations",))
    assert finding.evidence == (Evidence("not authorized", "ssm:DescribeActivations"),)


@pytest.mark.parametrize(
    ("by_machine", "twice"),
    [
        pytest.param({MACHINE: ("i-1", HYBRID_ID)}, True, id="an instance with the same name and address"),
        pytest.param({MACHINE: (HYBRID_ID,)}, False, id="itself"),
        pytest.param({RegisteredMachine("ip-10-0-0-10", "10.9.9.9"): ("i-1",)}, False, id="the same name elsewhere"),
    ],
)
def test_a_machine_that_is_registered_twice_is_told(
    by_machine: dict[RegisteredMachine, tuple[str, ...]], twice: object
) -> None:
    found = said(machine_is_registered_once(hybrid(), MOOT, ManagedFleet((HYBRID_ID,), "", by_machine)))
    expected = Said("duplicate-registration", Status.WARN, Confidence.LIKELY, HYBRID_ID, ("steps-reregister",))
    assert found == ([expected] if twice else [])


@pytest.mark.parametrize(
    ("computer_name", "address", "status", "confidence"),
    [
        pytest.param(
            "ip-10-0-0-10.eu-west-3.compute.internal", "10.0.0.10", Status.FAIL, Confidence.LIKELY, id="address"
        ),
        pytest.param("i-0000000000000001a", "10.0.0.10", Status.FAIL, Confidence.LIKELY, id="resource name"),
        pytest.param("WEB-1", "10.0.0.10", Status.FAIL, Confidence.LIKELY, id="name tag"),
        pytest.param("till-7", "10.0.0.10", Status.INFO, Confidence.POSSIBLE, id="another machine of that address"),
        pytest.param("web-1", "10.0.0.11", None, None, id="another address"),
    ],
)
def test_an_instance_whose_machine_is_registered_as_a_hybrid_node_is_told(
    computer_name: str, address: str, status: Status | None, confidence: Confidence | None
) -> None:
    node = a_node(ping=None)
    fleet = ManagedFleet((HYBRID_ID,), "", {}, {address: (HybridMachine(HYBRID_ID, computer_name),)})
    found = said(machine_is_registered_once(MOOT, UnmanagedInstance(node, an_instance(node.id)), fleet))
    assert [(each.status, each.confidence, each.subject) for each in found] == (
        [(status, confidence, node.id)] if status else []
    )


def test_a_listing_that_is_not_read_leaves_open_what_else_the_machine_is() -> None:
    node, fleet = a_node(ping=None), Unreadable("ssm:DescribeInstanceProperties", "no")
    of_instance = machine_is_registered_once(MOOT, UnmanagedInstance(node, an_instance(node.id)), fleet)
    assert [each.status for each in (*of_instance, *machine_is_registered_once(hybrid(), MOOT, fleet))] == [
        Status.UNKNOWN,
        Status.UNKNOWN,
    ]
    assert machine_is_registered_once(MOOT, MOOT, fleet) == ()


@pytest.mark.parametrize(("count", "near"), [(2159, False), (2160, True), (3000, True)])
def test_a_region_near_its_quota_is_noted(count: int, near: object) -> None:
    fleet = ManagedFleet(tuple(f"i-{number}" for number in range(count)), "", {})
    expected = Said("managed-node-quota", Status.INFO, Confidence.POSSIBLE, REGION, ("steps-reregister",))
    assert said(managed_nodes_are_within_the_quota(a_scope(), fleet)) == ([expected] if near else [])


def test_a_fleet_that_is_not_read_is_no_unknown_for_the_quota() -> None:
    assert managed_nodes_are_within_the_quota(a_scope(), Unreadable("ssm:DescribeInstanceProperties", "no")) == ()
