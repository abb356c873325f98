"""Evaluate IAM policies: the decision on a request, and the policies behind it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, within one account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ssmtui.simulator.authorisation.policies import Context, Policy, Principal, Statement


class Outcome(StrEnum):
    """EvalDecision, as iam:SimulatePrincipalPolicy spells it."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class PolicyKind(StrEnum):
    """The kinds of policies, in the words of AWS's error messages."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SERVICE_CONTROL = "service control policy"
    RESOURCE = "resource-based policy"
    ENDPOINT = "VPC endpoint policy"
    RESOURCE_CONTROL = "resource control policy"
    SESSION = "session policy"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One action on one resource; `resource` is an ARN, or ``*`` if the action has no resource type."""

    principal: Principal
    action: str
    resource: str = "*"
    context: Context = field(default_factory=Context)


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """A policy attached to the resource.

    `governs` is true of a KMS key: without a statement of its policy that names the account, the identity policies
    of that account do not count. `granted` holds the actions that a grant on the key gives to the principal. If
    `account`, the resource's, is not the principal's, both accounts must allow the request
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html).
    """

    policy: Policy
    governs: bool = False
    granted: tuple[str, ...] = ()
    account: str = ""

    def is_foreign_to(self, principal: Principal) -> bool:
        """Return whether the resource belongs to another account than the principal."""
        return bool(self.account) and self.account != principal.account


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that apply to a request.

    The policies of the organization are listed by level (root, organizational units, account): every level must allow
    (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html).
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    service_control: tuple[tuple[Policy, ...], ...] = ()
    resource: ResourcePolicy | None = None
    endpoint: Policy | None = None
    resource_control: tuple[tuple[Policy, ...], ...] = ()
    session: Policy | None = None


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """A statement that decided the request, and its policy."""

    policy: str
    kind: PolicyKind
    sid: str
    arn: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision, the statements behind it, and the kind of policy that refused (None if allowed).

    `allowed_by_boundary` and `allowed_by_organizations` are None if there is no such policy.
    """

    outcome: Outcome
    matched: tuple[MatchedStatement, ...] = ()
    refused_by: PolicyKind | None = None
    allowed_by_boundary: bool | None = None
    allowed_by_organizations: bool | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed."""
        return self.outcome is Outcome.ALLOWED


def evaluate(request: AuthorizationRequest, policies: Policies) -> Decision:
    """Evaluate a request: an explicit deny wins; then every kind of policy that must allow it has to do so."""
    context = request.principal.context.completed_by(request.context)
    asked = _Question(request, context, is_bounded=policies.boundary is not None)
    identity = asked.of(policies.identity, PolicyKind.IDENTITY)
    boundary = asked.of(_one(policies.boundary), PolicyKind.BOUNDARY)
    organizations = [asked.of(level, PolicyKind.SERVICE_CONTROL) for level in policies.service_control]
    of_resources = [asked.of(level, PolicyKind.RESOURCE_CONTROL) for level in policies.resource_control]
    endpoint = asked.of(_one(policies.endpoint), PolicyKind.ENDPOINT)
    session = asked.of(_one(policies.session), PolicyKind.SESSION)
    resource = asked.of(_one(policies.resource.policy if policies.resource else None), PolicyKind.RESOURCE)

    by_boundary = boundary.permits if policies.boundary else None
    by_organizations = all(level.permits for level in organizations) if organizations else None

    def decided(
        outcome: Outcome, matched: Iterable[MatchedStatement], refused_by: PolicyKind | None = None
    ) -> Decision:
        return Decision(outcome, tuple(matched), refused_by, by_boundary, by_organizations)

    for kind, answers in (
        (PolicyKind.SERVICE_CONTROL, organizations),
        (PolicyKind.RESOURCE_CONTROL, of_resources),
        (PolicyKind.ENDPOINT, [endpoint]),
        (PolicyKind.RESOURCE, [resource]),
        (PolicyKind.BOUNDARY, [boundary]),
        (PolicyKind.SESSION, [session]),
        (PolicyKind.IDENTITY, [identity]),
    ):
        denies = [statement for answer in answers for statement in answer.denies]
        if denies:
            return decided(Outcome.EXPLICIT_DENY, denies, kind)
    if not all(level.allows for level in organizations):
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.SERVICE_CONTROL)
    if not all(level.allows for level in of_resources):
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.RESOURCE_CONTROL)
    if policies.endpoint and not endpoint.allows:
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.ENDPOINT)

    granted = policies.resource is not None and request.action in policies.resource.granted
    named = resource.allows or granted
    governed = policies.resource is not None and policies.resource.governs
    foreign = policies.resource is not None and policies.resource.is_foreign_to(request.principal)
    if not named and (governed or foreign) and not asked.is_delegated(policies.resource):
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.RESOURCE)
    if (not named or foreign) and not identity.allows:
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.IDENTITY)
    beyond_boundary = not foreign and asked.is_given_directly(policies.resource)
    if policies.boundary and not boundary.allows and not beyond_boundary:
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.BOUNDARY)
    if policies.session and not session.allows and not beyond_boundary:
        return decided(Outcome.IMPLICIT_DENY, (), PolicyKind.SESSION)
    return decided(Outcome.ALLOWED, (*identity.allows, *resource.allows))


def _one(policy: Policy | None) -> tuple[Policy, ...]:
    return (policy,) if policy else ()


@dataclass(frozen=True, slots=True)
class _Answer:
    allows: tuple[MatchedStatement, ...]
    denies: tuple[MatchedStatement, ...]

    @property
    def permits(self) -> bool:
        return bool(self.allows) and not self.denies


@dataclass(frozen=True, slots=True)
class _Question:
    request: AuthorizationRequest
    context: Context
    is_bounded: bool

    def of(self, policies: tuple[Policy, ...], kind: PolicyKind) -> _Answer:
        allows: list[MatchedStatement] = []
        denies: list[MatchedStatement] = []
        for policy in policies:
            for statement in policy.statements:
                if self._applies(statement):
                    matched = MatchedStatement(policy.name, kind, statement.sid, policy.arn)
                    (allows if statement.allows else denies).append(matched)
        return _Answer(tuple(allows), tuple(denies))

    def _applies(self, statement: Statement) -> bool:
        principal = self.request.principal
        # A deny that names the account denies everybody in it; an allow for the account only delegates the decision.
        named = statement.names(principal, is_bounded=self.is_bounded) or (
            not statement.allows and statement.names_account_of(principal)
        )
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

    def is_given_directly(self, resource: ResourcePolicy | None) -> bool:
        """Return whether a policy of the resource allows the request without the consent of a boundary.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
        """
        if resource is None:
            return False
        return any(
            statement.allows
            and statement.principals is not None
            and statement.principals.names_directly(self.request.principal, by_arn=statement.asks_for_principal_arn)
            and statement.speaks_of(self.request.action, self.request.resource, self.context)
            for statement in resource.policy.statements
        )
