"""Check whether the caller has the permissions that a plan needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.permissions import CallerPreferencesPermissions, Decision, EvaluationResult, Question
from ssmtui.model.plan import Plan, PlannedCalls, PlanPermissions

CallerRights = CallerPreferencesPermissions | Absent | NotApplicable | Unreadable


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of the caller's rights to the preferences document."""

    caller: CallerRights

    def forbidden(self, action: str) -> EvaluationResult | None:
        """The denial that is sure: AWS would refuse the call."""
        denial = self._denial(action)
        return denial if denial is not None and denial.confidence is Confidence.PROVED else None

    def notes(self, *actions: str) -> tuple[str, ...]:
        """What is not known for sure about these actions, in sentences."""
        if isinstance(self.caller, Unreadable):
            needs = say(" ({action} would tell)", action=self.caller.action) if self.caller.action else ""
            return (say("Whether you are allowed to make this change could not be checked{needs}.", needs=needs),)
        doubtful = [denial for action in actions if (denial := self._denial(action)) and not self.forbidden(action)]
        return tuple(
            say("AWS may refuse {action}: {who} seems to deny it.", action=each.question.action, who=_who(each))
            for each in doubtful
        )

    def _denial(self, action: str) -> EvaluationResult | None:
        if not isinstance(self.caller, CallerPreferencesPermissions):
            return None
        return next(iter(self.caller.denied(action)), None)


def denial_text(denial: EvaluationResult) -> str:
    """A denial as a reason: `you are not allowed ssm:UpdateDocument on …`."""
    how = say("explicitly denied") if denial.decision is Decision.EXPLICIT_DENY else say("not allowed")
    return say(
        "you are not allowed {action} on the preferences document: {how} by {who}",
        action=denial.question.action,
        how=how,
        who=_who(denial),
    )


def _who(denial: EvaluationResult) -> str:
    return denial.denier.value if denial.denier is not None else say("your policies")


def permission_questions(plan: Plan) -> PlannedCalls:
    """One question an action and resource. A call that the change stands without is left out."""
    asked = (each for call in plan.calls if not call.without for each in call.needed)
    return PlannedCalls(tuple(dict.fromkeys(Question(each.action, each.resource, each.context) for each in asked)))


def with_missing_permissions(plan: Plan, found: PlanPermissions | Absent | NotApplicable | Unreadable) -> Plan:
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
