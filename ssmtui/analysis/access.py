"""Combine IAM's answer with resource policies and trust policies into one decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType

from ssmtui.analysis.finding_parts import denial_evidence, join_words, least_sure, undecided_evidence, unread_evidence
from ssmtui.iam_policy.document import Effect, Policy, Statement
from ssmtui.iam_policy.evaluation import (
    AuthorizationRequest,
    condition_keys,
    evaluate_request,
    is_role_session,
    names_session,
    undecided_keys,
)
from ssmtui.iam_policy.patterns import Context
from ssmtui.iam_policy.truth import Truth, logical_and, logical_not, logical_or
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence
from ssmtui.model.identity import Role, RoleSource
from ssmtui.model.key_requests import NO_KEY_REQUEST, BucketKeyRequest, KeyRequest, known_request
from ssmtui.model.node import Node
from ssmtui.model.node_requests import (
    NO_CONDITIONS,
    BucketKeyPolicyRequests,
    BucketPolicyRequests,
    PolicyRequests,
    unread_context_reads,
)
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, Question
from ssmtui.model.request_context import PATH_KEYS, agent_context, via_s3
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption, BucketKeyGrants, BucketKeyPolicy, BucketPolicy

NO_EXTRA_CONTEXT: Context = MappingProxyType({})
_ON_WAY = frozenset(key.lower() for key in PATH_KEYS)

_PRINCIPAL_ARN = "aws:principalarn"
_EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class ResourceDecision:
    """What a resource's policy says about a role: whether it names the role, delegates to the account, or denies.

    `named` is the policy's name in evidence (`the key's policy`), `source` the call that read it. `past_boundary`: the
    policy allows in a way that the silence of a permissions boundary does not limit. `open_keys` are the condition keys
    with unknown values that the policy depends on, and `unread` the failed reads of their values.
    """

    named: str
    source: str
    names_role: Truth
    leaves_to_account: Truth
    denies: Truth
    past_boundary: Truth = Truth.NO
    on_way: tuple[str, ...] = ()
    open_keys: tuple[str, ...] = ()
    unread: tuple[Unreadable, ...] = ()

    @property
    def in_words(self) -> str:
        """Return what the policy says, as a sentence about it."""
        said = f"{self.named} {self._says()}"
        if not self.on_way:
            return said
        return say("{said}, with {keys} taken from the account's network", said=said, keys=join_words(self.on_way))

    def _says(self) -> str:
        if self.denies is Truth.YES:
            return say("explicitly denies the role")
        if Truth.PERHAPS in (self.denies, self.names_role, self.leaves_to_account):
            if self.open_keys:
                return say("depends on conditions on {keys}, whose values are unknown", keys=join_words(self.open_keys))
            return say("depends on conditions that cannot be evaluated here")
        if self.names_role is Truth.YES:
            return say("allows the role")
        if self.leaves_to_account is Truth.YES:
            return say("delegates the decision to the account and does not name the role")
        return say("allows neither the role nor its account")


def evaluate_resource_policy(
    policy: Policy,
    named: str,
    source: str,
    *,
    scope: Scope,
    role: Role,
    question: Question,
    requests: PolicyRequests | NoFact = NO_CONDITIONS,
    node: Node | None = None,
    known: Context = NO_EXTRA_CONTEXT,
    key_request: KeyRequest = NO_KEY_REQUEST,
    bounded: Truth = Truth.PERHAPS,
) -> ResourceDecision:
    """Evaluate a resource's policy for a request of a node's role.

    `requests` are known if the policy depends on them; `node` is needed only for `PolicyRequests.of_single_nodes`.
    `known` are values of more condition keys; `key_request` is what is known of a request about the session key;
    `bounded` says whether the role has a permissions boundary.
    """
    context = {**agent_context(scope, role.arn, question), **key_request.context, **known}
    if isinstance(requests, PolicyRequests):
        context = {**requests.known(scope, node, question), **key_request.context, **known}
    account = (f"arn:{scope.partition}:iam::{role.account}:root", role.account)
    session = key_request.session or (requests.session(scope, node) if isinstance(requests, PolicyRequests) else "")

    def of_role(keys: Context) -> AuthorizationRequest:
        return AuthorizationRequest(question.action, question.resource, (role.arn,), keys, account, bounded, session)

    def of_account(keys: Context) -> AuthorizationRequest:
        return AuthorizationRequest(question.action, question.resource, account, keys, account)

    own, whole = (evaluate_request((policy,), asked(context)) for asked in (of_role, of_account))
    apart = {key: values for key, values in context.items() if key.lower() not in _ON_WAY}
    hangs_on = _undecided((policy,), of_role(apart), of_account(apart))
    open_keys = _undecided((policy,), of_role(context), of_account(context))
    return ResourceDecision(
        named,
        source,
        own.allows,
        whole.allows,
        own.denies,
        _past_boundary(policy, of_role(context), role.arn),
        on_way=tuple(key for key in PATH_KEYS if key.lower() in hangs_on - open_keys),
        open_keys=tuple(sorted(key for key in _spelled(policy) if key.lower() in open_keys)),
        unread=(
            *key_request.unread(open_keys),
            *(
                unread_context_reads(requests.requests, open_keys, question.action)
                if isinstance(requests, PolicyRequests)
                else ()
            ),
        ),
    )


def _undecided(policies: tuple[Policy, ...], *asked: AuthorizationRequest) -> frozenset[str]:
    return frozenset(key.lower() for each in asked for key in undecided_keys(policies, each))


def _spelled(policy: Policy) -> tuple[str, ...]:
    """Return the condition keys of a policy, each in one spelling."""
    return tuple({key.lower(): key for key in condition_keys((policy,))}.values())


def _past_boundary(policy: Policy, asked: AuthorizationRequest, principal: str) -> Truth:
    allows = Truth.NO
    for statement in policy.statements:
        if statement.effect is Effect.ALLOW:
            said = evaluate_request((replace(policy, statements=(statement,)),), asked).allows
            allows = logical_or(allows, logical_and(said, _is_unlimited(statement, principal, asked.session)))
    return allows


def _is_unlimited(statement: Statement, principal: str, session: str) -> Truth:
    """Return whether a silent boundary does not limit a statement; undocumented for `*` without conditions."""
    if ":user/" in principal and principal in statement.principals:
        return Truth.YES
    # The session may be another one than the caller's, and a statement that names the role itself is limited.
    by_session = Truth.NO
    for name in statement.principals:
        if is_role_session(name, principal):
            by_session = logical_or(by_session, names_session(name, session))
    if by_session is Truth.YES or _EVERYBODY not in statement.principals:
        return by_session
    names_principal = any(
        each.key.casefold() == _PRINCIPAL_ARN and _is_positive(each.operator) for each in statement.conditions
    )
    return Truth.YES if names_principal else Truth.PERHAPS


def _is_positive(operator: str) -> bool:
    return "Not" not in operator and operator != "Null"


def trusted_services(source: RoleSource, scope: Scope) -> tuple[str, ...]:
    """Return the names with which a trust policy can name the service that provides the role.

    In China, EC2 has its own name in addition to the usual one (docs/facts/permissions.md §7).
    """
    if source is RoleSource.INSTANCE_PROFILE:
        return tuple(dict.fromkeys(("ec2.amazonaws.com", f"ec2.{scope.dns_suffix}")))
    return ("ssm.amazonaws.com",)


def is_trusted(role: Role, services: tuple[str, ...], scope: Scope) -> Truth:
    """Return whether the role's trust policy lets one of the services assume the role."""
    context = {"aws:SourceAccount": (scope.account,), "aws:SecureTransport": ("true",)}
    return evaluate_request((role.trust,), AuthorizationRequest("sts:AssumeRole", role.arn, services, context)).permits


@dataclass(frozen=True, slots=True)
class Access:
    """Whether an action is allowed, and why. `PERHAPS` has the actions that would settle it, if any.

    `identity_would_do`: one more statement in the role's own policies would be enough.
    """

    allowed: Truth
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    needs: tuple[str, ...] = ()
    identity_would_do: bool = True


@dataclass(frozen=True, slots=True)
class _IdentityDecision:
    """What the identity's own policies, its boundary, and denials that nothing overrides say."""

    allows: Truth
    within_boundary: Truth
    denies: Truth


@dataclass(frozen=True, slots=True)
class _AccessSources:
    """All sources of the decision."""

    identity: _IdentityDecision
    resource: ResourceDecision
    granted: Truth
    same_account: bool

    @property
    def permit(self) -> Truth:
        """Return the decision from all sources."""
        inside = self.identity.within_boundary
        by_identity = logical_and(self.identity.allows, inside)
        if self.same_account:
            by_resource = logical_or(self.resource.past_boundary, logical_and(self.resource.names_role, inside))
            # AWS does not document whether a boundary limits a grant.
            by_grant = logical_and(self.granted, Truth.PERHAPS if inside is Truth.NO else inside)
            allowed = logical_or(
                logical_or(by_resource, by_grant), logical_and(by_identity, self.resource.leaves_to_account)
            )
        else:
            named = logical_or(logical_or(self.resource.names_role, self.granted), self.resource.leaves_to_account)
            allowed = logical_and(by_identity, named)
        return logical_and(allowed, logical_not(logical_or(self.identity.denies, self.resource.denies)))


_NOTHING_AGAINST = _IdentityDecision(Truth.YES, Truth.YES, Truth.NO)
_IDENTITY_UNREAD = _IdentityDecision(Truth.PERHAPS, Truth.PERHAPS, Truth.PERHAPS)
_RESOURCE_UNREAD = ResourceDecision("", "", Truth.PERHAPS, Truth.PERHAPS, Truth.PERHAPS, Truth.PERHAPS)
_WHAT_RESOURCES_SAY = (
    ResourceDecision("", "", Truth.YES, Truth.YES, Truth.NO, Truth.YES),
    ResourceDecision("", "", Truth.NO, Truth.NO, Truth.NO),
    ResourceDecision("", "", Truth.NO, Truth.NO, Truth.YES),
)
_WHAT_IDENTITIES_SAY = (
    _NOTHING_AGAINST,
    _IdentityDecision(Truth.NO, Truth.YES, Truth.NO),
    _IdentityDecision(Truth.NO, Truth.NO, Truth.YES),
)


def access(
    answer: EvaluationResult | Unreadable,
    resource: ResourceDecision | Unreadable,
    *,
    same_account: bool,
    granted: Truth | Unreadable = Truth.NO,
) -> Access:
    """Combine IAM's answer with the resource's policy; `granted` says whether a grant on a key names the role."""
    sides = _sides(answer, resource, granted, same_account=same_account)
    permit = sides.permit
    if permit is Truth.YES:
        return Access(Truth.YES, Confidence.LIKELY, ())
    if permit is Truth.PERHAPS:
        hung_on = answer.unread if isinstance(answer, EvaluationResult) else ()
        of_resource = () if isinstance(resource, Unreadable) else resource.unread
        deciding = (*_deciding(answer, resource, granted, same_account=same_account), *hung_on, *of_resource)
        needs = tuple(dict.fromkeys(each.action for each in deciding if each.action))
        evidence = (*_evidence(answer, resource, granted, deciding), *_of_further_denials(answer))
        return Access(permit, Confidence.POSSIBLE, evidence, needs)
    if isinstance(answer, EvaluationResult) and _is_barred(sides.identity):
        return Access(permit, answer.confidence, (denial_evidence(answer),), identity_would_do=False)
    by_resource = sides.resource.denies is Truth.YES
    confidence = answer.confidence if isinstance(answer, EvaluationResult) and not by_resource else Confidence.PROVED
    if sides.resource.on_way:
        confidence = least_sure((confidence, Confidence.LIKELY))
    with_grant = _AccessSources(_NOTHING_AGAINST, sides.resource, Truth.NO, same_account)
    return Access(
        permit,
        confidence,
        _evidence(answer, resource, granted),
        identity_would_do=with_grant.permit is not Truth.NO,
    )


def is_bounded(answer: EvaluationResult | Unreadable) -> Truth:
    """Return whether the identity has a permissions boundary, as far as IAM's answer shows it."""
    if isinstance(answer, Unreadable):
        return Truth.PERHAPS
    return Truth.YES if answer.denier is Denier.BOUNDARY else answer.bounded


def _sides(
    answer: EvaluationResult | Unreadable,
    resource: ResourceDecision | Unreadable,
    granted: Truth | Unreadable,
    *,
    same_account: bool,
) -> _AccessSources:
    return _AccessSources(
        _identity(answer),
        _RESOURCE_UNREAD if isinstance(resource, Unreadable) else resource,
        Truth.PERHAPS if isinstance(granted, Unreadable) else granted,
        same_account,
    )


def _identity(answer: EvaluationResult | Unreadable) -> _IdentityDecision:
    if isinstance(answer, Unreadable):
        return _IDENTITY_UNREAD
    silent_boundary = (
        answer.decision is Decision.IMPLICIT_DENY and answer.denier is Denier.BOUNDARY and not answer.undecided
    )
    if answer.is_final and not silent_boundary:
        return _IdentityDecision(Truth.NO, Truth.PERHAPS, Truth.YES)
    open_ = Truth.PERHAPS if answer.may_be_barred else None
    return _IdentityDecision(
        Truth.PERHAPS if silent_boundary else answer.permits,
        Truth.NO if silent_boundary else open_ or Truth.YES,
        open_ or Truth.NO,
    )


def _is_barred(identity: _IdentityDecision) -> bool:
    return identity.denies is Truth.YES or identity.within_boundary is Truth.NO


def _deciding(
    answer: EvaluationResult | Unreadable,
    resource: ResourceDecision | Unreadable,
    granted: Truth | Unreadable,
    *,
    same_account: bool,
) -> Iterator[Unreadable]:
    """Yield the unread sources that could change the decision, for some content of the other unread sources."""
    identities = _WHAT_IDENTITIES_SAY if isinstance(answer, Unreadable) else (_identity(answer),)
    resources = _WHAT_RESOURCES_SAY if isinstance(resource, Unreadable) else (resource,)
    grants = (Truth.YES, Truth.NO) if isinstance(granted, Unreadable) else (granted,)
    if isinstance(answer, Unreadable) and any(
        len({_AccessSources(each, policy, grant, same_account).permit for each in identities}) > 1
        for policy, grant in product(resources, grants)
    ):
        yield answer
    if isinstance(resource, Unreadable) and any(
        len({_AccessSources(identity, each, grant, same_account).permit for each in resources}) > 1
        for identity, grant in product(identities, grants)
    ):
        yield resource
    if isinstance(granted, Unreadable) and any(
        len({_AccessSources(identity, policy, each, same_account).permit for each in grants}) > 1
        for identity, policy in product(identities, resources)
    ):
        yield granted


def _evidence(
    answer: EvaluationResult | Unreadable,
    resource: ResourceDecision | Unreadable,
    granted: Truth | Unreadable,
    unread: tuple[Unreadable, ...] = (),
) -> tuple[Evidence, ...]:
    found = [*_of_identity(answer)]
    if isinstance(resource, ResourceDecision):
        found.append(Evidence(resource.in_words, resource.source))
    found += [said for each in unread for said in unread_evidence(each)]
    if granted is Truth.PERHAPS:
        conditional = say("a grant names a session of the role, or applies only to certain encryption contexts")
        found.append(Evidence(conditional, "kms:ListGrants"))
    return tuple(found)


def _of_identity(answer: EvaluationResult | Unreadable) -> tuple[Evidence, ...]:
    if isinstance(answer, Unreadable):
        return ()
    if answer.permits is Truth.YES:
        return (undecided_evidence(answer),) if answer.may_be_barred else ()
    return (undecided_evidence(answer) if answer.undecided else denial_evidence(answer),)


def _of_further_denials(answer: EvaluationResult | Unreadable) -> tuple[Evidence, ...]:
    """Return the keys that a further denial depends on, which the resource's policy cannot override."""
    if isinstance(answer, Unreadable) or answer.permits is not Truth.NO or not answer.may_be_barred:
        return ()
    return (undecided_evidence(answer),) if answer.open_keys else ()


_SOURCE = "s3:GetBucketPolicy"


@dataclass(frozen=True, slots=True)
class BucketAccess:
    """The access of one role to the log bucket."""

    scope: Scope
    role: Role
    bucket: Bucket | Unreadable
    policy: BucketPolicy | Absent | Unreadable
    requests: BucketPolicyRequests | NoFact = NO_CONDITIONS
    node: Node | None = None

    @property
    def foreign(self) -> bool:
        """Return whether the bucket belongs to another account."""
        return isinstance(self.bucket, Bucket) and self.bucket.foreign

    def judge(
        self, question: Question, answer: EvaluationResult | Unreadable, known: Context = NO_EXTRA_CONTEXT
    ) -> Access:
        """Return whether the role is allowed to do it. `known` are values of the request's condition keys."""
        says = self._says(question, known, is_bounded(answer))
        judged = access(answer, says, same_account=not self.foreign)
        if self.foreign and judged.confidence is Confidence.PROVED:
            return replace(judged, confidence=Confidence.LIKELY)  # the other account is only inferred
        return judged

    def _says(self, question: Question, known: Context, bounded: Truth) -> ResourceDecision | Unreadable:
        if isinstance(self.policy, Unreadable):
            return self.policy
        # Within its account, a bucket delegates everything to the account that its policy does not deny.
        own = Truth.NO if self.foreign else Truth.YES
        if isinstance(self.policy, Absent):
            return ResourceDecision(
                say("the bucket, which has no policy,"), self.policy.source, Truth.NO, own, Truth.NO
            )
        says = evaluate_resource_policy(
            self.policy.policy,
            say("the bucket's policy"),
            _SOURCE,
            scope=self.scope,
            role=self.role,
            question=question,
            requests=self.requests,
            node=self.node,
            known=known,
            bounded=bounded,
        )
        if self.foreign:
            return says
        return replace(says, leaves_to_account=Truth.YES)


@dataclass(frozen=True, slots=True)
class BucketKeyAccess:
    """The access of one role to the key of the log bucket."""

    scope: Scope
    role: Role
    policy: BucketKeyPolicy | Absent | NotApplicable | Unreadable
    grants: BucketKeyGrants | Absent | NotApplicable | Unreadable
    requests: BucketKeyPolicyRequests | NoFact = NO_CONDITIONS
    node: Node | None = None
    request: BucketKeyRequest | NoFact = NO_CONDITIONS

    def is_own(self, encryption: BucketEncryption | Absent) -> bool:
        """Return whether the bucket's key is in the role's account."""
        return isinstance(encryption, BucketEncryption) and self._is_own_key(encryption.key_arn or "")

    def _is_own_key(self, key_arn: str) -> bool:
        return key_arn.split(":")[4:5] == [self.role.account]

    def judge(self, answer: EvaluationResult) -> Access | None:
        """Return whether the role is allowed to do it; None for another account's key with an unreadable policy."""
        key_arn = answer.question.resource
        same_account = self._is_own_key(key_arn)
        if not isinstance(self.policy, BucketKeyPolicy):
            unread = self.policy if isinstance(self.policy, Unreadable) else _not_read()
            return access(answer, unread, same_account=same_account) if same_account or not answer.allowed else None
        says = evaluate_resource_policy(
            self.policy.policy,
            say("the key policy of the bucket"),
            "kms:GetKeyPolicy",
            scope=self.scope,
            role=self.role,
            # S3 calls KMS in the name of the writer, as the context of the question says.
            question=replace(answer.question, context=via_s3(self.scope)),
            requests=self.requests,
            node=self.node,
            key_request=known_request(self.request),
            bounded=is_bounded(answer),
        )
        return access(answer, says, same_account=same_account, granted=self._granted(answer.question.action))

    def _granted(self, action: str) -> Truth | Unreadable:
        if isinstance(self.grants, BucketKeyGrants):
            return self.grants.allow(self.role.arn, action.partition(":")[2])
        return self.grants if isinstance(self.grants, Unreadable) else Truth.NO


def _not_read() -> Unreadable:
    why = say("the key policy of the bucket, which could name the role, was not read")
    return Unreadable("kms:GetKeyPolicy", why)
