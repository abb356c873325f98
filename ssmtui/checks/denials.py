"""IAM's denials in words, and what can be done about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence
from ssmtui.model.permissions import Answer, Decision, Denier

_SURENESS = (Confidence.POSSIBLE, Confidence.LIKELY, Confidence.PROVED)


def is_final(answer: Answer) -> bool:
    """Whether no other policy could still allow it: denied explicitly, or beyond the identity's own policies."""
    return answer.is_final


def denial_evidence(answer: Answer) -> Evidence:
    """The denial as an observed fact, with the kind of policy that it comes from."""
    return Evidence(denied_words(answer, _asked(answer)), answer.source)


def denied_words(answer: Answer, asked: str) -> str:
    """The denial in a sentence; `asked` is what was asked for, in the words of whoever shows it."""
    who = _denier_in_words(answer.denier)
    if answer.decision is Decision.EXPLICIT_DENY:
        return say("{asked} is explicitly denied by {who}", asked=asked, who=who)
    return say("{asked} is implicitly denied by {who}", asked=asked, who=who)


def doubt_evidence(answer: Answer) -> Evidence:
    """What keeps from saying whether it is allowed: conditions on keys that only a real request has."""
    fact = say(
        "whether {asked} is allowed hangs on conditions on {keys}",
        asked=_asked(answer),
        keys=in_words(answer.missing_context),
    )
    return Evidence(fact, answer.source)


def _asked(answer: Answer) -> str:
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


def fixes_for(denials: Sequence[Answer], grant: str | None, *others: str) -> tuple[str, ...]:
    """The fixes that help: granting, unless something denies that no grant to the role would overrule.

    `grant` is None where the role's own policies are not what is wrong.
    """
    by_organization = any(answer.denier is Denier.ORGANIZATION for answer in denials)
    first = ("steps-organization-policy",) if by_organization else ()
    if grant is None or any(is_final(answer) for answer in denials):
        return (*first, *others)
    return (grant, *others)


def least_sure(confidences: Iterable[Confidence]) -> Confidence:
    """As sure as the least sure of them; proved, where there is none."""
    return min(confidences, key=_SURENESS.index, default=Confidence.PROVED)


def most_sure(confidences: Iterable[Confidence]) -> Confidence:
    """As sure as the surest of them: one proved denial is enough."""
    return max(confidences, key=_SURENESS.index, default=Confidence.PROVED)


def actions_in_words(denials: Sequence[Answer]) -> str:
    """The denied actions, as a person lists them."""
    names = list(dict.fromkeys(answer.question.action for answer in denials))
    return in_words(names)


def in_words(names: Sequence[str]) -> str:
    """A list as a person says it: `a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return say("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])
