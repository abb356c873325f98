"""What a report's nodes and findings say of themselves to those who count: muted, known before, or neither.

The keys are there where a report was compared or a mute file was given (docs/interface.md §4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ssmtui.language import say
from ssmtui.model.plan import JSON

Body = Mapping[str, JSON]

NEW, STILL = "new", "still"
"""Against the report that it was compared with."""

WORST_FIRST = ("fail", "unknown", "warn", "ok", "stopped")
"""Verdicts, as people want them sorted."""

STATUSES_WORST_FIRST = ("fail", "unknown", "warn", "info")


def counts(body: Body) -> bool:
    """Whether a scope's error, a node's verdict or a finding's status counts for the exit code."""
    return body.get("counted") is not False


def standing(finding: Body) -> str:
    """`new` or `still`; empty where nothing was compared."""
    return str(finding.get("baseline") or "")


def muted(body: Body) -> Sequence[Body]:
    """What mutes it: the reason, until when, and for which of its nodes."""
    return cast("Sequence[Body]", body.get("muted") or ())


def muted_nodes(finding: Body) -> frozenset[str]:
    """The nodes for which a finding is muted."""
    return frozenset(node for each in muted(finding) for node in texts(each["nodes"]))


def texts(value: JSON) -> Sequence[str]:
    """A list of texts, as such."""
    return cast("Sequence[str]", value)


def marks_in_words(finding: Body) -> tuple[str, ...]:
    """What there is to say of a finding's counting, each in a few words; nothing of most."""
    words = []
    if standing(finding) == NEW:
        words.append(say("new"))
    if standing(finding) == STILL:
        words.append(say("known before"))
    whole = len(texts(finding["nodes"]))
    for each in muted(finding):
        until = say("muted until {day}", day=each["expires"]) if each["expires"] else say("muted")
        of = "" if len(texts(each["nodes"])) == whole else f" ({len(texts(each['nodes']))}/{whole})"
        words.append(f"{until}{of}: {each['reason']}")
    return tuple(words)
