"""Print the catalogue of causes and checks and the explanation of an error text, for people and as JSON."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssmtui.causes.catalogue import Cause, title_of
from ssmtui.language import say, translatable
from ssmtui.model.finding import Confidence, Link
from ssmtui.report.text_layout import Column, Verbatim, table_rows
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.causes.matching import Match
    from ssmtui.causes.placeholders import Names
    from ssmtui.checks.registry import Check
    from ssmtui.diagnosis.explanation import PossibleCause
    from ssmtui.model.access_denied import EvaluatedPolicy, LookedUp
    from ssmtui.model.plan import JSON

_LINK = re.compile(r"\[(?P<title>[^\]]+)\]\((?P<url>[^)\s]+)\)")


def cause_lines(cause: Cause, width: int | None = None) -> Iterator[str]:
    """Yield the lines of the page of a cause, rendered for a terminal of this width, or as plain text."""
    yield from _heading(f"── {cause.slug}: {cause.title}", width)
    sections = ((say("What is wrong"), cause.what_is_wrong), (say("How to resolve"), cause.how_to_resolve))
    for heading, text in (*sections, (say("What to know"), cause.to_know)):
        if text:
            yield ""
            yield from _heading(heading, width)
            yield from text_lines(text, width)
    yield ""
    for title, url in _pages(cause, linked=width is not None):
        yield say("AWS: {title}: {url}", title=title, url=url)


def text_lines(markdown: str, width: int | None) -> Iterator[str]:
    """Yield the lines of a Markdown text, rendered for a terminal of this width, or as plain text."""
    from ssmtui.report.terminal_markdown import markdown_lines  # noqa: PLC0415 - it takes 50 ms, and JSON has no use for it

    yield from map(Verbatim, markdown_lines(markdown, width))


def _heading(words: str, width: int | None) -> Iterator[str]:
    from ssmtui.report.terminal_markdown import heading  # noqa: PLC0415 - the same

    yield from map(Verbatim, heading(words, width))


def _pages(cause: Cause, *, linked: bool) -> Iterator[tuple[str, str]]:
    """Yield the pages of documentation. If links show only their titles, the linked pages of the text are included."""
    pages = [(page.title, page.url) for page in cause.documentation]
    if linked:
        text = f"{cause.what_is_wrong}\n{cause.how_to_resolve}\n{cause.to_know}"
        pages += [(" ".join(link["title"].split()), link["url"]) for link in _LINK.finditer(text)]
    titles: dict[str, str] = {}
    for title, url in pages:
        titles.setdefault(url, title)
    yield from ((title, url) for url, title in titles.items())


CAUSES_SCHEMA = "ssmtui.causes/1"


def along_the_path(causes: Iterable[Cause]) -> list[Cause]:
    """Return the causes in the order of the links of a session; within a link, by slug."""
    return sorted(causes, key=lambda each: (each.link.position, each.slug))


def catalogue_lines(causes: Iterable[Cause], width: int | None = None) -> Iterator[str]:
    """Yield a line for each cause: slug, title, link and subject, as far as the width of the terminal allows."""
    columns = (
        Column(say("cause").upper()),
        Column(say("title").upper(), least=46),
        Column(say("link").upper(), yields=2),
        Column(say("subject").upper(), yields=1),
    )
    rows = [(c.slug, c.title, say(c.link.value), say(c.subject.value)) for c in along_the_path(causes)]
    return table_rows(columns, rows, width)


def causes_document(causes: Iterable[Cause], checks: Sequence[Check]) -> Mapping[str, JSON]:
    """Return the causes as JSON, with their known texts.

    `checks` are the checks that can prove a cause: empty if only a text is available.
    """
    return {"schema": CAUSES_SCHEMA, "causes": [_cause(each, checks) for each in along_the_path(causes)]}


def _cause(cause: Cause, checks: Sequence[Check]) -> Mapping[str, JSON]:
    return {
        "slug": cause.slug,
        "title": cause.title,
        "link": cause.link.value,
        "subject": cause.subject.value,
        "known_by": [{"text": each.text, "likelihood": each.likelihood} for each in cause.known_by],
        "documentation": [{"title": each.title, "url": each.url} for each in cause.documentation],
        "fixes": [each.slug for each in cause.fixes],
        "checks": [check.name for check in checks if cause.slug in check.causes],
    }


CHECKS_SCHEMA = "ssmtui.checks/1"
_WIDTH = 100
"""Width of output that does not go to a terminal."""


def check_lines(
    checks: Sequence[Check], actions: Mapping[str, Sequence[str]], listing: Sequence[str], width: int | None = None
) -> Iterator[str]:
    """Yield the checks by link, each with its possible causes and the actions that it needs."""
    yield say("Actions to list nodes")
    yield from _folded("", ", ".join(sorted(listing)), width)
    link = None
    for check in checks:
        if check.link is not link:
            link = check.link
            yield ""
            yield say(link.value).upper()
        yield f"  {check.name}: {say(check.title)}"
        yield from _folded(say("causes"), ", ".join(check.causes), width)
        yield from _folded(say("needs"), ", ".join(actions[check.name]) or _instead(check), width)


def checks_document(
    checks: Sequence[Check], actions: Mapping[str, Sequence[str]], listing: Sequence[str]
) -> Mapping[str, JSON]:
    """Return the checks as JSON."""
    return {
        "schema": CHECKS_SCHEMA,
        "listing": sorted(listing),
        "checks": [
            {
                "name": check.name,
                "title": check.title,
                "link": check.link.value,
                "causes": list(check.causes),
                "actions": list(actions[check.name]),
            }
            for check in checks
        ],
    }


def _instead(check: Check) -> str:
    if check.link is Link.WORKSTATION:
        return say("none: the check reads only this computer")
    return say("only the listing of nodes")


def _folded(label: str, words: str, width: int | None) -> Iterator[str]:
    first = f"    {label:<7} " if label else "  "
    yield from textwrap.wrap(
        words,
        min(width or _WIDTH, _WIDTH),
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def denial_entry(looked_up: LookedUp) -> Mapping[str, JSON]:
    """Return a refusal as JSON; null is what neither the text nor AWS says."""
    from ssmtui.model.access_denied import LOOKUP_SOURCE  # noqa: PLC0415 - the list of causes needs no text

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
    """Yield the lines about the refusals; none if there are no refusals."""
    if not looked_up:
        return
    from ssmtui.model.access_denied import authorization_sentence, denial_sentence  # noqa: PLC0415 - the same

    yield ""
    yield say("Details of the denial")
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


EXPLAIN_SCHEMA = "ssmtui.explain/1"
NOTHING_CHECKED: Mapping[str, PossibleCause] = MappingProxyType({})
NOT_KNOWN = translatable("Unknown text: ssmtui does not know this error text of Session Manager.")

WHAT_NEXT = translatable(
    "Give the complete text, in quotation marks or on standard input: the explanation is often in the middle. To "
    "check the node: ssmtui check NODE. To list all known causes: ssmtui causes."
)

_HERE: Mapping[bool | None, tuple[str, str]] = {
    True: ("✖", translatable("true here")),
    None: ("?", translatable("unknown")),
    False: ("●", translatable("not found here")),
}


def ended_lines() -> Iterator[str]:
    """Yield the lines about a text that says that a session ended normally."""
    from ssmtui.diagnosis.explanation import ENDED_NORMALLY  # noqa: PLC0415 - the same

    yield say(ENDED_NORMALLY)
    yield say("If each session ends at once: ssmtui explain session-terminated")


def explanation_document(
    matches: Sequence[Match],
    possible: Mapping[str, PossibleCause] = NOTHING_CHECKED,
    looked_up: Sequence[LookedUp] = (),
) -> Mapping[str, JSON]:
    """Return the matches, likeliest first. `possible` are the causes with the results of a node, if one was checked.

    `also_here` are causes that the text does not name and the checks found. `order` has all causes in the order of
    `explanation_lines`. `denials` are the refusals in the text: `likely` from the text alone, `proved` from AWS's
    answer.
    """
    named = {match.cause for match in matches}
    also_here = [slug for slug in possible if slug not in named]
    return {
        "schema": EXPLAIN_SCHEMA,
        "matches": [
            {
                "cause": match.cause,
                "likelihood": match.likelihood,
                "true_here": possible[match.cause].here if match.cause in possible else None,
                "fields": dict(match.fields),
            }
            for match in matches
        ],
        **({"also_here": also_here} if also_here else {}),
        **({"order": list(possible)} if possible else {}),
        "denials": [denial_entry(each) for each in looked_up],
    }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The causes of a text, the first one first. `names` are the known names of the first cause.

    `checked`: they were checked on a node. `more` is the command that shows another cause. `ended_normally`: there is
    no cause, because the text is the normal end of a session.
    """

    possible: Mapping[str, PossibleCause]
    looked_up: Sequence[LookedUp] = ()
    checked: bool = False
    names: Names = field(default_factory=lambda: MappingProxyType({}))
    more: str = ""
    ended_normally: bool = False


def explanation_lines(explanation: Explanation, causes: Mapping[str, Cause], width: int | None = None) -> Iterator[str]:
    """Yield the lines of an explanation: its causes, the values in the text, and the first cause in full.

    Of a checked node, a line before the causes says whether they are true.
    `width` is the width of the terminal, if the output goes to one.
    """
    from ssmtui.causes.placeholders import cause_with_names  # noqa: PLC0415 - the same
    from ssmtui.diagnosis.explanation import opening_sentence  # noqa: PLC0415 - the same

    possible = tuple(explanation.possible.values())
    if not possible:
        yield from (ended_lines() if explanation.ended_normally else (say(NOT_KNOWN), say(WHAT_NEXT)))
        yield from denial_lines(explanation.looked_up)
        return
    opening = opening_sentence(explanation.possible)
    if opening:
        yield opening
    for before, each in zip((None, *possible), possible, strict=False):
        if explanation.checked and (before is None or before.here is not each.here):
            glyph, word = _HERE[each.here]
            yield f"{glyph} {say(word)}"
        yield f"{each.match.percentage:>4}  {each.match.cause}: {title_of(causes, each.match.cause)}"
    if opening and not explanation.checked:
        yield say("The text alone does not determine the cause. Use --node NODE to run the relevant checks.")
    yield from _field_lines([each.match for each in possible])
    yield from denial_lines(explanation.looked_up)
    yield ""
    yield from cause_lines(cause_with_names(causes[possible[0].match.cause], explanation.names), width)
    if len(possible) > 1:
        yield ""
        yield Verbatim(say("More: {command}", command=explanation.more))


def _field_lines(matches: Sequence[Match]) -> Iterator[str]:
    told = dict.fromkeys((name, value) for match in matches for name, value in match.fields.items())
    if not told:
        return
    width = max(len(name) for name, _ in told)
    yield ""
    for name, value in told:
        yield f"  {printable(name.replace('_', ' ')):<{width}}  {printable(value)}"
