"""The refusals that a text quotes: what each tells of itself, and AWS's own word where it was looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ssmtui.language import say
from ssmtui.model.authorization import SOURCE, EvaluatedPolicy, LookedUp
from ssmtui.model.authorization_text import denial_sentence, own_word
from ssmtui.model.finding import Confidence
from ssmtui.model.plain_text import printable
from ssmtui.model.plan import JSON


def denial_entry(looked_up: LookedUp) -> Mapping[str, JSON]:
    """One refusal for machines; what neither the text nor AWS tells is null."""
    denial, decided = looked_up.denial, looked_up.deciding
    return {
        "action": denial.action,
        "resource": denial.resource or None,
        "principal": denial.principal or None,
        "region": denial.region or None,
        "explicit": denial.explicit,
        "policy_type": denial.kind or None,
        "policy": denial.policy or None,
        "authorization_id": denial.authorization_id or None,
        "confidence": (Confidence.PROVED if decided else Confidence.LIKELY).value,
        "source": SOURCE if decided else "text",
        "decision": decided.effect.value if decided else None,
        "statements": [_statement(each) for each in decided.matched if each.denying] if decided else [],
        "why_not": looked_up.why_not or None,
        "needs": [looked_up.needs] if looked_up.needs else [],
    }


def denial_lines(looked_up: Sequence[LookedUp]) -> Iterator[str]:
    """The refusals for people; nothing where there are none."""
    if not looked_up:
        return
    yield ""
    yield say("What the refusal says of itself")
    for each in looked_up:
        yield f"  {printable(denial_sentence(each.denial))}"
        for line in own_word(each):
            yield f"    {printable(line)}"


def _statement(policy: EvaluatedPolicy) -> Mapping[str, JSON]:
    return {
        "policy": policy.uri,
        "policy_type": policy.kind,
        "inline": policy.inline,
        "attached_to": list(policy.attached_to),
        "sids": [each.sid for each in policy.denying],
    }
