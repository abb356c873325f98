"""What the node's role may do, who may take it, as whom the node reports, and roles that cannot be changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ssmtui.checks.identity.role import (
    node_reports_as_its_role,
    role_can_be_changed,
    role_may_be_taken,
    role_may_open_channels,
    role_may_register,
)
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.identity import HostManagement, NodeRole, Role, RoleSource
from ssmtui.model.node import ConnectionStatus, PingStatus
from ssmtui.model.node_facts import ConsoleOutput, Observation, SilentConsole, UnconnectedNode
from ssmtui.model.permissions import CorePermissions, Decision, Denier
from ssmtui.model.scope import Scope
from ssmtui.model.ssm_agent import AgentReport, LastReport
from tests.builders.fleet import ACCOUNT, NOON, NOTHING_MADE, a_change, a_node, a_scope
from tests.builders.identity import (
    CORE,
    HOST_MANAGEMENT_ROLE,
    ROLE_ARN,
    a_node_role,
    a_role,
    answers,
    undecided,
)
from tests.builders.policies import a_policy, allow
from tests.checks.outcome import Said, judged, said

AWAY = Observation(None, ConnectionStatus.NOT_CONNECTED)
CONNECTED = Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED)
ONLINE = Observation(PingStatus.ONLINE, ConnectionStatus.NOT_CONNECTED)
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE
FAIL, WARN, UNKNOWN = Status.FAIL, Status.WARN, Status.UNKNOWN
UPDATE, DATA, CONTROL = "ssm:UpdateInstanceInformation", "ssmmessages:OpenDataChannel", "ssmmessages:OpenControlChannel"

NOT_ASKED = NotApplicable("the node is online and connected")
PROFILE, HYBRID, SHARED = RoleSource.INSTANCE_PROFILE, RoleSource.HYBRID_ACTIVATION, RoleSource.HOST_MANAGEMENT
TRUSTS_LAMBDA = a_role(trusts="lambda.amazonaws.com")
IN_CHINA = replace(a_scope(), partition="aws-cn", dns_suffix="amazonaws.com.cn")
ON_CONDITION = replace(
    a_role(),
    trust=a_policy(allow("sts:AssumeRole", "", "ec2.amazonaws.com", ("StringEquals", "sts:ExternalId", "x"))),
)


@pytest.mark.parametrize(
    ("node_role", "observation", "expected"),
    [
        pytest.param(a_node_role(), AWAY, [], id="EC2 may take it"),
        pytest.param(a_node_role(HYBRID), AWAY, [], id="Systems Manager may take it"),
        pytest.param(NodeRole(TRUSTS_LAMBDA, PROFILE), AWAY, [(FAIL, PROVED)], id="EC2 may not"),
        pytest.param(NodeRole(a_role(), HYBRID), AWAY, [(FAIL, PROVED)], id="EC2 may, and Systems Manager must"),
        pytest.param(NodeRole(TRUSTS_LAMBDA, PROFILE), ONLINE, [(WARN, PROVED)], id="its credentials still last"),
        pytest.param(NodeRole(TRUSTS_LAMBDA, SHARED), AWAY, [], id="host management has its own check"),
        pytest.param(NodeRole(ON_CONDITION, PROFILE), ONLINE, [], id="a condition that evidently holds"),
    ],
)
def test_the_service_that_hands_out_a_role_may_take_it(
    node_role: NodeRole, observation: Observation, expected: list[tuple[Status, Confidence]]
) -> None:
    assert said(role_may_be_taken(a_scope(), node_role, observation)) == [
        Said("role-trust-wrong", status, sure, ROLE_ARN, ("repair-role-trust",)) for status, sure in expected
    ]


def test_a_trust_on_conditions_is_left_open() -> None:
    found = said(role_may_be_taken(a_scope(), NodeRole(ON_CONDITION, PROFILE), AWAY))
    assert found == [Said("role-trust-wrong", UNKNOWN, POSSIBLE, ROLE_ARN)]


@pytest.mark.parametrize("scope", [a_scope(), IN_CHINA], ids=["aws", "aws-cn"])
def test_ec2s_common_name_is_good_in_every_partition(scope: Scope) -> None:
    assert role_may_be_taken(scope, a_node_role(), AWAY) == ()


def test_ec2s_chinese_name_is_good_in_china_only() -> None:
    chinese = NodeRole(a_role(trusts="ec2.amazonaws.com.cn"), PROFILE)
    found = [bool(role_may_be_taken(scope, chinese, AWAY)) for scope in (IN_CHINA, a_scope())]
    assert found == [False, True]


@pytest.mark.parametrize(
    ("permissions", "source", "observation", "expected"),
    [
        pytest.param(answers(CorePermissions, CORE), PROFILE, AWAY, [], id="allowed"),
        pytest.param(answers(CorePermissions, CORE, DATA), PROFILE, AWAY, [], id="channels have their own check"),
        pytest.param(
            answers(CorePermissions, CORE, UPDATE),
            PROFILE,
            AWAY,
            [(FAIL, PROVED, ("attach-core-policy",))],
            id="denied",
        ),
        pytest.param(
            answers(CorePermissions, CORE, UPDATE),
            PROFILE,
            ONLINE,
            [(WARN, LIKELY, ("attach-core-policy",))],
            id="denied since it last reported",
        ),
        pytest.param(
            answers(CorePermissions, CORE, UPDATE, denier=Denier.ORGANIZATION),
            PROFILE,
            ONLINE,
            [],
            id="online, whatever the organization is said to deny",
        ),
        pytest.param(
            answers(CorePermissions, CORE, UPDATE, denier=Denier.ORGANIZATION),
            PROFILE,
            AWAY,
            [(FAIL, LIKELY, ("steps-organization-policy",))],
            id="denied by the organization",
        ),
        pytest.param(
            answers(CorePermissions, CORE, UPDATE, denier=Denier.BOUNDARY),
            PROFILE,
            AWAY,
            [(FAIL, PROVED, ())],
            id="denied by the boundary: no policy of the role helps",
        ),
        pytest.param(
            answers(CorePermissions, CORE, UPDATE, decision=Decision.EXPLICIT_DENY),
            PROFILE,
            AWAY,
            [(FAIL, PROVED, ())],
            id="denied explicitly: no allowance helps",
        ),
        pytest.param(answers(CorePermissions, CORE, UPDATE), SHARED, AWAY, [], id="host management's own check"),
    ],
)
def test_a_role_may_register_its_node(
    permissions: CorePermissions,
    source: RoleSource,
    observation: Observation,
    expected: list[tuple[Status, Confidence, tuple[str, ...]]],
) -> None:
    assert said(role_may_register(a_node_role(source), observation, permissions, NOT_ASKED, NOTHING_MADE)) == [
        Said("role-core-denied", status, sure, ROLE_ARN, fixes) for status, sure, fixes in expected
    ]


@pytest.mark.parametrize(
    ("denied", "observation", "expected"),
    [
        pytest.param((), AWAY, [], id="allowed"),
        pytest.param((CONTROL,), AWAY, [FAIL], id="control channel denied"),
        pytest.param((CONTROL,), ONLINE, [FAIL], id="control channel denied, and online"),
        pytest.param((CONTROL,), CONNECTED, [WARN], id="control channel denied, and yet connected"),
        pytest.param((DATA,), CONNECTED, [FAIL], id="a connected node proves nothing of data channels"),
        pytest.param((DATA, CONTROL), CONNECTED, [FAIL], id="both denied, and yet connected"),
        pytest.param((UPDATE,), AWAY, [], id="registering has its own check"),
    ],
)
def test_a_role_may_open_channels(denied: tuple[str, ...], observation: Observation, expected: list[Status]) -> None:
    permissions = answers(CorePermissions, CORE, *denied)
    assert said(role_may_open_channels(a_node_role(), observation, permissions, NOT_ASKED, NOTHING_MADE)) == [
        Said("role-channels-denied", status, LIKELY if status is WARN else PROVED, ROLE_ARN, ("attach-core-policy",))
        for status in expected
    ]


def test_what_the_organization_denies_a_connected_node_is_not_held_against_it() -> None:
    """Its control channel is open: only what its own policies deny besides is left."""
    by_organization = answers(CorePermissions, CORE, CONTROL, denier=Denier.ORGANIZATION)
    assert role_may_open_channels(a_node_role(), CONNECTED, by_organization, NOT_ASKED, NOTHING_MADE) == ()
    (own,) = (each for each in answers(CorePermissions, CORE, DATA).answers if each.question.action == DATA)
    both = replace(
        by_organization,
        answers=tuple(own if each.question.action == DATA else each for each in by_organization.answers),
    )
    (found,) = role_may_open_channels(a_node_role(), CONNECTED, both, NOT_ASKED, NOTHING_MADE)
    assert (found.status, found.summary) == (FAIL, f"The role web is not allowed to call {DATA}.")
    assert len(found.evidence) == 1


def test_a_denial_is_said_in_a_sentence_with_whose_it_is() -> None:
    permissions = answers(CorePermissions, CORE, DATA, CONTROL)
    denial = "{} is implicitly denied by the identity-based policies"
    assert role_may_open_channels(a_node_role(), AWAY, permissions, NOT_ASKED, NOTHING_MADE) == (
        Finding(
            cause="role-channels-denied",
            status=FAIL,
            confidence=PROVED,
            subject=Subject(SubjectKind.ROLE, ROLE_ARN),
            summary=f"The role web is not allowed to call {CONTROL} and {DATA}.",
            evidence=(
                Evidence(denial.format(CONTROL), "iam:SimulatePrincipalPolicy"),
                Evidence(denial.format(DATA), "iam:SimulatePrincipalPolicy"),
            ),
            fixes=("attach-core-policy",),
        ),
    )


STARTED = "Amazon SSM Agent v3.3.4624.0 is running"
MAY_NOT_REPORT = (
    "Entering SSM Agent hibernate - AccessDeniedException: User: arn:… is not authorized to perform: "
    "ssm:UpdateInstanceInformation on resource: arn:…"
)
MAY_NOT_OPEN = (
    "CreateControlChannel failed with error: createControlChannel request failed: unexpected response from the "
    "service <AccessDeniedException><Message>not authorized</Message></AccessDeniedException>"
)


def console(*lines: str) -> SilentConsole:
    return SilentConsole(ConsoleOutput("\n".join(lines), None))


def test_what_the_agent_was_refused_outweighs_what_its_policies_allow() -> None:
    allowed, ask = answers(CorePermissions, CORE), ("steps-organization-policy",)
    reporting = role_may_register(a_node_role(), AWAY, allowed, console(STARTED, MAY_NOT_REPORT), NOTHING_MADE)
    opening = role_may_open_channels(a_node_role(), AWAY, allowed, console(STARTED, MAY_NOT_OPEN), NOTHING_MADE)
    assert said(reporting) == [Said("role-core-denied", FAIL, LIKELY, ROLE_ARN, ask)]
    assert said(opening) == [Said("role-channels-denied", FAIL, LIKELY, ROLE_ARN, ask)]


def test_what_the_agent_was_refused_before_a_change_is_no_refusal_after_it() -> None:
    allowed, change = answers(CorePermissions, CORE), a_change("attach-core-policy")
    assert role_may_register(a_node_role(), AWAY, allowed, console(STARTED, MAY_NOT_REPORT), change) == ()
    assert role_may_open_channels(a_node_role(), AWAY, allowed, console(STARTED, MAY_NOT_OPEN), change) == ()


@pytest.mark.parametrize(
    "lines",
    [
        (MAY_NOT_REPORT, MAY_NOT_OPEN, STARTED),
        (STARTED, "AccessDeniedException: not authorized to perform: ssm:PutInventory"),
    ],
)
def test_what_was_before_the_start_and_what_no_session_needs_is_no_refusal(lines: tuple[str, ...]) -> None:
    allowed = answers(CorePermissions, CORE)
    assert role_may_register(a_node_role(), AWAY, allowed, console(*lines), NOTHING_MADE) == ()
    assert role_may_open_channels(a_node_role(), AWAY, allowed, console(*lines), NOTHING_MADE) == ()


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        pytest.param(AWAY, [UNKNOWN], id="nothing was seen of it"),
        pytest.param(ONLINE, [], id="it evidently may"),
    ],
)
def test_whether_a_role_may_register_its_node_is_left_open_on_unknown_conditions(
    observation: Observation, expected: list[Status]
) -> None:
    found = judged(
        role_may_register,
        a_node_role(),
        observation,
        undecided(CorePermissions, CORE, UPDATE),
        NOT_ASKED,
        NOTHING_MADE,
    )
    assert said(found) == [Said("role-core-denied", status, POSSIBLE, ROLE_ARN) for status in expected]
    assert all("depends on conditions on aws:SourceVpc" in fact.fact for each in found for fact in each.evidence)


@pytest.mark.parametrize(
    ("actions", "observation", "expected"),
    [
        pytest.param((CONTROL, DATA), AWAY, [UNKNOWN], id="nothing was seen of it"),
        pytest.param((CONTROL, DATA), CONNECTED, [], id="its requests evidently fulfil them"),
        pytest.param((CONTROL,), CONNECTED, [], id="its channel is open"),
        pytest.param((DATA,), CONNECTED, [UNKNOWN], id="the open channel proves nothing of these"),
    ],
)
def test_whether_a_role_may_open_channels_is_left_open_on_unknown_conditions(
    actions: tuple[str, ...], observation: Observation, expected: list[Status]
) -> None:
    found = role_may_open_channels(
        a_node_role(), observation, undecided(CorePermissions, CORE, *actions), NOT_ASKED, NOTHING_MADE
    )
    assert said(found) == [Said("role-channels-denied", status, POSSIBLE, ROLE_ARN) for status in expected]


def test_what_is_denied_in_any_case_is_not_left_open() -> None:
    permissions = undecided(CorePermissions, CORE, CONTROL)
    denied = replace(permissions, answers=(*permissions.answers, *answers(CorePermissions, CORE, DATA).answers))
    (found,) = role_may_open_channels(a_node_role(), AWAY, denied, NOT_ASKED, NOTHING_MADE)
    assert (found.status, found.confidence) == (FAIL, PROVED)


AWAY_NODE = UnconnectedNode(a_node(ping=None), Observation(None, ConnectionStatus.NOT_CONNECTED))
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:user/deployer"
SHARED_ARN = f"arn:aws:iam::{ACCOUNT}:role/{HOST_MANAGEMENT_ROLE}"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-1"
OTHER_SESSION = "arn:aws:sts::210987654321:assumed-role/web/i-1"
OFF = HostManagement("arn:setting", None)
ON = HostManagement("arn:setting", HOST_MANAGEMENT_ROLE)


def reported(principal: str, error: str = "", *, by_address: object = False) -> LastReport:
    return LastReport(AgentReport("i-1", "10.0.0.9", principal, NOON, error), bool(by_address))


@pytest.mark.parametrize(
    ("last", "setting", "sure"),
    [
        pytest.param(reported(ROLE_ARN), OFF, None, id="as its role"),
        pytest.param(reported(SESSION), OFF, None, id="as a session of its role"),
        pytest.param(reported(OTHER_SESSION), OFF, Confidence.PROVED, id="as a session of another accounts role"),
        pytest.param(reported(""), OFF, None, id="the record does not say"),
        pytest.param(reported(DEPLOYER), OFF, Confidence.PROVED, id="as a user"),
        pytest.param(reported(DEPLOYER, "AccessDenied"), OFF, Confidence.PROVED, id="as a user who may not"),
        pytest.param(reported(DEPLOYER, by_address=True), OFF, Confidence.LIKELY, id="from the node's address"),
        pytest.param(reported(SHARED_ARN), ON, None, id="as the role of host management"),
        pytest.param(reported(SHARED_ARN), OFF, Confidence.PROVED, id="as a role that host management no longer gives"),
        pytest.param(
            reported(DEPLOYER), Unreadable("ssm:GetServiceSetting", "no"), Confidence.PROVED, id="unread, and no role"
        ),
    ],
)
def test_a_node_that_reports_as_somebody_else_is_told(
    last: LastReport, setting: HostManagement | Unreadable, sure: Confidence | None
) -> None:
    found = node_reports_as_its_role(AWAY_NODE, a_node_role(), last, setting, NOTHING_MADE)
    expected = [Said("wrong-principal", Status.FAIL, sure, ROLE_ARN, ("steps-install-agent",))] if sure else []
    assert said(found) == expected
    for finding in found:
        assert last.report.principal in finding.summary
        assert last.report.error in finding.evidence[0].fact


def test_a_node_that_reports_as_a_role_is_open_while_host_managements_is_not_known() -> None:
    unread = Unreadable("ssm:GetServiceSetting", "not authorized")
    found = node_reports_as_its_role(AWAY_NODE, a_node_role(), reported(SHARED_ARN), unread, NOTHING_MADE)
    needs = ("ssm:GetServiceSetting",)
    assert said(found) == [Said("wrong-principal", Status.UNKNOWN, Confidence.POSSIBLE, ROLE_ARN, (), needs)]


@pytest.mark.parametrize(("made", "told"), [(NOON - timedelta(minutes=1), True), (NOON + timedelta(minutes=1), False)])
def test_a_report_from_before_a_change_tells_nothing_of_what_is_so_after_it(made: datetime, told: object) -> None:
    change = a_change("replace-instance-profile", made)
    assert bool(node_reports_as_its_role(AWAY_NODE, a_node_role(), reported(DEPLOYER), OFF, change)) is told


def test_a_trail_that_may_not_be_read_is_a_note_and_names_the_action() -> None:
    unread = Unreadable("cloudtrail:LookupEvents", "not authorized")
    found = node_reports_as_its_role(AWAY_NODE, a_node_role(), unread, OFF, NOTHING_MADE)
    needs = ("cloudtrail:LookupEvents",)
    assert said(found) == [Said("wrong-principal", Status.INFO, Confidence.POSSIBLE, ROLE_ARN, (), needs)]


LINKED = "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
BY_SSO = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef"
KEPT = "arn:aws:iam::123456789012:role/aws-reserved/ssm.amazonaws.com/HostManagement"
UNNAMED = "arn:aws:iam::123456789012:role/aws-reserved/HostManagement"
BY_HAND = ("steps-protected-role",)
BY_SETTING = ("enable-host-management", *BY_HAND)


def role_of(arn: str) -> Role:
    return Role(arn, arn.rpartition("/")[2], a_role().trust)


@pytest.mark.parametrize("source", RoleSource)
def test_a_role_of_the_account_can_be_changed(source: RoleSource) -> None:
    assert role_can_be_changed(a_node_role(source)) == ()


@pytest.mark.parametrize(
    ("arn", "source", "keeper", "call", "fixes"),
    [
        (
            LINKED,
            RoleSource.INSTANCE_PROFILE,
            "ecs.amazonaws.com",
            "iam:GetInstanceProfile",
            ("replace-instance-profile", *BY_HAND),
        ),
        (BY_SSO, RoleSource.HYBRID_ACTIVATION, "IAM Identity Center", "ssm:DescribeInstanceProperties", BY_HAND),
        (LINKED, RoleSource.HOST_MANAGEMENT, "ecs.amazonaws.com", "ssm:GetServiceSetting", BY_SETTING),
        (KEPT, RoleSource.HOST_MANAGEMENT, "ssm.amazonaws.com", "ssm:GetServiceSetting", BY_SETTING),
        (UNNAMED, RoleSource.HOST_MANAGEMENT, "AWS", "ssm:GetServiceSetting", BY_SETTING),
    ],
)
def test_a_role_that_somebody_keeps_is_noted_with_whose_it_is(
    arn: str, source: RoleSource, keeper: str, call: str, fixes: tuple[str, ...]
) -> None:
    role = role_of(arn)
    assert role_can_be_changed(NodeRole(role, source)) == (
        Finding(
            cause="role-protected",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=Subject(SubjectKind.ROLE, arn),
            summary=(
                f"The role {role.name} is managed by {keeper}: missing permissions cannot be added in this account."
            ),
            evidence=(Evidence(f"the node uses the role {arn}", call),),
            fixes=fixes,
        ),
    )
