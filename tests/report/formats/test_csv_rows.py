"""A row a finding of a node, which no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io

import pytest

from ssmtui.report.formats.csv_rows import csv_lines
from tests.report.papers import APaper, a_hostile_paper, a_paper, a_report
from tests.report.written_reports import a_finding_object, a_node_object


def rows(report_model: APaper) -> list[dict[str, str]]:
    text = "".join(f"{line}\r\n" for line in csv_lines(a_report(report_model)))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_each_finding_of_each_node_and_for_what_could_not_be_looked_at() -> None:
    told = [(row["node"], row["verdict"], row["cause"], row["status"]) for row in rows(a_paper())]
    assert told == [
        ("", "", "", "unknown"),
        ("i-bad", "fail", "log-group-unreadable", "fail"),
        ("i-dark", "unknown", "s3-logs-lost", "unknown"),
        ("i-off", "stopped", "", ""),
        ("i-old", "warn", "agent-outdated", "warn"),
        ("i-well", "ok", "", ""),
    ]
    first, bad, dark, *_ = rows(a_paper())
    assert (first["region"], first["summary"]) == ("eu-west-1", "The credentials of audit have expired.")
    assert bad["subject"] == "arn:aws:iam::111111111111:role/web"
    assert bad["fixes"] == "grant-node-log-lookup"
    assert bad["evidence"] == "it is denied (iam:SimulatePrincipalPolicy)"
    assert (bad["managed"], bad["counted"], bad["baseline"], bad["muted"]) == ("yes", "yes", "", "")
    assert dark["needs"] == "s3:GetBucketPolicy"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＠", "=1+1"])
def test_no_cell_begins_as_a_formula_does(start: str) -> None:
    (row,) = rows(APaper([a_node_object("i-a", name=f"{start}SUM(A1)")], []))
    assert row["name"] == f"'{start}SUM(A1)"


@pytest.mark.parametrize("sign", ["x", "é", "\U0001f600", "="])
def test_a_cell_holds_no_more_than_a_spreadsheet_takes_and_says_what_is_left_away(sign: str) -> None:
    csv.field_size_limit(2**20)
    (longest,) = (row["name"] for row in rows(APaper([a_node_object("i-a", name=sign * 40_000)], [])))
    kept, _, told = longest.partition(" … ")
    kept = kept.removeprefix("'")
    assert kept == sign * len(kept)
    assert told == f"{40_000 - len(kept):,} more characters in the JSON report"
    (whole,) = (row["name"] for row in rows(APaper([a_node_object("i-a", name="x" * 32_767)], [])))
    assert whole == "x" * 32_767


def in_excel(cell: str) -> int:
    """How long a cell is, as spreadsheets count: in UTF-16."""
    return len(cell.encode("utf-16-le")) // 2


def test_what_is_hostile_is_text_on_one_line() -> None:
    text = list(csv_lines(a_report(a_hostile_paper())))
    assert len(text) == 3
    assert not any(sign in line for line in text for sign in "\x1b\u202e\n")
    for row in rows(a_hostile_paper()):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def test_marks_and_what_is_gone_stand_in_columns_of_their_own() -> None:
    muted = [{"nodes": ["i-a"], "reason": "known, see OPS-1", "expires": "2027-01-01"}]
    finding = a_finding_object("b", ["i-a", "i-b"], baseline="new", muted=muted)
    gone = a_finding_object("c", ["i-a"])
    nodes = [a_node_object(id_, findings=[finding["id"]], verdict="fail") for id_ in ("i-a", "i-b")]
    report_model = APaper(nodes, [finding], fixed=[gone])
    assert [(row["node"], row["counted"], row["baseline"], row["muted"]) for row in rows(report_model)] == [
        ("i-a", "no", "new", "known, see OPS-1"),
        ("i-b", "yes", "new", ""),
        ("", "", "fixed", ""),
    ]
