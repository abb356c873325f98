"""What a diagnosis would run, in order, and the IAM actions that it takes.

`actions` are those of each check by its name, `listing` those that listing nodes takes, which every check rests on.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from ssmtui.checks.check import Check
from ssmtui.language import say
from ssmtui.model.path import Link
from ssmtui.model.plan import JSON

SCHEMA = "ssmtui.checks/1"
_WIDTH = 100
"""Where they are not for a terminal, which has a width of its own."""


def check_lines(
    checks: Sequence[Check], actions: Mapping[str, Sequence[str]], listing: Sequence[str], width: int | None = None
) -> Iterator[str]:
    """The checks by link, each with the causes it can name and the actions it needs."""
    yield say("Nodes are listed by")
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
    """The same for programs."""
    return {
        "schema": SCHEMA,
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
        return say("no permission: it looks at this computer")
    return say("nothing besides the listing")


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
