"""Steps for what no change of ssmtui's can do: permission sets, roles of AWS's own, sessions of others, WMIC."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Finding, Subject, SubjectKind
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.plan import FixNotApplicable, Steps
from ssmtui.model.sessions import ActiveSession, CrowdedSessions
from ssmtui.remediation.plans.steps.agent import add_wmic
from ssmtui.remediation.plans.steps.operating_system import end_sessions
from ssmtui.remediation.plans.steps.permissions import permission_set, protected_role
from tests.builders.fleet import ACCOUNT, NOON, a_finding, a_node, a_scope
from tests.builders.identity import a_role

SCOPE = a_scope()
NOTHING = NotApplicable("nothing")
OF_SET = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Operators_0123456789abcdef"


def denied(caller: str) -> Finding:
    return a_finding("caller-start-denied", subject=Subject(SubjectKind.CALLER, caller))


def drafted(steps: Steps | FixNotApplicable) -> Steps:
    assert isinstance(steps, Steps)
    return steps


def test_what_a_caller_of_identity_center_lacks_goes_into_its_permission_set() -> None:
    steps = drafted(permission_set(SCOPE, denied(OF_SET), a_node("i-1"), NOTHING))
    statement = json.loads(steps.copies[0])
    assert statement["Action"] == "ssm:StartSession"
    assert "the permission set Operators" in steps.steps[0].text
    copied = "\n".join(steps.copies)
    assert "put-inline-policy-to-permission-set" in copied
    assert f"--target-id {ACCOUNT}" in copied
    assert "iam put-role-policy" not in copied


def test_another_caller_has_no_permission_set() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/Engineer"
    assert isinstance(permission_set(SCOPE, denied(role), a_node("i-1"), NOTHING), FixNotApplicable)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (RoleSource.INSTANCE_PROFILE, "replace-iam-instance-profile-association"),
        (RoleSource.HYBRID_ACTIVATION, "update-managed-instance-role"),
        (RoleSource.HOST_MANAGEMENT, "default-ec2-instance-management-role"),
    ],
)
def test_a_node_gets_a_role_of_the_account_by_where_it_has_its_role_from(source: RoleSource, words: str) -> None:
    steps = drafted(protected_role(SCOPE, a_node("i-1"), NodeRole(a_role("linked"), source)))
    assert words in steps.copies[1]
    assert "AmazonSSMManagedInstanceCore" in steps.copies[0]


def test_all_sessions_of_a_crowd_but_the_newest_are_ended_the_oldest_first() -> None:
    owner = f"arn:aws:sts::{ACCOUNT}:assumed-role/Pipeline/build-77"
    sessions = tuple(
        ActiveSession(f"s-{number:02}", "i-1", owner, NOON + timedelta(minutes=number)) for number in range(12)
    )
    steps = drafted(end_sessions(SCOPE, CrowdedSessions(owner, sessions), a_node("i-1")))
    ended = [line.rpartition(" ")[2] for line in steps.copies[1].splitlines()]
    assert ended == [f"s-{number:02}" for number in range(11)]
    assert "Pipeline/build-77" in steps.title


def test_wmic_is_added_before_the_agent_is_updated_and_a_hybrid_node_is_warned_of_its_fingerprint() -> None:
    node = a_node("i-1")
    steps = drafted(add_wmic(SCOPE, node))
    assert ["WMIC" in steps.copies[0], "AWS-UpdateSSMAgent" in steps.copies[2]] == [True, True]
    hybrid = drafted(add_wmic(SCOPE, replace(node, kind=type(node.kind).HYBRID)))
    assert "MachineFingerprintDoesNotMatch" in hybrid.steps[-1].text
    assert all("MachineFingerprintDoesNotMatch" not in each.text for each in steps.steps)
