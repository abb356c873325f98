"""Whether the caller may make a call of a plan, as far as IAM's simulation told."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.permissions import Answer, CallerPreferencesPermissions, Decision

CallerRights = CallerPreferencesPermissions | Absent | Moot | Unreadable


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of the caller's rights to the preferences document."""

    caller: CallerRights

    def forbidden(self, action: str) -> Answer | None:
        """The denial that is sure: AWS would refuse the call."""
        denial = self._denial(action)
        return denial if denial is not None and denial.confidence is Confidence.PROVED else None

    def notes(self, *actions: str) -> tuple[str, ...]:
        """What is not known for sure about these actions, in sentences."""
        if isinstance(self.caller, Unreadable):
            needs = f" ({self.caller.action} would tell)" if self.caller.action else ""
            return (f"Whether you are allowed to make this change could not be checked{needs}.",)
        doubtful = [denial for action in actions if (denial := self._denial(action)) and not self.forbidden(action)]
        return tuple(f"AWS may refuse {each.question.action}: {_who(each)} seems to deny it." for each in doubtful)

    def _denial(self, action: str) -> Answer | None:
        if not isinstance(self.caller, CallerPreferencesPermissions):
            return None
        return next(iter(self.caller.denied(action)), None)


def denied_words(denial: Answer) -> str:
    """A denial as a reason: `you are not allowed ssm:UpdateDocument on …`."""
    how = "explicitly denied" if denial.decision is Decision.EXPLICIT_DENY else "not allowed"
    return f"you are not allowed {denial.question.action} on the preferences document: {how} by {_who(denial)}"


def _who(denial: Answer) -> str:
    return denial.denier.value if denial.denier is not None else "your policies"
