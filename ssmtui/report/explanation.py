"""An error text explained: its causes for people, and as a document, `ssmtui.explain/1` (docs/interface.md §5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ssmtui.causes.cause import Cause, title_of
from ssmtui.causes.matching import Match
from ssmtui.causes.placeholders import NOTHING_KNOWN, Names, addressed
from ssmtui.language import marked, say
from ssmtui.model.authorization import LookedUp
from ssmtui.model.plain_text import printable
from ssmtui.model.plan import JSON
from ssmtui.report.cause_text import cause_lines
from ssmtui.report.denials import denial_entry, denial_lines

SCHEMA = "ssmtui.explain/1"
NOT_KNOWN = marked("Not known: this is no error text of Session Manager that ssmtui knows.")

WHAT_NEXT = marked(
    "Give all of it, as it was printed, in quotation marks or on standard input: what explains an error often stands "
    "in the middle. To look at the node itself: ssmtui check NODE. The causes that have a name: ssmtui causes."
)

_HERE: Mapping[bool | None, str] = {
    True: marked("  ✖ true here"),
    False: marked("  ● not here"),
    None: marked("  ? could not be told"),
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
        cause = addressed(causes[match.cause], (names or {}).get(match.cause, NOTHING_KNOWN))
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
