"""Whether a node reaches Systems Manager and the services of its sessions, and trusts their certificate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.checks.network import (
    endpoint_certificate_is_trusted,
    node_reaches_session_services,
    node_reaches_systems_manager,
)
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.network import Endpoint, Route, RouteTarget
from ssmtui.model.node import ConnectionStatus, Instance, Node, PingStatus
from ssmtui.model.node_facts import ConsoleOutput, Observation, RunningInstance, RunningNode, UnconnectedNode
from ssmtui.model.preferences import SessionPreferences, SessionServices
from ssmtui.model.storage import Bucket
from tests.builders.fleet import REGION, a_node, a_scope, an_instance
from tests.builders.network import ENDPOINT_GROUP, NODE_SUBNET, TO_NAT, closed_group, gateway, interface, surroundings
from tests.builders.storage import ANY_DESTINATION, BY_PARAMETER, ENCRYPTED_ONLY
from tests.checks.outcome import Said, judged, said

NEVER_SEEN = a_node(ping=None)
LOST = a_node(ping=PingStatus.CONNECTION_LOST)
HALF = a_node(ping=PingStatus.ONLINE)
BOTH_ENDPOINTS = (interface("ssm"), interface("ssmmessages"))
CLOSED_ENDPOINTS = surroundings(*BOTH_ENDPOINTS, groups=(closed_group(ENDPOINT_GROUP),))
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE


def judge(
    node: Node,
    around: NetworkContext,
    connection: ConnectionStatus | Unreadable = ConnectionStatus.NOT_CONNECTED,
) -> Findings:
    return judged(
        node_reaches_systems_manager,
        UnconnectedNode(node, Observation(node.ping, connection)),
        around.placement,
        a_scope(),
        around.subnets,
        around.routes,
        around.groups,
        around.acls,
        around.endpoints,
        around.dns,
        around.nats,
        around.lists,
        around.addresses,
        around.block,
    )


@pytest.mark.parametrize(
    ("node", "around", "expected"),
    [
        pytest.param(NEVER_SEEN, surroundings(routes=(TO_NAT,)), [], id="an open way"),
        pytest.param(
            NEVER_SEEN,
            surroundings(),
            [Said("no-route-to-endpoint", Status.FAIL, PROVED, NODE_SUBNET, ("create-endpoint", "steps-network"))],
            id="no way, of a node never seen",
        ),
        pytest.param(
            LOST,
            surroundings(),
            [Said("no-route-to-endpoint", Status.FAIL, LIKELY, NODE_SUBNET, ("create-endpoint", "steps-network"))],
            id="no way, of a node that was registered: a proxy would not be seen",
        ),
        pytest.param(
            LOST,
            CLOSED_ENDPOINTS,
            [
                Said(
                    "endpoint-security-group-closed",
                    Status.FAIL,
                    LIKELY,
                    ENDPOINT_GROUP,
                    ("open-endpoint-ingress",),
                )
            ],
            id="two endpoints behind one closed group are one finding",
        ),
        pytest.param(
            HALF,
            surroundings(interface("ssmmessages")),
            [],
            id="a node that is online proved its way to ssm",
        ),
        pytest.param(
            HALF,
            surroundings(interface("ssm")),
            [Said("endpoint-missing", Status.FAIL, LIKELY, NODE_SUBNET, ("create-endpoint", "steps-network"))],
            id="and its way to ssmmessages is still in question",
        ),
        pytest.param(
            NEVER_SEEN,
            surroundings(routes=(Route("0.0.0.0/0", RouteTarget.TRANSIT_GATEWAY, "tgw-1"),)),
            [Said("no-route-to-endpoint", Status.UNKNOWN, POSSIBLE, NODE_SUBNET)],
            id="out of sight",
        ),
        pytest.param(
            NEVER_SEEN,
            surroundings(owner="999999999999"),
            [Said("shared-vpc", Status.UNKNOWN, POSSIBLE, NODE_SUBNET, ("steps-network",))],
            id="a shared subnet",
        ),
    ],
)
def test_the_ways_to_systems_manager(node: Node, around: NetworkContext, expected: list[Said]) -> None:
    assert said(judge(node, around)) == expected


TO_IPV6 = Route("::/0", RouteTarget.EGRESS_ONLY_GATEWAY, "eigw-1")
IN_BOTH = replace(NEVER_SEEN, instance=replace(an_instance(NEVER_SEEN.id), ipv6_addresses=("2001:db8::10",)))


@pytest.mark.parametrize(
    ("node", "around", "sure"),
    [
        pytest.param(IN_BOTH, surroundings(routes=(TO_IPV6,)), LIKELY, id="an address and a route"),
        pytest.param(IN_BOTH, surroundings(), PROVED, id="no route"),
        pytest.param(NEVER_SEEN, surroundings(routes=(TO_IPV6,)), PROVED, id="no address"),
    ],
)
def test_a_way_to_the_ipv6_internet_may_serve_an_agent_that_was_told(
    node: Node, around: NetworkContext, sure: Confidence
) -> None:
    (finding,) = judge(node, around)
    assert (finding.cause, finding.status, finding.confidence) == ("no-route-to-endpoint", Status.FAIL, sure)
    told = "subnet-nodes routes to the IPv6 internet through eigw-1, which only an agent configured for IPv6 names uses"
    assert (Evidence(told, "ec2:DescribeRouteTables") in finding.evidence) == (sure is LIKELY)


def test_a_closed_endpoint_is_said_in_a_sentence_with_its_evidence() -> None:
    source = "ec2:DescribeSecurityGroups"
    fact = "no inbound rule of sg-endpoints on {} allows port 443 from subnet-nodes or the node's security groups"
    assert judge(LOST, CLOSED_ENDPOINTS) == (
        Finding(
            cause="endpoint-security-group-closed",
            status=Status.FAIL,
            confidence=LIKELY,
            subject=Subject(SubjectKind.SECURITY_GROUP, ENDPOINT_GROUP),
            summary="The security group sg-endpoints of the VPC endpoint does not allow HTTPS from subnet-nodes: "
            "no path to ssm and ssmmessages.",
            evidence=(Evidence(fact.format("vpce-ssm"), source), Evidence(fact.format("vpce-ssmmessages"), source)),
            fixes=("open-endpoint-ingress",),
        ),
    )


UNLISTED = replace(a_node(ping=None), registration=Unreadable("ssm:DescribeInstanceProperties", "Rate exceeded"))
UNHEARD = Unreadable("ssm:GetConnectionStatus", "not authorized")
LISTING, HEARING = ("ssm:DescribeInstanceProperties",), ("ssm:GetConnectionStatus",)


@pytest.mark.parametrize(
    ("node", "connection", "expected"),
    [
        pytest.param(HALF, UNHEARD, [(Status.UNKNOWN, POSSIBLE, HEARING)], id="it is online, and perhaps connected"),
        pytest.param(LOST, UNHEARD, [(Status.FAIL, LIKELY, ())], id="it is lost, and perhaps connected"),
        pytest.param(
            UNLISTED, ConnectionStatus.CONNECTED, [(Status.UNKNOWN, POSSIBLE, LISTING)], id="connected, perhaps online"
        ),
        pytest.param(
            UNLISTED,
            ConnectionStatus.NOT_CONNECTED,
            [(Status.FAIL, LIKELY, ())],
            id="it is not connected, and was perhaps registered: a proxy would not be seen",
        ),
        pytest.param(
            UNLISTED, UNHEARD, [(Status.UNKNOWN, POSSIBLE, (*LISTING, *HEARING))], id="nothing is known of it"
        ),
    ],
)
def test_a_closed_way_is_unknown_if_the_node_may_prove_another(
    node: Node, connection: ConnectionStatus | Unreadable, expected: list[tuple[Status, Confidence, tuple[str, ...]]]
) -> None:
    found = said(judge(node, surroundings(), connection))
    assert [(each.status, each.confidence, each.needs) for each in found] == expected


ONLINE = Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED)
SYSTEMS_MANAGER = (interface("ssm"), interface("ssmmessages"))
AT_HOME = Bucket("arn:aws:s3:::audit", "audit", REGION)
ABROAD = replace(AT_HOME, region="eu-north-1")
MISSING, UNREAD = Absent("the bucket audit", "s3:HeadBucket"), Unreadable("s3:ListBucket", "not authorized")
CREATE = ("create-endpoint", "steps-network")


def judge_session_services(
    around: NetworkContext,
    preferences: SessionPreferences = ENCRYPTED_ONLY,
    observation: Observation = ONLINE,
    bucket: Bucket | Absent | Unreadable = AT_HOME,
    node: Node = HALF,
) -> Findings:
    return node_reaches_session_services(
        SessionServices(("kms", "logs", "s3")),
        RunningNode(node),
        around.placement,
        observation,
        a_scope(),
        preferences,
        around.subnets,
        around.routes,
        around.groups,
        around.acls,
        around.endpoints,
        around.dns,
        around.nats,
        around.lists,
        around.addresses,
        bucket,
        around.block,
    )


def without(*missing: str) -> NetworkContext:
    endpoints: tuple[Endpoint, ...] = (*SYSTEMS_MANAGER, interface("kms"), interface("logs"), gateway())
    return surroundings(*(each for each in endpoints if each.service not in missing))


def missing(status: Status, confidence: Confidence = LIKELY, needs: tuple[str, ...] = ()) -> list[Said]:
    fixes = () if status is Status.UNKNOWN else CREATE
    return [Said("log-endpoint-missing", status, confidence, NODE_SUBNET, fixes, needs)]


@pytest.mark.parametrize(
    ("around", "preferences", "expected"),
    [
        pytest.param(without(), ENCRYPTED_ONLY, [], id="every service has an endpoint"),
        pytest.param(surroundings(routes=(TO_NAT,)), ENCRYPTED_ONLY, [], id="NAT leads to all"),
        pytest.param(without("logs"), ENCRYPTED_ONLY, missing(Status.FAIL), id="no way to logs, only encrypted"),
        pytest.param(without("logs"), ANY_DESTINATION, missing(Status.WARN), id="no way to logs, logs are lost"),
        pytest.param(without("s3"), ENCRYPTED_ONLY, missing(Status.FAIL), id="no way to s3, only encrypted"),
        pytest.param(without("kms"), ANY_DESTINATION, missing(Status.FAIL), id="no way to kms closes every session"),
        pytest.param(
            without("logs"),
            BY_PARAMETER,
            missing(Status.UNKNOWN, POSSIBLE, ("ssm:GetParameter",)),
            id="the switch is a reference",
        ),
        pytest.param(without("kms", "logs", "s3"), ANY_DESTINATION, missing(Status.FAIL), id="one finding for three"),
        pytest.param(
            surroundings(
                *SYSTEMS_MANAGER, interface("kms"), interface("logs"), gateway(), groups=(closed_group(ENDPOINT_GROUP),)
            ),
            ENCRYPTED_ONLY,
            [Said("endpoint-security-group-closed", Status.UNKNOWN, POSSIBLE, ENDPOINT_GROUP)],
            id="online by a way that is closed on paper: nothing can be said of the others",
        ),
    ],
)
def test_the_ways_of_a_connected_node(
    around: NetworkContext, preferences: SessionPreferences, expected: list[Said]
) -> None:
    assert said(judge_session_services(around, preferences)) == expected


@pytest.mark.parametrize(
    ("bucket", "around", "fixes"),
    [
        pytest.param(AT_HOME, without(), None, id="in this Region"),
        pytest.param(replace(AT_HOME, region=None), without(), None, id="in a Region that is not told"),
        pytest.param(MISSING, without(), None, id="none"),
        pytest.param(UNREAD, without(), None, id="it may not be looked at"),
        pytest.param(ABROAD, surroundings(routes=(TO_NAT,)), None, id="abroad, by NAT"),
        pytest.param(ABROAD, without(), ("steps-network", "edit-preferences"), id="abroad, past a gateway endpoint"),
        pytest.param(
            ABROAD,
            surroundings(*SYSTEMS_MANAGER, interface("kms"), interface("logs"), interface("s3")),
            ("steps-network", "edit-preferences"),
            id="abroad, past an interface endpoint",
        ),
    ],
)
def test_endpoints_lead_to_buckets_of_their_own_region_only(
    bucket: Bucket | Absent | Unreadable, around: NetworkContext, fixes: tuple[str, ...] | None
) -> None:
    found = judge_session_services(around, bucket=bucket)
    expected = [Said("log-endpoint-missing", Status.FAIL, LIKELY, NODE_SUBNET, fixes)] if fixes else []
    assert said(found) == expected
    for finding in found:
        assert (
            finding.summary
            == "The bucket audit is in eu-north-1, and no endpoint of vpc-1 reaches that Region: no path to s3."
        )
        assert finding.evidence == (
            Evidence("rtb-1 has no route to the internet", "ec2:DescribeRouteTables"),
            Evidence("the bucket audit is in eu-north-1", "s3:HeadBucket"),
        )


@pytest.mark.parametrize(
    ("bucket", "status", "needs"),
    [
        pytest.param(AT_HOME, Status.FAIL, (), id="here"),
        pytest.param(UNREAD, Status.UNKNOWN, ("s3:ListBucket",), id="not to be looked at"),
        pytest.param(
            replace(AT_HOME, region=None), Status.UNKNOWN, ("s3:GetBucketLocation",), id="in a Region that is not told"
        ),
    ],
)
def test_an_endpoint_that_is_closed_says_nothing_of_a_bucket_that_may_be_elsewhere(
    bucket: Bucket | Unreadable, status: Status, needs: tuple[str, ...]
) -> None:
    closed = surroundings(interface("s3"), routes=(TO_NAT,), groups=(closed_group(ENDPOINT_GROUP),))
    found = [
        each
        for each in said(judge_session_services(closed, bucket=bucket))
        if each.cause == "endpoint-security-group-closed"
    ]
    assert [(each.status, each.needs) for each in found] == [(status, needs)]


@pytest.mark.parametrize(
    ("node", "connection", "status", "needs"),
    [
        pytest.param(LOST, ConnectionStatus.NOT_CONNECTED, Status.FAIL, (), id="it is away"),
        pytest.param(HALF, ConnectionStatus.NOT_CONNECTED, Status.UNKNOWN, (), id="it is online"),
        pytest.param(LOST, ConnectionStatus.CONNECTED, Status.UNKNOWN, (), id="it is connected"),
        pytest.param(UNLISTED, ConnectionStatus.CONNECTED, Status.UNKNOWN, (), id="connected, and perhaps online"),
        pytest.param(UNLISTED, ConnectionStatus.NOT_CONNECTED, Status.UNKNOWN, LISTING, id="perhaps online"),
        pytest.param(LOST, UNHEARD, Status.UNKNOWN, HEARING, id="perhaps connected"),
        pytest.param(LOST, None, Status.FAIL, (), id="nobody asked about its connection"),
    ],
)
def test_only_a_node_that_is_known_to_be_away_proves_nothing_against_what_is_read(
    node: Node, connection: ConnectionStatus | Unreadable | None, status: Status, needs: tuple[str, ...]
) -> None:
    """By its visible network, it reaches none of the services: what it reaches all the same, it reaches unseen."""
    found = judge_session_services(surroundings(), observation=Observation(node.ping, connection), node=node)
    assert said(found) == missing(status, LIKELY if status is Status.FAIL else POSSIBLE, needs)


def test_the_sentence_names_the_subnet_and_the_services() -> None:
    (finding,) = judge_session_services(without("kms", "logs"))
    assert finding.summary == (
        "The subnet subnet-nodes has no route to the internet, and its VPC has no endpoint: no path to kms and logs."
    )


NODE = a_node(ping=None)
assert isinstance(NODE.instance, Instance)
RUNNING = RunningInstance(NODE, NODE.instance)
AWAY_NODE = UnconnectedNode(NODE, Observation(None, ConnectionStatus.NOT_CONNECTED))
STARTED = "[4.8] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.4624.0 is running"
POST = '[9.1] amazon-ssm-agent[1630]: caused by: Post "https://ssm.eu-west-3.amazonaws.com/": '
UNKNOWN = f"{POST}x509: certificate signed by unknown authority"


@pytest.mark.parametrize(
    ("lines", "distrusts"),
    [
        pytest.param((STARTED, UNKNOWN), True, id="an unknown authority"),
        pytest.param((STARTED, f"{POST}tls: failed to verify certificate: x509: certificate"), True, id="a newer Go"),
        pytest.param((STARTED, f"{POST}x509: certificate is valid for proxy, not ssm"), True, id="another's name"),
        pytest.param((UNKNOWN, STARTED), False, id="before the agent started again"),
        pytest.param(
            (STARTED, f"{POST}x509: certificate has expired or is not yet valid"), False, id="a matter of time"
        ),
        pytest.param((STARTED, UNKNOWN.replace("ssm.eu-west-3.amazonaws.com", "example.org")), False, id="elsewhere"),
        pytest.param((STARTED, UNKNOWN.replace("https://ssm.", "https://logs.")), False, id="of another service"),
        pytest.param((STARTED, UNKNOWN, UNKNOWN.replace("https://ssm.", "https://logs.")), True, id="of both"),
        pytest.param((STARTED, f"{POST}dial tcp: i/o timeout"), False, id="no certificate at all"),
        pytest.param((), False, id="an empty console"),
    ],
)
def test_the_last_word_of_the_agent_counts(lines: tuple[str, ...], distrusts: object) -> None:
    found = judged(endpoint_certificate_is_trusted, AWAY_NODE, RUNNING, ConsoleOutput("\n".join(lines), None))
    told = Said("endpoint-certificate-untrusted", Status.FAIL, Confidence.LIKELY, NODE.id, ("steps-trust-certificate",))
    assert said(found) == ([told] if distrusts else [])
    assert ["x509" in each.fact for finding in found for each in finding.evidence] == ([True] if distrusts else [])


def test_a_console_that_is_not_there_tells_nothing() -> None:
    assert (
        judged(
            endpoint_certificate_is_trusted, AWAY_NODE, RUNNING, Absent("the console output", "ec2:GetConsoleOutput")
        )
        == ()
    )
