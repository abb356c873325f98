from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ssmtui.checks.agent.registration import (
    control_channel_is_up,
    hybrid_nodes_are_on_the_advanced_tier,
    machine_is_registered_once,
    managed_nodes_are_within_the_quota,
    node_could_register_again,
    node_is_registered,
    node_reports,
)
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.node import ConnectionStatus, Instance, InstanceState, Node, PingStatus, Registration
from ssmtui.model.node_facts import (
    Activation,
    Activations,
    ActivationTier,
    ConsoleOutput,
    FleetAtAddress,
    HostManagementDelay,
    HybridMachine,
    ManagedFleet,
    ManagedNode,
    Observation,
    RegisteredMachine,
    RunningInstance,
    SilentConsole,
    UnconnectedNode,
    UnmanagedInstance,
    WholeFleet,
)
from tests.builders.fleet import NOON, NOTHING_MADE, REGION, a_change, a_node, a_scope, an_instance
from tests.checks.agent.nodes import HYBRID_ID, hybrid
from tests.checks.outcome import Said, judged, node_of, said

PROVED, POSSIBLE = Confidence.PROVED, Confidence.POSSIBLE
NO_LISTING = Unreadable("ssm:DescribeInstanceProperties", "not authorized")
NOT_ASKED = NotApplicable("the node is online and connected")
NO_DELAY = NotApplicable("the waiting time of default host management is over")
NO_STATUS = Unreadable("ssm:GetConnectionStatus", "not authorized")


def managed(ping: PingStatus) -> ManagedNode:
    node = a_node(ping=ping)
    assert isinstance(node.registration, Registration)
    return ManagedNode(node, node.registration)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param(a_node(), [], id="listed"),
        pytest.param(a_node(ping=PingStatus.CONNECTION_LOST), [], id="listed, and lost"),
        pytest.param(
            a_node(ping=None), [(Status.FAIL, PROVED, ("steps-install-agent", "reboot-instance"), ())], id="not listed"
        ),
        pytest.param(a_node(ping=None, state=InstanceState.PENDING), [], id="not listed yet: it is starting"),
        pytest.param(
            replace(a_node(), registration=NO_LISTING),
            [(Status.UNKNOWN, POSSIBLE, (), ("ssm:DescribeInstanceProperties",))],
            id="the list is not to be read",
        ),
    ],
)
def test_systems_manager_lists_a_running_instance(
    node: Node, expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert isinstance(node.instance, Instance)
    assert said(
        judged(node_is_registered, RunningInstance(node, node.instance), NOT_ASKED, NO_DELAY, NOTHING_MADE)
    ) == [Said("not-registered", status, sure, node.id, fixes, needs) for status, sure, fixes, needs in expected]


NO_SETTING = Unreadable("ssm:GetServiceSetting", "not authorized")


def test_a_node_is_not_given_up_where_host_management_may_have_been_set_for_it_just_now() -> None:
    new, lost = a_node(ping=None), managed(PingStatus.CONNECTION_LOST)
    assert isinstance(new.instance, Instance)
    found = (
        *judged(node_is_registered, RunningInstance(new, new.instance), NOT_ASKED, NO_SETTING, NOTHING_MADE),
        *judged(node_reports, lost, NOT_ASKED, NO_SETTING, NOTHING_MADE),
    )
    assert said(found) == [
        Said(cause, Status.UNKNOWN, POSSIBLE, node.id, (), ("ssm:GetServiceSetting",))
        for cause, node in (("not-registered", new), ("connection-lost", node_of(lost)))
    ]


@pytest.mark.parametrize(
    ("ping", "lost"), [(PingStatus.ONLINE, False), (PingStatus.CONNECTION_LOST, True), (PingStatus.INACTIVE, True)]
)
def test_a_node_reports(ping: PingStatus, lost: object) -> None:
    node = managed(ping)
    assert bool(judged(node_reports, node, NOT_ASKED, NO_DELAY, NOTHING_MADE)) is lost


def test_a_lost_connection_says_since_when() -> None:
    node = managed(PingStatus.CONNECTION_LOST)
    assert judged(node_reports, node, NOT_ASKED, NO_DELAY, NOTHING_MADE) == (
        Finding(
            cause="connection-lost",
            status=Status.FAIL,
            confidence=PROVED,
            subject=Subject(SubjectKind.NODE, node_of(node).id),
            summary="Systems Manager has not received a ping from web-1 since 2026-11-25 12:00 UTC.",
            evidence=(
                Evidence("PingStatus is ConnectionLost since 2026-11-25 12:00 UTC", "ssm:DescribeInstanceProperties"),
            ),
            fixes=("steps-install-agent", "reboot-instance"),
        ),
    )


@pytest.mark.parametrize(
    ("ping", "connection", "expected"),
    [
        pytest.param(PingStatus.ONLINE, ConnectionStatus.CONNECTED, [], id="connected"),
        pytest.param(
            PingStatus.ONLINE,
            ConnectionStatus.NOT_CONNECTED,
            [(Status.FAIL, PROVED, ("restart-agent", "reboot-instance"), ())],
            id="down",
        ),
        pytest.param(PingStatus.CONNECTION_LOST, ConnectionStatus.NOT_CONNECTED, [], id="down with all else"),
        pytest.param(PingStatus.ONLINE, None, [], id="not asked for"),
        pytest.param(
            PingStatus.ONLINE,
            NO_STATUS,
            [(Status.UNKNOWN, POSSIBLE, (), ("ssm:GetConnectionStatus",))],
            id="not to be read",
        ),
    ],
)
def test_the_control_channel_is_up(
    ping: PingStatus,
    connection: ConnectionStatus | Unreadable | None,
    expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    node = managed(ping)
    assert said(judged(control_channel_is_up, node, Observation(ping, connection), NOT_ASKED, NOTHING_MADE)) == [
        Said("control-channel-down", status, sure, node_of(node).id, fixes, needs)
        for status, sure, fixes, needs in expected
    ]


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ((), None),
        (("Amazon SSM Agent v3.3.4624.0 is running",), None),
        (("failed to connect controlchannel with error: dial tcp: i/o timeout",), "i/o timeout"),
        (("failed to find agent identity",), "identity"),
        (("Unable to fetch credentials", "Amazon SSM Agent v3.3.4624.0 is running"), None),
        (("IMDS request timeout",), "IMDS"),
        (("error calling RegisterManagedInstance: MachineFingerprintDoesNotMatch",), "Fingerprint"),
        (("ci-info: -----BEGIN SSH HOST KEY FINGERPRINTS-----",), None),
        (("ssm.eu-west-3.amazonaws.com is not reachable: dial tcp: i/o timeout",), "not reachable"),
        (("No credentials available",), "No credentials"),
        (("Agent is installed as a systemctl service but is not running",), "not running"),
        (('caused by: Post "https://ssm.eu-west-3.amazonaws.com/": x509: certificate signed by unknown',), "x509"),
        (("Post https://ssm.us-gov-west-1.amazonaws.com/: x509: certificate signed by unknown authority",), "x509"),
        (('Post "https://ssm.eu-west-3.amazonaws.com/": tls: failed to verify certificate: x509: certificate',), "tls"),
        (('Get "https://example.org/": x509: certificate signed by unknown authority',), None),
    ],
)
def test_what_the_agent_said_last_stands_beside_what_systems_manager_says(
    lines: tuple[str, ...], word: str | None
) -> None:
    console = SilentConsole(ConsoleOutput("\n".join(lines), None))
    silent, lost, down = a_node(ping=None), managed(PingStatus.CONNECTION_LOST), managed(PingStatus.ONLINE)
    assert isinstance(silent.instance, Instance)
    for (finding,) in (
        judged(node_is_registered, RunningInstance(silent, silent.instance), console, NO_DELAY, NOTHING_MADE),
        judged(node_reports, lost, console, NO_DELAY, NOTHING_MADE),
        judged(
            control_channel_is_up,
            down,
            Observation(PingStatus.ONLINE, ConnectionStatus.NOT_CONNECTED),
            console,
            NOTHING_MADE,
        ),
    ):
        said_on_console = [each.fact for each in finding.evidence if each.source == "ec2:GetConsoleOutput"]
        assert len(said_on_console) == (word is not None)
        assert all(str(word) in fact for fact in said_on_console)


def test_a_node_that_default_host_management_is_about_to_serve_is_waited_for() -> None:
    silent, lost = a_node(ping=None), managed(PingStatus.CONNECTION_LOST)
    assert isinstance(silent.instance, Instance)
    until = NOON + timedelta(minutes=30)
    for cause, (finding,) in (
        (
            "not-registered",
            judged(
                node_is_registered,
                RunningInstance(silent, silent.instance),
                NOT_ASKED,
                HostManagementDelay(silent, NOON, until),
                NOTHING_MADE,
            ),
        ),
        (
            "connection-lost",
            judged(node_reports, lost, NOT_ASKED, HostManagementDelay(lost.node, NOON, until), NOTHING_MADE),
        ),
    ):
        assert said((finding,)) == [Said(cause, Status.WARN, Confidence.LIKELY, finding.subject.id)]
        assert finding.until == until
        assert [each.source for each in finding.evidence] == ["ssm:GetServiceSetting"]


def test_a_node_that_a_change_has_yet_to_bring_back_is_waited_for() -> None:
    silent, lost = a_node(ping=None), managed(PingStatus.CONNECTION_LOST)
    down, half = managed(PingStatus.ONLINE), Observation(PingStatus.ONLINE, ConnectionStatus.NOT_CONNECTED)
    assert isinstance(silent.instance, Instance)
    change = a_change("attach-core-policy")
    running = RunningInstance(silent, silent.instance)
    for cause, (finding,) in (
        ("not-registered", judged(node_is_registered, running, NOT_ASKED, NO_DELAY, change)),
        ("connection-lost", judged(node_reports, lost, NOT_ASKED, NO_DELAY, change)),
        ("control-channel-down", judged(control_channel_is_up, down, half, NOT_ASKED, change)),
    ):
        assert said((finding,)) == [Said(cause, Status.WARN, Confidence.LIKELY, finding.subject.id)]
        assert finding.until == change.until
        assert finding.summary == ("web-1 is expected back by 12:30, after a change applied at 12:00 UTC.")
        assert finding.evidence == (Evidence("applied from here: Do what helps", "journal"),)


def test_a_node_that_is_there_is_not_waited_for() -> None:
    here, change = managed(PingStatus.ONLINE), a_change("attach-core-policy")
    seen = Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED)
    assert isinstance(here.node.instance, Instance)
    assert judged(node_is_registered, RunningInstance(here.node, here.node.instance), NOT_ASKED, NO_DELAY, change) == ()
    assert judged(node_reports, here, NOT_ASKED, NO_DELAY, change) == ()
    assert judged(control_channel_is_up, here, seen, NOT_ASKED, change) == ()


GONE = Observation(PingStatus.CONNECTION_LOST, ConnectionStatus.NOT_CONNECTED)
MACHINE = RegisteredMachine("ip-10-0-0-10", "10.0.0.10")
EXPIRED = Activation("a-1", expired=True, expires=datetime(2026, 10, 1, tzinfo=UTC), limit=10, registered=1)
USED_UP = Activation("a-2", expired=False, expires=None, limit=1, registered=1)
OPEN = Activation("a-3", expired=False, expires=None, limit=10, registered=1)


MOOT = NotApplicable("not of this node")


@pytest.mark.parametrize(
    ("partition", "advanced", "status"),
    [
        ("aws", True, None),
        ("aws", False, Status.INFO),
        ("aws-cn", True, None),
        ("aws-cn", False, Status.UNKNOWN),
        ("aws-us-gov", False, Status.UNKNOWN),
    ],
)
def test_the_standard_tier_blocks_nothing_where_aws_has_removed_the_tiers(
    partition: str, advanced: object, status: Status | None
) -> None:
    tier, scope = ActivationTier("arn", advanced=bool(advanced)), replace(a_scope(), partition=partition)
    found = said(judged(hybrid_nodes_are_on_the_advanced_tier, hybrid(), tier, scope))
    fix = ("enable-advanced-tier",)
    assert found == (
        [] if status is None else [Said("hybrid-tier-standard", status, Confidence.POSSIBLE, HYBRID_ID, fix)]
    )


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
    found = judged(node_could_register_again, node, UnconnectedNode(node.node, GONE), Activations(activations))
    expected = Said("activation-expired", Status.INFO, Confidence.PROVED, HYBRID_ID, ("steps-reregister",))
    assert said(found) == ([expected] if noted else [])


def test_activations_that_are_not_read_are_told_by_their_action_and_change_no_verdict() -> None:
    node = hybrid()
    unread = Unreadable("ssm:DescribeActivations", "not authorized")
    (finding,) = judged(node_could_register_again, node, UnconnectedNode(node.node, GONE), unread)
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
    found = said(judged(machine_is_registered_once, hybrid(), MOOT, ManagedFleet((HYBRID_ID,), "", by_machine), MOOT))
    expected = Said("duplicate-registration", Status.WARN, Confidence.LIKELY, HYBRID_ID, ("steps-reregister",))
    assert found == ([expected] if twice else [])
    requested, at_address = only(HYBRID_ID), FleetAtAddress((HYBRID_ID,), "", by_machine, is_whole=False)
    assert said(judged(machine_is_registered_once, hybrid(), MOOT, requested, at_address)) == found


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
    unmanaged = UnmanagedInstance(node, an_instance(node.id))
    found = said(judged(machine_is_registered_once, MOOT, unmanaged, fleet, MOOT))
    assert [(each.status, each.confidence, each.subject) for each in found] == (
        [(status, confidence, node.id)] if status else []
    )
    at_address = FleetAtAddress(fleet.ids, "", {}, fleet.hybrid_at, is_whole=False)
    assert said(judged(machine_is_registered_once, MOOT, unmanaged, only(node.id), at_address)) == found


@pytest.mark.parametrize(
    ("listed_all", "action"),
    [
        pytest.param(True, "ssm:DescribeInstanceProperties", id="all"),
        pytest.param(False, "ssm:GetInventory", id="some"),
    ],
)
def test_a_listing_that_is_not_read_leaves_open_what_else_the_machine_is(listed_all: object, action: str) -> None:
    node, unread = a_node(ping=None), Unreadable(action, "no")
    read = (unread, MOOT) if listed_all else (only(node.id), unread)
    of_instance = judged(machine_is_registered_once, MOOT, UnmanagedInstance(node, an_instance(node.id)), *read)
    of_hybrid = judged(machine_is_registered_once, hybrid(), MOOT, *read)
    assert [(each.status, each.needs) for each in (*of_instance, *of_hybrid)] == [(Status.UNKNOWN, (action,))] * 2
    assert judged(machine_is_registered_once, MOOT, MOOT, *read) == ()


def only(*ids: str) -> ManagedFleet:
    """The requested nodes, of a Region whose other nodes are not listed."""
    return ManagedFleet(ids, "", {}, is_whole=False)


@pytest.mark.parametrize(("count", "near"), [(2159, False), (2160, True), (3000, True)])
def test_a_region_near_its_quota_is_noted(count: int, near: object) -> None:
    fleet = WholeFleet(count, "")
    expected = Said("managed-node-quota", Status.INFO, Confidence.POSSIBLE, REGION, ("steps-reregister",))
    assert said(managed_nodes_are_within_the_quota(a_scope(), fleet)) == ([expected] if near else [])


def test_a_fleet_that_is_not_read_is_no_unknown_for_the_quota() -> None:
    assert managed_nodes_are_within_the_quota(a_scope(), Unreadable("ssm:DescribeInstanceProperties", "no")) == ()
