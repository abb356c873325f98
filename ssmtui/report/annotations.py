"""Print what a report says about its findings: muted, new or still present, counted or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ssmtui.language import say, say_many
from ssmtui.report.model import ReportFinding, ReportModel, ReportNode, counts
from ssmtui.text.printable import printable

NEW, STILL = "new", "still"
"""Against the report that it was compared with."""

_SLUG = re.compile(r"[a-z-]+")


def in_words(word: str) -> str:
    """Return a verdict, a status or a kind in the person's language; as it is if only a later version knows it."""
    return say(word) if _SLUG.fullmatch(word) else word


def annotation_phrases(finding: ReportFinding) -> tuple[str, ...]:
    """Return what there is to say of a finding's counting, each in a few words; nothing of most."""
    words = []
    if finding.baseline == NEW:
        words.append(say("new"))
    if finding.baseline == STILL:
        words.append(say("known before"))
    whole = len(finding.nodes)
    for each in finding.muted or ():
        until = say("muted until {day}", day=each.expires) if each.expires else say("muted")
        of = "" if len(each.nodes) == whole else f" ({len(each.nodes)}/{whole})"
        words.append(f"{until}{of}: {each.reason}")
    return tuple(words)


_KEPT = 512
"""Findings that are held at once; nodes come by their ids, so that one may be wanted again at any time."""


@dataclass(frozen=True, slots=True)
class NodeFinding:
    """A finding, and the nodes for which it is muted."""

    finding: ReportFinding
    quiet: frozenset[str]

    def counts_for(self, node: str) -> bool:
        """Whether it counts for one of its nodes: not where it is muted for it."""
        return counts(self.finding) and node not in self.quiet


class NodeFindings:
    """The findings of a paper, by the nodes that name them."""

    def __init__(self, report_model: ReportModel) -> None:
        self._report_model = report_model
        self._looked_up = lru_cache(maxsize=_KEPT)(self._look_up)

    def of(self, node: ReportNode) -> Sequence[NodeFinding]:
        """Those of a node, in its order."""
        return [held for id_ in node.findings if (held := self._looked_up(id_)) is not None]

    def _look_up(self, id_: str) -> NodeFinding | None:
        found = self._report_model.finding(id_)
        return NodeFinding(found, found.muted_nodes) if found is not None else None


def annotation_totals(report_model: ReportModel) -> list[str]:
    """How many findings are new, still there, fixed, not seen again and muted; nothing where nothing was marked."""
    new = still = quiet = 0
    for finding in report_model.findings:
        if finding.nodes:
            new += finding.baseline == NEW
            still += finding.baseline == STILL
            quiet += bool(finding.muted)
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
                    yield f"    {printable(finding.id)}"
    if words := annotation_totals(report_model):
        yield ""
        yield ", ".join(words)
