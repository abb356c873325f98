"""Whether a role may do something to a thing that has a policy of its own: IAM's answer and that policy together.

Within one account either may allow it: the identity's policies where the resource leaves it to the account, or the
resource's policy where it names the role. Between two accounts both must. An explicit denial anywhere wins, and neither
a permissions boundary nor a service control policy is overruled by a resource's policy (aws-facts, Corrections 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ssmtui.checks.denials import denial_evidence, is_final
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence
from ssmtui.model.identity import Role
from ssmtui.model.permissions import Answer
from ssmtui.model.policy import Policy
from ssmtui.model.policy_reading import Request, Truth, both, either, opposite, read_policies
from ssmtui.model.scope import Scope

NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ResourceSays:
    """What a resource's policy says of a role: whether it names the role, leaves it to the account, or denies.

    `named` is what the thing is called in evidence (`the key's policy`), `source` the call that the policy came from.
    """

    named: str
    source: str
    names_role: Truth
    leaves_to_account: Truth
    denies: Truth


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
    context = {**_context(scope, role), **{key: (value,) for key, value in known.items()}}
    account = role.account
    root = f"arn:{scope.partition}:iam::{account}:root"
    own = read_policies((policy,), Request(action, resource, (role.arn,), context))
    whole = read_policies((policy,), Request(action, resource, (root, account), context))
    return ResourceSays(named, source, own.allows, whole.allows, either(own.denies, whole.denies))


def access(
    answer: Answer | Unreadable,
    resource: ResourceSays | Unreadable,
    *,
    same_account: bool,
    granted: bool | Unreadable = False,
) -> Access:
    """The two sides together; `granted` says that a grant on a key names the role."""
    if isinstance(answer, Answer) and is_final(answer):
        return Access(Truth.NO, answer.confidence, (denial_evidence(answer),), identity_would_do=False)
    if isinstance(resource, Unreadable):
        return _without_resource(answer, resource, same_account=same_account)
    identity = _identity(answer)
    permits = _permits(identity, resource, same_account=same_account, granted=granted is True)
    if isinstance(answer, Unreadable) and permits is Truth.YES:
        permits = Truth.PERHAPS  # its own policies may still deny it explicitly
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
        identity_would_do=_permits(Truth.YES, resource, same_account=same_account, granted=False) is not Truth.NO,
    )


def _permits(identity: Truth, resource: ResourceSays, *, same_account: bool, granted: bool) -> Truth:
    by_grant = Truth.YES if granted else Truth.NO
    if same_account:
        permits = either(either(resource.names_role, by_grant), both(identity, resource.leaves_to_account))
    else:
        permits = both(identity, either(either(resource.names_role, by_grant), resource.leaves_to_account))
    return both(permits, opposite(resource.denies))


def _identity(answer: Answer | Unreadable) -> Truth:
    if isinstance(answer, Unreadable):
        return Truth.PERHAPS
    return Truth.YES if answer.allowed else Truth.NO


def _without_resource(answer: Answer | Unreadable, resource: Unreadable, *, same_account: bool) -> Access:
    unread = Evidence(resource.why, resource.action)
    if isinstance(answer, Answer) and not answer.allowed:
        confidence = Confidence.LIKELY if same_account else answer.confidence
        return Access(Truth.NO, confidence, (denial_evidence(answer), unread))
    evidence = (Evidence(answer.why, answer.action), unread) if isinstance(answer, Unreadable) else (unread,)
    actions = [each.action for each in (answer, resource) if isinstance(each, Unreadable) and each.action]
    return Access(Truth.PERHAPS, Confidence.POSSIBLE, evidence, tuple(dict.fromkeys(actions)))


def _evidence(
    answer: Answer | Unreadable,
    resource: ResourceSays,
    granted: bool | Unreadable,  # noqa: FBT001 - a fact
) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    if isinstance(answer, Unreadable):
        found.append(Evidence(answer.why, answer.action))
    elif not answer.allowed:
        found.append(denial_evidence(answer))
    found.append(Evidence(f"{resource.named} {_in_words(resource)}", resource.source))
    if isinstance(granted, Unreadable):
        found.append(Evidence(granted.why, granted.action))
    return tuple(found)


def _in_words(resource: ResourceSays) -> str:
    if resource.denies is Truth.YES:
        return "denies it to the role explicitly"
    if Truth.PERHAPS in (resource.denies, resource.names_role, resource.leaves_to_account):
        return "makes it depend on conditions that cannot be evaluated from here"
    if resource.leaves_to_account is Truth.YES:
        return "leaves it to the account and does not name the role"
    return "admits neither the role nor its account"


def _context(scope: Scope, role: Role) -> Mapping[str, tuple[str, ...]]:
    """What is known of a request of SSM Agent: over TLS, for nobody else, through no other service."""
    account = role.account
    return {
        "aws:PrincipalArn": (role.arn,),
        "aws:PrincipalAccount": (account,),
        "aws:PrincipalType": ("User" if ":user/" in role.arn else "AssumedRole",),
        "aws:PrincipalIsAWSService": ("false",),
        "aws:ViaAWSService": ("false",),
        "aws:CalledVia": (),
        "aws:SourceAccount": (),
        "aws:SourceArn": (),
        "aws:SecureTransport": ("true",),
        "aws:RequestedRegion": (scope.region,),
        "kms:CallerAccount": (account,),
        "kms:ViaService": (),
    }
