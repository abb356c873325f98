"""Whose permissions are the caller's link: those of who asks, or of the principal named instead."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import derives
from ssmtui.language import say
from ssmtui.model.answers import Moot, Obstacle, Unreadable
from ssmtui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class JudgedCaller:
    """An IAM role or user of this account, by its ARN: one that IAM simulates."""

    principal: str

    @property
    def is_role(self) -> bool:
        """Whether it is a role."""
        return ":role/" in self.principal

    @property
    def name(self) -> str:
        """Its name, without a path."""
        return self.principal.rpartition("/")[2]


@derives
def judged_caller(scope: Scope) -> JudgedCaller | Moot | Unreadable:
    """A principal of another account is unknown here: its policies are that account's to read."""
    principal = scope.judged_principal
    if principal is None:
        return Moot(say("IAM simulates neither the account's root user nor a federated one"))
    if principal.split(":")[4] != scope.account:
        why = say("{arn} is of another account, and IAM simulates only principals of this one", arn=scope.judged_arn)
        return Unreadable("", why, Obstacle.FAILED, "sts:GetCallerIdentity")
    return JudgedCaller(principal)
