from __future__ import annotations

from dataclasses import replace

from ssmtui.model.fact import NotApplicable, ReadFailure, Unreadable
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, Question
from ssmtui.model.plan import Call, Plan, PlanPermissions, RequiredPermission
from ssmtui.remediation.plans.nodes import reboot_instance
from ssmtui.remediation.plans.plan_parts import permission_questions, with_missing_permissions
from tests.builders.fleet import ACCOUNT, a_node, a_scope

ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
REBOOT = Question("ec2:RebootInstances", f"arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/i-1")
NOTHING = NotApplicable("not asked")


def a_plan() -> Plan:
    plan = reboot_instance(a_scope(), a_node("i-1"), NOTHING, NOTHING, NOTHING)
    assert isinstance(plan, Plan)
    return plan


def told(*answers: EvaluationResult) -> PlanPermissions:
    return PlanPermissions(ROLE, answers)


def test_every_call_is_asked_about_with_what_it_needs_besides_but_for_what_may_be_left_out() -> None:
    plan = a_plan()
    passing = replace(plan.calls[0], besides=(RequiredPermission("iam:PassRole", ROLE),))
    optional = Call("ssm", "X", {}, "ssm:X", "*", without="It stands without.")
    asked = permission_questions(replace(plan, calls=(passing, plan.calls[0], optional)))
    assert asked.questions == (REBOOT, Question("iam:PassRole", ROLE))
    assert replace(plan, calls=(passing,)).actions == ("ec2:RebootInstances", "iam:PassRole")


def test_what_iam_denies_for_certain_is_lacking_and_what_it_may_deny_is_a_note() -> None:
    plan = a_plan()
    sure = with_missing_permissions(plan, told(EvaluationResult(REBOOT, Decision.IMPLICIT_DENY, Denier.IDENTITY)))
    assert (sure.lacks, sure.notes) == (("ec2:RebootInstances",), plan.notes)
    doubtful = with_missing_permissions(
        plan, told(EvaluationResult(REBOOT, Decision.IMPLICIT_DENY, Denier.ORGANIZATION))
    )
    assert doubtful.lacks == ()
    assert "AWS may refuse ec2:RebootInstances" in doubtful.notes[-1]
    assert with_missing_permissions(plan, told(EvaluationResult(REBOOT, Decision.ALLOWED))) == plan


def test_what_could_not_be_told_is_said_once_with_the_action_that_would_tell() -> None:
    plan, refused = a_plan(), Unreadable("iam:SimulatePrincipalPolicy", "no", ReadFailure.REFUSED)
    once = with_missing_permissions(plan, refused)
    assert "(needs iam:SimulatePrincipalPolicy)" in once.notes[-1]
    assert with_missing_permissions(once, refused) == once
    assert with_missing_permissions(plan, NOTHING) == plan
