"""Read and print what a report says about its findings: muted, new or still present, counted or not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from ssmtui.language import say, say_many
from ssmtui.model.plan import JSON
from ssmtui.report.model import Body, ReportModel
from ssmtui.text.printable import printable

ObjectJSON = Mapping[str, JSON]

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


def verdict_of(node: ObjectJSON) -> str:
    """Return a node's verdict; one that only a later version knows is `unknown`."""
    return known_word(node["verdict"], WORST_FIRST)


def status_of(finding: ObjectJSON) -> str:
    """Return a finding's status; one that only a later version knows is `unknown`."""
    return known_word(finding["status"], STATUSES_WORST_FIRST)


def confidence_of(body: ObjectJSON) -> str:
    """Return the confidence of a node or a finding; one that only a later version knows is the lowest."""
    return str(body["confidence"]) if body["confidence"] in CONFIDENCES else CONFIDENCES[-1]


def in_words(word: JSON) -> str:
    """Return a verdict, a status or a kind in the person's language; as it is if only a later version knows it."""
    text = str(word)
    return say(text) if _SLUG.fullmatch(text) else text


def later_word(word: JSON, known: Collection[str]) -> str:
    """Return a word that only a later version knows, to be shown beside the sign of `unknown`; else nothing."""
    return "" if word in known else str(word)


def counts(body: ObjectJSON) -> bool:
    """Whether a scope's error, a node's verdict or a finding's status counts for the exit code."""
    return body.get("counted") is not False


def baseline_state(finding: ObjectJSON) -> str:
    """`new` or `still`; empty where nothing was compared."""
    return str(finding.get("baseline") or "")


def muted(body: ObjectJSON) -> Sequence[ObjectJSON]:
    """What mutes it: the reason, until when, and for which of its nodes."""
    return cast("Sequence[ObjectJSON]", body.get("muted") or ())


def muted_nodes(finding: ObjectJSON) -> frozenset[str]:
    """The nodes for which a finding is muted."""
    return frozenset(node for each in muted(finding) for node in texts(each["nodes"]))


def texts(value: JSON) -> Sequence[str]:
    """A list of texts, as such."""
    return cast("Sequence[str]", value)


def annotation_phrases(finding: ObjectJSON) -> tuple[str, ...]:
    """What there is to say of a finding's counting, each in a few words; nothing of most."""
    words = []
    if baseline_state(finding) == NEW:
        words.append(say("new"))
    if baseline_state(finding) == STILL:
        words.append(say("known before"))
    whole = len(texts(finding["nodes"]))
    for each in muted(finding):
        until = say("muted until {day}", day=each["expires"]) if each["expires"] else say("muted")
        of = "" if len(texts(each["nodes"])) == whole else f" ({len(texts(each['nodes']))}/{whole})"
        words.append(f"{until}{of}: {each['reason']}")
    return tuple(words)


_KEPT = 512
"""Findings that are held at once; nodes come by their ids, so that one may be wanted again at any time."""


@dataclass(frozen=True, slots=True)
class NodeFinding:
    """A finding, and the nodes for which it is muted."""

    finding: Body
    quiet: frozenset[str]

    def counts_for(self, node: str) -> bool:
        """Whether it counts for one of its nodes: not where it is muted for it."""
        return counts(self.finding) and node not in self.quiet


class NodeFindings:
    """The findings of a paper, by the nodes that name them."""

    def __init__(self, report_model: ReportModel) -> None:
        self._report_model = report_model
        self._looked_up = lru_cache(maxsize=_KEPT)(self._look_up)

    def of(self, node: Body) -> Sequence[NodeFinding]:
        """Those of a node, in its order."""
        return [held for id_ in texts(node["findings"]) if (held := self._looked_up(id_)) is not None]

    def _look_up(self, id_: str) -> NodeFinding | None:
        found = self._report_model.finding(id_)
        return NodeFinding(found, muted_nodes(found)) if found is not None else None


def annotation_totals(report_model: ReportModel) -> list[str]:
    """How many findings are new, still there, fixed, not seen again and muted; nothing where nothing was marked."""
    new = still = quiet = 0
    for finding in report_model.findings:
        if finding["nodes"]:
            new += baseline_state(finding) == NEW
            still += baseline_state(finding) == STILL
            quiet += bool(muted(finding))
    words = [say_many("{count} finding muted", "{count} findings muted", quiet)] if quiet else []
    if (compared := report_model.compared) is not None:
        words += [say("{count} new", count=new), say("{count} still", count=still)]
        words += [say("{count} fixed", count=len(compared.fixed))]
        words += [say("{count} not seen again", count=len(compared.unseen))] if compared.unseen else []
    return words


def comparison_lines(report_model: ReportModel) -> Iterator[str]:
    """The findings that are gone, then the sums, each part after an empty line."""
    compared = report_model.compared
    if compared is not None:
        for title, findings in ((say("Fixed"), compared.fixed), (say("Not seen again"), compared.unseen)):
            if findings:
                yield ""
                yield f"{title}:"
                for finding in findings:
                    yield f"    {printable(str(finding['id']))}"
    if words := annotation_totals(report_model):
        yield ""
        yield ", ".join(words)
