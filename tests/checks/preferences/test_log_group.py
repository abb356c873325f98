"""The causes behind one text of CloudWatch Logs: missing, unencrypted, unreadable, lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.checks.preferences.log_group import (
    log_group_exists,
    log_group_is_encrypted,
    role_may_look_up_log_group,
    role_may_write_session_logs,
)
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import log_group_questions
from ssmtui.model.permissions import Denier, LogGroupPermissions
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.storage import (
    LogGroup,
)
from tests.builders.fleet import NOTHING_MADE, a_change, a_scope
from tests.builders.identity import ROLE_ARN, a_node_role, answers, undecided
from tests.builders.storage import (
    ANY_DESTINATION,
    BY_PARAMETER,
    ENCRYPTED_ONLY,
    GROUP,
    GROUP_ARN,
    a_log_group,
)
from tests.checks.outcome import Said, judged, said

SCOPE = a_scope()
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE
FAIL, WARN, UNKNOWN = Status.FAIL, Status.WARN, Status.UNKNOWN
PARAMETER = ("ssm:GetParameter",)
NO_SIMULATION = Unreadable("iam:SimulatePrincipalPolicy", "not authorized")
LOG_GROUP_QUESTIONS = log_group_questions(SCOPE, ENCRYPTED_ONLY)
MAY_LOG = answers(LogGroupPermissions, LOG_GROUP_QUESTIONS)
NO_LOOKUP = answers(LogGroupPermissions, LOG_GROUP_QUESTIONS, "logs:DescribeLogGroups")
NO_WRITE = answers(LogGroupPermissions, LOG_GROUP_QUESTIONS, "logs:PutLogEvents")
NEITHER = answers(LogGroupPermissions, LOG_GROUP_QUESTIONS, "logs:DescribeLogGroups", "logs:PutLogEvents")
BY_ORGANIZATION = answers(
    LogGroupPermissions, LOG_GROUP_QUESTIONS, "logs:DescribeLogGroups", denier=Denier.ORGANIZATION
)
MISSING = Absent(f"the log group {GROUP}", "logs:DescribeLogGroups")
UNREAD = Unreadable("logs:DescribeLogGroups", "not authorized")


def judge(
    preferences: SessionPreferences,
    group: LogGroup | Absent | Unreadable,
    permissions: LogGroupPermissions | Unreadable,
) -> Findings:
    """Every check of the log group, as the engine would run them."""
    node_role = a_node_role()
    findings: Findings = ()
    if not isinstance(group, Unreadable):
        findings += log_group_exists(SCOPE, preferences, group)
    if isinstance(group, Absent):
        return findings
    findings += judged(log_group_is_encrypted, SCOPE, preferences, group, NOTHING_MADE)
    findings += judged(role_may_look_up_log_group, node_role, preferences, group, permissions)
    if not isinstance(permissions, Unreadable):
        findings += role_may_write_session_logs(node_role, preferences, group, permissions)
    return findings


def missing(status: Status, confidence: Confidence = PROVED, needs: tuple[str, ...] = ()) -> Said:
    return Said("log-group-missing", status, confidence, GROUP_ARN, ("create-log-group", "edit-preferences"), needs)


def unencrypted(status: Status = FAIL, confidence: Confidence = PROVED, needs: tuple[str, ...] = ()) -> Said:
    fixes = ("encrypt-log-group", "toggle-cloudwatch-encryption")
    return Said("log-group-unencrypted", status, confidence, GROUP_ARN, fixes, needs)


def unreadable_group(status: Status = FAIL, confidence: Confidence = PROVED, needs: tuple[str, ...] = ()) -> Said:
    fixes = ("grant-node-log-lookup", "toggle-cloudwatch-encryption")
    return Said("log-group-unreadable", status, confidence, ROLE_ARN, fixes, needs)


def lost(status: Status = WARN) -> Said:
    return Said("cloudwatch-logs-lost", status, PROVED, ROLE_ARN, ("grant-node-log-write",))


@pytest.mark.parametrize(
    ("preferences", "group", "permissions", "expected"),
    [
        pytest.param(ENCRYPTED_ONLY, a_log_group(), MAY_LOG, [], id="sound"),
        pytest.param(ENCRYPTED_ONLY, MISSING, MAY_LOG, [missing(FAIL)], id="missing"),
        pytest.param(ANY_DESTINATION, MISSING, MAY_LOG, [missing(WARN)], id="missing, and any would do: logs are lost"),
        pytest.param(
            BY_PARAMETER,
            MISSING,
            MAY_LOG,
            [missing(UNKNOWN, POSSIBLE, PARAMETER)],
            id="missing, the switch is a reference",
        ),
        pytest.param(ENCRYPTED_ONLY, a_log_group(None), MAY_LOG, [unencrypted()], id="unencrypted"),
        pytest.param(ANY_DESTINATION, a_log_group(None), MAY_LOG, [], id="unencrypted, and any would do"),
        pytest.param(
            BY_PARAMETER,
            a_log_group(None),
            MAY_LOG,
            [unencrypted(UNKNOWN, POSSIBLE, PARAMETER)],
            id="unencrypted, the switch is a reference",
        ),
        pytest.param(
            ENCRYPTED_ONLY, a_log_group(), NO_LOOKUP, [unreadable_group()], id="encrypted, and not to be looked up"
        ),
        pytest.param(ANY_DESTINATION, a_log_group(), NO_LOOKUP, [], id="not to be looked up, and nobody looks"),
        pytest.param(
            BY_PARAMETER,
            a_log_group(),
            NO_LOOKUP,
            [unreadable_group(UNKNOWN, POSSIBLE, PARAMETER)],
            id="not to be looked up, the switch is a reference",
        ),
        pytest.param(ENCRYPTED_ONLY, a_log_group(None), NO_LOOKUP, [unencrypted()], id="unencrypted comes first"),
        pytest.param(ENCRYPTED_ONLY, a_log_group(), NO_WRITE, [lost()], id="not to be written to"),
        pytest.param(ANY_DESTINATION, a_log_group(None), NO_WRITE, [lost()], id="unencrypted, not to be written to"),
        pytest.param(
            ENCRYPTED_ONLY,
            a_log_group(),
            NEITHER,
            [unreadable_group(), lost(FAIL)],
            id="the toggle would open sessions without a trace",
        ),
        pytest.param(
            ENCRYPTED_ONLY,
            UNREAD,
            NO_LOOKUP,
            [
                Said("log-group-unencrypted", UNKNOWN, POSSIBLE, GROUP_ARN, (), ("logs:DescribeLogGroups",)),
                unreadable_group(),
            ],
            id="the caller may not look, and neither may the role",
        ),
        pytest.param(
            ENCRYPTED_ONLY,
            a_log_group(),
            NO_SIMULATION,
            [Said("log-group-unreadable", UNKNOWN, POSSIBLE, ROLE_ARN, (), ("iam:SimulatePrincipalPolicy",))],
            id="the role's permissions are unread",
        ),
        pytest.param(
            ENCRYPTED_ONLY,
            UNREAD,
            NO_WRITE,
            [Said("log-group-unencrypted", UNKNOWN, POSSIBLE, GROUP_ARN, (), ("logs:DescribeLogGroups",)), lost()],
            id="not to be written to, and whether it is encrypted is unread",
        ),
        pytest.param(ANY_DESTINATION, UNREAD, MAY_LOG, [], id="nothing to look for where any would do"),
    ],
)
def test_the_causes_behind_one_text_are_told_apart(
    preferences: SessionPreferences,
    group: LogGroup | Absent | Unreadable,
    permissions: LogGroupPermissions | Unreadable,
    expected: list[Said],
) -> None:
    assert said(judge(preferences, group, permissions)) == expected


def test_a_denial_of_the_organization_is_likely_and_no_grant_helps() -> None:
    (found,) = said(judge(ENCRYPTED_ONLY, a_log_group(), BY_ORGANIZATION))
    assert (found.confidence, found.fixes) == (LIKELY, ("steps-organization-policy", "toggle-cloudwatch-encryption"))


def test_an_arn_in_the_name_field_is_named_as_such() -> None:
    preferences = replace(ENCRYPTED_ONLY, log_group=GROUP_ARN)
    (finding,) = log_group_exists(SCOPE, preferences, MISSING)
    assert finding.summary == (f"The preferences contain an ARN instead of a name, {GROUP_ARN}: no session opens.")


def test_an_encrypted_group_without_lookup_permission_blames_the_role() -> None:
    assert role_may_look_up_log_group(a_node_role(), ENCRYPTED_ONLY, a_log_group(), NO_LOOKUP) == (
        Finding(
            cause="log-group-unreadable",
            status=FAIL,
            confidence=PROVED,
            subject=Subject(SubjectKind.ROLE, ROLE_ARN),
            summary=(
                "The role web is not allowed to describe the log group /sessions, so its nodes treat it as unencrypted."
            ),
            evidence=(
                Evidence("the preferences require an encrypted log group", "ssm:GetDocument"),
                Evidence(
                    "logs:DescribeLogGroups on arn:aws:logs:eu-west-3:123456789012:log-group::log-stream: "
                    "is implicitly denied by the identity-based policies",
                    "iam:SimulatePrincipalPolicy",
                ),
            ),
            fixes=("grant-node-log-lookup", "toggle-cloudwatch-encryption"),
        ),
    )


def test_permissions_on_unknown_conditions_are_left_open() -> None:
    permissions = undecided(LogGroupPermissions, LOG_GROUP_QUESTIONS, "logs:DescribeLogGroups", "logs:PutLogEvents")
    assert said(judge(ENCRYPTED_ONLY, a_log_group(), permissions)) == [
        Said("log-group-unreadable", UNKNOWN, POSSIBLE, ROLE_ARN),
        Said("cloudwatch-logs-lost", UNKNOWN, POSSIBLE, ROLE_ARN),
    ]


def test_a_group_that_has_just_got_its_key_is_waited_for() -> None:
    change, encrypted = a_change("encrypt-log-group"), a_log_group()
    (finding,) = judged(log_group_is_encrypted, SCOPE, ENCRYPTED_ONLY, encrypted, change)
    assert said((finding,)) == [Said("log-group-unencrypted", WARN, LIKELY, GROUP_ARN)]
    assert finding.until == change.until
    assert log_group_is_encrypted(SCOPE, ENCRYPTED_ONLY, encrypted, a_change("attach-core-policy")) == ()
    (still,) = judged(log_group_is_encrypted, SCOPE, ENCRYPTED_ONLY, replace(encrypted, key_arn=None), change)
    assert still.status is FAIL
