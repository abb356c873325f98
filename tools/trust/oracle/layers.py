"""All policies that have a say, together.

IAM User Guide: reference_policies_evaluation-logic and its pages on one account, on two, on denials and allowances;
access_policies_boundaries; reference_policies_elements_principal and _notprincipal. KMS Developer Guide: key-policies,
grants. Organizations User Guide: orgs_manage_policies_scps_evaluation. VPC: vpc-endpoints-access.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.trust.oracle.language import Request, Statement, is_about, principals_in
from tools.trust.oracle.reading import Reading, every, opposite, some

VERSION_WITH_VARIABLES = "2012-10-17"


@dataclass(frozen=True)
class Document:
    """A policy document."""

    statements: Sequence[Statement]
    version: str | None = VERSION_WITH_VARIABLES

    def applies(self, effect: str, request: Request) -> Reading:
        """Whether a statement of that effect applies, whoever asks."""
        return some(self._meant(each, request) for each in self.statements if each["Effect"] == effect)

    def _meant(self, statement: Statement, request: Request) -> Reading:
        return is_about(statement, request, variables=self.version == VERSION_WITH_VARIABLES)

    def allows_as(self, name: str, request: Request) -> Reading:
        """Whether a statement allows it that names somebody in its Principal by that name."""
        return some(
            self._meant(each, request)
            for each in self.statements
            if each["Effect"] == "Allow" and name in principals_in(each, "Principal")
        )

    def denies(self, request: Request, *, bounded: bool) -> Reading:
        """Whether it denies it to this role's session."""
        return some(
            every((self._meant(each, request), _is_denied_to(each, request, bounded=bounded)))
            for each in self.statements
            if each["Effect"] == "Deny"
        )

    def allows_past_boundary(self, request: Request) -> Reading:
        """Whether it gives it to the session itself, or to everybody whose `aws:PrincipalArn` is the role's."""
        by_arn = some(
            self._meant(each, request)
            for each in self.statements
            if each["Effect"] == "Allow" and "*" in principals_in(each, "Principal") and _asks_for_principal(each)
        )
        return some((self.allows_as(request.session, request), by_arn))


def _asks_for_principal(statement: Statement) -> bool:
    block = statement.get("Condition") or {}
    assert isinstance(block, Mapping)
    return any(
        key.lower() == "aws:principalarn" and operator in ("ArnEquals", "ArnLike", "StringEquals", "StringLike")
        for operator, tests in block.items()
        for key in tests
    )


def _is_denied_to(statement: Statement, request: Request, *, bounded: bool) -> Reading:
    own = {request.role, request.session, request.root, request.account}
    if "NotPrincipal" not in statement:
        return not own.isdisjoint(principals_in(statement, "Principal")) or "*" in principals_in(statement, "Principal")
    spared = set(principals_in(statement, "NotPrincipal"))
    if "*" in spared:
        return None
    if bounded or own.isdisjoint(spared):
        return True  # "NotPrincipal with Deny … always denies an IAM principal that has a permissions boundary"
    whole = {request.role, request.session} <= spared and not {request.root, request.account}.isdisjoint(spared)
    return False if whole else None


@dataclass(frozen=True)
class Grant:
    """A grant on a key: to whom, for what, and whether it holds for certain encryption contexts only."""

    grantee: str
    actions: Sequence[str]
    constrained: bool = False


@dataclass(frozen=True)
class OnResource:
    """The policy of a resource, whose the resource is, and whether it governs what its account may do (a key's)."""

    policy: Document
    account: str
    governs: bool = False
    grants: Sequence[Grant] = ()

    def granted(self, request: Request) -> Reading:
        """Whether a grant gives it to the session."""
        return some(
            None if each.constrained else True
            for each in self.grants
            if each.grantee in (request.role, request.session) and request.action in each.actions
        )


@dataclass(frozen=True)
class Account:
    """Everything that has a say about one request. `levels` are the service control policies, level by level."""

    identity: Sequence[Document]
    boundary: Document | None = None
    levels: Sequence[Sequence[Document]] = ()
    resource: OnResource | None = None
    endpoint: Document | None = None
    resource_controls: Sequence[Document] = field(default=())

    def allows(self, request: Request) -> Reading:
        """Whether AWS lets it through."""
        return every((opposite(self._denied(request)), self._within_limits(request), self._given(request)))

    def _denied(self, request: Request) -> Reading:
        bounded = self.boundary is not None
        own = [
            *self.identity,
            *([self.boundary] if self.boundary else []),
            *(d for level in self.levels for d in level),
        ]
        on_others = [*([self.resource.policy] if self.resource else []), *([self.endpoint] if self.endpoint else [])]
        return some(
            (
                *(each.applies("Deny", request) for each in own),
                *(each.denies(request, bounded=bounded) for each in on_others),
                *(each.denies(request, bounded=bounded) for each in self.resource_controls),
            )
        )

    def _within_limits(self, request: Request) -> Reading:
        levels = (some(each.applies("Allow", request) for each in level) for level in self.levels)
        return every((*levels, self._through_endpoint(request)))

    def _through_endpoint(self, request: Request) -> Reading:
        if self.endpoint is None:
            return True
        by_name = some(self.endpoint.allows_as(each, request) for each in ("*", request.role, request.session))
        # An account in an endpoint's policy is "the root user only" on one page, and all of it on others.
        by_account = some(self.endpoint.allows_as(each, request) for each in (request.root, request.account))
        return some((by_name, None if by_account is not False else False))

    def _given(self, request: Request) -> Reading:
        by_own = some(each.applies("Allow", request) for each in self.identity)
        inside = True if self.boundary is None else self.boundary.applies("Allow", request)
        by_identity = every((by_own, inside))
        if self.resource is None:
            return by_identity
        policy = self.resource.policy
        to_account = some(policy.allows_as(each, request) for each in (request.root, request.account))
        to_role = some(policy.allows_as(each, request) for each in (request.role, request.session))
        to_all = policy.allows_as("*", request)
        granted = self.resource.granted(request)
        if self.resource.account != request.account:
            return every((by_identity, some((to_account, to_role, to_all, granted))))
        # Of a grant, and of a bare `*`, under a boundary that is silent AWS documents nothing.
        unlimited = True if inside is True else None
        given = some(
            (
                policy.allows_past_boundary(request),
                every((policy.allows_as(request.role, request), inside)),
                every((to_all, unlimited)),
                every((granted, unlimited)),
            )
        )
        delegated = every((by_identity, to_account)) if self.resource.governs else by_identity
        return some((given, delegated))
