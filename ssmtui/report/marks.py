"""What a report's nodes and findings say of themselves to those who count: muted, known before, or neither.

The keys are there where a report was compared or a mute file was given (docs/interface.md §4).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import cast

from ssmtui.language import say
from ssmtui.model.plan import JSON

Body = Mapping[str, JSON]

NEW, STILL = "new", "still"
"""Against the report that it was compared with."""

WORST_FIRST = ("fail", "unknown", "warn", "ok", "stopped")
"""Verdicts, as people want them sorted."""

_SLUG = re.compile(r"[a-z-]+")

STATUSES_WORST_FIRST = ("fail", "unknown", "warn", "info")

CONFIDENCES = ("proved", "likely", "possible")


def known_word(word: JSON, known: Collection[str]) -> str:
    """Return a word of a report, or `unknown` for one that only a later version knows."""
    return word if isinstance(word, str) and word in known else "unknown"


def verdict_of(node: Body) -> str:
    """Return a node's verdict; one that only a later version knows is `unknown`."""
    return known_word(node["verdict"], WORST_FIRST)


def status_of(finding: Body) -> str:
    """Return a finding's status; one that only a later version knows is `unknown`."""
    return known_word(finding["status"], STATUSES_WORST_FIRST)


def confidence_of(body: Body) -> str:
    """Return the confidence of a node or a finding; one that only a later version knows is the lowest."""
    return str(body["confidence"]) if body["confidence"] in CONFIDENCES else CONFIDENCES[-1]


def in_words(word: JSON) -> str:
    """Return a verdict, a status or a kind in the person's language; as it is if only a later version knows it."""
    text = str(word)
    return say(text) if _SLUG.fullmatch(text) else text


def later_word(word: JSON, known: Collection[str]) -> str:
    """Return a word that only a later version knows, to be shown beside the sign of `unknown`; else nothing."""
    return "" if word in known else str(word)


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
