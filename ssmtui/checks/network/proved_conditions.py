"""What a node's own calls prove of conditions that nobody told: that its role is of that organization, say.

A connected node was let through by the policy of the endpoint for ssmmessages. Where that hung on one statement alone,
the statement's word is known, and with it what it asks of the role: also for the policies of the other endpoints.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ssmtui.model.policy import Condition, Effect, Policy, Statement
from ssmtui.model.policy_reading import AuthorizationRequest, Truth, read_policies

_OF_THE_ROLE = "aws:principal"
_OF_THE_RESOURCE = "aws:resourceorg"


@dataclass(frozen=True, slots=True)
class Proved:
    """Conditions that hold for a role and what is its account's, and some that do not."""

    fulfilled: frozenset[Condition] = frozenset()
    unfulfilled: frozenset[Condition] = frozenset()

    @property
    def of_the_role(self) -> Proved:
        """What of it is about the role alone: that holds whosever the resource is."""
        return Proved(*(frozenset(filter(_is_of_the_role, each)) for each in (self.fulfilled, self.unfulfilled)))


NOTHING = Proved()


def proved_by(policy: Policy, request: AuthorizationRequest) -> Proved:
    """What follows from a policy's having let a request through."""
    open_statements = [each for each in policy.statements if _word(policy, each, request) is Truth.PERHAPS]
    if len(open_statements) != 1:
        return NOTHING
    (statement,) = open_statements
    told = frozenset(each for each in statement.conditions if _carries_over(each))
    if statement.effect is Effect.ALLOW:
        others = replace(policy, statements=tuple(each for each in policy.statements if each is not statement))
        needed = read_policies((others,), request).allows is Truth.NO
        return Proved(fulfilled=told) if needed else NOTHING
    decided = len(statement.conditions) == 1 and len(told) == 1
    return Proved(unfulfilled=told) if decided else NOTHING


def knowing(policy: Policy, proved: Proved) -> Policy:
    """A policy without the conditions that are known to hold, nor the statements one of whose conditions does not."""
    statements = tuple(_without(each, proved.fulfilled) for each in _applicable(policy.statements, proved))
    return replace(policy, statements=statements)


def _applicable(statements: Iterable[Statement], proved: Proved) -> Iterable[Statement]:
    return (each for each in statements if proved.unfulfilled.isdisjoint(each.conditions))


def _without(statement: Statement, fulfilled: frozenset[Condition]) -> Statement:
    return replace(statement, conditions=tuple(each for each in statement.conditions if each not in fulfilled))


def _word(policy: Policy, statement: Statement, request: AuthorizationRequest) -> Truth:
    reading = read_policies((replace(policy, statements=(statement,)),), request)
    return reading.allows if statement.effect is Effect.ALLOW else reading.denies


def _carries_over(condition: Condition) -> bool:
    """Whether a condition is about the role, or about whose the resource is: a channel is of the node's own account."""
    return _is_of_the_role(condition) or condition.key.casefold().startswith(_OF_THE_RESOURCE)


def _is_of_the_role(condition: Condition) -> bool:
    return condition.key.casefold().startswith(_OF_THE_ROLE)
