"""Workflow commands: one a cause, and nothing that AWS said ends one or begins another."""

from __future__ import annotations

from ssmtui.report.formats.github import annotation_lines
from tests.report.papers import APaper, a_hostile_paper, a_paper, a_report
from tests.report.written_reports import a_finding_object, a_node_object


def test_what_is_wrong_is_told_worst_first_and_a_scope_in_error_before_all() -> None:
    said = "One sentence, as déjà said. (1 node)"
    assert list(annotation_lines(a_report(a_paper()))) == [
        "::error title=could not be read::The credentials of audit have expired.",
        f"::error title=Role cannot read the log group (log-group-unreadable)::{said}",
        f"::warning title=SSM Agent is older than on other nodes (agent-outdated)::{said}",
        f"::warning title=Role cannot write session logs to S3 (s3-logs-lost)::{said}",
        "::notice title=ssmtui::1 fail, 1 warn, 1 unknown, 1 ok, 1 stopped",
    ]


def test_findings_of_one_cause_share_an_annotation_and_what_does_not_count_has_none() -> None:
    findings = [a_finding_object(f"b{number}", ["i-a", "i-b"]) for number in range(7)]
    quiet = a_finding_object("c", ["i-a"], "kms-node-denied", counted=False)
    nobodys = a_finding_object("d", [], "kms-key-missing")
    report_model = APaper([a_node_object("i-a", verdict="fail")], [*findings, quiet, nobodys])
    first, last = annotation_lines(a_report(report_model))
    assert first.count("(2 nodes)") == 5
    assert first.endswith("%0Aand 2 more")
    assert last == "::notice title=ssmtui::1 fail, 0 warn, 0 unknown, 0 ok, 0 stopped"


def test_what_is_hostile_stays_in_its_line_and_its_field() -> None:
    lines = list(annotation_lines(a_report(a_hostile_paper())))
    assert len(lines) == 3
    for line in lines:
        assert "\x1b" not in line
        assert "\n" not in line
        assert "%0A::" not in line
        title = line.removeprefix("::error title=").removeprefix("::notice title=").partition("::")[0]
        assert "," not in title
        assert ":" not in title
