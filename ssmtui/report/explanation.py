"""Explain an error text: its causes for people and as JSON, `ssmtui.explain/1`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ssmtui.causes.catalogue import Cause, title_of
from ssmtui.causes.matching import Match
from ssmtui.causes.placeholders import NO_NAMES, Names, cause_with_names
from ssmtui.language import say, translatable
from ssmtui.model.access_denied import LOOKUP_SOURCE, EvaluatedPolicy, LookedUp, authorization_sentence, denial_sentence
from ssmtui.model.finding import Confidence
from ssmtui.model.plan import JSON
from ssmtui.report.catalogue import cause_lines
from ssmtui.text.printable import printable


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
        "source": LOOKUP_SOURCE if decided else "text",
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
        for line in authorization_sentence(each):
            yield f"    {printable(line)}"


def _statement(policy: EvaluatedPolicy) -> Mapping[str, JSON]:
    return {
        "policy": policy.uri,
        "policy_type": policy.kind,
        "inline": policy.inline,
        "attached_to": list(policy.attached_to),
        "sids": [each.sid for each in policy.denying],
    }


SCHEMA = "ssmtui.explain/1"
NOT_KNOWN = translatable("Not known: this is no error text of Session Manager that ssmtui knows.")

WHAT_NEXT = translatable(
    "Give all of it, as it was printed, in quotation marks or on standard input: what explains an error often stands "
    "in the middle. To look at the node itself: ssmtui check NODE. The causes that have a name: ssmtui causes."
)

_HERE: Mapping[bool | None, str] = {
    True: translatable("  ✖ true here"),
    False: translatable("  ● not here"),
    None: translatable("  ? could not be told"),
}
_UNCERTAIN = 0.6
"""Where the likeliest cause is no likelier than this, it is said that the text leaves it open."""
_IN_FULL = 0.5
"""Causes at least this likely, against the likeliest, are told with their resolution; the others by name only."""


def explanation_document(
    matches: Sequence[Match],
    true_here: Mapping[str, bool | None] | None = None,
    looked_up: Sequence[LookedUp] = (),
) -> Mapping[str, JSON]:
    """The matches, likeliest first. `true_here` by cause: null where no node was looked at, or it cannot be told.

    `denials` are the refusals that the text quotes, `likely` by the text alone, `proved` by AWS's own word.
    """
    return {
        "schema": SCHEMA,
        "matches": [
            {
                "cause": match.cause,
                "likelihood": match.likelihood,
                "true_here": (true_here or {}).get(match.cause),
                "fields": dict(match.fields),
            }
            for match in matches
        ],
        "denials": [denial_entry(each) for each in looked_up],
    }


def explanation_lines(
    matches: Sequence[Match],
    causes: Mapping[str, Cause],
    true_here: Mapping[str, bool | None] | None = None,
    looked_up: Sequence[LookedUp] = (),
    width: int | None = None,
    names: Mapping[str, Names] | None = None,
) -> Iterator[str]:
    """The matches for people: how likely each is, what the text told, and the documented resolution.

    Where a node was looked at, each says whether it is true there, and those that are get their resolution, with the
    names that are known there. `width` is that of the terminal that shows it, if one does.
    """
    if not matches:
        yield say(NOT_KNOWN)
        yield say(WHAT_NEXT)
        yield from denial_lines(looked_up)
        return
    for match in matches:
        here = "" if true_here is None else say(_HERE[true_here.get(match.cause)])
        yield f"{match.likelihood:>4.0%}  {match.cause}: {title_of(causes, match.cause)}{here}"
    if true_here is None and matches[0].likelihood <= _UNCERTAIN:
        yield say("The text alone does not settle it. With --node NODE the checks that would are run.")
    yield from _field_lines(matches)
    yield from denial_lines(looked_up)
    for match in _in_full(matches, true_here or {}):
        yield ""
        cause = cause_with_names(causes[match.cause], (names or {}).get(match.cause, NO_NAMES))
        yield from cause_lines(cause, width)


def _in_full(matches: Sequence[Match], true_here: Mapping[str, bool | None]) -> list[Match]:
    true = [match for match in matches if true_here.get(match.cause)]
    return true or [match for match in matches if match.likelihood >= matches[0].likelihood * _IN_FULL]


def _field_lines(matches: Sequence[Match]) -> Iterator[str]:
    told = dict.fromkeys((name, value) for match in matches for name, value in match.fields.items())
    if not told:
        return
    width = max(len(name) for name, _ in told)
    yield ""
    for name, value in told:
        yield f"  {printable(name.replace('_', ' ')):<{width}}  {printable(value)}"
