"""IAM's denials in words, and what can be done about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ssmtui.model.finding import Confidence, Evidence
from ssmtui.model.permissions import Answer, Decision, Denier

_SURENESS = (Confidence.POSSIBLE, Confidence.LIKELY, Confidence.PROVED)


def is_final(answer: Answer) -> bool:
    """Whether no other policy could still allow it: denied explicitly, or beyond the identity's own policies."""
    return answer.is_final


def denial_evidence(answer: Answer) -> Evidence:
    """The denial as an observed fact."""
    how = "explicitly" if answer.decision is Decision.EXPLICIT_DENY else "implicitly"
    by = f" by {answer.denier.value}" if answer.denier is not None else ""
    where = "" if answer.question.resource == "*" else f" on {answer.question.resource}"
    return Evidence(f"{answer.question.action}{where} is {how} denied{by}", answer.source)


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
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)
