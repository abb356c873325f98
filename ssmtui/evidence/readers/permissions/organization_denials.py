"""What service control policies deny to requests as they really are: with every key that such requests have.

IAM judges a key that it was not told as missing, and names none that service control policies alone ask for
(docs/facts/permissions.md §4): it allows what is denied where a key is there, and denies what is spared for one. So it
is told all that is known, and something for each key that is there in any case. Where that something makes the
difference, or another value would, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.evidence.readers.permissions.simulation import KnownOf, simulate
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.permissions import Denier, DenyingPolicy, EvaluationResult, Question, answer_of
from ssmtui.model.policy_patterns import Context
from ssmtui.model.stand_ins import other_values

_Asked = Mapping[Question, Context]


@dataclass(frozen=True, slots=True)
class RequestsOfRole:
    """Whose requests: what is known of each, what each has in any case, and in which ways it may have more."""

    aws: Aws
    principal: str
    known: KnownOf
    present: KnownOf
    besides: tuple[KnownOf, ...]

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


async def with_organization(
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
    alone = await of_role.verdicts({each: other_values(present[each]) for each in denied})
    for question in governed:
        said = answers[question].is_barred_by_organization
        if decisive[question]:
            answers[question] = in_doubt(answers[question], tuple(sorted(decisive[question])))
        elif alone.get(question, said) is not said:
            keys = await _decisive(of_role, question, present[question])
            answers[question] = in_doubt(answers[question], keys)
        elif said:
            answers[question] = _whatever(answers[question], {*present[question], *tried[question]})
    return tuple(answers.values())


async def _decisive(of_role: RequestsOfRole, question: Question, present: Context) -> tuple[str, ...]:
    """For which of the keys the organization denies it; all of them, where it does so for none alone."""
    others = other_values(present)
    found = [key for key in present if (await of_role.verdicts({question: {**others, key: present[key]}}))[question]]
    return tuple(sorted(found or present))


def in_doubt(answer: EvaluationResult, keys: tuple[str, ...]) -> EvaluationResult:
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
