"""What a diagnosis would run, in order, and the IAM actions that it takes: read off the wiring of checks and facts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from ssmtui.checks.check import Check
from ssmtui.evidence.gathering.reading import actions_beneath
from ssmtui.evidence.readers.nodes.listing import LISTING_ACTIONS
from ssmtui.language import say
from ssmtui.model.path import Link
from ssmtui.model.plan import JSON
from ssmtui.report.policy import PERMITTED_TO_ALL

SCHEMA = "ssmtui.checks/1"
_WIDTH = 100


def actions_of(check: Check) -> tuple[str, ...]:
    """The IAM actions by which a check's facts are read, sorted; empty where the listing of nodes tells all it needs.

    Some only count where another is refused: policies are read where they may not be simulated.
    """
    needs = (*check.needs, *check.subject_needs)
    actions = frozenset[str]().union(*(actions_beneath(need.kind) for need in needs))
    return tuple(sorted(actions - PERMITTED_TO_ALL))


def check_lines(checks: Sequence[Check]) -> Iterator[str]:
    """The checks by link, each with the causes it can name and the actions it needs."""
    yield say("Nodes are listed by")
    yield from _folded("", ", ".join(sorted(LISTING_ACTIONS)))
    link = None
    for check in checks:
        if check.link is not link:
            link = check.link
            yield ""
            yield say(link.value).upper()
        yield f"  {check.name}: {say(check.title)}"
        yield from _folded(say("causes"), ", ".join(check.causes))
        yield from _folded(say("needs"), ", ".join(actions_of(check)) or _instead(check))


def checks_document(checks: Sequence[Check]) -> Mapping[str, JSON]:
    """The same for programs; `listing` are the actions that every check rests on."""
    return {
        "schema": SCHEMA,
        "listing": sorted(LISTING_ACTIONS),
        "checks": [
            {
                "name": check.name,
                "title": check.title,
                "link": check.link.value,
                "causes": list(check.causes),
                "actions": list(actions_of(check)),
            }
            for check in checks
        ],
    }


def _instead(check: Check) -> str:
    if check.link is Link.WORKSTATION:
        return say("no permission: it looks at this computer")
    return say("nothing besides the listing")


def _folded(label: str, words: str) -> Iterator[str]:
    first = f"    {label:<7} " if label else "  "
    yield from textwrap.wrap(
        words,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
