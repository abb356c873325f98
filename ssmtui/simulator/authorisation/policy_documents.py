"""Parsed policy documents: statements, and the principals that they name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from ssmtui.simulator.authorisation.conditions import Condition, Context, arn_matches, matches

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


_Json: TypeAlias = Any

_FIRST_VERSION: Final = "2008-10-17"


class MalformedPolicyError(ValueError):
    """A text that is no policy document."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `principals` is None in an identity-based policy, which speaks of its owner."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    excludes_actions: bool
    resources: tuple[str, ...]
    excludes_resources: bool
    conditions: tuple[Condition, ...]
    principals: PrincipalPattern | None = None

    def speaks_of(self, action: str, resource: str, context: Context) -> bool:
        """Whether action, resource and conditions of this statement fit the request."""
        about_service = _patterns_about(self.actions, action.partition(":")[0].lower())
        by_action = any(matches(pattern, action, context, ignoring_case=True) for pattern in about_service)
        if by_action == self.excludes_actions:
            return False
        by_resource = any(arn_matches(pattern, resource, context) for pattern in self.resources)
        if by_resource == self.excludes_resources:
            return False
        return all(condition.holds(context) for condition in self.conditions)

    def names(self, principal: Principal, *, is_bounded: bool = False) -> bool:
        """Whether this statement is about that principal, its session or everybody."""
        return self.principals is None or self.principals.names(principal, is_bounded=is_bounded)

    @property
    def asks_for_principal_arn(self) -> bool:
        """Whether a condition says by its ARN whom it is about."""
        return any(
            each.key.lower() == "aws:principalarn" and "Not" not in each.operator and each.operator != "Null"
            for each in self.conditions
        )

    def names_account_of(self, principal: Principal) -> bool:
        """Whether this statement hands the question to the identity policies of the principal's account."""
        return self.principals is not None and self.principals.names_account(principal.account)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document with the name it is known by, and its ARN where it has one of its own."""

    name: str
    statements: tuple[Statement, ...]
    arn: str = ""

    @classmethod
    def parse(cls, name: str, document: str | Mapping[str, Any]) -> Policy:
        """Read a document; MalformedPolicyError where it is none."""
        try:
            content = json.loads(document) if isinstance(document, str) else document
            # Without a Version it is the language of 2008, in which ``${…}`` is a text like any other
            # (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html).
            read = _strings if content.get("Version", _FIRST_VERSION) != _FIRST_VERSION else _plain_strings
            return cls(name, tuple(_statement(entry, read) for entry in _listed(content["Statement"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedPolicyError(f"{name}: {error}") from error


def _statement(entry: Mapping[str, Any], read: Callable[[_Json], tuple[str, ...]]) -> Statement:
    effect = entry["Effect"]
    if effect not in {"Allow", "Deny"}:
        raise MalformedPolicyError(f"Effect {effect!r}")
    return Statement(
        sid=str(entry.get("Sid", "")),
        allows=effect == "Allow",
        actions=_strings(entry["Action"] if "Action" in entry else entry["NotAction"]),
        excludes_actions="Action" not in entry,
        # A trust policy names no resource: it stands on the role it guards.
        resources=read(entry.get("Resource", entry.get("NotResource", "*"))),
        excludes_resources="NotResource" in entry,
        conditions=tuple(
            Condition(operator, key, read(values))
            for operator, block in entry.get("Condition", {}).items()
            for key, values in block.items()
        ),
        principals=PrincipalPattern.parse(entry),
    )


@lru_cache(maxsize=2048)
def _patterns_about(actions: tuple[str, ...], service: str) -> tuple[str, ...]:
    """The action patterns that can fit an action of a service: ReadOnlyAccess alone has thousands for others."""
    return tuple(
        pattern
        for pattern in actions
        if (part := pattern.partition(":")[0].lower()) == service or set(part) & {"*", "?"}
    )


def _listed(value: _Json) -> list[_Json]:
    return value if isinstance(value, list) else [value]


def _plain_strings(value: _Json) -> tuple[str, ...]:
    return tuple(text.replace("${", "${$}{") for text in _strings(value))


def _strings(value: _Json) -> tuple[str, ...]:
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in _listed(value))
