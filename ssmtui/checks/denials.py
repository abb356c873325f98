"""IAM's denials in words, and what can be done about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ssmtui.language import say
from ssmtui.model.agent_requests import NEVER_KNOWN
from ssmtui.model.finding import Confidence, Evidence
from ssmtui.model.permissions import SIMULATION, Decision, Denier, DenyingPolicy, EvaluationResult

_SURENESS = (Confidence.POSSIBLE, Confidence.LIKELY, Confidence.PROVED)


def is_final(answer: EvaluationResult) -> bool:
    """Whether no other policy could still allow it: denied explicitly, or beyond the identity's own policies."""
    return answer.is_final


def denial_evidence(answer: EvaluationResult) -> Evidence:
    """The denial as an observed fact, with the kinds of policies that it comes from, and what was not known."""
    said = denied_words(answer, _asked(answer))
    if answer.only_by_organization and answer.source == SIMULATION:
        said = say("{said}, as far as the request is known: {keys} is not", said=said, keys=in_words(NEVER_KNOWN))
    if answer.on_way:
        said = say("{said}, where {keys} is what the account's network tells", said=said, keys=in_words(answer.on_way))
    return Evidence(said, answer.source)


def denied_words(answer: EvaluationResult, asked: str) -> str:
    """The denial in a sentence, with all that deny; `asked` is what was asked for, in the words of whoever shows it."""
    sure = [each for each in answer.denials if not each.hangs_on]
    perhaps = [each for each in answer.denials if each.hangs_on and each.denier not in {one.denier for one in sure}]
    first, *others = sure or [
        DenyingPolicy(answer.denier or Denier.IDENTITY, answer.decision is Decision.EXPLICIT_DENY)
    ]
    who = _denier_in_words(first.denier if answer.denier is not None else None)
    said = (
        say("{asked} is explicitly denied by {who}", asked=asked, who=who)
        if first.explicit
        else say("{asked} is implicitly denied by {who}", asked=asked, who=who)
    )
    if others:
        also = in_words([_denier_in_words(each.denier) for each in others])
        said = say("{said}, and by {also} too", said=said, also=also)
    if perhaps:
        may = in_words([_denier_in_words(each.denier) for each in perhaps])
        said = say("{said}; {may} may deny it too", said=said, may=may)
    return said


def doubt_evidence(answer: EvaluationResult) -> Evidence:
    """What keeps from saying whether it is allowed: conditions on keys that only a real request has."""
    keys = in_words(answer.open_keys)
    if answer.only_by_organization:
        fact = say(
            "a service control policy denies {asked} to a request of which {keys} are not known; "
            "IAM does not tell which of them it asks for",
            asked=_asked(answer),
            keys=keys,
        )
    else:
        fact = say("whether {asked} is allowed hangs on conditions on {keys}", asked=_asked(answer), keys=keys)
    return Evidence(fact, answer.source)


def _asked(answer: EvaluationResult) -> str:
    question = answer.question
    if question.resource == "*":
        return question.action
    return say("{action} on {resource}", action=question.action, resource=question.resource)


def _denier_in_words(denier: Denier | None) -> str:
    if denier is Denier.BOUNDARY:
        return say("the permissions boundary")
    if denier is Denier.ORGANIZATION:
        return say("a service control policy")
    return say("the identity's own policies") if denier is Denier.IDENTITY else say("a policy")


def fixes_for(denials: Sequence[EvaluationResult], grant: str | None, *others: str) -> tuple[str, ...]:
    """The fixes that help: granting, unless something denies that no grant to the role would overrule.

    `grant` is None where the role's own policies are not what is wrong.
    """
    by_organization = any(each.denier is Denier.ORGANIZATION for answer in denials for each in answer.denials)
    ask = ("steps-organization-policy",) if by_organization else ()
    if grant is None or any(is_final(answer) for answer in denials):
        return (*ask, *others)
    return (grant, *ask, *others)


def least_sure(confidences: Iterable[Confidence]) -> Confidence:
    """As sure as the least sure of them; proved, where there is none."""
    return min(confidences, key=_SURENESS.index, default=Confidence.PROVED)


def most_sure(confidences: Iterable[Confidence]) -> Confidence:
    """As sure as the surest of them: one proved denial is enough."""
    return max(confidences, key=_SURENESS.index, default=Confidence.PROVED)


def actions_in_words(denials: Sequence[EvaluationResult]) -> str:
    """The denied actions, as a person lists them."""
    names = list(dict.fromkeys(answer.question.action for answer in denials))
    return in_words(names)


def in_words(names: Sequence[str]) -> str:
    """A list as a person says it: `a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return say("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])
