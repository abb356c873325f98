"""The evaluation logic of IAM: what a request is answered, by which policy.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, within one account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ssmtui.simulator.authorisation.context import Context
from ssmtui.simulator.authorisation.documents import Policy, Statement
from ssmtui.simulator.authorisation.principals import Principal


class Outcome(StrEnum):
    """EvalDecision, as iam:SimulatePrincipalPolicy spells it."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class PolicyKind(StrEnum):
    """The kinds of policies, in the words of AWS's refusals."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SERVICE_CONTROL = "service control policy"
    RESOURCE = "resource-based policy"
    ENDPOINT = "VPC endpoint policy"


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource; `resource` is an ARN, or ``*`` where the action knows none."""

    principal: Principal
    action: str
    resource: str = "*"
    context: Context = field(default_factory=Context)


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """A policy that stands on the resource.

    `governs` is true of a KMS key: without a statement of its policy that names the account, the identity policies
    of that account do not count. `granted` holds the actions that a grant on the key gives to the principal.
    """

    policy: Policy
    governs: bool = False
    granted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy that has a say in a request."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    service_control: tuple[Policy, ...] = ()
    resource: ResourcePolicy | None = None
    endpoint: Policy | None = None


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """A statement that decided, and where it stands."""

    policy: str
    kind: PolicyKind
    sid: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, the statements behind it, and the kind of policy that refused (None where allowed).

    `allowed_by_boundary` and `allowed_by_organizations` are None where there is no such policy.
    """

    outcome: Outcome
    matched: tuple[MatchedStatement, ...] = ()
    refused_by: PolicyKind | None = None
    allowed_by_boundary: bool | None = None
    allowed_by_organizations: bool | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request goes through."""
        return self.outcome is Outcome.ALLOWED


def evaluate(request: Request, policies: Policies) -> Decision:
    """Judge a request: an explicit deny wins, then every kind of policy that must allow has to."""
    context = request.principal.context.completed_by(request.context)
    asked = _Question(request, context)
    identity = asked.of(policies.identity, PolicyKind.IDENTITY)
    boundary = asked.of((policies.boundary,) if policies.boundary else (), PolicyKind.BOUNDARY)
    organizations = asked.of(policies.service_control, PolicyKind.SERVICE_CONTROL)
    endpoint = asked.of((policies.endpoint,) if policies.endpoint else (), PolicyKind.ENDPOINT)
    resource = asked.of((policies.resource.policy,) if policies.resource else (), PolicyKind.RESOURCE)

    by_boundary = bool(boundary.allows) if policies.boundary else None
    by_organizations = bool(organizations.allows) if policies.service_control else None

    def decided(
        outcome: Outcome, matched: Iterable[MatchedStatement], refused_by: PolicyKind | None = None
    ) -> Decision:
        return Decision(outcome, tuple(matched), refused_by, by_boundary, by_organizations)

    for kind, answer in (
        (PolicyKind.SERVICE_CONTROL, organizations),
        (PolicyKind.ENDPOINT, endpoint),
        (PolicyKind.RESOURCE, resource),
        (PolicyKind.BOUNDARY, boundary),
        (PolicyKind.IDENTITY, identity),
    ):
        if answer.denies:
            return decided(Outcome.EXPLICIT_DENY, answer.denies, kind)
    if policies.service_control and not organizations.allows:
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.SERVICE_CONTROL)
    if policies.endpoint and not endpoint.allows:
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.ENDPOINT)

    granted = policies.resource is not None and request.action in policies.resource.granted
    named = resource.allows or granted
    governed = policies.resource is not None and policies.resource.governs
    if not named and governed and not asked.is_delegated(policies.resource):
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.RESOURCE)
    if not named and not identity.allows:
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.IDENTITY)
    if policies.boundary and not boundary.allows:
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.BOUNDARY)
    return decided(Outcome.ALLOWED, (*identity.allows, *resource.allows))


@dataclass(frozen=True, slots=True)
class _Answer:
    allows: tuple[MatchedStatement, ...]
    denies: tuple[MatchedStatement, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    request: Request
    context: Context

    def of(self, policies: tuple[Policy, ...], kind: PolicyKind) -> _Answer:
        allows: list[MatchedStatement] = []
        denies: list[MatchedStatement] = []
        for policy in policies:
            for statement in policy.statements:
                if self._applies(statement):
                    matched = MatchedStatement(policy.name, kind, statement.sid)
                    (allows if statement.allows else denies).append(matched)
        return _Answer(tuple(allows), tuple(denies))

    def _applies(self, statement: Statement) -> bool:
        principal = self.request.principal
        # A deny that names the account denies everybody in it; an allow that names it only hands the question on.
        named = statement.names(principal) or (not statement.allows and statement.names_account_of(principal))
        return named and statement.speaks_of(self.request.action, self.request.resource, self.context)

    def is_delegated(self, resource: ResourcePolicy | None) -> bool:
        if resource is None:
            return False
        return any(
            statement.allows
            and statement.names_account_of(self.request.principal)
            and statement.speaks_of(self.request.action, self.request.resource, self.context)
            for statement in resource.policy.statements
        )
