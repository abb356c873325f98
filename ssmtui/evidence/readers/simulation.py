"""Simulate policies in IAM with as few calls as possible, and attribute each denial, also to the organization."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, MalformedAnswer
from ssmtui.iam_policy.patterns import Context
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say
from ssmtui.model.permissions import SIMULATION, Decision, Denier, DenyingPolicy, EvaluationResult, Question, answer_of
from ssmtui.model.request_context import alternative_values, can_be_in_request, open_organization_keys

ACTIONS_A_PAGE = 1000

ActionAndResource = tuple[str, str]
"""An action and a resource."""

_LISTS = frozenset({"aws:calledvia", "aws:principalorgpaths", "aws:resourceorgpaths"})
"""Keys of several values, whatever number of them a request has."""

_TYPES = {"aws:sourceip": "ip", "aws:vpcsourceip": "ip", "aws:tokenissuetime": "date", "ec2:roledelivery": "numeric"}


@dataclass(frozen=True, slots=True)
class SimulationRequest:
    """Who is asked about, and what IAM is told of the requests; `done` and `asked_again` are as in `simulate`."""

    aws: Aws
    principal: str
    context: Context
    added: tuple[str, ...]
    done: tuple[str, ...]
    asked_again: bool


@dataclass(frozen=True, slots=True)
class SimulationAnswer:
    """What one simulation says of one action on one resource; None where a kind of policy has no say."""

    decision: Decision
    by_organization: bool | None
    by_boundary: bool | None
    missing: tuple[str, ...]

    @property
    def denied(self) -> bool:
        """By a policy that says so, or for want of one that allows it."""
        return self.decision is not Decision.ALLOWED

    @property
    def explicit(self) -> bool:
        """By a policy that says so."""
        return self.decision is Decision.EXPLICIT_DENY


async def decisions(
    asking: SimulationRequest, actions: Sequence[str], resources: Sequence[str], without: tuple[str, ...] = ()
) -> dict[ActionAndResource, SimulationAnswer]:
    """One simulation, of each pair of action and resource, `without` some types of policies.

    Raises AwsError as IAM does, of a principal that it does not know; MalformedAnswer where a pair is left out.
    """
    found: dict[tuple[str, str], SimulationAnswer] = {}
    async for page in _pages(asking, actions, resources, without):
        for result in page.parts("EvaluationResults"):
            action = result.text("EvalActionName").casefold()
            found.update(((action, resource), said) for resource, said in _of_resources(result, resources))
    missing = next((each for each in actions if any((each.casefold(), on) not in found for on in resources)), None)
    if missing is not None:
        raise MalformedAnswer(SIMULATION, say("it says nothing of {action} on one of the resources", action=missing))
    return {(action, resource): found[action.casefold(), resource] for action in actions for resource in resources}


def _of_resources(result: Answer, resources: Sequence[str]) -> Iterable[tuple[str, SimulationAnswer]]:
    """What is said of each resource: within the action's result, or, where there is none within, by that itself.

    The result's own name is a template for ARNs; older answers name one resource each.
    """
    specific = {each.text("EvalResourceName"): each for each in result.optional_parts("ResourceSpecificResults")}
    organization = result.optional_part("OrganizationsDecisionDetail")
    for resource in resources:
        within = specific.get(resource)
        if within is not None:
            told = (within, result) if len(resources) == 1 else (within,)
            yield resource, _said(within.word("EvalResourceDecision", Decision), told, organization)
        elif len(resources) == 1 or result.optional_text("EvalResourceName") == resource:
            yield resource, _said(result.word("EvalDecision", Decision), (result,), organization)


def _said(decision: Decision, told: Sequence[Answer], organization: Answer) -> SimulationAnswer:
    """By the structures that tell of it, the nearest first."""
    details = [each.optional_part("PermissionsBoundaryDecisionDetail") for each in told]
    within = [flag for each in details if (flag := each.optional_flag("AllowedByPermissionsBoundary")) is not None]
    missing = {key for each in told for key in each.optional_texts("MissingContextValues")}
    by_organization = organization.optional_flag("AllowedByOrganizations")
    return SimulationAnswer(decision, by_organization, within[0] if within else None, tuple(sorted(missing)))


def _pages(
    asking: SimulationRequest, actions: Sequence[str], resources: Sequence[str], without: tuple[str, ...]
) -> AsyncIterator[Answer]:
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


def _type_of(key: str, values: Sequence[str]) -> str:
    """Of the key's values (the value of a tag, `aws:ResourceTag/…`, is a string whatever it says)."""
    if key.casefold() in _LISTS or len(values) > 1:
        return "stringList"
    if key.casefold() in _TYPES:
        return _TYPES[key.casefold()]
    return "boolean" if values[0] in ("true", "false") and "/" not in key else "string"


MAX_SINGLE_QUESTIONS = 20
"""Denials at most about which IAM is asked alone whether the organization denies them too."""

_EVERYTHING = "*"
_SCP = ("scp",)
_SCP_AND_BOUNDARY = ("scp", "permission-boundary")


@dataclass(frozen=True, slots=True)
class SimulationResults:
    """What IAM says with all policies, without the organization's, and by the principal's own alone.

    Either of the latter is None where IAM would not say it. `organization` says whether service control policies deny;
    it is `disproved` where they are said to deny as well what the principal was let do.
    """

    whole: SimulationAnswer
    in_account: SimulationAnswer | None
    own: SimulationAnswer | None
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
    return open_organization_keys(dict(known) | {key: (value,) for key, value in question.context})


def _unknown(missing: Iterable[str], question: Question, known: Context) -> tuple[str, ...]:
    """The keys that IAM lacked, that such a request can have, and that nobody knows to be missing from it."""
    told = {key.casefold() for key in known}
    possible = (key for key in missing if can_be_in_request(key, question.action))
    return tuple(sorted({key for key in possible if key.casefold() not in told}))


async def attribute_denials(
    asking: SimulationRequest, actions: Sequence[str], resources: Sequence[str]
) -> dict[ActionAndResource, SimulationResults]:
    """What IAM says of every action on every resource, asked again of the denials alone."""
    whole = await decisions(asking, actions, resources)
    by_organization = [pair for pair, said in whole.items() if said.denied and said.by_organization is False]
    apart = dict.fromkeys(by_organization) if asking.asked_again else await _said_again(asking, by_organization, _SCP)
    in_account: dict[ActionAndResource, SimulationAnswer | None] = {**whole, **apart}
    by_boundary = [
        pair for pair, said in in_account.items() if said is not None and said.denied and said.by_boundary is False
    ]
    own = in_account | await _said_again(asking, by_boundary, _SCP_AND_BOUNDARY)
    doubtful = [pair for pair in by_organization if len(resources) > 1 and _hidden(whole[pair], in_account[pair])]
    alone = await _alone(asking, doubtful[:MAX_SINGLE_QUESTIONS])
    denied_above = set(by_organization) - {pair for pair in doubtful if not alone.get(pair, False)}
    disproved = bool(by_organization) and await _is_disproved(asking)
    return {
        pair: SimulationResults(said, in_account[pair], own[pair], pair in denied_above, disproved)
        for pair, said in whole.items()
    }


async def _is_disproved(asking: SimulationRequest) -> bool:
    """Whether the organization is said to deny too what was let: then it asks for keys that IAM was not told."""
    if not asking.done:
        return False
    said = await decisions(asking, asking.done, [_EVERYTHING])
    return all(each.by_organization is False for each in said.values())


def _hidden(whole: SimulationAnswer, in_account: SimulationAnswer | None) -> bool:
    """Whether it is not to be seen if the organization denies this one of several resources: the account does too."""
    return in_account is not None and in_account.decision is whole.decision


async def _alone(asking: SimulationRequest, pairs: Sequence[ActionAndResource]) -> dict[ActionAndResource, bool]:
    """Whether the organization denies each of these, asked one resource at a time."""
    return {
        (action, resource): (await decisions(asking, [action], [resource]))[action, resource].by_organization is False
        for action, resource in pairs
    }


async def _said_again(
    asking: SimulationRequest, pairs: Sequence[ActionAndResource], without: tuple[str, ...]
) -> dict[ActionAndResource, SimulationAnswer | None]:
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


RESOURCES_A_CALL = 400
"""ARNs in one simulation: a request of some 40 KB, and its answers fit one page for two actions."""

ContextFunction = Callable[[Question], Context]
"""What is known of the request behind a question: condition keys with their values, none of those that it lacks."""

EMPTY_CONTEXT: Context = MappingProxyType({})


def no_context(_question: Question) -> Context:
    """What is known where nothing is but what the question says."""
    return EMPTY_CONTEXT


async def simulate(
    aws: Aws,
    principal: str,
    questions: Sequence[Question],
    known: ContextFunction = no_context,
    *,
    added: Sequence[str] = (),
    done: Sequence[str] = (),
    asked_again: bool = False,
) -> tuple[EvaluationResult, ...]:
    """The answers in the order of the questions; those about the same resource and context are asked together.

    `added` are documents of policies that the principal is supposed to have besides its own; `done` are actions, one of
    which the principal is known to have been let do in the same Region. What the organization denies is not told apart
    where all is `asked_again` anyway, with more that is known.

    The resource is always given: without one IAM judges `*`, which denies falsely where a policy names an ARN
    (docs/facts/permissions.md §2).
    """
    folded: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], list[Question]] = {}
    for question in questions:
        entries = tuple(_context(question.context, known(question)).items())
        folded.setdefault((question.resource, entries), []).append(question)
    answers: dict[Question, EvaluationResult] = {}
    for (resource, entries), together in folded.items():
        asking = SimulationRequest(aws, principal, dict(entries), tuple(added), tuple(done), asked_again)
        told = await attribute_denials(asking, [each.action for each in together], [resource])
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
    known: Context = EMPTY_CONTEXT,
    done: Sequence[str] = (),
) -> Mapping[Question, EvaluationResult]:
    """The answers about every action on every resource, many resources a call.

    `context` is part of the questions; `known` is what is known of the requests besides, as in `KnownOf`; `done` as in
    `simulate`.
    """
    answers: dict[Question, EvaluationResult] = {}
    asking = SimulationRequest(aws, principal, _context(context, known), (), tuple(done), asked_again=False)
    for start in range(0, len(resources), RESOURCES_A_CALL):
        told = await attribute_denials(asking, actions, resources[start : start + RESOURCES_A_CALL])
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


_Asked = Mapping[Question, Context]


@dataclass(frozen=True, slots=True)
class RequestsOfRole:
    """Whose requests: what is known of each, what each has in any case, and in which ways it may have more."""

    aws: Aws
    principal: str
    known: ContextFunction
    present: ContextFunction
    besides: tuple[ContextFunction, ...]

    async def answers(
        self, questions: Sequence[Question], more: _Asked, *, allowed_by_own: bool
    ) -> dict[Question, EvaluationResult]:
        """By what is known, and `more` of it; of what its own policies allow nobody is asked whom else it is from."""

        def known(question: Question) -> Context:
            return {**more[question], **self.known(question)}

        if not questions:
            return {}
        told = await simulate(self.aws, self.principal, questions, known, asked_again=allowed_by_own)
        return {each.question: each for each in told}

    async def verdicts(self, asked: _Asked) -> dict[Question, bool]:
        """Whether the organization denies each, where IAM is told these keys besides what is known."""
        told = await self.answers(tuple(asked), asked, allowed_by_own=True)
        return {question: answer.is_barred_by_organization for question, answer in told.items()}


async def apply_organization_policies(
    of_role: RequestsOfRole, hanging: Sequence[Question], governed: Sequence[Question]
) -> tuple[EvaluationResult, ...]:
    """The answers to what is `hanging`, and to the `governed` whatever the organization says of them."""
    rest = [each for each in governed if each not in hanging]
    present = {each: of_role.present(each) if each in governed else {} for each in (*hanging, *rest)}
    answers = await of_role.answers(hanging, present, allowed_by_own=False)
    answers |= await of_role.answers(rest, present, allowed_by_own=True)
    tried: dict[Question, set[str]] = {each: set() for each in governed}
    decisive: dict[Question, set[str]] = {each: set() for each in governed}
    for besides in of_role.besides:
        more = {each: context for each in governed if (context := besides(each))}
        told = await of_role.verdicts({each: {**present[each], **context} for each, context in more.items()})
        for question, is_denied in told.items():
            tried[question] |= more[question].keys()
            if is_denied is not answers[question].is_barred_by_organization:
                decisive[question] |= more[question].keys()
    denied = [each for each in governed if answers[each].is_barred_by_organization]
    alone = await of_role.verdicts({each: alternative_values(present[each]) for each in denied})
    for question in governed:
        said = answers[question].is_barred_by_organization
        if decisive[question]:
            answers[question] = undecided_answer(answers[question], tuple(sorted(decisive[question])))
        elif alone.get(question, said) is not said:
            keys = await _decisive(of_role, question, present[question])
            answers[question] = undecided_answer(answers[question], keys)
        elif said:
            answers[question] = _whatever(answers[question], {*present[question], *tried[question]})
    return tuple(answers.values())


async def _decisive(of_role: RequestsOfRole, question: Question, present: Context) -> tuple[str, ...]:
    """For which of the keys the organization denies it; all of them, where it does so for none alone."""
    others = alternative_values(present)
    found = [key for key in present if (await of_role.verdicts({question: {**others, key: present[key]}}))[question]]
    return tuple(sorted(found or present))


def undecided_answer(answer: EvaluationResult, keys: tuple[str, ...]) -> EvaluationResult:
    """The answer, where the organization's hangs on keys whose values nobody knows; what denies besides still does."""
    others = tuple(each for each in answer.denials if each.denier is not Denier.ORGANIZATION)
    perhaps = DenyingPolicy(Denier.ORGANIZATION, explicit=True, hangs_on=keys)
    return _told_anew(answer, (*others, perhaps))


def _whatever(answer: EvaluationResult, keys: set[str]) -> EvaluationResult:
    """The answer, where the organization denies it with these keys and without them."""
    told = (
        replace(each, hangs_on=tuple(key for key in each.hangs_on if key not in keys))
        if each.denier is Denier.ORGANIZATION
        else each
        for each in answer.denials
    )
    return _told_anew(answer, tuple(told))


def _told_anew(answer: EvaluationResult, denials: tuple[DenyingPolicy, ...]) -> EvaluationResult:
    return replace(answer_of(answer.question, denials, bounded=answer.bounded), governed=answer.governed)
