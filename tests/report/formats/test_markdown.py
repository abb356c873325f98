"""Markdown for a pull request: short enough, and nothing in it but what was meant."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from ssmtui.report.formats.github import markdown_lines
from tests.report.papers import APaper, a_hostile_paper, a_paper, a_report
from tests.report.written_reports import a_finding_object, a_node_object


def markdown(report_model: APaper) -> str:
    return "\n".join(markdown_lines(a_report(report_model)))


def rendered(report_model: APaper) -> str:
    html: str = MarkdownIt("commonmark").enable("table").render(markdown(report_model))
    return html


def test_it_tells_the_sum_the_errors_the_findings_and_the_nodes_worst_first() -> None:
    text = markdown(a_paper())
    assert text.startswith("## Session Manager: 1 fail, 1 warn, 1 unknown, 1 ok, 1 stopped\n")
    assert "> ❔ **audit eu-west-1** The credentials of audit have expired." in text
    assert re.findall(r"· <code>([a-z0-9-]+)</code> ·", text) == [
        "log-group-unreadable",
        "agent-outdated",
        "s3-logs-lost",
    ]
    assert "- needs: <code>s3:GetBucketPolicy</code>" in text
    assert "- fix 1: Allow the role to read log groups <code>grant-node-log-lookup</code>" in text
    rows = re.findall(r"^\| \S+ \| <code>(\S+?)</code>", text, re.MULTILINE)
    assert rows == ["i-bad", "i-old", "i-dark"]
    html = rendered(a_paper())
    assert html.count("<details>") == html.count("</details>") == 3
    assert html.count("<tr>") == 4


def test_it_fits_into_a_comment_and_says_what_is_left_out() -> None:
    findings = [a_finding_object(f"b{number}", [f"i-{number}"], summary="x" * 900) for number in range(300)]
    nodes = [a_node_object(f"i-{number}", verdict="fail") for number in range(5000)]
    text = markdown(APaper(nodes, findings))
    assert len(text) < 65_536
    assert text.endswith("*Some results are omitted here: the JSON report contains all results.*")


def test_the_baseline_and_what_is_muted_are_summed_and_said_of_each() -> None:
    muted = [{"nodes": ["i-a"], "reason": "OPS-1 is on it", "expires": "2027-01-01"}]
    findings = [
        a_finding_object("a", ["i-a"], baseline="new", counted=True),
        a_finding_object("b", ["i-a"], baseline="still", counted=False),
        a_finding_object("c", ["i-a"], baseline="new", muted=muted, counted=False),
    ]
    gone = [a_finding_object("d", ["i-a"], summary="It was wrong.")]
    text = markdown(APaper([a_node_object("i-a", verdict="fail")], findings, fixed=gone, unseen=gone))
    assert "1 finding muted, 2 new, 1 still, 1 fixed, 1 not seen again" in text
    assert "<i>1 node · new</i>" in text
    assert "<i>1 node · known before</i>" in text
    assert "<i>1 node · new · muted until 2027-01-01: OPS-1 is on it</i>" in text
    assert "- ✅ It was wrong." in text


def test_what_is_hostile_is_text_and_calls_nobody() -> None:
    text, html = markdown(a_hostile_paper()), rendered(a_hostile_paper())
    assert "\x1b" not in text
    assert "@octocat" not in text
    assert " #1" not in text.replace("##", "")
    assert "://" not in text
    assert "<img" not in html
    assert "<script" not in html
    assert "<a " not in html
    assert html.count("<tr>") == 2
    assert "onerror=alert(1)" in html
