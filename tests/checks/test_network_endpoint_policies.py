from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.checks.network import endpoint_policies_let_the_role_through
from ssmtui.iam_policy.document import Condition, Effect, Policy, Statement
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.identity import NodeRole
from ssmtui.model.network import Endpoint
from ssmtui.model.node import ConnectionStatus, Node, PingStatus
from ssmtui.model.node_facts import Observation, RunningInstance
from ssmtui.model.node_requests import NO_CONDITIONS
from ssmtui.model.preferences import SessionPreferences, SessionServices
from ssmtui.model.storage import Bucket, Key
from tests.builders.fleet import ACCOUNT, a_node, a_scope, an_instance
from tests.builders.identity import ROLE_ARN, a_node_role
from tests.builders.network import VPC, gateway, interface, surroundings
from tests.builders.policies import a_policy, allow, deny
from tests.builders.storage import ANY_DESTINATION, BY_PARAMETER, ENCRYPTED_ONLY, a_key
from tests.checks.outcome import Said, judged, said

ONLINE = Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED)
HALF = Observation(PingStatus.ONLINE, ConnectionStatus.NOT_CONNECTED)
AWAY = Observation(None, ConnectionStatus.NOT_CONNECTED)
LOST = Observation(PingStatus.CONNECTION_LOST, ConnectionStatus.CONNECTED)
NEVER_SEEN, KNOWN = a_node(ping=None), a_node(ping=PingStatus.ONLINE)
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE
CAUSE = "endpoint-policy-denies"
ALL = allow("*", "*", "*")
FIX = ("steps-network",)


UNASKED, NO_BUCKET = NotApplicable("no key"), NotApplicable("no bucket")


def with_policy(endpoint: Endpoint, *statements: Statement) -> Endpoint:
    return replace(endpoint, policy=a_policy(*statements))


def judge(
    around: NetworkContext,
    node: Node,
    observation: Observation,
    role: NodeRole | Unreadable,
    services: SessionServices | NotApplicable | Unreadable,
    preferences: SessionPreferences | Unreadable = ENCRYPTED_ONLY,
    key: Key | Absent | NotApplicable | Unreadable = UNASKED,
    bucket: Bucket | NotApplicable = NO_BUCKET,
) -> Findings:
    return judged(
        endpoint_policies_let_the_role_through,
        RunningInstance(node, an_instance(node.id)),
        observation,
        role,
        services,
        preferences,
        key,
        bucket,
        around.placement,
        a_scope(),
        around.subnets,
        around.endpoints,
        around.routes,
        around.dns,
        NO_CONDITIONS,
    )


def connecting(
    *endpoints: Endpoint,
    observation: Observation = AWAY,
    node: Node = NEVER_SEEN,
    around: NetworkContext | None = None,
    role: NodeRole | Unreadable | None = None,
) -> Findings:
    return judge(around or surroundings(*endpoints), node, observation, role or a_node_role(), NotApplicable("no need"))


def using(
    *endpoints: Endpoint,
    preferences: SessionPreferences = ENCRYPTED_ONLY,
    key: Key | Absent | Unreadable | None = None,
    observation: Observation = ONLINE,
    role: NodeRole | Unreadable | None = None,
) -> Findings:
    needed = SessionServices(("kms", "logs", "s3"))
    around = surroundings(*endpoints)
    return judge(around, KNOWN, observation, role or a_node_role(), needed, preferences, key or a_key())


def fails(endpoint: str, confidence: Confidence = LIKELY) -> list[Said]:
    return [Said(CAUSE, Status.FAIL, confidence, endpoint, FIX)]


def warns(endpoint: str) -> list[Said]:
    return [Said(CAUSE, Status.WARN, LIKELY, endpoint, FIX)]


def is_open(endpoint: str, *needs: str) -> list[Said]:
    return [Said(CAUSE, Status.UNKNOWN, POSSIBLE, endpoint, needs=needs)]


SSM, MESSAGES = interface("ssm"), interface("ssmmessages")
NO_CONTROL = deny("ssmmessages:*ControlChannel", "*", "*")
NO_DATA = deny("ssmmessages:OpenDataChannel", "*", "*")


@pytest.mark.parametrize(
    ("endpoints", "observation", "node", "expected"),
    [
        pytest.param((with_policy(SSM, ALL),), AWAY, NEVER_SEEN, [], id="everything is let through"),
        pytest.param(
            (with_policy(SSM, allow("ssm:UpdateInstanceInformation", "*", "*")),), AWAY, NEVER_SEEN, [], id="it"
        ),
        pytest.param((with_policy(SSM),), AWAY, NEVER_SEEN, fails("vpce-ssm", PROVED), id="nothing is"),
        pytest.param((with_policy(SSM),), AWAY, KNOWN, fails("vpce-ssm"), id="nothing is, of a node that came once"),
        pytest.param((with_policy(SSM),), ONLINE, KNOWN, [], id="an online node proved it"),
        pytest.param(
            (with_policy(SSM),), LOST, KNOWN, fails("vpce-ssm"), id="a channel that is open proves nothing of reporting"
        ),
        pytest.param(
            (with_policy(MESSAGES, ALL, NO_CONTROL),), HALF, KNOWN, fails("vpce-ssmmessages"), id="no control channel"
        ),
        pytest.param(
            (with_policy(MESSAGES, ALL, NO_DATA),), ONLINE, KNOWN, fails("vpce-ssmmessages"), id="no data channel"
        ),
        pytest.param(
            (with_policy(MESSAGES),),
            ONLINE,
            KNOWN,
            warns("vpce-ssmmessages"),
            id="a connected node that the policy would not connect: newer, or past it",
        ),
        pytest.param((with_policy(MESSAGES, allow("*", "*", ROLE_ARN)),), AWAY, NEVER_SEEN, [], id="the role is named"),
        pytest.param(
            (with_policy(MESSAGES, allow("*", "*", f"arn:aws:iam::{ACCOUNT}:root")),),
            AWAY,
            NEVER_SEEN,
            [],
            id="its account is named",
        ),
        pytest.param(
            (with_policy(MESSAGES, allow("*", "*", "*", ("StringEquals", "aws:SourceVpc", VPC))),),
            AWAY,
            NEVER_SEEN,
            [],
            id="its VPC is named",
        ),
        pytest.param(
            (with_policy(MESSAGES, allow("*", "*", "*", ("ArnEquals", "aws:PrincipalArn", f"{ROLE_ARN}-other"))),),
            AWAY,
            NEVER_SEEN,
            fails("vpce-ssmmessages", PROVED),
            id="another role is named",
        ),
        pytest.param(
            (with_policy(MESSAGES, allow("*", "*", "*", ("StringEquals", "aws:PrincipalOrgID", "o-1"))),),
            AWAY,
            NEVER_SEEN,
            is_open("vpce-ssmmessages"),
            id="its organization is named, which nobody told",
        ),
        pytest.param(
            (with_policy(interface("ssm", private_dns=False)),), AWAY, NEVER_SEEN, [], id="names do not lead to it"
        ),
        pytest.param((with_policy(interface("ssm", available=False)),), AWAY, NEVER_SEEN, [], id="it cannot be used"),
    ],
)
def test_the_policies_towards_systems_manager(
    endpoints: tuple[Endpoint, ...], observation: Observation, node: Node, expected: list[Said]
) -> None:
    assert said(connecting(*endpoints, observation=observation, node=node)) == expected


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(surroundings(with_policy(SSM), owner="999999999999"), id="a shared subnet"),
        pytest.param(surroundings(with_policy(SSM), ipv6_native=True), id="IPv6 only"),
    ],
)
def test_where_the_use_of_an_endpoint_is_not_to_be_seen_its_policy_proves_nothing(
    around: NetworkContext,
) -> None:
    assert connecting(around=around) == ()


KMS, LOGS, S3 = interface("kms"), interface("logs"), gateway()
WRITES = allow("logs:*", "arn:aws:logs:*:*:log-group:*", "*")


@pytest.mark.parametrize(
    ("endpoint", "preferences", "expected"),
    [
        pytest.param(with_policy(KMS, allow("kms:Decrypt", "*", "*")), ANY_DESTINATION, [], id="decrypting"),
        pytest.param(
            with_policy(KMS, allow("kms:GenerateDataKey", "*", "*")), ANY_DESTINATION, fails("vpce-kms"), id="not"
        ),
        pytest.param(
            with_policy(KMS, allow("kms:*", "arn:aws:kms:eu-west-3:123456789012:key/other", "*")),
            ANY_DESTINATION,
            fails("vpce-kms"),
            id="with another key",
        ),
        pytest.param(with_policy(LOGS), ENCRYPTED_ONLY, fails("vpce-logs"), id="no looking up, which is demanded"),
        pytest.param(with_policy(LOGS), ANY_DESTINATION, warns("vpce-logs"), id="logs are lost"),
        pytest.param(
            with_policy(LOGS, ALL, deny("logs:DescribeLogGroups", "*", "*")),
            ANY_DESTINATION,
            [],
            id="no looking up, which nobody does",
        ),
        pytest.param(with_policy(LOGS, WRITES), ENCRYPTED_ONLY, [], id="statements for log groups"),
        pytest.param(
            with_policy(LOGS, ALL, deny("logs:DescribeLogGroups", "*", "*")),
            BY_PARAMETER,
            is_open("vpce-logs", "ssm:GetParameter"),
            id="no looking up, and whether it is demanded is a reference",
        ),
        pytest.param(
            with_policy(S3, allow("s3:GetEncryptionConfiguration", "*", "*")),
            ENCRYPTED_ONLY,
            warns("vpce-s3"),
            id="no writing objects",
        ),
        pytest.param(with_policy(S3), ENCRYPTED_ONLY, fails("vpce-s3"), id="nothing at all"),
        pytest.param(with_policy(S3, ALL), ENCRYPTED_ONLY, [], id="everything"),
        pytest.param(
            with_policy(S3, allow("s3:*", "*", f"arn:aws:iam::{ACCOUNT}:root")),
            ENCRYPTED_ONLY,
            fails("vpce-s3"),
            id="a gateway's policy that names the account means its root user",
        ),
        pytest.param(
            with_policy(S3, allow("s3:*", "*", ROLE_ARN)),
            ENCRYPTED_ONLY,
            is_open("vpce-s3"),
            id="a gateway's policy that names the role, which is not foreseen",
        ),
    ],
)
def test_the_policies_towards_session_services(
    endpoint: Endpoint, preferences: SessionPreferences, expected: list[Said]
) -> None:
    assert said(using(endpoint, preferences=preferences)) == expected


def test_a_key_that_may_not_be_looked_at_leaves_a_scoped_policy_open() -> None:
    unread = Unreadable("kms:DescribeKey", "not authorized")
    assert using(with_policy(KMS, allow("kms:Decrypt", "*", "*")), key=unread) == ()
    scoped = with_policy(KMS, allow("kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/other", "*"))
    assert said(using(scoped, key=unread)) == is_open("vpce-kms", "kms:DescribeKey")
    assert using(scoped, key=Absent("the key", "kms:DescribeKey")) == ()


def test_a_role_that_may_not_be_read_leaves_open_only_what_is_not_let_through_whoever_asks() -> None:
    unread = Unreadable("iam:GetRole", "not authorized")
    assert using(with_policy(KMS, ALL), with_policy(S3, ALL), role=unread) == ()
    restricted = with_policy(KMS, allow("kms:*", "*", "*"))
    assert said(using(restricted, with_policy(S3, ALL), role=unread)) == is_open("vpce-kms", "iam:GetRole")
    endpoints = with_policy(SSM, NO_DATA), with_policy(MESSAGES, ALL)
    assert said(connecting(*endpoints, role=unread)) == is_open("vpce-ssm", "iam:GetRole")
    assert connecting(*endpoints, role=unread, observation=ONLINE) == ()


def test_preferences_that_may_not_be_read_leave_open_what_sessions_might_need() -> None:
    unread = Unreadable("ssm:GetDocument", "not authorized")
    around = surroundings(with_policy(MESSAGES, ALL, NO_DATA), with_policy(KMS), with_policy(LOGS, ALL))
    found = judge(around, KNOWN, ONLINE, a_node_role(), unread, unread)
    assert said(found) == [*fails("vpce-ssmmessages"), *is_open("vpce-kms", "ssm:GetDocument")]


@pytest.mark.parametrize(("region", "told"), [("eu-west-3", True), (None, True), ("eu-north-1", False)])
def test_what_goes_to_a_bucket_of_another_region_goes_past_the_endpoint(region: str | None, told: object) -> None:
    bucket = Bucket("arn:aws:s3:::audit", "audit", region)
    around = surroundings(with_policy(gateway()))
    found = judge(around, KNOWN, ONLINE, a_node_role(), SessionServices(("s3",)), ENCRYPTED_ONLY, UNASKED, bucket)
    assert bool(found) is told


def test_each_endpoint_is_a_finding_of_its_own() -> None:
    endpoints = [with_policy(each) for each in (KMS, LOGS, S3)]
    assert [each.subject.id for each in using(*endpoints)] == ["vpce-kms", "vpce-logs", "vpce-s3"]


def test_a_finding_names_the_endpoint_and_the_statement_that_denies() -> None:
    source = "ec2:DescribeVpcEndpoints"
    assert connecting(with_policy(MESSAGES, ALL, NO_DATA)) == (
        Finding(
            cause=CAUSE,
            status=Status.FAIL,
            confidence=PROVED,
            subject=Subject(SubjectKind.ENDPOINT, "vpce-ssmmessages"),
            summary=(
                "The policy of the VPC endpoint vpce-ssmmessages does not allow web to call "
                "ssmmessages:OpenDataChannel."
            ),
            evidence=(
                Evidence("statement 2 of the policy of vpce-ssmmessages denies ssmmessages:OpenDataChannel", source),
            ),
            fixes=FIX,
        ),
    )


def test_a_finding_says_that_no_statement_allows_and_on_what_an_open_word_hangs() -> None:
    (closed,) = using(with_policy(KMS))
    key = a_key().arn
    assert closed.evidence[0].fact == f"no statement of the policy of vpce-kms allows kms:Decrypt on {key}"
    conditional = allow("*", "*", "*", ("StringEquals", "aws:PrincipalOrgID", "o-1"))
    (left_open,) = using(with_policy(KMS, conditional))
    assert left_open.evidence[0].fact == (
        f"whether the policy of vpce-kms allows kms:Decrypt on {key} depends on aws:PrincipalOrgID, and "
        "the value is unknown"
    )


OF_ORGANIZATION = ("StringEquals", "aws:PrincipalOrgID", "o-1")
PERIMETER = allow("*", "*", "*", OF_ORGANIZATION)
NOT_OF_IT = deny("*", "*", "*", ("StringNotEquals", "aws:PrincipalOrgID", "o-1"))
RESOURCE_OF_IT = allow("*", "*", "*", ("StringEquals", "aws:ResourceOrgID", "o-1"))


@pytest.mark.parametrize(
    ("statements", "left_open"),
    [
        pytest.param((PERIMETER,), [], id="the role is of the organization"),
        pytest.param((ALL, NOT_OF_IT), [], id="the role is not outside it"),
        pytest.param((RESOURCE_OF_IT,), ["vpce-s3"], id="the key is of it, as the channel is"),
        pytest.param(
            (PERIMETER, RESOURCE_OF_IT),
            ["vpce-ssmmessages", "vpce-kms", "vpce-s3"],
            id="either statement may have been the one",
        ),
    ],
)
def test_what_let_a_control_channel_through_lets_the_rest_through(
    statements: tuple[Statement, ...], left_open: list[str]
) -> None:
    endpoints = [with_policy(each, *statements) for each in (MESSAGES, KMS, S3)]
    assert [each.subject.id for each in using(*endpoints)] == left_open
    everywhere = ["vpce-ssmmessages", "vpce-kms", "vpce-s3"]
    assert [each.subject.id for each in using(*endpoints, observation=AWAY)] == everywhere


def test_a_connected_nodes_data_channels_pass_a_perimeter_that_its_control_channel_passed() -> None:
    endpoint = with_policy(MESSAGES, PERIMETER)
    assert connecting(endpoint, observation=ONLINE, node=KNOWN) == ()
    assert said(connecting(endpoint, observation=HALF, node=KNOWN)) == is_open("vpce-ssmmessages")


def test_a_control_channel_proves_of_its_conditions_those_alone_that_are_about_the_role() -> None:
    by_agent = Condition("StringEquals", "aws:UserAgent", ("agent",))
    both = replace(PERIMETER, conditions=(*PERIMETER.conditions, by_agent))
    found = using(with_policy(MESSAGES, both), with_policy(KMS, both), with_policy(LOGS, PERIMETER))
    assert said(found) == [*is_open("vpce-ssmmessages"), *is_open("vpce-kms")]


def test_a_control_channel_proves_nothing_of_another_organization() -> None:
    other = allow("*", "*", "*", ("StringEquals", "aws:PrincipalOrgID", "o-2"))
    found = using(with_policy(MESSAGES, PERIMETER), with_policy(KMS, other))
    assert said(found) == is_open("vpce-kms")


ACTIONS = ["*", "kms:*", "kms:Decrypt", "kms:Dec????", "KMS:decrypt", "kms:GenerateDataKey", "s3:*"]
RESOURCES = ["*", a_key().arn, a_key().arn[:-4] + "*", "arn:aws:kms:*:*:key/*", "arn:aws:kms:eu-west-3:1:key/other"]
PRINCIPALS = ["*", ROLE_ARN, f"{ROLE_ARN}-other", ACCOUNT]
statements = st.builds(
    Statement,
    effect=st.sampled_from(Effect),
    principals=st.lists(st.sampled_from(PRINCIPALS), min_size=1, max_size=2).map(tuple),
    actions=st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2).map(tuple),
    resources=st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2).map(tuple),
)


def speaks_of_it(statement: Statement) -> bool:
    """Whether a statement is about decrypting with the key: read without any of the product's code."""

    def fits(pattern: str, text: str) -> bool:
        wild = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(wild, text) is not None

    return (
        any(each in ("*", ROLE_ARN, ACCOUNT) for each in statement.principals)
        and any(fits(each.lower(), "kms:decrypt") for each in statement.actions)
        and any(fits(each, a_key().arn) for each in statement.resources)
    )


@given(st.lists(statements, max_size=4))
def test_a_policy_hinders_exactly_what_a_plain_reading_of_it_does(found: list[Statement]) -> None:
    speaking = [each.effect for each in found if speaks_of_it(each)]
    lets_through = Effect.ALLOW in speaking and Effect.DENY not in speaking
    findings = using(replace(KMS, policy=Policy(tuple(found))))
    assert [each.status for each in findings] == ([] if lets_through else [Status.FAIL])
