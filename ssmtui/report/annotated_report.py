"""Annotate a report: apply mutes, and compare it with a baseline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import translate
from functools import cache

from ssmtui.report.exit_code import ExitCode, FailOn, code_of
from ssmtui.report.format import NEW, STILL, NodeFindings
from ssmtui.report.merge import MergedReport
from ssmtui.report.model import (
    STATUSES_WORST_FIRST,
    WORST_FIRST,
    BaselineComparison,
    ReportFinding,
    ReportHead,
    ReportModel,
    ReportMute,
    ReportNode,
    ReportScope,
    ReportSummary,
    counts,
    known_word,
)


@dataclass(frozen=True, slots=True)
class Mute:
    """An entry of the mute file: the findings or nodes that it mutes, the reason, and its last valid day.

    An empty pattern matches everything. `*` matches any text and `?` any character. A node matches by ID or by name.
    """

    causes: tuple[str, ...]
    subjects: tuple[str, ...]
    nodes: tuple[str, ...]
    reason: str
    expires: date
    line: int = 0

    def is_about(self, finding: ReportFinding) -> bool:
        """Return whether the entry matches a finding, on any node."""
        return self.is_about_cause(finding.cause) and _any_fits(self.subjects, finding.subject.id)

    def is_about_cause(self, slug: str) -> bool:
        """Return whether the entry matches findings of a cause."""
        return _any_fits(self.causes, slug)

    def names(self, node: ReportNode) -> bool:
        """Return whether the entry matches a node."""
        return _any_fits(self.nodes, node.id) or _any_fits(self.nodes, node.name)

    @property
    def is_about_nodes(self) -> bool:
        """Return whether the entry mutes nodes as such, with any finding."""
        return bool(self.nodes) and not self.causes and not self.subjects


@dataclass(frozen=True, slots=True)
class MuteMatcher:
    """The valid mute entries, with the nodes that each entry matches."""

    mutes: Sequence[Mute]
    named: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, mutes: Sequence[Mute], nodes: Iterable[ReportNode]) -> MuteMatcher:
        """Return the matcher of these entries for a fleet."""
        by_nodes = [number for number, each in enumerate(mutes) if each.nodes]
        named: dict[int, set[str]] = {number: set() for number in by_nodes}
        for node in nodes if by_nodes else ():
            for number in by_nodes:
                if mutes[number].names(node):
                    named[number].add(node.id)
        return cls(mutes, {number: frozenset(ids) for number, ids in named.items()})

    def of_finding(self, finding: ReportFinding) -> tuple[ReportMute, ...]:
        """Return the mutes of a finding with their nodes; a node appears only with the first entry that matches it."""
        left = list(finding.nodes)
        told: list[ReportMute] = []
        for number, mute in enumerate(self.mutes):
            if not left or not mute.is_about(finding):
                continue
            taken = [node for node in left if node in self.named[number]] if mute.nodes else left
            if taken:
                left = [node for node in left if node not in self.named[number]] if mute.nodes else []
                told.append(ReportMute(tuple(taken), mute.reason, mute.expires.isoformat()))
        return tuple(told)

    def idle(self, findings: Iterable[ReportFinding]) -> tuple[Mute, ...]:
        """Return the entries that mute nothing: they match none of these findings and no node."""
        left = {number for number, each in enumerate(self.mutes) if not (each.is_about_nodes and self.named[number])}
        for finding in findings:
            nodes = frozenset(finding.nodes)
            about = (number for number in left if nodes and self.mutes[number].is_about(finding))
            left -= {number for number in about if not self.mutes[number].nodes or self.named[number] & nodes}
        return tuple(self.mutes[number] for number in sorted(left))

    def mutes_node(self, node: str) -> bool:
        """Return whether a node is muted as such."""
        return any(mute.is_about_nodes and node in self.named[number] for number, mute in enumerate(self.mutes))


def _any_fits(patterns: Iterable[str], text: str) -> bool:
    each = tuple(patterns)
    return not each or any(_form(pattern).fullmatch(text) is not None for pattern in each)


@cache
def _form(pattern: str) -> re.Pattern[str]:
    # The pattern of the standard library searches the text after a star only once: many stars take no longer than one.
    return re.compile(translate(pattern.replace("[", "[[]")))


_LOOKED_AT = frozenset({"ok", "warn", "fail"})
"""Verdicts whose findings are complete. It is unknown whether a stopped node would still be affected."""


class Baseline:
    """The earlier report, to compare with."""

    def __init__(self, before: MergedReport) -> None:
        self._before = before
        self._errors = {_whose(scope) for scope in before.scopes if scope.error is not None}

    @property
    def generated_at(self) -> str:
        """Return the time at which the baseline was made."""
        return self._before.head.generated_at

    def standing(self, finding: ReportFinding) -> str:
        """Return `still` if the baseline has the finding and it was at least as bad, else `new`."""
        before = self._before.finding(finding.id)
        return STILL if before is not None and not _is_worse(finding.known_status, before.known_status) else NEW

    def knew_verdict(self, node: ReportNode) -> bool:
        """Return whether the node's verdict was already as bad."""
        before = self._before.store.verdict_of(node.id, node.region, node.account)
        was = "ok" if before is None else known_word(before, WORST_FIRST)
        return was in STATUSES_WORST_FIRST and not _is_worse(node.known_verdict, was)

    def knew_error(self, scope: ReportScope) -> bool:
        """Return whether the scope was already in error."""
        return _whose(scope) in self._errors

    def compare(self, report_model: ReportModel) -> BaselineComparison:
        """Return the findings of the baseline that are not found now."""
        gone = [each for each in self._gone(report_model) if each.status != "info"]
        concerned = {node for each in gone for node in each.nodes}
        known = {
            node.id for node in report_model.nodes if concerned and node.id in concerned and node.verdict in _LOOKED_AT
        }
        fixed = [each for each in gone if not known.isdisjoint(each.nodes)]
        unseen = [each for each in gone if known.isdisjoint(each.nodes)]
        return BaselineComparison(self.generated_at, fixed, unseen)

    def _gone(self, report_model: ReportModel) -> Iterator[ReportFinding]:
        """Yield the findings that are gone. Both reports sort their findings by ID, so neither is held in memory."""
        now = (each.id for each in report_model.findings if each.nodes)
        ready = next(now, None)
        for before in self._before.findings:
            if not before.nodes:
                continue
            while ready is not None and ready < before.id:
                ready = next(now, None)
            if ready != before.id:
                yield before


def _is_worse(now: str, before: str) -> bool:
    """Compare by the order of `--fail-on`: each status includes those before it."""
    return STATUSES_WORST_FIRST.index(now) < STATUSES_WORST_FIRST.index(before)


def _whose(scope: ReportScope) -> tuple[str | None, ...]:
    return scope.profile, scope.role, scope.account, scope.region


_TELLING = frozenset({"fail", "warn", "unknown"})


@dataclass(frozen=True, slots=True)
class AnnotationRules:
    """The rules for annotating a report. `only_new`: findings of the baseline do not count."""

    mutes: Sequence[Mute] = ()
    baseline: Baseline | None = None
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class AnnotatedReport:
    """A report with mutes and a baseline applied."""

    report_model: ReportModel
    annotation_rules: AnnotationRules
    mute_matcher: MuteMatcher
    compared: BaselineComparison | None = field(default=None)

    @classmethod
    def of(cls, report_model: ReportModel, annotation_rules: AnnotationRules) -> AnnotatedReport:
        """Return the report, annotated by the rules."""
        compared = annotation_rules.baseline.compare(report_model) if annotation_rules.baseline is not None else None
        return cls(report_model, annotation_rules, MuteMatcher.of(annotation_rules.mutes, report_model.nodes), compared)

    @property
    def head(self) -> ReportHead:
        """Return the schema, the version and the time of the report."""
        return self.report_model.head

    @property
    def summary(self) -> ReportSummary:
        """Return the nodes by verdict, and the API calls made."""
        return self.report_model.summary

    @property
    def scopes(self) -> Sequence[ReportScope]:
        """Return the scopes."""
        known = self.annotation_rules.baseline if self.annotation_rules.only_new else None
        return [
            replace(each, counted=each.error is not None and not (known is not None and known.knew_error(each)))
            for each in self.report_model.scopes
        ]

    @property
    def nodes(self) -> Iterator[ReportNode]:
        """Return the nodes."""
        findings = NodeFindings(self)
        for each in self.report_model.nodes:
            yield replace(each, counted=self._node_counts(each, findings))

    @property
    def findings(self) -> Iterator[ReportFinding]:
        """Return the findings."""
        return map(self._marked, self.report_model.findings)

    def finding(self, id_: str) -> ReportFinding | None:
        """Return the finding with that ID."""
        found = self.report_model.finding(id_)
        return self._marked(found) if found is not None else None

    def exit_code(self, fail_on: FailOn) -> ExitCode:
        """Return the exit code from the parts that count."""
        seen = {each.status for each in self.findings if each.nodes and counts(each)}
        seen |= {each.verdict for each in self.nodes if counts(each)}
        seen |= {"unknown" for each in self.scopes if counts(each)}
        return code_of(seen, fail_on)

    @property
    def unused_mutes(self) -> Sequence[Mute]:
        """Return the entries of the mute file that mute nothing in the report."""
        return self.mute_matcher.idle(self.report_model.findings) if self.mute_matcher.mutes else ()

    def _marked(self, finding: ReportFinding) -> ReportFinding:
        standing, known = None, False
        if self.annotation_rules.baseline is not None:
            standing = self.annotation_rules.baseline.standing(finding)
            known = self.annotation_rules.only_new and standing == STILL
        marked = replace(finding, baseline=standing, muted=self.mute_matcher.of_finding(finding))
        quiet = marked.muted_nodes
        return replace(marked, counted=not known and any(node not in quiet for node in finding.nodes))

    def _node_counts(self, node: ReportNode, findings: NodeFindings) -> bool:
        """Return whether a node's verdict counts: by the findings behind it; without findings, by itself."""
        verdict = node.known_verdict
        if verdict not in _TELLING:
            return False
        making = [each for each in findings.own(node) if each.finding.known_status == verdict]
        if making:
            return any(each.counts_for(node.id) for each in making)
        baseline = self.annotation_rules.baseline
        if self.annotation_rules.only_new and baseline is not None and baseline.knew_verdict(node):
            return False
        return not self.mute_matcher.mutes_node(node.id)
