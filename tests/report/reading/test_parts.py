from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from ssmtui.report.model import ReportNode, ReportSummary
from ssmtui.report.report_json import NotAReportError, ReadPart, TruncatedReportError, part_to_json, parts_of
from tests.report.written_reports import Document, an_account, as_document, as_stream

REPORT = an_account(1, 3)


def parts(text: str, encoding: str = "utf-8") -> list[ReadPart]:
    return list(parts_of(io.BytesIO(text.encode(encoding))))


def why_not(text: str | bytes) -> str:
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(NotAReportError) as refused:
        list(parts_of(io.BytesIO(raw)))
    return str(refused.value)


def test_document_and_stream_have_the_same_parts_in_the_end() -> None:
    read = [[each.part for each in parts(write(REPORT))] for write in FORMS]
    last = [{(type(each), getattr(each, "id", "")): each for each in those} for those in read]
    assert last[0] == last[1]
    assert part_to_json(last[0][ReportSummary, ""]) == REPORT["summary"]


FORMS: tuple[Callable[[Document], str], ...] = (as_document, as_stream)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("write", FORMS)
def test_a_report_that_went_through_powershell_is_one(write: Callable[[Document], str], encoding: str) -> None:
    assert parts(write(REPORT).replace("\n", "\r\n"), encoding) == parts(write(REPORT))


@pytest.mark.parametrize("write", FORMS)
def test_wherever_it_is_cut_it_is_cut_off_or_no_report_and_never_whole(write: Callable[[Document], str]) -> None:
    raw = write(REPORT).encode()
    for end in range(0, len(raw.rstrip()), 7):
        with pytest.raises((TruncatedReportError, NotAReportError)):
            list(parts_of(io.BytesIO(raw[:end])))


def test_what_came_before_the_cut_was_given() -> None:
    text = as_stream(REPORT)
    coming = parts_of(io.BytesIO(text[: text.index('{"event": "summary"')].encode()))
    given = [type(next(coming).part) for line in text.splitlines()[:-1]]
    assert given.count(ReportNode) == 6
    with pytest.raises(TruncatedReportError):
        next(coming)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("# Notes", "is not a report of ssmtui check --format json or ndjson"),
        ('{"Version": "2012-10-17"}', "is not a report of ssmtui check --format json or ndjson"),
        ('{"schema": "ssmtui.probe/1", "nodes": []}', "is not a report of ssmtui check --format json or ndjson"),
        (
            as_document({**REPORT, "schema": "ssmtui.report/2"}),
            "is a report of a newer version of ssmtui (schema ssmtui.report/2): update ssmtui",
        ),
        (
            as_stream({**REPORT, "schema": "ssmtui.report/2"}),
            "is a report of a newer version of ssmtui (schema ssmtui.report/2): update ssmtui",
        ),
        (as_document(REPORT) + "{}", "is not JSON: data follows the end"),
        (as_stream(REPORT) + as_stream(REPORT), "has data after its summary"),
        ('{"event": "node"\n{"event": "summary"}\n', "is damaged in line 1"),
        ('{"event": "node"}\n', "is not a report: node has no id"),
        ('{"event": "scope"}\n[]\n', "is not a report: scope has no profile"),
        (as_document({**REPORT, "nodes": [3]}), "is not a report: node does not match the schema"),
        (
            as_document({**REPORT, "generated_at": 3}),
            "is not a report: report.generated_at does not match the schema",
        ),
        (b'{"schema": "\xff\xfe' + b" " * 300, "is not UTF-8 text"),
    ],
)
def test_what_is_no_report_is_told_in_words(text: str | bytes, why: str) -> None:
    assert why_not(text) == why


def test_events_of_a_later_version_are_passed_over() -> None:
    text = as_stream(REPORT)
    assert parts(json.dumps({"event": "weather", "is": "fine"}) + "\n" + text) == parts(text)
