from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.identity import AttachedPolicies
from ssmtui.model.permissions import CorePermissions, Denier
from ssmtui.model.plan import FixNotApplicable, Plan, Reach
from ssmtui.remediation.plans.identity.grants import attach_core_policy
from ssmtui.remediation.plans.identity.roles import repair_role_trust
from tests.builders.fleet import ACCOUNT, a_scope
from tests.builders.identity import CORE, ROLE_ARN, a_node_role, answers

SCOPE = a_scope()
OURS = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
THEIRS = "arn:aws:iam::aws:policy/Theirs"
DENIED = answers(CorePermissions, CORE, "ssm:UpdateInstanceInformation")


def test_the_policy_is_attached_beside_the_others_and_the_agents_delay_is_said() -> None:
    plan = attach_core_policy(SCOPE, a_node_role(), DENIED, AttachedPolicies(ROLE_ARN, (THEIRS,)))
    assert isinstance(plan, Plan)
    (call,), (back,) = plan.calls, plan.way_back.calls
    assert (call.operation, back.operation) == ("AttachRolePolicy", "DetachRolePolicy")
    assert call.parameters == back.parameters == {"RoleName": "web", "PolicyArn": OURS}
    assert (plan.before, plan.after) == (THEIRS, f"{OURS}\n{THEIRS}")
    assert "30 minutes" in plan.delay
    assert (plan.reach, plan.confirmation) == (Reach.SUBJECT, "")
    allowed = plan.facts_after[0].value
    assert isinstance(allowed, CorePermissions)
    assert allowed.denied() == ()


def test_the_partition_is_the_scopes() -> None:
    plan = attach_core_policy(replace(SCOPE, partition="aws-cn"), a_node_role(), DENIED, AttachedPolicies(ROLE_ARN, ()))
    assert isinstance(plan, Plan)
    assert plan.calls[0].parameters["PolicyArn"] == "arn:aws-cn:iam::aws:policy/AmazonSSMManagedInstanceCore"


def test_what_is_attached_already_or_denied_beyond_the_role_is_not_attached() -> None:
    attached = attach_core_policy(SCOPE, a_node_role(), DENIED, AttachedPolicies(ROLE_ARN, (OURS,)))
    assert isinstance(attached, FixNotApplicable)
    assert "already attached to the role web" in attached.why
    bounded = answers(CorePermissions, CORE, "ssm:UpdateInstanceInformation", denier=Denier.BOUNDARY)
    refused = attach_core_policy(SCOPE, a_node_role(), bounded, AttachedPolicies(ROLE_ARN, ()))
    assert isinstance(refused, FixNotApplicable)
    assert "the permissions boundary" in refused.why


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM", "service-linked"),
        ("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Operators_0123456789abcdef", "permission set"),
    ],
)
def test_a_role_that_nobody_here_can_change_is_given_nothing(path: str, words: str) -> None:
    own = a_node_role()
    arn = f"arn:aws:iam::{ACCOUNT}:role/{path}"
    reserved = replace(own, role=replace(own.role, arn=arn, name=path.rpartition("/")[2]))
    for plan in (
        attach_core_policy(SCOPE, reserved, DENIED, AttachedPolicies(arn, ())),
        repair_role_trust(SCOPE, Subject(SubjectKind.ROLE, arn), reserved, NotApplicable("not asked")),
    ):
        assert isinstance(plan, FixNotApplicable)
        assert words in plan.why
