"""Asking IAM what a principal may do, in as few simulations as the questions allow, and whom a denial comes from.

What IAM says of an action is a sum over all resources that were asked about; of each resource it says its own decision
within. Whether the organization denies is told by the sum alone, and its policies hide whatever else denies: so a
denial is asked about again without them, and without the permissions boundary (aws-facts, Corrections 9).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ssmtui.evidence.aws import Aws, AwsError, MalformedAnswer
from ssmtui.model.agent_requests import open_to_organization
from ssmtui.model.permissions import Answer, Decision, Denial, Denier, Question, answer_of
from ssmtui.model.truth import Truth

ACTIONS_A_PAGE = 1000

RESOURCES_A_CALL = 400
"""ARNs in one simulation: a request of some 40 KB, and its answers fit one page for two actions."""

ASKED_ONE_BY_ONE = 20
"""Denials at most about which IAM is asked alone whether the organization denies them too."""

Context = Mapping[str, tuple[str, ...]]

KnownOf = Callable[[Question], Context]
"""What is known of the request behind a question: condition keys with their values, none of those that it lacks."""


NOTHING_KNOWN: Context = MappingProxyType({})

_EVERYTHING = "*"
_SCP = ("scp",)
_SCP_AND_BOUNDARY = ("scp", "permission-boundary")


def nothing_more(_question: Question) -> Context:
    """What is known where nothing is but what the question says."""
    return NOTHING_KNOWN


async def simulate(
    aws: Aws,
    principal: str,
    questions: Sequence[Question],
    known: KnownOf = nothing_more,
    *,
    added: Sequence[str] = (),
    done: Sequence[str] = (),
    asked_again: bool = False,
) -> tuple[Answer, ...]:
    """The answers in the order of the questions; those about the same resource and context are asked together.

    `added` are documents of policies that the principal is supposed to have besides its own; `done` are actions, one of
    which the principal is known to have been let do in the same Region. What the organization denies is not told apart
    where all is `asked_again` anyway, with more that is known.

    The resource is always given: without one IAM judges `*`, which denies falsely where a policy names an ARN
    (aws-facts, Corrections 4).
    """
    folded: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], list[Question]] = {}
    for question in questions:
        entries = tuple(_context(question.context, known(question)).items())
        folded.setdefault((question.resource, entries), []).append(question)
    answers: dict[Question, Answer] = {}
    for (resource, entries), together in folded.items():
        asking = _Asking(aws, principal, dict(entries), tuple(added), tuple(done), asked_again)
        told = await _attributed(asking, [each.action for each in together], [resource])
        for question in together:
            answers[question] = told[question.action, resource].answer(question, known(question))
    return tuple(answers[question] for question in questions)


async def simulate_on_many(
    aws: Aws,
    principal: str,
    actions: Sequence[str],
    resources: Sequence[str],
    context: Sequence[tuple[str, str]] = (),
    *,
    known: Context = NOTHING_KNOWN,
    done: Sequence[str] = (),
) -> Mapping[Question, Answer]:
    """The answers about every action on every resource, many resources a call.

    `context` is part of the questions; `known` is what is known of the requests besides, as in `KnownOf`; `done` as in
    `simulate`.
    """
    answers: dict[Question, Answer] = {}
    asking = _Asking(aws, principal, _context(context, known), (), tuple(done), asked_again=False)
    for start in range(0, len(resources), RESOURCES_A_CALL):
        told = await _attributed(asking, actions, resources[start : start + RESOURCES_A_CALL])
        for (action, resource), said in told.items():
            question = Question(action, resource, tuple(context))
            answers[question] = said.answer(question, known)
    wanted = (Question(action, resource, tuple(context)) for resource in resources for action in actions)
    return {question: answers[question] for question in wanted}


def _context(own: Sequence[tuple[str, str]], known: Context) -> dict[str, tuple[str, ...]]:
    """What IAM is told of the request: each key with all its values."""
    told: dict[str, tuple[str, ...]] = {}
    for key, value in own:
        told[key] = (*told.get(key, ()), value)
    return told | {key: values for key, values in known.items() if values}


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who is asked about, and what IAM is told of the requests."""

    aws: Aws
    principal: str
    context: Context
    added: tuple[str, ...]
    done: tuple[str, ...]
    asked_again: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What one simulation says of one action on one resource; None where a kind of policy has no say."""

    decision: Decision
    by_organization: bool | None
    by_boundary: bool | None
    missing: tuple[str, ...]

    @property
    def denied(self) -> bool:
        return self.decision is not Decision.ALLOWED

    @property
    def explicit(self) -> bool:
        return self.decision is Decision.EXPLICIT_DENY


@dataclass(frozen=True, slots=True)
class _Told:
    """What IAM says with all policies, without the organization's, and by the principal's own alone.

    Either of the latter is None where IAM would not say it. `organization` says whether service control policies deny;
    it is `disproved` where they are said to deny as well what the principal was let do.
    """

    whole: _Said
    in_account: _Said | None
    own: _Said | None
    organization: bool
    disproved: bool

    def answer(self, question: Question, known: Context) -> Answer:
        inmost = self.own or self.in_account or self.whole
        missing = set(_unknown(inmost.missing, known))
        if self.organization and self.disproved:
            missing.update(_open(question, known))
        # IAM tells what a boundary says only where one is set; that it tells nothing is not documented to mean none.
        told = any(each is not None and each.by_boundary is not None for each in (self.whole, self.in_account))
        bounded = Truth.YES if told else Truth.PERHAPS
        return answer_of(question, tuple(self._denials(question, known)), tuple(sorted(missing)), bounded)

    def _denials(self, question: Question, known: Context) -> Iterable[Denial]:
        in_account = self.in_account
        if self.own is not None and self.own.denied:
            yield Denial(Denier.IDENTITY, self.own.explicit, _unknown(self.own.missing, known))
        if in_account is not None and in_account.denied and in_account.by_boundary is False:
            # Where its own policies deny explicitly, whether the boundary does so too is not to be seen, nor needed.
            explicit = in_account.explicit and not (self.own is not None and self.own.explicit)
            yield Denial(Denier.BOUNDARY, explicit, _unknown(in_account.missing, known))
        if self.organization and not self.disproved:
            explicit = self.whole.explicit and not (in_account is not None and in_account.explicit)
            yield Denial(Denier.ORGANIZATION, explicit, _open(question, known))


def _open(question: Question, known: Context) -> tuple[str, ...]:
    return open_to_organization(dict(known) | {key: (value,) for key, value in question.context})


def _unknown(missing: Iterable[str], known: Context) -> tuple[str, ...]:
    """The keys that IAM lacked and that nobody knows to be missing from the request."""
    told = {key.casefold() for key in known}
    return tuple(sorted({key for key in missing if key.casefold() not in told}))


_Pair = tuple[str, str]


async def _attributed(asking: _Asking, actions: Sequence[str], resources: Sequence[str]) -> dict[_Pair, _Told]:
    whole = await _said(asking, actions, resources)
    by_organization = [pair for pair, said in whole.items() if said.denied and said.by_organization is False]
    apart = dict.fromkeys(by_organization) if asking.asked_again else await _said_again(asking, by_organization, _SCP)
    in_account: dict[_Pair, _Said | None] = {**whole, **apart}
    by_boundary = [
        pair for pair, said in in_account.items() if said is not None and said.denied and said.by_boundary is False
    ]
    own = in_account | await _said_again(asking, by_boundary, _SCP_AND_BOUNDARY)
    doubtful = [pair for pair in by_organization if len(resources) > 1 and _hidden(whole[pair], in_account[pair])]
    alone = await _alone(asking, doubtful[:ASKED_ONE_BY_ONE])
    denied_above = set(by_organization) - {pair for pair in doubtful if not alone.get(pair, False)}
    disproved = bool(by_organization) and await _is_disproved(asking)
    return {
        pair: _Told(said, in_account[pair], own[pair], pair in denied_above, disproved) for pair, said in whole.items()
    }


async def _is_disproved(asking: _Asking) -> bool:
    """Whether the organization is said to deny too what was let: then it asks for keys that IAM was not told."""
    if not asking.done:
        return False
    said = await _said(asking, asking.done, [_EVERYTHING])
    return all(each.by_organization is False for each in said.values())


def _hidden(whole: _Said, in_account: _Said | None) -> bool:
    """Whether it is not to be seen if the organization denies this one of several resources: the account does too."""
    return in_account is not None and in_account.decision is whole.decision


async def _alone(asking: _Asking, pairs: Sequence[_Pair]) -> dict[_Pair, bool]:
    """Whether the organization denies each of these, asked one resource at a time."""
    return {
        (action, resource): (await _said(asking, [action], [resource]))[action, resource].by_organization is False
        for action, resource in pairs
    }


async def _said_again(asking: _Asking, pairs: Sequence[_Pair], without: tuple[str, ...]) -> dict[_Pair, _Said | None]:
    """What IAM says of denials without some of the policies; None where it does not know how to leave them out."""
    if not pairs:
        return {}
    actions = tuple(dict.fromkeys(action for action, _ in pairs))
    resources = tuple(dict.fromkeys(resource for _, resource in pairs))
    try:
        said = await _said(asking, actions, resources, without)
    except AwsError:
        return dict.fromkeys(pairs)
    return {pair: said[pair] for pair in pairs}


async def _said(
    asking: _Asking, actions: Sequence[str], resources: Sequence[str], without: tuple[str, ...] = ()
) -> dict[_Pair, _Said]:
    """One simulation, of each pair of action and resource."""
    found: dict[tuple[str, str], _Said] = {}
    async for page in _pages(asking, actions, resources, without):
        for result in page["EvaluationResults"]:
            action = str(result["EvalActionName"]).casefold()
            found.update(((action, resource), said) for resource, said in _of_resources(result, resources))
    missing = next((each for each in actions if any((each.casefold(), on) not in found for on in resources)), None)
    if missing is not None:
        raise MalformedAnswer(f"the simulation says nothing of {missing} on one of the resources")
    return {(action, resource): found[action.casefold(), resource] for action in actions for resource in resources}


def _of_resources(result: Mapping[str, Any], resources: Sequence[str]) -> Iterable[tuple[str, _Said]]:
    """What is said of each resource: within the action's result, or, where there is none within, by that itself.

    The result's own name is a template for ARNs; older answers name one resource each.
    """
    specific = {str(each["EvalResourceName"]): each for each in result.get("ResourceSpecificResults") or ()}
    organization = (result.get("OrganizationsDecisionDetail") or {}).get("AllowedByOrganizations")
    for resource in resources:
        within = specific.get(resource)
        if within is not None:
            told = result if len(resources) == 1 else {}
            yield resource, _one(str(within["EvalResourceDecision"]), within, told, organization)
        elif len(resources) == 1 or result.get("EvalResourceName") == resource:
            yield resource, _one(str(result["EvalDecision"]), result, {}, organization)


def _one(decision: str, own: Mapping[str, Any], more: Mapping[str, Any], organization: object) -> _Said:
    detail = own.get("PermissionsBoundaryDecisionDetail") or more.get("PermissionsBoundaryDecisionDetail") or {}
    missing = {str(key) for each in (own, more) for key in each.get("MissingContextValues") or ()}
    boundary = detail.get("AllowedByPermissionsBoundary")
    by_organization = organization if isinstance(organization, bool) else None
    return _Said(Decision(decision), by_organization, boundary, tuple(sorted(missing)))


def _pages(
    asking: _Asking, actions: Sequence[str], resources: Sequence[str], without: tuple[str, ...]
) -> AsyncIterator[Mapping[str, Any]]:
    return asking.aws.pages(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=asking.principal,
        ActionNames=list(dict.fromkeys(actions)),
        ResourceArns=list(resources),
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": list(values), "ContextKeyType": _type_of(key, values)}
            for key, values in asking.context.items()
        ],
        MaxItems=ACTIONS_A_PAGE,
        **({"PolicyInputList": list(asking.added)} if asking.added else {}),
        **({"PolicyExclusionList": [{"PolicyType": each} for each in without]} if without else {}),
    )


_LISTS = frozenset({"aws:calledvia", "aws:principalorgpaths"})
"""Keys of several values, whatever number of them a request has."""


def _type_of(key: str, values: Sequence[str]) -> str:
    """Of the key's values (the value of a tag, `aws:ResourceTag/…`, is a string whatever it says)."""
    if key.casefold() in _LISTS or len(values) > 1:
        return "stringList"
    if key.casefold() in ("aws:sourceip", "aws:vpcsourceip"):
        return "ip"
    return "boolean" if values[0] in ("true", "false") and "/" not in key else "string"
