"""The formats of a report, which `check --format` and `report merge --format` take, and their shared parts.

A format is a function in a module of `formats/` that yields the lines of a report:

    @report_format("table")
    def table_lines(report: Report) -> Iterator[str]: …

The command line and its help find the function there.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

import ssmtui.report.formats
from ssmtui.diagnosis.events import Event
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say, say_many
from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.model.node_order import FindingRank, NodeOrder, NodeRank, root_finding
from ssmtui.report.exit_code import FailOn
from ssmtui.report.formats import DEFAULT
from ssmtui.report.model import STATUSES_WORST_FIRST, DiagnosisReport, ReportFinding, ReportModel, ReportNode, counts
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause


NEW, STILL = "new", "still"
"""The result of a comparison with the baseline."""

_SLUG = re.compile(r"[a-z-]+")


def in_words(word: str) -> str:
    """Return a verdict, a status or a kind in the person's language; as it is if only a later version knows it."""
    return say(word) if _SLUG.fullmatch(word) else word


def annotation_phrases(finding: ReportFinding) -> tuple[str, ...]:
    """Return short phrases about whether a finding counts; most findings have none."""
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


_WITH_FINDINGS = frozenset({"fail", "warn", "unknown"})
_KEPT = 512
"""Number of findings in memory at once. Nodes come by ID, so any finding can be needed again at any time."""


@dataclass(frozen=True, slots=True)
class NodeFinding:
    """A finding, and the nodes for which it is muted."""

    finding: ReportFinding
    quiet: frozenset[str]

    def counts_for(self, node: str) -> bool:
        """Return whether the finding counts for a node: not if it is muted for that node."""
        return counts(self.finding) and node not in self.quiet


class NodeFindings:
    """The findings of a report, by the nodes that refer to them."""

    def __init__(self, report_model: ReportModel) -> None:
        self._report_model = report_model
        self._looked_up = lru_cache(maxsize=_KEPT)(self._look_up)

    def of(self, node: ReportNode) -> Sequence[NodeFinding]:
        """Return the findings of a node, in the node's order."""
        return [held for id_ in node.findings if (held := self._looked_up(id_)) is not None]

    def own(self, node: ReportNode) -> Sequence[NodeFinding]:
        """Return the findings of a node without those about the computer that opens sessions."""
        return [held for held in self.of(node) if not held.finding.is_about_workstation]

    def main(self, node: ReportNode) -> ReportFinding | None:
        """Return the finding on which the verdict of a node rests: the root cause, else the first with this status."""
        root, verdict = root_finding(node.root_cause, node.findings), node.known_verdict
        own = [held.finding for held in self.own(node)]
        return next(
            (each for each in own if each.id == root),
            next((each for each in own if each.known_status == verdict), None) if verdict in _WITH_FINDINGS else None,
        )

    def _look_up(self, id_: str) -> NodeFinding | None:
        found = self._report_model.finding(id_)
        return NodeFinding(found, found.muted_nodes) if found is not None else None


def workstation_problems(report_model: ReportModel) -> list[tuple[str, str]]:
    """Return the statuses and causes of the findings about the computer that opens sessions, each once, worst first."""
    found = (each for each in report_model.findings if each.is_about_workstation and each.nodes)
    wrong = {(each.known_status, each.cause) for each in found if each.known_status in ("fail", "warn")}
    return sorted(wrong, key=lambda each: (STATUSES_WORST_FIRST.index(each[0]), each[1]))


def annotation_totals(report_model: ReportModel) -> list[str]:
    """Return how many findings are new, still there, fixed, not seen again and muted; empty without annotations."""
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
    """Yield the findings that are gone, then the totals, each part after an empty line."""
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


Paint = Callable[[str, str], str]
"""Paints a text in the color of a verdict or status (its value); returns it unchanged if there are no colors."""


class Report:
    """The input of a format: a diagnosis that has ended, or merged reports.

    `catalogue` returns the causes. It is called only if a format shows them: reading them takes time and memory.
    `width` is the width of the terminal in cells; None without a terminal: nothing is cut. `report_model` has the parts
    to write; `fail_on` says which of them count.
    """

    def __init__(
        self,
        state: FleetState | None,
        catalogue: Callable[[], Mapping[str, Cause]],
        generated_at: datetime,
        paint: Paint,
        width: int | None = None,
        *,
        report_model: ReportModel | None = None,
        fail_on: FailOn = FailOn.FAIL,
    ) -> None:
        if report_model is None:
            if state is None:
                raise TypeError("a report is of a diagnosis, or of a paper")
            report_model = DiagnosisReport(state, generated_at)
        self._state = state
        self._catalogue = catalogue
        self.generated_at = generated_at
        self.paint = paint
        self.width = width
        self.report_model: ReportModel = report_model
        self.fail_on = fail_on

    @cached_property
    def causes(self) -> Mapping[str, Cause]:
        """Return the causes of the catalogue, by slug."""
        return self._catalogue()

    @cached_property
    def state(self) -> FleetState:
        """Return the fleet; of a saved report, as far as the report describes it."""
        if self._state is not None:
            return self._state
        from ssmtui.report.report_diagnosis import fleet_state_of  # noqa: PLC0415 - what reads reports reads formats

        return fleet_state_of(self.report_model, self.causes)

    @cached_property
    def order(self) -> NodeOrder:
        """Return the order of the nodes and findings."""
        order = NodeOrder()
        for node in self.report_model.nodes:
            order.count(VerdictStatus(node.known_verdict), root_finding(node.root_cause, node.findings))
        return order

    def rank_of_node(self, node: ReportNode) -> NodeRank:
        """Return the rank of a node."""
        return self.order.of_node(VerdictStatus(node.known_verdict), root_finding(node.root_cause, node.findings))

    def rank_of_finding(self, finding: ReportFinding) -> FindingRank:
        """Return the rank of a finding."""
        return self.order.of_finding(Status(finding.known_status), finding.id, len(finding.nodes))

    def marks_of(self, finding: str) -> str:
        """Return in brackets whether a finding counts, to show after its ID; empty if there is nothing to say."""
        found = self.report_model.finding(finding)
        return "".join(f"  [{printable(each)}]" for each in annotation_phrases(found)) if found is not None else ""


Lines = Callable[[Report], Iterable[str]]
EventLines = Callable[[FleetState, Event], Iterable[str]]


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How a format is written during the diagnosis.

    `as_it_comes` yields the lines for an event, which the state already includes; `at_the_end` yields the last lines.
    """

    as_it_comes: EventLines
    at_the_end: Lines


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format. `lines` yields a whole report; `stream` is None if the format is written only at the end.

    A format with `reports_scope_errors` shows its reader why a scope is in error. `endings` are the file name endings
    of the format.
    """

    name: str
    lines: Lines
    stream: StreamFormat | None
    reports_scope_errors: bool
    endings: tuple[str, ...]


_REGISTERED: dict[str, ReportFormat] = {}


class DuplicateReportFormat(TypeError):
    """Two formats with the same name."""


def report_format(
    name: str, *, stream: StreamFormat | None = None, reports_scope_errors: bool = False, endings: tuple[str, ...] = ()
) -> Callable[[Lines], Lines]:
    """Register a function as the writer of a format."""

    def register(lines: Lines) -> Lines:
        if name in _REGISTERED:
            raise DuplicateReportFormat(f"two formats are called {name}")
        _REGISTERED[name] = ReportFormat(name, lines, stream, reports_scope_errors, endings)
        return lines

    return register


@cache
def all_formats() -> Mapping[str, ReportFormat]:
    """Return all formats by name, the default first."""
    for module in pkgutil.iter_modules(ssmtui.report.formats.__path__, f"{ssmtui.report.formats.__name__}."):
        importlib.import_module(module.name)
    return {name: _REGISTERED[name] for name in sorted(_REGISTERED, key=lambda each: (each != DEFAULT, each))}


def format_of_file(name: str) -> str | None:
    """Return the format with the longest matching file name ending, or None."""
    told = [
        (len(ending), each.name)
        for each in all_formats().values()
        for ending in each.endings
        if name.lower().endswith(ending)
    ]
    return max(told)[1] if told else None
