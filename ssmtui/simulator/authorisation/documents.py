"""Policy documents, parsed: what a statement says and whether it speaks of a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from ssmtui.simulator.authorisation.conditions import Condition
from ssmtui.simulator.authorisation.context import Context
from ssmtui.simulator.authorisation.patterns import arn_matches, matches
from ssmtui.simulator.authorisation.principals import Principal, PrincipalPattern

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
