"""What counts of a report with a mute file and a baseline. Its verdicts are what they were."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ssmtui.report.annotated_report import AnnotatedReport, AnnotationRules, Baseline, Mute
from ssmtui.report.exit_code import ExitCode, FailOn
from ssmtui.report.format import all_formats
from ssmtui.report.merge import MergedReport, ReportSource, ReportStore, merge
from ssmtui.report.model import ReportModel, ReportMute
from ssmtui.report.schema import Schema
from tests.report.papers import APaper, a_report, node_of
from tests.report.schemas import hold
from tests.report.written_reports import a_finding_object, a_node_object, a_row

DAY = date(2027, 1, 31)
BUCKET, ROLE = "arn:aws:s3:::logs", "arn:aws:iam::111111111111:role/web"


def a_mute(cause: str = "", subject: str = "", node: str = "") -> Mute:
    causes, subjects, nodes = ((each,) if each else () for each in (cause, subject, node))
    return Mute(causes, subjects, nodes, "OPS-1", DAY)


def a_fleet(**of: Any) -> APaper:
    """Two nodes that a bucket fails, one of them with an old agent, and one that is unknown without a finding."""
    bucket = a_finding_object(BUCKET, ["i-a", "i-b"])
    old = a_finding_object("i-a", ["i-a"], "agent-outdated", status="warn", subject={"kind": "node", "id": "i-a"})
    nodes = [
        a_node_object("i-a", verdict="fail", root_cause=bucket["cause"], findings=[old["id"], bucket["id"]]),
        a_node_object("i-b", verdict="fail", root_cause=bucket["cause"], findings=[bucket["id"]], name="build box"),
        a_node_object("i-c", verdict="unknown"),
        a_node_object("i-d"),
    ]
    return APaper(**{"nodes": nodes, "findings": [old, bucket], **of})


def written(report_model: ReportModel, format_: str = "json") -> str:
    return "\n".join([*all_formats()[format_].lines(a_report(report_model)), ""])


@contextmanager
def read(report_model: ReportModel, format_: str = "json") -> Iterator[MergedReport]:
    source = ReportSource("before", partial(io.BytesIO, written(report_model, format_).encode()))
    with tempfile.TemporaryDirectory() as folder:
        store = ReportStore(Path(folder))
        try:
            yield merge([source], store)
        finally:
            store.close()


def marked(report_model: APaper, *mutes: Mute) -> AnnotatedReport:
    return AnnotatedReport.of(report_model, AnnotationRules(mutes))


def codes(report_model: AnnotatedReport) -> list[str]:
    """What the exit code is by each `--fail-on`: whether something is found."""
    return [each.value for each in FailOn if report_model.exit_code(each) is ExitCode.FOUND]


def verdicts_that_count(report_model: AnnotatedReport) -> list[str]:
    return [each.id for each in report_model.nodes if each.counted]


def test_without_a_mute_all_counts() -> None:
    assert codes(marked(a_fleet())) == ["fail", "warn", "unknown"]
    assert verdicts_that_count(marked(a_fleet())) == ["i-a", "i-b", "i-c"]


@pytest.mark.parametrize(
    ("mutes", "left", "nodes"),
    [
        ([a_mute(cause="log-group-*")], ["warn", "unknown"], ["i-c"]),
        ([a_mute(subject="arn:aws:s3:::*")], ["warn", "unknown"], ["i-c"]),
        ([a_mute(cause="log-group-unreadable", subject=ROLE)], ["fail", "warn", "unknown"], ["i-a", "i-b", "i-c"]),
        ([a_mute(cause="log-group-*", node="i-a")], ["fail", "warn", "unknown"], ["i-b", "i-c"]),
        ([a_mute(node="i-?"), a_mute(node="build *")], [], []),
        ([a_mute(node="build box")], ["fail", "warn", "unknown"], ["i-a", "i-c"]),
        ([a_mute(cause="*", node="i-c")], ["fail", "warn", "unknown"], ["i-a", "i-b", "i-c"]),
        ([a_mute(cause="log-group-*"), a_mute(cause="agent-outdated")], ["unknown"], ["i-c"]),
        ([a_mute(cause="*"), a_mute(node="i-c")], [], []),
    ],
)
def test_what_is_muted_does_not_count(mutes: Sequence[Mute], left: list[str], nodes: list[str]) -> None:
    report_model = marked(a_fleet(), *mutes)
    assert codes(report_model) == left
    assert verdicts_that_count(report_model) == nodes


def test_it_is_told_all_the_same_with_its_reason_and_for_whom() -> None:
    report_model = marked(a_fleet(), a_mute(cause="log-group-*", node="i-a"), a_mute(node="i-a"))
    assert [each.verdict for each in report_model.nodes] == ["fail", "fail", "unknown", "ok"]
    old, bucket = report_model.findings
    told = (ReportMute(("i-a",), "OPS-1", "2027-01-31"),)
    assert (old.muted, old.counted) == (told, False)
    assert (bucket.muted, bucket.counted) == (told, True)
    hold(json.loads(written(report_model)), Schema.REPORT)


def test_what_was_known_before_does_not_count_and_what_is_worse_is_new() -> None:
    before = a_fleet()
    before.findings = [before.findings[0], replace(before.findings[1], status="warn")]
    with read(before) as base:
        report_model = AnnotatedReport.of(a_fleet(), AnnotationRules(baseline=Baseline(base), only_new=True))
        assert [each.baseline for each in report_model.findings] == ["still", "new"]
        assert codes(report_model) == ["fail", "warn", "unknown"]
        assert verdicts_that_count(report_model) == ["i-a", "i-b"]
        hold(json.loads(written(report_model)), Schema.REPORT)


@pytest.mark.parametrize("format_", ["json", "ndjson"])
def test_against_itself_nothing_is_new_and_a_difference_alone_changes_no_code(format_: str) -> None:
    with read(a_fleet(), format_) as base:
        assert codes(AnnotatedReport.of(a_fleet(), AnnotationRules(baseline=Baseline(base), only_new=True))) == []
        shown = AnnotatedReport.of(a_fleet(), AnnotationRules(baseline=Baseline(base)))
        assert codes(shown) == ["fail", "warn", "unknown"]
        assert {each.baseline for each in shown.findings} == {"still"}
        assert verdicts_that_count(shown) == ["i-a", "i-b", "i-c"]


def test_a_verdict_that_no_finding_makes_is_new_where_it_was_better() -> None:
    before = a_fleet()
    before.nodes = [*before.nodes[:2], node_of(a_node_object("i-c", verdict="stopped")), before.nodes[3]]
    with read(before) as base:
        report_model = AnnotatedReport.of(a_fleet(), AnnotationRules(baseline=Baseline(base), only_new=True))
        assert codes(report_model) == ["unknown"]
        assert verdicts_that_count(report_model) == ["i-c"]


def test_a_scope_that_is_in_error_still_does_not_count_and_another_does() -> None:
    broken = a_row(None, "eu-west-1", profile="audit", error="expired")
    quiet = APaper([a_node_object("i-d")], [], [a_row(), broken])
    with read(quiet) as base:
        assert codes(AnnotatedReport.of(quiet, AnnotationRules(baseline=Baseline(base), only_new=True))) == []
    with read(APaper([a_node_object("i-d")], [])) as base:
        assert codes(AnnotatedReport.of(quiet, AnnotationRules(baseline=Baseline(base), only_new=True))) == ["unknown"]


def test_what_is_gone_is_fixed_only_where_somebody_looked() -> None:
    gone = [
        a_finding_object(f"b-{node}", [node], "kms-key-missing") for node in ("i-a", "i-c", "i-d", "i-off", "i-other")
    ]
    info = a_finding_object("b", ["i-d"], "agent-version-flawed", status="info")
    now = a_fleet()
    now.nodes = [*now.nodes, node_of(a_node_object("i-off", verdict="stopped", state="stopped"))]
    before = a_fleet(findings=[*now.findings, info, *gone])
    with read(before) as base:
        report_model = AnnotatedReport.of(now, AnnotationRules(baseline=Baseline(base), only_new=True))
        assert report_model.compared is not None
        assert [each.nodes for each in report_model.compared.fixed] == [("i-a",), ("i-d",)]
        assert [each.nodes for each in report_model.compared.unseen] == [("i-c",), ("i-off",), ("i-other",)]
        document = json.loads(written(report_model))
        hold(document, Schema.REPORT)
        for line in written(report_model, "ndjson").splitlines():
            event = json.loads(line)
            kind = event.pop("event")
            hold(event, Schema.REPORT, "finding" if kind in ("fixed", "unseen") else kind)


def test_a_marked_report_read_again_is_the_report_without_its_marks() -> None:
    with read(a_fleet(findings=[])) as base:
        report_model = AnnotatedReport.of(
            a_fleet(), AnnotationRules([a_mute(cause="*")], Baseline(base), only_new=True)
        )
        for format_ in ("json", "ndjson"):
            with read(report_model, format_) as again, read(a_fleet()) as plain:
                assert written(again) == written(plain)
