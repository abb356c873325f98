from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.checks.network import node_reaches_systems_manager
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.network import Route, RouteTarget
from ssmtui.model.node import ConnectionStatus, Node, PingStatus
from ssmtui.model.node_facts import Observation, UnconnectedNode
from tests.builders.fleet import a_node, a_scope, an_instance
from tests.builders.network import (
    ENDPOINT_GROUP,
    NODE_SUBNET,
    TO_NAT,
    closed_group,
    interface,
    surroundings,
)
from tests.checks.outcome import Said, said

NEVER_SEEN = a_node(ping=None)
LOST = a_node(ping=PingStatus.CONNECTION_LOST)
HALF = a_node(ping=PingStatus.ONLINE)
BOTH_ENDPOINTS = (interface("ssm"), interface("ssmmessages"))
CLOSED_ENDPOINTS = surroundings(*BOTH_ENDPOINTS, groups=(closed_group(ENDPOINT_GROUP),))
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE


def judge(node: Node, around: NetworkContext) -> Findings:
    return node_reaches_systems_manager(
        UnconnectedNode(node, Observation(node.ping, ConnectionStatus.NOT_CONNECTED)),
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
    told = "subnet-nodes leads to the IPv6 internet by eigw-1, which only an agent told to use IPv6 names takes"
    assert (Evidence(told, "ec2:DescribeRouteTables") in finding.evidence) == (sure is LIKELY)


def test_a_closed_endpoint_is_said_in_a_sentence_with_its_evidence() -> None:
    source = "ec2:DescribeSecurityGroups"
    fact = "no inbound rule of sg-endpoints on {} admits port 443 from subnet-nodes or the node's groups"
    assert judge(LOST, CLOSED_ENDPOINTS) == (
        Finding(
            cause="endpoint-security-group-closed",
            status=Status.FAIL,
            confidence=LIKELY,
            subject=Subject(SubjectKind.SECURITY_GROUP, ENDPOINT_GROUP),
            summary="The security group sg-endpoints of the VPC endpoint admits no HTTPS from subnet-nodes: "
            "no way to ssm and ssmmessages.",
            evidence=(Evidence(fact.format("vpce-ssm"), source), Evidence(fact.format("vpce-ssmmessages"), source)),
            fixes=("open-endpoint-ingress",),
        ),
    )
