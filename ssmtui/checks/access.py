"""Whether a role may do something to a thing that has a policy of its own: IAM's answer and that policy together.

Within one account either may allow it: the identity's policies where the resource leaves it to the account, or the
resource's policy where it names the role. Between two accounts both must. An explicit denial anywhere wins, and a
service control policy is overruled by nothing (docs/facts/permissions.md §3). What a permissions boundary limits when
it is silent is told in `resource_policies`.

What was not read might say anything. It is `PERHAPS` in all that it could have said, so that it never decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from ssmtui.checks.denials import denial_evidence, doubt_evidence
from ssmtui.checks.doubt import unread_evidence
from ssmtui.checks.resource_policies import ResourceSays
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence
from ssmtui.model.permissions import Decision, Denier, EvaluationResult
from ssmtui.model.policy_reading import Truth, both, either, opposite


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


@dataclass(frozen=True, slots=True)
class _IdentitySays:
    """What the policies around an identity say: its own, its boundary, and denials that nothing overrules."""

    allows: Truth
    within_boundary: Truth
    denies: Truth


@dataclass(frozen=True, slots=True)
class _Sides:
    """All that has a say."""

    identity: _IdentitySays
    resource: ResourceSays
    granted: Truth
    same_account: bool

    @property
    def permit(self) -> Truth:
        """What they say together."""
        inside = self.identity.within_boundary
        by_identity = both(self.identity.allows, inside)
        if self.same_account:
            by_resource = either(self.resource.past_boundary, both(self.resource.names_role, inside))
            # Of a grant, AWS documents nothing about boundaries.
            by_grant = both(self.granted, Truth.PERHAPS if inside is Truth.NO else inside)
            allowed = either(either(by_resource, by_grant), both(by_identity, self.resource.leaves_to_account))
        else:
            named = either(either(self.resource.names_role, self.granted), self.resource.leaves_to_account)
            allowed = both(by_identity, named)
        return both(allowed, opposite(either(self.identity.denies, self.resource.denies)))


_NOTHING_AGAINST = _IdentitySays(Truth.YES, Truth.YES, Truth.NO)
_IDENTITY_UNREAD = _IdentitySays(Truth.PERHAPS, Truth.PERHAPS, Truth.PERHAPS)
_RESOURCE_UNREAD = ResourceSays("", "", Truth.PERHAPS, Truth.PERHAPS, Truth.PERHAPS, Truth.PERHAPS)
_WHAT_RESOURCES_SAY = (
    ResourceSays("", "", Truth.YES, Truth.YES, Truth.NO, Truth.YES),
    ResourceSays("", "", Truth.NO, Truth.NO, Truth.NO),
    ResourceSays("", "", Truth.NO, Truth.NO, Truth.YES),
)
_WHAT_IDENTITIES_SAY = (
    _NOTHING_AGAINST,
    _IdentitySays(Truth.NO, Truth.YES, Truth.NO),
    _IdentitySays(Truth.NO, Truth.NO, Truth.YES),
)


def access(
    answer: EvaluationResult | Unreadable,
    resource: ResourceSays | Unreadable,
    *,
    same_account: bool,
    granted: Truth | Unreadable = Truth.NO,
) -> Access:
    """The two sides together; `granted` says whether a grant on a key names the role."""
    sides = _sides(answer, resource, granted, same_account=same_account)
    permit = sides.permit
    if permit is Truth.YES:
        return Access(Truth.YES, Confidence.LIKELY, ())
    if permit is Truth.PERHAPS:
        hung_on = answer.unread if isinstance(answer, EvaluationResult) else ()
        deciding = (*_deciding(answer, resource, granted, same_account=same_account), *hung_on)
        needs = tuple(dict.fromkeys(each.action for each in deciding if each.action))
        evidence = (*_evidence(answer, resource, granted, deciding), *_of_further_denials(answer))
        return Access(permit, Confidence.POSSIBLE, evidence, needs)
    if isinstance(answer, EvaluationResult) and _is_barred(sides.identity):
        return Access(permit, answer.confidence, (denial_evidence(answer),), identity_would_do=False)
    by_resource = sides.resource.denies is Truth.YES
    confidence = answer.confidence if isinstance(answer, EvaluationResult) and not by_resource else Confidence.PROVED
    with_grant = _Sides(_NOTHING_AGAINST, sides.resource, Truth.NO, same_account)
    return Access(
        permit,
        confidence,
        _evidence(answer, resource, granted),
        identity_would_do=with_grant.permit is not Truth.NO,
    )


def is_bounded(answer: EvaluationResult | Unreadable) -> Truth:
    """Whether a permissions boundary is set on the identity, as far as IAM's answer tells it."""
    if isinstance(answer, Unreadable):
        return Truth.PERHAPS
    return Truth.YES if answer.denier is Denier.BOUNDARY else answer.bounded


def _sides(
    answer: EvaluationResult | Unreadable,
    resource: ResourceSays | Unreadable,
    granted: Truth | Unreadable,
    *,
    same_account: bool,
) -> _Sides:
    return _Sides(
        _identity(answer),
        _RESOURCE_UNREAD if isinstance(resource, Unreadable) else resource,
        Truth.PERHAPS if isinstance(granted, Unreadable) else granted,
        same_account,
    )


def _identity(answer: EvaluationResult | Unreadable) -> _IdentitySays:
    if isinstance(answer, Unreadable):
        return _IDENTITY_UNREAD
    silent_boundary = (
        answer.decision is Decision.IMPLICIT_DENY and answer.denier is Denier.BOUNDARY and not answer.undecided
    )
    if answer.is_final and not silent_boundary:
        return _IdentitySays(Truth.NO, Truth.PERHAPS, Truth.YES)
    open_ = Truth.PERHAPS if answer.may_be_barred else None
    return _IdentitySays(
        Truth.PERHAPS if silent_boundary else answer.permits,
        Truth.NO if silent_boundary else open_ or Truth.YES,
        open_ or Truth.NO,
    )


def _is_barred(identity: _IdentitySays) -> bool:
    return identity.denies is Truth.YES or identity.within_boundary is Truth.NO


def _deciding(
    answer: EvaluationResult | Unreadable,
    resource: ResourceSays | Unreadable,
    granted: Truth | Unreadable,
    *,
    same_account: bool,
) -> Iterator[Unreadable]:
    """Those of the unread things whose word could make a difference, by what the other unread ones could say."""
    identities = _WHAT_IDENTITIES_SAY if isinstance(answer, Unreadable) else (_identity(answer),)
    resources = _WHAT_RESOURCES_SAY if isinstance(resource, Unreadable) else (resource,)
    grants = (Truth.YES, Truth.NO) if isinstance(granted, Unreadable) else (granted,)
    if isinstance(answer, Unreadable) and any(
        len({_Sides(each, policy, grant, same_account).permit for each in identities}) > 1
        for policy, grant in product(resources, grants)
    ):
        yield answer
    if isinstance(resource, Unreadable) and any(
        len({_Sides(identity, each, grant, same_account).permit for each in resources}) > 1
        for identity, grant in product(identities, grants)
    ):
        yield resource
    if isinstance(granted, Unreadable) and any(
        len({_Sides(identity, policy, each, same_account).permit for each in grants}) > 1
        for identity, policy in product(identities, resources)
    ):
        yield granted


def _evidence(
    answer: EvaluationResult | Unreadable,
    resource: ResourceSays | Unreadable,
    granted: Truth | Unreadable,
    unread: tuple[Unreadable, ...] = (),
) -> tuple[Evidence, ...]:
    found = [*_of_identity(answer)]
    if isinstance(resource, ResourceSays):
        found.append(Evidence(resource.in_words, resource.source))
    found += [said for each in unread for said in unread_evidence(each)]
    if granted is Truth.PERHAPS:
        conditional = say("a grant names a session of the role, or holds for certain encryption contexts only")
        found.append(Evidence(conditional, "kms:ListGrants"))
    return tuple(found)


def _of_identity(answer: EvaluationResult | Unreadable) -> tuple[Evidence, ...]:
    if isinstance(answer, Unreadable):
        return ()
    if answer.permits is Truth.YES:
        return (doubt_evidence(answer),) if answer.may_be_barred else ()
    return (doubt_evidence(answer) if answer.undecided else denial_evidence(answer),)


def _of_further_denials(answer: EvaluationResult | Unreadable) -> tuple[Evidence, ...]:
    """Return the keys on which a denial depends that the resource's policy cannot overrule, beside a certain one."""
    if isinstance(answer, Unreadable) or answer.permits is not Truth.NO or not answer.may_be_barred:
        return ()
    return (doubt_evidence(answer),) if answer.open_keys else ()
