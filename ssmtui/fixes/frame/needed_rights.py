"""The IAM actions that a plan needs, and which of them the caller lacks."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.permissions import Question
from ssmtui.model.plan import Plan
from ssmtui.model.plan_rights import PlannedCalls, PlanPermissions


def questions_about(plan: Plan) -> PlannedCalls:
    """One question an action and resource. A call that the change stands without is left out."""
    asked = (each for call in plan.calls if not call.without for each in call.needed)
    return PlannedCalls(tuple(dict.fromkeys(Question(each.action, each.resource, each.context) for each in asked)))


def with_rights(plan: Plan, found: PlanPermissions | Absent | Moot | Unreadable) -> Plan:
    """The plan with what the caller lacks for certain, and notes of what may be refused or could not be told."""
    if isinstance(found, Unreadable):
        needs = say(" ({action} would tell)", action=found.action) if found.action else ""
        note = say("Whether you are allowed to make this change could not be checked{needs}.", needs=needs)
        return plan if note in plan.notes else replace(plan, notes=(*plan.notes, note))
    if not isinstance(found, PlanPermissions):
        return plan
    denied = found.denied()
    sure = dict.fromkeys(each.question.action for each in denied if each.confidence is Confidence.PROVED)
    doubtful = dict.fromkeys(each.question.action for each in denied if each.question.action not in sure)
    notes = tuple(
        say("AWS may refuse {action}: a policy that could not be judged whole seems to deny it.", action=action)
        for action in doubtful
        if not any(action in note for note in plan.notes)
    )
    return replace(plan, lacks=tuple(sure), notes=(*plan.notes, *notes))
