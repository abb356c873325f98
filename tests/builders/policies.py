"""Builders of policies: a statement a line."""

from __future__ import annotations

from ssmtui.iam_policy.document import Condition, Effect, Policy, Statement


def statement(
    effect: Effect,
    action: str,
    resource: str = "",
    principal: str = "",
    condition: tuple[str, str, str] | None = None,
) -> Statement:
    """One statement; texts hold one value each, a condition is operator, key and value."""
    return Statement(
        effect=effect,
        principals=(principal,) if principal else (),
        actions=(action,),
        resources=(resource,) if resource else (),
        conditions=(Condition(condition[0], condition[1], (condition[2],)),) if condition else (),
    )


def allow(
    action: str, resource: str = "", principal: str = "", condition: tuple[str, str, str] | None = None
) -> Statement:
    """A statement that allows."""
    return statement(Effect.ALLOW, action, resource, principal, condition)


def deny(
    action: str, resource: str = "", principal: str = "", condition: tuple[str, str, str] | None = None
) -> Statement:
    """A statement that denies."""
    return statement(Effect.DENY, action, resource, principal, condition)


def a_policy(*statements: Statement) -> Policy:
    """A policy of these statements."""
    return Policy(statements)
