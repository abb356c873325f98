"""A case a node, by the schema that Jenkins reads; nothing that is unknown passes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import xmlschema

from ssmtui.report.exit_code import FailOn
from ssmtui.report.formats.junit import junit_lines
from ssmtui.report.model import ReportFinding
from tests.report.papers import APaper, a_hostile_paper, a_paper, a_report
from tests.report.written_reports import a_finding_object, a_node_object


@cache
def schema() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(Path(__file__).parent / "schemas" / "junit-10.xsd")


def cases(report_model: APaper, fail_on: FailOn = FailOn.FAIL) -> dict[str, tuple[str, str]]:
    """How each case ended (empty: passed), and its message; the totals are those of the cases."""
    text = "\n".join(junit_lines(a_report(report_model, fail_on)))
    schema().validate(text)
    suites = ElementTree.fromstring(text)  # noqa: S314 - written above
    ended: dict[str, tuple[str, str]] = {}
    for suite in suites:
        told = [next((each for each in case if each.tag != "system-out"), None) for case in suite]
        for case, end in zip(suite, told, strict=True):
            ended[case.attrib["name"]] = (end.tag, end.attrib["message"]) if end is not None else ("", "")
        tags = [end.tag for end in told if end is not None]
        assert suite.attrib["tests"] == str(len(told))
        for total, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.attrib[total] == str(tags.count(tag))
    assert suites.attrib["tests"] == str(len(ended))
    return ended


def test_what_counts_fails_and_what_is_unknown_never_passes() -> None:
    ends = {name: end for name, (end, _) in cases(a_paper()).items()}
    assert ends == {
        "111111111111 eu-west-3": "",
        "audit eu-west-1": "skipped",
        "web i-bad (i-bad)": "failure",
        "web i-dark (i-dark)": "skipped",
        "web i-off (i-off)": "skipped",
        "web i-old (i-old)": "",
        "web i-well (i-well)": "",
    }
    stricter = {name: end for name, (end, _) in cases(a_paper(), FailOn.UNKNOWN).items()}
    assert {name: end for name, end in stricter.items() if end != ends[name]} == {
        "audit eu-west-1": "error",
        "web i-dark (i-dark)": "error",
        "web i-old (i-old)": "failure",
    }
    assert not {"failure", "error"} & {end for end, _ in cases(a_paper(), FailOn.NEVER).values()}


def test_a_failure_says_what_is_wrong_and_on_what_evidence() -> None:
    text = "\n".join(junit_lines(a_report(a_paper())))
    failure = ElementTree.fromstring(text).find(".//failure")  # noqa: S314 - written above
    assert failure is not None
    assert failure.attrib == {"type": "log-group-unreadable", "message": "One sentence, as déjà said."}
    assert str(failure.text).splitlines()[2:] == [
        "    evidence: it is denied (iam:SimulatePrincipalPolicy)",
        "    fixes: grant-node-log-lookup",
    ]


def test_a_node_whose_failures_are_muted_is_skipped() -> None:
    muted = [{"nodes": ["i-a"], "reason": "OPS-1", "expires": "2027-01-01"}]
    finding = a_finding_object("b", ["i-a", "i-b"], muted=muted, counted=True)
    nodes = [
        a_node_object("i-a", findings=[finding["id"]], verdict="fail", counted=False),
        a_node_object("i-b", findings=[finding["id"]], verdict="fail", counted=True),
    ]
    ends = cases(APaper(nodes, [finding]))
    assert ends["web i-a (i-a)"] == ("skipped", "not counted: fail")
    assert ends["web i-b (i-b)"][0] == "failure"


def test_what_is_hostile_is_text() -> None:
    text = "\n".join(junit_lines(a_report(a_hostile_paper())))
    schema().validate(text)
    assert not any(sign in text for sign in ("\x1b", "\u202e", "<img"))


def test_what_thousands_of_nodes_share_is_looked_up_once() -> None:
    finding = a_finding_object("b", [f"i-{number}" for number in range(2000)])

    class Asked(APaper):
        asked = 0

        def finding(self, id_: str) -> ReportFinding | None:
            self.asked += 1
            return super().finding(id_)

    nodes = [a_node_object(id_, verdict="fail", findings=[finding["id"]]) for id_ in finding["nodes"]]
    report_model = Asked(nodes, [finding])
    assert len(list(junit_lines(a_report(report_model)))) > 2000
    assert report_model.asked == 1
