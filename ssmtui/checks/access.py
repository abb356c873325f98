"""Whether a role may do something to a thing that has a policy of its own: IAM's answer and that policy together.

Within one account either may allow it: the identity's policies where the resource leaves it to the account, or the
resource's policy where it names the role. Between two accounts both must. An explicit denial anywhere wins, and neither
a permissions boundary nor a service control policy is overruled by a resource's policy (aws-facts, Corrections 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ssmtui.checks.denials import denial_evidence, doubt_evidence, is_final
from ssmtui.language import say
from ssmtui.model.agent_requests import direct_context
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence
from ssmtui.model.identity import Role
from ssmtui.model.permissions import Answer, Decision, Denier
from ssmtui.model.policy import Effect, Policy
from ssmtui.model.policy_reading import Request, Truth, both, either, is_session_of, opposite, read_policies
from ssmtui.model.scope import Scope

NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ResourceSays:
    """What a resource's policy says of a role: whether it names the role, leaves it to the account, or denies.

    `named` is what the thing is called in evidence (`the key's policy`), `source` the call that the policy came from.
    `names_session` says that it allows something to a session of the role: that is the one allowance that a boundary's
    silence does not limit (IAM, Permissions boundaries).
    """

    named: str
    source: str
    names_role: Truth
    leaves_to_account: Truth
    denies: Truth
    names_session: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """Whether it is allowed, how sure that is, and why. `PERHAPS` comes with the actions that would settle it, if any.

    `identity_would_do` says that one more statement in the role's own policies would be enough.
    """

    allowed: Truth
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    needs: tuple[str, ...] = ()
    identity_would_do: bool = True


def resource_says(
    policy: Policy,
    named: str,
    source: str,
    *,
    scope: Scope,
    role: Role,
    action: str,
    resource: str,
    known: Mapping[str, str] = NOTHING_MORE,
) -> ResourceSays:
    """What a policy says of a role's direct request. `known` are values of further condition keys."""
    context = {**direct_context(scope, role.arn), **{key: (value,) for key, value in known.items()}}
    account = (f"arn:{scope.partition}:iam::{role.account}:root", role.account)
    own = read_policies((policy,), Request(action, resource, (role.arn,), context, account))
    whole = read_policies((policy,), Request(action, resource, account, context, account))
    to_session = any(
        is_session_of(name, role.arn)
        for statement in policy.statements
        if statement.effect is Effect.ALLOW
        for name in statement.principals
    )
    return ResourceSays(named, source, own.allows, whole.allows, own.denies, to_session)


def access(
    answer: Answer | Unreadable,
    resource: ResourceSays | Unreadable,
    *,
    same_account: bool,
    granted: Truth | Unreadable = Truth.NO,
) -> Access:
    """The two sides together; `granted` says whether a grant on a key names the role."""
    if isinstance(answer, Answer) and is_final(answer) and not _passes_boundary(answer, resource):
        return Access(Truth.NO, answer.confidence, (denial_evidence(answer),), identity_would_do=False)
    if isinstance(resource, Unreadable):
        return _without_resource(answer, resource, same_account=same_account)
    identity = _identity(answer)
    by_grant = granted if isinstance(granted, Truth) else Truth.NO
    permits = _permits(identity, resource, by_grant, same_account=same_account)
    if permits is Truth.YES and (isinstance(answer, Unreadable) or answer.may_be_barred or is_final(answer)):
        permits = Truth.PERHAPS  # its own policies may still deny it explicitly, or its boundary bar it
    if permits is Truth.YES:
        return Access(Truth.YES, Confidence.LIKELY, ())
    evidence = _evidence(answer, resource, granted)
    if permits is Truth.PERHAPS:
        needs = (answer.action,) if isinstance(answer, Unreadable) and answer.action else ()
        return Access(Truth.PERHAPS, Confidence.POSSIBLE, evidence, needs)
    denied_by_resource = resource.denies is Truth.YES
    unsure = isinstance(granted, Unreadable) and not denied_by_resource
    own = answer.confidence if isinstance(answer, Answer) and not denied_by_resource else Confidence.PROVED
    return Access(
        Truth.NO,
        Confidence.LIKELY if unsure else own,
        evidence,
        identity_would_do=_permits(Truth.YES, resource, Truth.NO, same_account=same_account) is not Truth.NO,
    )


def _passes_boundary(answer: Answer, resource: ResourceSays | Unreadable) -> bool:
    silent = answer.decision is Decision.IMPLICIT_DENY and answer.denier is Denier.BOUNDARY
    return silent and isinstance(resource, ResourceSays) and resource.names_session


def _permits(identity: Truth, resource: ResourceSays, by_grant: Truth, *, same_account: bool) -> Truth:
    if same_account:
        permits = either(either(resource.names_role, by_grant), both(identity, resource.leaves_to_account))
    else:
        permits = both(identity, either(either(resource.names_role, by_grant), resource.leaves_to_account))
    return both(permits, opposite(resource.denies))


def _identity(answer: Answer | Unreadable) -> Truth:
    return Truth.PERHAPS if isinstance(answer, Unreadable) else answer.permits


def _without_resource(answer: Answer | Unreadable, resource: Unreadable, *, same_account: bool) -> Access:
    unread = Evidence(resource.why, resource.source)
    if isinstance(answer, Answer) and answer.permits is Truth.NO:
        confidence = Confidence.LIKELY if same_account else answer.confidence
        return Access(Truth.NO, confidence, (denial_evidence(answer), unread))
    evidence = (*_of_identity(answer), unread)
    actions = [each.action for each in (answer, resource) if isinstance(each, Unreadable) and each.action]
    return Access(Truth.PERHAPS, Confidence.POSSIBLE, evidence, tuple(dict.fromkeys(actions)))


def _evidence(
    answer: Answer | Unreadable,
    resource: ResourceSays,
    granted: Truth | Unreadable,
) -> tuple[Evidence, ...]:
    found = [*_of_identity(answer)]
    found.append(Evidence(f"{resource.named} {_in_words(resource)}", resource.source))
    if isinstance(granted, Unreadable):
        found.append(Evidence(granted.why, granted.source))
    elif granted is Truth.PERHAPS:
        found.append(Evidence(say("a grant names the role for certain encryption contexts only"), "kms:ListGrants"))
    return tuple(found)


def _of_identity(answer: Answer | Unreadable) -> tuple[Evidence, ...]:
    if isinstance(answer, Unreadable):
        return (Evidence(answer.why, answer.source),)
    if answer.permits is Truth.YES:
        return (doubt_evidence(answer),) if answer.may_be_barred else ()
    return (doubt_evidence(answer) if answer.undecided else denial_evidence(answer),)


def _in_words(resource: ResourceSays) -> str:
    if resource.denies is Truth.YES:
        return say("denies it to the role explicitly")
    if Truth.PERHAPS in (resource.denies, resource.names_role, resource.leaves_to_account):
        return say("makes it depend on conditions that cannot be evaluated from here")
    if resource.leaves_to_account is Truth.YES:
        return say("leaves it to the account and does not name the role")
    return say("admits neither the role nor its account")
