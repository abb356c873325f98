"""A fault of the computer that opens sessions: reported once, and not as the fault of each node."""

from __future__ import annotations

import re

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.report.annotated_report import AnnotatedReport, AnnotationRules, Mute
from ssmtui.report.exit_code import ExitCode, FailOn
from ssmtui.report.format import all_formats
from tests.report.formats.test_junit import cases
from tests.report.marking.test_marked_paper import DAY
from tests.report.papers import APaper, a_report
from tests.report.written_reports import Document, a_finding_object, a_node_object


def a_workstation_finding(cause: str, status: str, region: str = "eu-west-3") -> Document:
    return a_finding_object(
        f"workstation@{region}",
        ["i-old", "i-well"],
        cause,
        status=status,
        subject={"kind": "workstation", "id": "workstation"},
    )


PLUGIN = a_workstation_finding("plugin-missing", "warn")
ELSEWHERE = a_workstation_finding("plugin-missing", "warn", "us-east-1")
ENDPOINT = a_workstation_finding("messages-endpoint-unreachable", "unknown")
OLD = a_finding_object("i-old", ["i-old"], "agent-outdated", status="warn", subject={"kind": "node", "id": "i-old"})
NOTHING_OWN = sorted(each["id"] for each in (PLUGIN, ENDPOINT))
PAPER = APaper(
    [
        a_node_object("i-old", verdict="warn", findings=sorted([*NOTHING_OWN, OLD["id"]])),
        a_node_object("i-well", findings=NOTHING_OWN),
    ],
    [OLD, ENDPOINT, PLUGIN, ELSEWHERE],
)
TITLE, OWN_TITLE = catalogue()["plugin-missing"].title, catalogue()["agent-outdated"].title


@pytest.mark.parametrize(
    ("name", "banner", "row", "reasons"),
    [
        (
            "table",
            rf"^▲ This computer: {TITLE}$",
            r"^\S  (i-\w+) .* connected *(.*?)$",
            {"i-old": "agent-outdated", "i-well": ""},
        ),
        (
            "html",
            rf'^<p class="computer warn"><b>▲ This computer: </b>{TITLE}</p>$',
            r"<code>(i-\w+)</code></td>\n(?:<td>.*</td>\n)*<td>(?:<a .*?>)?(.*?)(?:</a>)?</td></tr>",
            {"i-old": OWN_TITLE, "i-well": ""},
        ),
        (
            "markdown",
            rf"^> ⚠️ \*\*This computer:\*\* {TITLE}$",
            r"^\| ⚠️ \| <code>(i-\w+)</code> .* <code>(.*?)</code> \|$",
            {"i-old": "agent-outdated"},
        ),
    ],
)
def test_it_is_on_top_once_and_rows_have_their_own_reason(
    name: str, banner: str, row: str, reasons: dict[str, str]
) -> None:
    text = "\n".join(all_formats()[name].lines(a_report(PAPER)))
    assert len(re.findall(banner, text, re.MULTILINE)) == 1
    assert dict(re.findall(row, text, re.MULTILINE)) == reasons


@pytest.mark.parametrize(
    ("fail_on", "ends"),
    [
        (FailOn.FAIL, {"plugin-missing": "", "messages-endpoint-unreachable": "skipped", "i-old": "", "i-well": ""}),
        (
            FailOn.WARN,
            {"plugin-missing": "failure", "messages-endpoint-unreachable": "skipped", "i-old": "failure", "i-well": ""},
        ),
        (
            FailOn.UNKNOWN,
            {"plugin-missing": "failure", "messages-endpoint-unreachable": "error", "i-old": "failure", "i-well": ""},
        ),
    ],
)
def test_junit_has_a_case_for_it_and_no_node_fails_because_of_it(fail_on: FailOn, ends: dict[str, str]) -> None:
    told = {name.rpartition("(")[2].rstrip(")"): end for name, (end, _) in cases(PAPER, fail_on).items()}
    assert told == {"111111111111 eu-west-3": "", **ends}


def test_a_node_whose_own_warning_is_muted_does_not_count_but_the_computer_does() -> None:
    mute = Mute(("agent-outdated",), (), (), "OPS-1", DAY)
    report = AnnotatedReport.of(PAPER, AnnotationRules([mute]))
    assert {node.id: node.counted for node in report.nodes} == {"i-old": False, "i-well": False}
    assert report.exit_code(FailOn.WARN) is ExitCode.FOUND
