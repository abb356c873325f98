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
    """One entry: what it is about, why, and the last day that it holds. Empty patterns stand for everything.

    In a pattern `*` stands for any text and `?` for any character. A node is meant by its id or its name.
    """

    causes: tuple[str, ...]
    subjects: tuple[str, ...]
    nodes: tuple[str, ...]
    reason: str
    expires: date
    line: int = 0

    def is_about(self, finding: ReportFinding) -> bool:
        """Whether it is about a finding, whichever nodes that holds."""
        return self.is_about_cause(finding.cause) and _any_fits(self.subjects, finding.subject.id)

    def is_about_cause(self, slug: str) -> bool:
        """Return whether it is about findings of a cause."""
        return _any_fits(self.causes, slug)

    def names(self, node: ReportNode) -> bool:
        """Whether it names a node."""
        return _any_fits(self.nodes, node.id) or _any_fits(self.nodes, node.name)

    @property
    def is_about_nodes(self) -> bool:
        """Whether it is about nodes as such, whatever is wrong with them."""
        return bool(self.nodes) and not self.causes and not self.subjects


@dataclass(frozen=True, slots=True)
class MuteMatcher:
    """The entries that hold, with the nodes that each names."""

    mutes: Sequence[Mute]
    named: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, mutes: Sequence[Mute], nodes: Iterable[ReportNode]) -> MuteMatcher:
        """Those entries in a fleet."""
        by_nodes = [number for number, each in enumerate(mutes) if each.nodes]
        named: dict[int, set[str]] = {number: set() for number in by_nodes}
        for node in nodes if by_nodes else ():
            for number in by_nodes:
                if mutes[number].names(node):
                    named[number].add(node.id)
        return cls(mutes, {number: frozenset(ids) for number, ids in named.items()})

    def of_finding(self, finding: ReportFinding) -> tuple[ReportMute, ...]:
        """What mutes a finding, each with its nodes; of a node that several mute, the first tells it."""
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
        """The entries that nothing is muted by: none of these findings is what they are about, and no node is."""
        left = {number for number, each in enumerate(self.mutes) if not (each.is_about_nodes and self.named[number])}
        for finding in findings:
            nodes = frozenset(finding.nodes)
            about = (number for number in left if nodes and self.mutes[number].is_about(finding))
            left -= {number for number in about if not self.mutes[number].nodes or self.named[number] & nodes}
        return tuple(self.mutes[number] for number in sorted(left))

    def mutes_node(self, node: str) -> bool:
        """Whether a node is muted as such."""
        return any(mute.is_about_nodes and node in self.named[number] for number, mute in enumerate(self.mutes))


def _any_fits(patterns: Iterable[str], text: str) -> bool:
    each = tuple(patterns)
    return not each or any(_form(pattern).fullmatch(text) is not None for pattern in each)


@cache
def _form(pattern: str) -> re.Pattern[str]:
    # The standard library's form looks for what follows a star once: a pattern of many takes no longer than one.
    return re.compile(translate(pattern.replace("[", "[[]")))


_WORST_FIRST = ("fail", "warn", "unknown", "info")
"""As `--fail-on` has it: each includes those before it."""

_LOOKED_AT = frozenset({"ok", "warn", "fail"})
"""Verdicts of nodes of which it is known what is wrong with them. Whether a stopped one would still be held, is not."""


class Baseline:
    """The report of before."""

    def __init__(self, before: MergedReport) -> None:
        self._before = before
        self._errors = {_whose(scope) for scope in before.scopes if scope.error is not None}

    @property
    def generated_at(self) -> str:
        """When it was made."""
        return self._before.head.generated_at

    def standing(self, finding: ReportFinding) -> str:
        """`still`, where the finding was there before and as bad at least; else `new`."""
        before = self._before.finding(finding.id)
        return STILL if before is not None and not _is_worse(finding.known_status, before.known_status) else NEW

    def knew_verdict(self, node: ReportNode) -> bool:
        """Whether the node's verdict was as bad before."""
        before = self._before.store.verdict_of(node.id, node.region, node.account)
        was = "ok" if before is None else known_word(before, WORST_FIRST)
        return was in _WORST_FIRST and not _is_worse(node.known_verdict, was)

    def knew_error(self, scope: ReportScope) -> bool:
        """Whether the scope could not be looked at before either."""
        return _whose(scope) in self._errors

    def compare(self, report_model: ReportModel) -> BaselineComparison:
        """What was found before and is not found now."""
        gone = [each for each in self._gone(report_model) if each.status != "info"]
        concerned = {node for each in gone for node in each.nodes}
        known = {
            node.id for node in report_model.nodes if concerned and node.id in concerned and node.verdict in _LOOKED_AT
        }
        fixed = [each for each in gone if not known.isdisjoint(each.nodes)]
        unseen = [each for each in gone if known.isdisjoint(each.nodes)]
        return BaselineComparison(self.generated_at, fixed, unseen)

    def _gone(self, report_model: ReportModel) -> Iterator[ReportFinding]:
        """Both reports tell their findings in the order of their ids: so neither has to be held."""
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
    return _WORST_FIRST.index(now) < _WORST_FIRST.index(before)


def _whose(scope: ReportScope) -> tuple[str | None, ...]:
    return scope.profile, scope.role, scope.account, scope.region


_TELLING = frozenset({"fail", "warn", "unknown"})


@dataclass(frozen=True, slots=True)
class AnnotationRules:
    """By what a report is marked. `only_new` says that what was known before does not count."""

    mutes: Sequence[Mute] = ()
    baseline: Baseline | None = None
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class AnnotatedReport:
    """A report, marked."""

    report_model: ReportModel
    annotation_rules: AnnotationRules
    mute_matcher: MuteMatcher
    compared: BaselineComparison | None = field(default=None)

    @classmethod
    def of(cls, report_model: ReportModel, annotation_rules: AnnotationRules) -> AnnotatedReport:
        """That report, marked."""
        compared = annotation_rules.baseline.compare(report_model) if annotation_rules.baseline is not None else None
        return cls(report_model, annotation_rules, MuteMatcher.of(annotation_rules.mutes, report_model.nodes), compared)

    @property
    def head(self) -> ReportHead:
        """By which schema and version it was made, and when."""
        return self.report_model.head

    @property
    def summary(self) -> ReportSummary:
        """Nodes by verdict, and the API calls made."""
        return self.report_model.summary

    @property
    def scopes(self) -> Sequence[ReportScope]:
        """What was looked at."""
        known = self.annotation_rules.baseline if self.annotation_rules.only_new else None
        return [
            replace(each, counted=each.error is not None and not (known is not None and known.knew_error(each)))
            for each in self.report_model.scopes
        ]

    @property
    def nodes(self) -> Iterator[ReportNode]:
        """The nodes."""
        findings = NodeFindings(self)
        for each in self.report_model.nodes:
            yield replace(each, counted=self._node_counts(each, findings))

    @property
    def findings(self) -> Iterator[ReportFinding]:
        """The findings."""
        return map(self._marked, self.report_model.findings)

    def finding(self, id_: str) -> ReportFinding | None:
        """The finding of that id."""
        found = self.report_model.finding(id_)
        return self._marked(found) if found is not None else None

    def exit_code(self, fail_on: FailOn) -> ExitCode:
        """The exit code by what counts."""
        seen = {each.status for each in self.findings if each.nodes and counts(each)}
        seen |= {each.verdict for each in self.nodes if counts(each)}
        seen |= {"unknown" for each in self.scopes if counts(each)}
        return code_of(seen, fail_on)

    @property
    def unused_mutes(self) -> Sequence[Mute]:
        """The entries of the mute file that nothing of it is muted by."""
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
        """Whether its verdict counts: by the findings that make it, or where none does, by itself."""
        verdict = node.known_verdict
        if verdict not in _TELLING:
            return False
        making = [each for each in findings.of(node) if each.finding.known_status == verdict]
        if making:
            return any(each.counts_for(node.id) for each in making)
        baseline = self.annotation_rules.baseline
        if self.annotation_rules.only_new and baseline is not None and baseline.knew_verdict(node):
            return False
        return not self.mute_matcher.mutes_node(node.id)
