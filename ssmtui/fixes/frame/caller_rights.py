"""Whether the caller may make a call of a plan, as far as IAM's simulation told."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.permissions import CallerPreferencesPermissions, Decision, EvaluationResult

CallerRights = CallerPreferencesPermissions | Absent | Moot | Unreadable


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


def denied_words(denial: EvaluationResult) -> str:
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
