"""Who asks, and the Principal elements that name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ssmtui.simulator.authorisation.context import Context

_TYPES: Final = {"role": "AssumedRole", "user": "User"}


@dataclass(frozen=True, slots=True)
class Principal:
    """An IAM principal: the role or user that policies name, and the ARN that AWS shows for its sessions.

    A service principal (``ec2.amazonaws.com``) has neither account nor session.
    """

    arn: str
    caller_arn: str
    account: str
    user_id: str = ""
    user_name: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @classmethod
    def service(cls, name: str) -> Principal:
        """A service that assumes roles, such as ``ec2.amazonaws.com``."""
        return cls(arn=name, caller_arn=name, account="")

    @property
    def context(self) -> Context:
        """The condition keys that describe the principal itself."""
        if not self.account:
            return Context.of({"aws:PrincipalIsAWSService": "true"})
        values = {
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalType": _TYPES.get(self.arn.split(":", 5)[5].partition("/")[0], "Account"),
            "aws:PrincipalIsAWSService": "false",
        }
        values |= {f"aws:PrincipalTag/{key}": value for key, value in self.tags}
        if self.user_id:
            values["aws:userid"] = self.user_id
        if self.user_name:
            values["aws:username"] = self.user_name
        return Context.of(values)


@dataclass(frozen=True, slots=True)
class PrincipalPattern:
    """A Principal or NotPrincipal element."""

    names_listed: tuple[str, ...]
    excludes: bool

    @classmethod
    def parse(cls, statement: Mapping[str, Any]) -> PrincipalPattern | None:
        """The element of a statement, or None where it has none (identity-based policies)."""
        for key in ("Principal", "NotPrincipal"):
            if key in statement:
                element = statement[key]
                by_kind = element if isinstance(element, Mapping) else {"AWS": element}
                listed = [name for names in by_kind.values() for name in ([names] if isinstance(names, str) else names)]
                return cls(tuple(listed), excludes=key == "NotPrincipal")
        return None

    def names(self, principal: Principal, *, is_bounded: bool = False) -> bool:
        """Whether the principal itself, its session or everybody is named.

        NotPrincipal spares whom it names together with its account (or with its session), and nobody on whom a
        permissions boundary is set
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
        """
        itself = "*" in self.names_listed or principal.arn in self.names_listed
        its_session = principal.caller_arn in self.names_listed
        if not self.excludes:
            return itself or its_session
        spared = (itself or its_session) and self._lists_account(principal.account)
        return is_bounded or not (spared or (itself and its_session))

    def names_directly(self, principal: Principal, *, by_arn: bool) -> bool:
        """Whether the very session or user is named, or everybody whose ARN a condition asks for (`by_arn`)."""
        if self.excludes:
            return False
        is_role = principal.caller_arn != principal.arn
        itself = principal.caller_arn in self.names_listed and (is_role or ":user/" in principal.arn)
        return itself or (by_arn and "*" in self.names_listed)

    def names_account(self, account: str) -> bool:
        """Whether the account as a whole is named, by its root or its number."""
        return bool(account) and not self.excludes and self._lists_account(account)

    def _lists_account(self, account: str) -> bool:
        return any(
            name == account or (name.startswith("arn:") and name.endswith(f":iam::{account}:root"))
            for name in self.names_listed
        )
