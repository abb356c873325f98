"""Whom a denial in a simulation comes from: the principal's own policies, its boundary, or the organization.

Whether the organization denies is told by the sum over all resources alone, and its policies hide whatever else denies:
so a denial is asked about again without them, and without the permissions boundary (docs/facts/permissions.md §4). How
IAM is asked once is `simulate_principal_policy`; which questions are asked together is `simulation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ssmtui.evidence.readers.permissions.simulate_principal_policy import Asking, Pair, Said, decisions
from ssmtui.evidence.wire.aws import AwsError
from ssmtui.model.agent_requests import open_to_organization
from ssmtui.model.condition_keys import may_be_in_request
from ssmtui.model.permissions import Denier, DenyingPolicy, EvaluationResult, Question, answer_of
from ssmtui.model.policy_patterns import Context
from ssmtui.model.truth import Truth

ASKED_ONE_BY_ONE = 20
"""Denials at most about which IAM is asked alone whether the organization denies them too."""

_EVERYTHING = "*"
_SCP = ("scp",)
_SCP_AND_BOUNDARY = ("scp", "permission-boundary")


@dataclass(frozen=True, slots=True)
class Told:
    """What IAM says with all policies, without the organization's, and by the principal's own alone.

    Either of the latter is None where IAM would not say it. `organization` says whether service control policies deny;
    it is `disproved` where they are said to deny as well what the principal was let do.
    """

    whole: Said
    in_account: Said | None
    own: Said | None
    organization: bool
    disproved: bool

    def answer(self, question: Question, known: Context) -> EvaluationResult:
        """All denials with whom each comes from, and the keys on which they hang that are not `known`."""
        inmost = self.own or self.in_account or self.whole
        own_missing = _unknown(inmost.missing, question, known)
        missing = set(own_missing)
        if self.organization and self.disproved:
            missing.update(_open(question, known))
        # IAM tells what a boundary says only where one is set; that it tells nothing is not documented to mean none.
        is_set = any(each is not None and each.by_boundary is not None for each in (self.whole, self.in_account))
        bounded = Truth.YES if is_set else Truth.PERHAPS
        told = answer_of(question, tuple(self._denials(question, known)), tuple(sorted(missing)), bounded)
        barred = told.may_be_barred or (told.allowed and bool(own_missing))
        return replace(told, governed=self.whole.by_organization is not None, may_be_barred=barred)

    def _denials(self, question: Question, known: Context) -> Iterable[DenyingPolicy]:
        in_account = self.in_account
        if self.own is not None and self.own.denied:
            yield DenyingPolicy(Denier.IDENTITY, self.own.explicit, _unknown(self.own.missing, question, known))
        if in_account is not None and in_account.denied and in_account.by_boundary is False:
            # Where its own policies deny explicitly, whether the boundary does so too is not to be seen, nor needed.
            explicit = in_account.explicit and not (self.own is not None and self.own.explicit)
            yield DenyingPolicy(Denier.BOUNDARY, explicit, _unknown(in_account.missing, question, known))
        if self.organization and not self.disproved:
            explicit = self.whole.explicit and not (in_account is not None and in_account.explicit)
            yield DenyingPolicy(Denier.ORGANIZATION, explicit, _open(question, known))


def _open(question: Question, known: Context) -> tuple[str, ...]:
    return open_to_organization(dict(known) | {key: (value,) for key, value in question.context})


def _unknown(missing: Iterable[str], question: Question, known: Context) -> tuple[str, ...]:
    """The keys that IAM lacked, that such a request can have, and that nobody knows to be missing from it."""
    told = {key.casefold() for key in known}
    possible = (key for key in missing if may_be_in_request(key, question.action))
    return tuple(sorted({key for key in possible if key.casefold() not in told}))


async def attributed(asking: Asking, actions: Sequence[str], resources: Sequence[str]) -> dict[Pair, Told]:
    """What IAM says of every action on every resource, asked again of the denials alone."""
    whole = await decisions(asking, actions, resources)
    by_organization = [pair for pair, said in whole.items() if said.denied and said.by_organization is False]
    apart = dict.fromkeys(by_organization) if asking.asked_again else await _said_again(asking, by_organization, _SCP)
    in_account: dict[Pair, Said | None] = {**whole, **apart}
    by_boundary = [
        pair for pair, said in in_account.items() if said is not None and said.denied and said.by_boundary is False
    ]
    own = in_account | await _said_again(asking, by_boundary, _SCP_AND_BOUNDARY)
    doubtful = [pair for pair in by_organization if len(resources) > 1 and _hidden(whole[pair], in_account[pair])]
    alone = await _alone(asking, doubtful[:ASKED_ONE_BY_ONE])
    denied_above = set(by_organization) - {pair for pair in doubtful if not alone.get(pair, False)}
    disproved = bool(by_organization) and await _is_disproved(asking)
    return {
        pair: Told(said, in_account[pair], own[pair], pair in denied_above, disproved) for pair, said in whole.items()
    }


async def _is_disproved(asking: Asking) -> bool:
    """Whether the organization is said to deny too what was let: then it asks for keys that IAM was not told."""
    if not asking.done:
        return False
    said = await decisions(asking, asking.done, [_EVERYTHING])
    return all(each.by_organization is False for each in said.values())


def _hidden(whole: Said, in_account: Said | None) -> bool:
    """Whether it is not to be seen if the organization denies this one of several resources: the account does too."""
    return in_account is not None and in_account.decision is whole.decision


async def _alone(asking: Asking, pairs: Sequence[Pair]) -> dict[Pair, bool]:
    """Whether the organization denies each of these, asked one resource at a time."""
    return {
        (action, resource): (await decisions(asking, [action], [resource]))[action, resource].by_organization is False
        for action, resource in pairs
    }


async def _said_again(asking: Asking, pairs: Sequence[Pair], without: tuple[str, ...]) -> dict[Pair, Said | None]:
    """What IAM says of denials without some of the policies; None where it does not know how to leave them out."""
    if not pairs:
        return {}
    actions = tuple(dict.fromkeys(action for action, _ in pairs))
    resources = tuple(dict.fromkeys(resource for _, resource in pairs))
    try:
        said = await decisions(asking, actions, resources, without)
    except AwsError:
        return dict.fromkeys(pairs)
    return {pair: said[pair] for pair in pairs}
