"""A report whose parts say of themselves whether they count. No verdict is changed by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ssmtui.model.plan import JSON
from ssmtui.report.held import FindingsOfNodes
from ssmtui.report.marking.baseline import Baseline
from ssmtui.report.marking.mutes import Mute, Muting
from ssmtui.report.marks import STILL, counts, muted_nodes, status_of, texts, verdict_of
from ssmtui.report.outcome import ExitCode, FailOn, code_of
from ssmtui.report.paper import Body, Compared, Paper

_TELLING = frozenset({"fail", "warn", "unknown"})


@dataclass(frozen=True, slots=True)
class Marking:
    """By what a report is marked. `only_new` says that what was known before does not count."""

    mutes: Sequence[Mute] = ()
    baseline: Baseline | None = None
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class MarkedPaper:
    """A report, marked."""

    paper: Paper
    marking: Marking
    muting: Muting
    compared: Compared | None = field(default=None)

    @classmethod
    def of(cls, paper: Paper, marking: Marking) -> MarkedPaper:
        """That report, marked."""
        compared = marking.baseline.compare(paper) if marking.baseline is not None else None
        return cls(paper, marking, Muting.of(marking.mutes, paper.nodes), compared)

    @property
    def head(self) -> Body:
        """By which schema and version it was made, and when."""
        return self.paper.head

    @property
    def summary(self) -> Body:
        """Nodes by verdict, and the API calls made."""
        return self.paper.summary

    @property
    def scopes(self) -> Sequence[Body]:
        """What was looked at."""
        known = self.marking.baseline if self.marking.only_new else None
        return [
            {**each, "counted": each["error"] is not None and not (known is not None and known.knew_error(each))}
            for each in self.paper.scopes
        ]

    @property
    def nodes(self) -> Iterator[Body]:
        """The nodes."""
        findings = FindingsOfNodes(self)
        for each in self.paper.nodes:
            yield {**each, "counted": self._node_counts(each, findings)}

    @property
    def findings(self) -> Iterator[Body]:
        """The findings."""
        return map(self._marked, self.paper.findings)

    def finding(self, id_: str) -> Body | None:
        """The finding of that id."""
        found = self.paper.finding(id_)
        return self._marked(found) if found is not None else None

    def exit_code(self, fail_on: FailOn) -> ExitCode:
        """The exit code by what counts."""
        seen = {str(each["status"]) for each in self.findings if each["nodes"] and counts(each)}
        seen |= {str(each["verdict"]) for each in self.nodes if counts(each)}
        seen |= {"unknown" for each in self.scopes if counts(each)}
        return code_of(seen, fail_on)

    @property
    def idle_mutes(self) -> Sequence[Mute]:
        """The entries of the mute file that nothing of it is muted by."""
        return self.muting.idle(self.paper.findings) if self.muting.mutes else ()

    def _marked(self, finding: Body) -> Body:
        marks: dict[str, JSON] = {}
        known = False
        if self.marking.baseline is not None:
            standing = self.marking.baseline.standing(finding)
            known = self.marking.only_new and standing == STILL
            marks["baseline"] = standing
        marks["muted"] = self.muting.of_finding(finding)
        quiet = muted_nodes({**finding, **marks})
        marks["counted"] = not known and any(node not in quiet for node in texts(finding["nodes"]))
        return {**finding, **marks}

    def _node_counts(self, node: Body, findings: FindingsOfNodes) -> bool:
        """Whether its verdict counts: by the findings that make it, or where none does, by itself."""
        verdict, id_ = verdict_of(node), str(node["id"])
        if verdict not in _TELLING:
            return False
        making = [each for each in findings.of(node) if status_of(each.finding) == verdict]
        if making:
            return any(each.counts_for(id_) for each in making)
        known = self.marking.only_new and self.marking.baseline is not None
        if known and self.marking.baseline is not None and self.marking.baseline.knew_verdict(node):
            return False
        return not self.muting.quiets(id_)
