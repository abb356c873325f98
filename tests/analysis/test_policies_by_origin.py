"""Resource policies and endpoint policies with conditions on where a request comes from, and who owns its resource.

IAM User Guide, reference_policies_condition-keys: aws:SourceVpce, aws:SourceVpc and aws:VpcSourceIp are in requests
through a VPC endpoint, aws:SourceIp is in all others.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.access import ResourceDecision, access, evaluate_resource_policy
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.identity import OrganizationId, RoleTags
from ssmtui.model.node import Instance, Node
from ssmtui.model.node_requests import NodeRequests, PolicyRequests
from ssmtui.model.permissions import Decision, EvaluationResult, Question
from ssmtui.model.request_context import RequestOrigin, ServiceOrigin
from ssmtui.model.storage import Bucket
from tests.builders.fleet import ACCOUNT, a_node, a_scope
from tests.builders.identity import ROLE_ARN, a_role
from tests.builders.policies import a_policy, allow, deny
from tests.builders.storage import KEY_ARN, ROOT

YES, NO, PERHAPS = Truth.YES, Truth.NO, Truth.PERHAPS
DECRYPT = Question("kms:Decrypt", KEY_ARN)
LOOKUP = Question("s3:GetEncryptionConfiguration", "arn:aws:s3:::logs")
NOBODY = Absent("an organization", "organizations:DescribeOrganization")
SERVICES = ("ssm", "ssmmessages", "kms", "logs", "s3")


def by_endpoints() -> RequestOrigin:
    return RequestOrigin("vpc-1", tuple(ServiceOrigin(each, f"vpce-{each}") for each in SERVICES))


def by_nat(*addresses: str) -> RequestOrigin:
    return RequestOrigin("vpc-1", tuple(ServiceOrigin(each, None, addresses) for each in SERVICES))


ENDPOINTS, NAT, UNKNOWN = by_endpoints(), by_nat("203.0.113.5"), RequestOrigin("vpc-1")


def requests(origin: RequestOrigin, **more: object) -> NodeRequests:
    known = NodeRequests(ROLE_ARN, origin, NOBODY, RoleTags(()), None)
    return replace(known, **more)  # type: ignore[arg-type]


def the_node() -> Node:
    node = a_node("i-0a")
    assert isinstance(node.instance, Instance)
    return replace(node, instance=replace(node.instance, private_ip="10.0.1.10", public_ip=None))


def said(
    condition: tuple[str, str, str],
    of: NodeRequests,
    question: Question = DECRYPT,
    *,
    node: Node | None = None,
    denying: bool = True,
) -> ResourceDecision:
    under = deny("*", "*", "*", condition) if denying else allow("*", "*", ROLE_ARN, condition)
    return evaluate_resource_policy(
        a_policy(allow("kms:*", "*", ROOT), under),
        "the policy",
        "kms:GetKeyPolicy",
        scope=a_scope(),
        role=a_role(),
        question=question,
        requests=PolicyRequests((condition[1],), of),
        node=node,
    )


@pytest.mark.parametrize(
    ("condition", "by_endpoint", "through_nat"),
    [
        (("StringNotEquals", "aws:SourceVpce", "vpce-kms"), NO, YES),
        (("StringNotEquals", "aws:SourceVpce", "vpce-other"), YES, YES),
        (("StringNotEqualsIfExists", "aws:sourceVpce", "vpce-kms"), NO, YES),
        (("StringEquals", "aws:SourceVpce", "vpce-kms"), YES, NO),
        (("StringEqualsIfExists", "aws:SourceVpce", "vpce-other"), NO, YES),
        (("StringNotEquals", "aws:SourceVpc", "vpc-1"), NO, YES),
        (("StringNotEquals", "aws:SourceVpc", "vpc-2"), YES, YES),
        (("Null", "aws:SourceVpce", "true"), NO, YES),
        (("IpAddress", "aws:SourceIp", "203.0.113.0/24"), NO, YES),
        (("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), YES, NO),
        (("NotIpAddressIfExists", "aws:SourceIp", "203.0.113.0/24"), YES, NO),
        (("NotIpAddress", "aws:VpcSourceIp", "10.0.1.0/24"), NO, YES),
        (("IpAddress", "aws:VpcSourceIp", "10.0.1.0/24"), YES, NO),
        (("IpAddressIfExists", "aws:VpcSourceIp", "10.9.0.0/16"), NO, YES),
    ],
)
def test_a_policy_denies_by_the_way_that_a_request_takes(
    condition: tuple[str, str, str], by_endpoint: Truth, through_nat: Truth
) -> None:
    assert said(condition, requests(ENDPOINTS), node=the_node()).denies is by_endpoint
    assert said(condition, requests(NAT), node=the_node()).denies is through_nat
    assert said(condition, requests(UNKNOWN), node=the_node()).denies is PERHAPS


def test_a_policy_that_allows_by_the_way_names_the_role_only_there() -> None:
    condition = ("StringEquals", "aws:SourceVpce", "vpce-kms")
    assert [said(condition, requests(each), denying=False).names_role for each in (ENDPOINTS, NAT, UNKNOWN)] == [
        YES,
        NO,
        PERHAPS,
    ]


def test_what_each_node_has_for_itself_is_open_for_all_of_them_together() -> None:
    condition = ("IpAddress", "aws:VpcSourceIp", "10.0.1.0/24")
    assert PolicyRequests(("aws:vpcsourceip",), requests(ENDPOINTS)).of_single_nodes
    assert not PolicyRequests(("aws:SourceVpce",), requests(ENDPOINTS)).of_single_nodes
    assert said(condition, requests(ENDPOINTS)).denies is PERHAPS
    assert said(condition, requests(ENDPOINTS, has_one_address=False), node=the_node()).denies is PERHAPS


MAY = EvaluationResult(DECRYPT, Decision.ALLOWED)


def test_a_denial_by_the_way_is_likely_and_says_what_it_rests_on() -> None:
    judged = access(MAY, said(("StringNotEquals", "aws:SourceVpce", "vpce-kms"), requests(NAT)), same_account=True)
    assert (judged.allowed, judged.confidence) == (NO, Confidence.LIKELY)
    assert [each.fact for each in judged.evidence] == [
        "the policy explicitly denies the role, with aws:SourceVpce taken from the account's network"
    ]
    plain = access(MAY, said(("StringEquals", "aws:PrincipalArn", ROLE_ARN), requests(NAT)), same_account=True)
    assert (plain.allowed, plain.confidence) == (NO, Confidence.PROVED)


def test_an_unknown_way_names_the_keys_and_what_was_not_read() -> None:
    unread = Unreadable("ec2:DescribeRouteTables", "not authorized")
    of = requests(UNKNOWN, unread=(unread,))
    judged = access(MAY, said(("StringNotEquals", "aws:SourceVpce", "vpce-kms"), of), same_account=True)
    assert (judged.allowed, judged.needs) == (PERHAPS, ("ec2:DescribeRouteTables",))
    assert [each.fact for each in judged.evidence] == [
        "the policy depends on conditions on aws:SourceVpce, whose values are unknown",
        "not authorized",
    ]
    other = access(MAY, said(("StringEquals", "aws:UserAgent", "x"), of), same_account=True)
    assert (other.allowed, other.needs) == (PERHAPS, ())


OWN = Bucket("arn:aws:s3:::logs", "logs", "eu-west-3", account=ACCOUNT)
OTHERS = "999999999999"


@pytest.mark.parametrize("key", ["aws:ResourceAccount", "s3:ResourceAccount", "aws:resourceaccount"])
def test_a_bucket_whose_owner_was_verified_has_its_account_in_the_request(key: str) -> None:
    own, others, unsaid = (
        said(("StringNotEquals", key, account), requests(NAT, bucket=bucket), LOOKUP).denies
        for account, bucket in ((ACCOUNT, OWN), (OTHERS, OWN), (ACCOUNT, replace(OWN, account=None)))
    )
    assert (own, others, unsaid) == (NO, YES, PERHAPS)


def test_the_organization_of_an_own_bucket_is_that_of_the_account() -> None:
    condition = ("StringNotEquals", "aws:ResourceOrgID", "o-1")
    member = requests(NAT, bucket=OWN, organization=OrganizationId("o-1"))
    assert said(condition, member, LOOKUP).denies is NO
    assert said(condition, requests(NAT, bucket=OWN), LOOKUP).denies is YES


@pytest.mark.parametrize(
    ("bucket", "denies"),
    [
        pytest.param(OWN, NO, id="of this Region: through the endpoint"),
        pytest.param(replace(OWN, region="eu-north-1"), YES, id="of another Region, to which no endpoint leads"),
        pytest.param(replace(OWN, region=None), PERHAPS, id="of a Region that S3 did not tell"),
        pytest.param(Unreadable("s3:ListBucket", "not authorized"), PERHAPS, id="that could not be read"),
    ],
)
def test_requests_to_a_bucket_go_where_the_bucket_is(bucket: Bucket | Unreadable, denies: Truth) -> None:
    services = (ServiceOrigin("s3", "vpce-s3"), ServiceOrigin("kms", None, ("203.0.113.5",)))
    of = requests(RequestOrigin("vpc-1", services), bucket=bucket)
    assert said(("StringNotEquals", "aws:SourceVpce", "vpce-s3"), of, LOOKUP).denies is denies


def test_a_bucket_of_another_region_is_out_of_sight_if_everything_else_has_an_endpoint() -> None:
    of = requests(ENDPOINTS, bucket=replace(OWN, region="eu-north-1"))
    assert said(("StringNotEquals", "aws:SourceVpce", "vpce-s3"), of, LOOKUP).denies is PERHAPS


def test_an_unread_bucket_is_named_for_the_keys_that_depend_on_it() -> None:
    unread = Unreadable("s3:ListBucket", "not authorized")
    of = requests(ENDPOINTS, bucket=unread)
    assert said(("StringEquals", "s3:ResourceAccount", ACCOUNT), of, LOOKUP).unread == (unread,)
    assert said(("StringEquals", "aws:UserAgent", "x"), of, LOOKUP).unread == ()


OWN_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0a"


@pytest.mark.parametrize(
    ("principal", "denies"),
    [
        pytest.param(OWN_SESSION, YES, id="the node's own session"),
        pytest.param(f"{OWN_SESSION}b", NO, id="the session of another node"),
        pytest.param(f"arn:aws:sts::{ACCOUNT}:assumed-role/api/i-0a", NO, id="a session of another role"),
    ],
)
def test_a_policy_that_names_a_session_means_one_node(principal: str, denies: Truth) -> None:
    of = PolicyRequests((), requests(NAT), has_sessions=True)
    assert of.of_single_nodes

    def read(node: Node | None) -> Truth:
        policy = a_policy(allow("s3:*", "*", ROOT), deny("*", "*", principal))
        return evaluate_resource_policy(
            policy, "it", "x", scope=a_scope(), role=a_role(), question=LOOKUP, requests=of, node=node
        ).denies

    assert read(the_node()) is denies
    assert read(None) is (NO if "role/api" in principal else PERHAPS)


def test_the_vpc_of_the_instance_is_the_same_for_all_nodes_alike() -> None:
    named = ("StringNotEquals", "aws:Ec2InstanceSourceVpc", "vpc-1")
    assert [said(named, requests(each)).denies for each in (ENDPOINTS, NAT)] == [NO, NO]
    assert said(("StringEquals", "aws:Ec2InstanceSourceVpc", "${aws:SourceVpc}"), requests(ENDPOINTS)).denies is YES
