"""What a node's request may have besides what is known of it."""

from __future__ import annotations

from collections.abc import Set as Keys
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.evidence.readers.request_context import (
    BucketPolicyConditions,
    bucket_policy_conditions,
    combined_context,
    node_requests,
    possible_context,
    request_origin,
)
from ssmtui.iam_policy.document import Statement
from ssmtui.iam_policy.patterns import Context
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.identity import OrganizationId, RoleTags
from ssmtui.model.network import NetworkInterface, NetworkInterfaces, Route, RouteTarget
from ssmtui.model.node import traits_of
from ssmtui.model.node_facts import RunningNode
from ssmtui.model.node_requests import NodeRequests
from ssmtui.model.permissions import Question
from ssmtui.model.request_context import RequestOrigin
from ssmtui.model.storage import BucketPolicy
from tests.builders.fleet import a_node, a_scope
from tests.builders.identity import a_node_role
from tests.builders.network import NAT_SUBNET, NODE_SUBNET, TO_NAT, VPC, gateway, surroundings
from tests.builders.policies import a_policy, allow, deny

BUCKET = Question("s3:GetEncryptionConfiguration", "arn:aws:s3:::logs")
TAGS = RoleTags(())
OURS: Context = {"aws:ResourceAccount": (a_scope().account,)}


@pytest.mark.parametrize(
    ("organization", "more"),
    [
        pytest.param(OrganizationId("o-1"), {"aws:ResourceOrgID": ("o-1",)}, id="told"),
        pytest.param(Unreadable("organizations:DescribeOrganization", "refused"), {}, id="not told"),
        pytest.param(Absent("an organization", "organizations:DescribeOrganization"), {}, id="none is told of"),
    ],
)
def test_a_bucket_whose_owner_nobody_tells_may_be_the_accounts_own(
    organization: OrganizationId | Absent | Unreadable, more: Context
) -> None:
    node = NodeRequests("a role", RequestOrigin(None), organization, RoleTags(()), None)
    assert possible_context(a_scope(), node, BUCKET, ()) == {**OURS, **more}
    assert possible_context(a_scope(), node, BUCKET, ("aws:resourceaccount",)) == more


@pytest.mark.parametrize(
    ("asked", "also"),
    [
        pytest.param((), None, id="nothing is withheld"),
        pytest.param(("aws:sourceip",), None, id="nor by what it has in no case"),
        pytest.param(("aws:ResourceOrgID",), frozenset(), id="whose the resource is"),
        pytest.param(("aws:UserAgent",), {"aws:UserAgent"}, id="what every request has"),
        pytest.param(("aws:UserAgent", "aws:ResourceAccount"), {"aws:UserAgent"}, id="one of each"),
    ],
)
def test_what_is_left_open_for_its_own_policies_is_told_together_with_whose_the_resource_may_be(
    asked: tuple[str, ...], also: Keys[str] | None
) -> None:
    organization = OrganizationId("o-1")
    node = NodeRequests("arn:aws:iam::1:role/a", RequestOrigin(None), organization, TAGS, None)
    told = combined_context(a_scope(), node, a_node(), BUCKET, asked)
    of_owner = {**OURS, "aws:ResourceOrgID": ("o-1",)}
    if also is None:
        assert told == {}
    else:
        assert {key: values for key, values in told.items() if key in of_owner} == of_owner
        assert told.keys() - of_owner.keys() == also


def origin_of(*others: NetworkInterface, **facts: object) -> NodeRequests:
    """What is known of the requests of a node behind NAT, with a gateway endpoint for S3."""
    around = surroundings(gateway("s3"), routes=(TO_NAT,))
    traits = traits_of(a_node())
    given: dict[str, Any] = {
        "running": RunningNode(traits),
        "scope": a_scope(),
        "placement": around.placement,
        "interfaces": NetworkInterfaces(others),
        "subnets": around.subnets,
        "routes": around.routes,
        "endpoints": around.endpoints,
        "dns": around.dns,
        "nats": around.nats,
        **facts,
    }
    told = {"node_role": a_node_role(), "organization": Absent("one", "x"), "tags": TAGS}
    found = node_requests(origin=request_origin(**given), **given, **told)
    assert isinstance(found, NodeRequests)
    return found


def services(told: NodeRequests) -> dict[str, str | None]:
    return {each.service: each.endpoint for each in told.origin.services}


BY_NAT_AND_GATEWAY = {"ssm": None, "ssmmessages": None, "kms": None, "logs": None, "s3": "vpce-s3"}
SECOND = NetworkInterface("eni-2", 1, NODE_SUBNET, VPC, ("sg-nodes",), "10.0.1.11", None)


def test_the_origin_is_that_of_each_service() -> None:
    told = origin_of()
    assert (services(told), told.unread, told.has_one_address) == (BY_NAT_AND_GATEWAY, (), True)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("ec2:DescribeRouteTables", "routes"),
        ("ec2:DescribeSubnets", "subnets"),
        ("ec2:DescribeVpcEndpoints", "endpoints"),
        ("ec2:DescribeVpcAttribute", "dns"),
    ],
)
def test_an_origin_that_was_not_read_names_what_was_not(kind: str, facts: str) -> None:
    unread = Unreadable(kind, "not authorized")
    told = origin_of(**{facts: unread})
    assert (services(told), told.unread) == ({}, (unread,))


def test_interfaces_of_one_subnet_share_the_way_and_not_the_address() -> None:
    told = origin_of(SECOND)
    assert (services(told), told.unread, told.has_one_address) == (BY_NAT_AND_GATEWAY, (), False)


def test_interfaces_of_several_subnets_leave_open_what_differs_between_them() -> None:
    told = origin_of(replace(SECOND, subnet_id=NAT_SUBNET, public_ip="52.47.1.1"))
    assert services(told) == {}
    assert [each.why for each in told.unread] == [
        "the node has network interfaces in several subnets; only its operating system chooses between them"
    ]


@pytest.mark.parametrize(
    ("around", "why"),
    [
        pytest.param(
            surroundings(owner="999999999999"),
            "the subnet subnet-nodes belongs to another account, whose network is not visible",
            id="a shared subnet",
        ),
        pytest.param(
            surroundings(routes=(Route("0.0.0.0/0", RouteTarget.TRANSIT_GATEWAY, "tgw-1"),)),
            "rtb-1 has a route to tgw-1: what lies behind it is not visible",
            id="another network behind a route",
        ),
    ],
)
def test_what_hides_the_origin_is_said_and_no_permission_would_show_it(around: NetworkContext, why: str) -> None:
    told = origin_of(subnets=around.subnets, routes=around.routes, endpoints=around.endpoints)
    assert (services(told), [(each.action, each.why) for each in told.unread]) == ({}, [("", why)])


EQUALS, TAG = "StringEquals", "aws:PrincipalTag/a"
SESSION = "arn:aws:sts::123456789012:assumed-role/web/i-0a"


@pytest.mark.parametrize(
    ("statement", "keys", "has_sessions"),
    [
        pytest.param(
            deny("*", "*", "*", ("StringEquals", "aws:sourceVpce", "v")), ("aws:sourceVpce",), False, id="way"
        ),
        pytest.param(
            deny("*", "*", "*", ("StringEquals", "aws:PrincipalTag/a", "b")), ("aws:PrincipalTag/a",), False, id="tag"
        ),
        pytest.param(deny("*", "${aws:PrincipalTag/a}", "*"), ("aws:PrincipalTag/a",), False, id="variable"),
        pytest.param(allow("*", "*", SESSION), (), True, id="session"),
        pytest.param(deny("*", "*", "*", (EQUALS, "aws:UserAgent", "x")), None, False, id="what nobody knows"),
        pytest.param(allow("*", "*", "*", ("Bool", "aws:SecureTransport", "true")), None, False, id="always known"),
    ],
)
def test_requests_are_read_only_for_a_policy_that_depends_on_them(
    statement: Statement, keys: tuple[str, ...] | None, *, has_sessions: bool
) -> None:
    found = bucket_policy_conditions(BucketPolicy("arn:aws:s3:::logs", a_policy(statement)))
    assert found == (BucketPolicyConditions(keys, has_sessions) if keys is not None else found)
    assert isinstance(found, NotApplicable) is (keys is None)
