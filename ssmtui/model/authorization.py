"""How AWS itself evaluated a request that it refused: its own word for why, kept for at least a day.

https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_GetRequestAuthorizationDetails.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ssmtui.model.denial import Denial

LOOK_UP = "iam:GetRequestAuthorizationDetails"
"""The IAM action by which a refusal can be looked up."""

SOURCE = "iam-toolbox:GetRequestAuthorizationDetails"
"""The operation that tells it."""


class EvaluationEffect(Enum):
    """What one evaluation came to, as AWS spells it."""

    ALLOW = "ALLOW"
    EXPLICIT_DENY = "EXPLICIT_DENY"
    IMPLICIT_DENY = "IMPLICIT_DENY"


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """A statement that spoke of the request. AWS makes up a `sid` for one that has none."""

    sid: str
    denies: bool


@dataclass(frozen=True, slots=True)
class EvaluatedPolicy:
    """A policy that was looked at. `uri` is its ARN, or an opaque name where it is `inline`.

    `kind` is AWS's word in lower case (`service control policy`); `attached_to` are ARNs; `matched` is empty where
    nothing in it spoke of the request.
    """

    uri: str
    kind: str
    inline: bool
    attached_to: tuple[str, ...] = ()
    matched: tuple[MatchedStatement, ...] = ()

    @property
    def denying(self) -> tuple[MatchedStatement, ...]:
        """Its statements that denied."""
        return tuple(each for each in self.matched if each.denies)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One action on one resource as AWS evaluated it, with the policies that matched."""

    action: str
    resource: str
    effect: EvaluationEffect
    matched: tuple[EvaluatedPolicy, ...]


@dataclass(frozen=True, slots=True)
class AuthorizationDetails:
    """What AWS remembers of a refused request: every evaluation, and how many policies were looked at."""

    evaluations: tuple[Evaluation, ...]
    policies: int

    def deciding(self, action: str) -> Evaluation | None:
        """The evaluation that refused: that of the action, where several did; None where AWS tells of none."""
        refused = [each for each in self.evaluations if each.effect is not EvaluationEffect.ALLOW]
        of_action = [each for each in refused if each.action.casefold() == action.casefold()]
        return next(iter((*of_action, *refused)), None)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A refusal, and what became of looking it up: `details`, or why there are none.

    `needs` is the IAM action that would tell more, or empty where none would.
    """

    denial: Denial
    details: AuthorizationDetails | None = None
    why_not: str = ""
    needs: str = ""

    @property
    def deciding(self) -> Evaluation | None:
        """The evaluation that refused the request, where AWS told it."""
        return self.details.deciding(self.denial.action) if self.details else None
