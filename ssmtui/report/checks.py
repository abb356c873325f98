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


def check_lines(checks: Sequence[Check], actions: Mapping[str, Sequence[str]], listing: Sequence[str]) -> Iterator[str]:
    """The checks by link, each with the causes it can name and the actions it needs."""
    yield say("Nodes are listed by")
    yield from _folded("", ", ".join(sorted(listing)))
    link = None
    for check in checks:
        if check.link is not link:
            link = check.link
            yield ""
            yield say(link.value).upper()
        yield f"  {check.name}: {say(check.title)}"
        yield from _folded(say("causes"), ", ".join(check.causes))
        yield from _folded(say("needs"), ", ".join(actions[check.name]) or _instead(check))


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
