"""Simulate policies in IAM with as few calls as possible, and find the source of each denial."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ssmtui.evidence.aws.reader_api import Aws, AwsError
from ssmtui.evidence.readers.simulation_queue import (
    EVERYTHING,
    PAIRS_A_CALL,
    SCP,
    ActionAndResource,
    SimulationAnswer,
    SimulationAnswers,
    SimulationSubject,
    simulation_queue,
    unknown_spelling,
)
from ssmtui.iam_policy.patterns import UNKNOWN_VALUE, Context, is_known
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.iam_questions import ACTIONS_WITHOUT_RESOURCE_TYPE
from ssmtui.model.permissions import Denier, DenyingPolicy, EvaluationResult, Question, answer_of
from ssmtui.model.request_context import alternative_values, can_be_in_request, open_organization_keys


@dataclass(frozen=True, slots=True)
class SimulationRequest:
    """The principal of a simulation, and the context of its requests; `done` and `asked_again` are as in `simulate`."""

    aws: Aws
    principal: str
    context: Context
    added: tuple[str, ...]
    done: tuple[str, ...]
    asked_again: bool


async def decisions(
    asking: SimulationRequest,
    actions: Sequence[str],
    resources: Sequence[str],
    without: tuple[str, ...] = (),
    *,
    alone: bool = False,
) -> SimulationAnswers:
    """Return IAM's results for all pairs of action and resource, `without` some types of policies.

    `alone`: from a call about nothing else.

    Raises AwsError if IAM does not know the principal, and MalformedAnswer if a pair is missing.
    """
    subject = SimulationSubject(asking.principal, tuple(sorted(asking.context.items())), asking.added, without)
    return await simulation_queue(asking.aws).answers(asking.aws, subject, actions, resources, alone=alone)


MAX_SINGLE_QUESTIONS = 20
"""Maximum number of denials for which IAM is asked separately whether the organization denies them, too."""

_SCP = (SCP,)
_SCP_AND_BOUNDARY = (SCP, "permission-boundary")


@dataclass(frozen=True, slots=True)
class SimulationResults:
    """IAM's results with all policies, without the organization's, and with the principal's own alone.

    The last two are None if IAM does not return them. `organization`: service control policies deny. `disproved`: they
    also seem to deny actions that the principal was allowed.
    """

    whole: SimulationAnswer
    in_account: SimulationAnswer | None
    own: SimulationAnswer | None
    organization: bool
    disproved: bool

    def answer(self, question: Question, known: Context) -> EvaluationResult:
        """Return the answer with all denials, their sources, and the keys not in `known` that they depend on."""
        inmost = self.own or self.in_account or self.whole
        own_missing = _unknown(inmost.missing, question, known)
        missing = set(own_missing)
        if self.organization and self.disproved:
            missing.update(_open(question, known))
        # IAM returns a boundary result only if a boundary is set; its absence is not documented to mean that none is
        # set.
        is_set = any(each is not None and each.by_boundary is not None for each in (self.whole, self.in_account))
        bounded = Truth.YES if is_set else Truth.PERHAPS
        told = answer_of(question, tuple(self._denials(question, known)), tuple(sorted(missing)), bounded)
        barred = told.may_be_barred or (told.allowed and bool(own_missing))
        lacked = () if told.allowed or inmost.denied else own_missing
        return replace(told, governed=self.whole.by_organization is not None, may_be_barred=barred, lacked=lacked)

    def _denials(self, question: Question, known: Context) -> Iterable[DenyingPolicy]:
        in_account = self.in_account
        if self.own is not None and self.own.denied:
            yield DenyingPolicy(Denier.IDENTITY, self.own.explicit, _unknown(self.own.missing, question, known))
        if in_account is not None and in_account.denied and in_account.by_boundary is False:
            # If its own policies deny explicitly, IAM does not show whether the boundary does so, too. This does not
            # matter.
            explicit = in_account.explicit and not (self.own is not None and self.own.explicit)
            yield DenyingPolicy(Denier.BOUNDARY, explicit, _unknown(in_account.missing, question, known))
        if self.organization and not self.disproved:
            explicit = self.whole.explicit and not (in_account is not None and in_account.explicit)
            yield DenyingPolicy(Denier.ORGANIZATION, explicit, _open(question, known))


def _open(question: Question, known: Context) -> tuple[str, ...]:
    return open_organization_keys(dict(known) | {key: (value,) for key, value in question.context})


def _unknown(missing: Iterable[str], question: Question, known: Context) -> tuple[str, ...]:
    """Return the keys that IAM did not have, that such a request can have, and that are not known to be missing."""
    told = {key.casefold() for key in known if is_known(key, known)}
    possible = (key for key in missing if can_be_in_request(key, question.action))
    return tuple(sorted({key for key in possible if key.casefold() not in told}))


async def attribute_denials(
    asking: SimulationRequest, actions: Sequence[str], resources: Sequence[str]
) -> dict[ActionAndResource, SimulationResults]:
    """Return IAM's results for every action on every resource. Only denials are asked again."""
    whole = dict(await decisions(asking, actions, resources))
    by_organization = _denied_above(whole)
    apart = dict.fromkeys(by_organization) if asking.asked_again else await _said_again(asking, by_organization, _SCP)
    if any(whole[pair].shared and apart[pair] is None for pair in by_organization):
        # Only this shows whom the denial comes from.
        whole = dict(await decisions(asking, actions, resources, alone=True))
        by_organization = _denied_above(whole)
        apart = dict.fromkeys(by_organization)
    in_account: dict[ActionAndResource, SimulationAnswer | None] = {**whole, **apart}
    by_boundary = [
        pair for pair, said in in_account.items() if said is not None and said.denied and said.by_boundary is False
    ]
    own = in_account | await _said_again(asking, by_boundary, _SCP_AND_BOUNDARY)
    many = len(resources) > 1
    doubtful = [pair for pair in by_organization if _hidden(whole[pair], in_account[pair], many=many)]
    alone = await _alone(asking, doubtful[:MAX_SINGLE_QUESTIONS])
    denied_above = set(by_organization) - {pair for pair in doubtful if not alone.get(pair, False)}
    disproved = bool(denied_above) and await _is_disproved(asking)
    return {
        pair: SimulationResults(said, in_account[pair], own[pair], pair in denied_above, disproved)
        for pair, said in whole.items()
    }


def _denied_above(whole: SimulationAnswers) -> list[ActionAndResource]:
    """Return the denials of which the organization denies some."""
    return [pair for pair, said in whole.items() if said.denied and said.by_organization is False]


async def _is_disproved(asking: SimulationRequest) -> bool:
    """Return whether the organization also seems to deny actions that were allowed.

    Then its policies depend on keys that IAM did not have.
    """
    if not asking.done:
        return False
    said = await decisions(asking, asking.done, [EVERYTHING])
    return all(each.by_organization is False for each in said.values())


def _hidden(whole: SimulationAnswer, in_account: SimulationAnswer | None, *, many: bool) -> bool:
    """Return whether the account's own denial hides if the organization denies this one of several resources."""
    return in_account is not None and (many or whole.shared) and in_account.decision is whole.decision


async def _alone(asking: SimulationRequest, pairs: Sequence[ActionAndResource]) -> dict[ActionAndResource, bool]:
    """Return whether the organization denies each pair, with one simulation per resource."""
    told = await asyncio.gather(*(decisions(asking, [action], [resource], alone=True) for action, resource in pairs))
    return {pair: each[pair].by_organization is False for pair, each in zip(pairs, told, strict=True)}


async def _said_again(
    asking: SimulationRequest, pairs: Sequence[ActionAndResource], without: tuple[str, ...]
) -> dict[ActionAndResource, SimulationAnswer | None]:
    """Return IAM's results for denials without some policies; None if IAM does not support leaving them out."""
    if not pairs:
        return {}
    actions = tuple(dict.fromkeys(action for action, _ in pairs))
    resources = tuple(dict.fromkeys(resource for _, resource in pairs))
    try:
        said = await decisions(asking, actions, resources, without)
    except AwsError:
        return dict.fromkeys(pairs)
    return {pair: said[pair] for pair in pairs}


ContextFunction = Callable[[Question], Context]
"""Returns the known keys of a question's request, with their values; empty for keys that the request does not have."""

EMPTY_CONTEXT: Context = MappingProxyType({})


def no_context(_question: Question) -> Context:
    """Return no keys in addition to the question."""
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
    """Return the answers in the order of the questions.

    Questions with the same resource and context share a simulation; simulations with the same context share calls.
    `added` are policy documents that the principal would have in addition; `done` are actions of which the principal is
    known to have been allowed one in the same Region. With `asked_again`, the organization's denials are not separated,
    because the questions are repeated later with more keys.

    The resource is always set: without it, IAM evaluates `*`, which is wrongly denied if a policy names an ARN. An
    action without a resource type is spelled in a way that IAM does not know (docs/facts/permissions.md §2).
    """
    folded: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...], bool], list[Question]] = {}
    for question in questions:
        entries = tuple(_context(question.context, known(question)).items())
        folded.setdefault((simulated_resource(question), entries, _is_respelled(question)), []).append(question)
    answers: dict[Question, EvaluationResult] = {}
    results = await asyncio.gather(
        *(
            attribute_denials(
                SimulationRequest(aws, principal, dict(entries), tuple(added), tuple(done), asked_again),
                [_simulated_action(each) for each in together],
                [resource],
            )
            for (resource, entries, _), together in folded.items()
        )
    )
    for together, told in zip(folded.values(), results, strict=True):
        for question in together:
            asked = _simulated_action(question), simulated_resource(question)
            answers[question] = told[asked].answer(question, known(question))
    return tuple(answers[question] for question in questions)


def _is_respelled(question: Question) -> bool:
    """Return whether the action has no resource type: as IAM spells it, it would be denied on every ARN."""
    return question.action in ACTIONS_WITHOUT_RESOURCE_TYPE and question.resource != EVERYTHING


_LOG_STREAM = ":log-stream:"


def simulated_resource(question: Question) -> str:
    """Return the resource for IAM: a log stream needs a name, here any."""
    is_nameless = question.resource.endswith(_LOG_STREAM) and not _is_respelled(question)
    return f"{question.resource}*" if is_nameless else question.resource


def _simulated_action(question: Question) -> str:
    return unknown_spelling(question.action) if _is_respelled(question) else question.action


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
    """Return the answers about every action on every resource, many resources per call.

    `context` is part of the questions; `known` are additional known keys, as in `ContextFunction`; `done` is as in
    `simulate`.
    """
    asking = SimulationRequest(aws, principal, _context(context, known), (), tuple(done), asked_again=False)
    size = PAIRS_A_CALL // len(actions)
    parts = [resources[start : start + size] for start in range(0, len(resources), size)]
    told: dict[ActionAndResource, SimulationResults] = {}
    for found in await asyncio.gather(*(attribute_denials(asking, actions, part) for part in parts)):
        told |= found
    # The resource does not matter to the answer: most of thousands of resources have the same.
    alike: dict[tuple[str, SimulationResults], EvaluationResult] = {}
    answers: dict[Question, EvaluationResult] = {}
    wanted = (Question(action, resource, tuple(context)) for resource in resources for action in actions)
    for question in wanted:
        said = told[question.action, question.resource]
        first = alike.get((question.action, said))
        if first is None:
            first = alike[question.action, said] = said.answer(question, known)
        answers[question] = replace(first, question=question)
    return answers


def _context(own: Sequence[tuple[str, str]], known: Context) -> dict[str, tuple[str, ...]]:
    """Return the request context for IAM: each key with all its values, without keys of which a value is unknown."""
    told: dict[str, tuple[str, ...]] = {}
    for key, value in own:
        told[key] = (*told.get(key, ()), value)
    return told | {key: values for key, values in known.items() if values and UNKNOWN_VALUE not in values}


_Attributes = Mapping[Question, Context]


@dataclass(frozen=True, slots=True)
class RequestsOfRole:
    """The requests of a role: the known keys, the keys with placeholder values, and possible additional keys."""

    aws: Aws
    principal: str
    known: ContextFunction
    present: ContextFunction
    besides: tuple[ContextFunction, ...]

    async def answers(
        self, questions: Sequence[Question], more: _Attributes, *, allowed_by_own: bool
    ) -> dict[Question, EvaluationResult]:
        """Return the answers with the known keys and `more`.

        With `allowed_by_own`, denials are not separated by source.
        """

        def known(question: Question) -> Context:
            return {**more[question], **self.known(question)}

        if not questions:
            return {}
        told = await simulate(self.aws, self.principal, questions, known, asked_again=allowed_by_own)
        return {each.question: each for each in told}

    async def verdicts(self, asked: _Attributes) -> dict[Question, bool]:
        """Return whether the organization denies each question with these additional keys."""
        told = await self.answers(tuple(asked), asked, allowed_by_own=True)
        return {question: answer.is_barred_by_organization for question, answer in told.items()}


async def apply_organization_policies(
    of_role: RequestsOfRole, hanging: Sequence[Question], governed: Sequence[Question]
) -> tuple[EvaluationResult, ...]:
    """Return the answers to the questions in `hanging`, and to those in `governed` with the organization's policies."""
    rest = [each for each in governed if each not in hanging]
    present = {each: of_role.present(each) if each in governed else {} for each in (*hanging, *rest)}
    told = await asyncio.gather(
        of_role.answers(hanging, present, allowed_by_own=False), of_role.answers(rest, present, allowed_by_own=True)
    )
    answers = told[0] | told[1]
    tried: dict[Question, set[str]] = {each: set() for each in governed}
    decisive: dict[Question, set[str]] = {each: set() for each in governed}
    for besides in of_role.besides:
        more = {each: context for each in governed if (context := besides(each))}
        verdicts = await of_role.verdicts({each: {**present[each], **context} for each, context in more.items()})
        for question, is_denied in verdicts.items():
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
    """Return the keys with which the organization denies; all keys if no single key is enough."""
    others = alternative_values(present)
    found = [key for key in present if (await of_role.verdicts({question: {**others, key: present[key]}}))[question]]
    return tuple(sorted(found or present))


def undecided_answer(answer: EvaluationResult, keys: tuple[str, ...]) -> EvaluationResult:
    """Return the answer if the organization's denial depends on keys with unknown values; other denials stay."""
    others = tuple(each for each in answer.denials if each.denier is not Denier.ORGANIZATION)
    perhaps = DenyingPolicy(Denier.ORGANIZATION, explicit=True, hangs_on=keys)
    return _told_anew(answer, (*others, perhaps))


def doubted_by_unread(answer: EvaluationResult, keys: tuple[str, ...]) -> EvaluationResult:
    """Return the answer if the organization may deny the request for the values of these keys, which were not read."""
    is_open = bool(keys) and answer.governed and not answer.is_denied_explicitly
    return undecided_answer(answer, keys) if is_open else answer


def _whatever(answer: EvaluationResult, keys: set[str]) -> EvaluationResult:
    """Return the answer if the organization denies with and without these keys."""
    told = (
        replace(each, hangs_on=tuple(key for key in each.hangs_on if key not in keys))
        if each.denier is Denier.ORGANIZATION
        else each
        for each in answer.denials
    )
    return _told_anew(answer, tuple(told))


def _told_anew(answer: EvaluationResult, denials: tuple[DenyingPolicy, ...]) -> EvaluationResult:
    told = answer_of(answer.question, denials, bounded=answer.bounded)
    return replace(told, unread=answer.unread, governed=answer.governed)
