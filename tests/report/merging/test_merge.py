"""Reports folded into one: the same bytes whatever the order and the grouping, in memory that does not grow."""

from __future__ import annotations

import io
import itertools
import json
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.report.exit_code import ExitCode, FailOn
from ssmtui.report.format import Report, all_formats
from ssmtui.report.formats.json_document import document_lines, event_lines, last_lines
from ssmtui.report.merge import MergedReport, ReportSource, ReportStore, merge
from ssmtui.report.schema import Schema
from tests.builders.fleet import NOON
from tests.report.fleet import events, the_fleet
from tests.report.schemas import hold
from tests.report.whole_document import report_document
from tests.report.written_reports import (
    Document,
    a_finding_object,
    a_node_object,
    a_report,
    a_row,
    an_account,
    as_document,
    as_stream,
)

EARLIER, LATER = "2026-11-24T21:00:00Z", "2026-11-24T23:00:00Z"


def taken(texts: Sequence[str], look: Callable[[MergedReport], Any]) -> Any:
    """What somebody takes from the merged report, while it is there."""
    sources = [ReportSource(f"{number}.json", partial(io.BytesIO, text.encode())) for number, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as folder:
        store = ReportStore(Path(folder))
        try:
            return look(merge(sources, store))
        finally:
            store.close()


def pieces(made: MergedReport, as_: str) -> Iterator[str]:
    report = Report(None, dict, NOON, lambda text, _word: text, report_model=made)
    return (f"{lines}\n" for lines in all_formats()[as_].lines(report))


def merged(*texts: str, as_: str = "json") -> str:
    text: str = taken(texts, lambda made: "".join(pieces(made, as_)))
    return text


def document(*texts: str) -> Document:
    told: Document = json.loads(merged(*texts))
    hold(told, Schema.REPORT)
    return told


def code(*texts: str, fail_on: FailOn = FailOn.FAIL) -> ExitCode:
    ended: ExitCode = taken(texts, lambda made: made.exit_code(fail_on))
    return ended


def told(report: Document) -> list[tuple[str, str | None]]:
    return [(node["id"], node["root_cause"] or node["verdict"]) for node in report["nodes"]]


def test_one_report_is_what_it_was() -> None:
    assert merged(as_document(an_account(1, 5))) == as_document(an_account(1, 5))
    assert merged(as_document(an_account(1, 0))) == as_document(an_account(1, 0))


def test_a_report_of_check_is_what_it_was_in_either_format() -> None:
    report = Report(the_fleet(), dict, NOON, lambda text, _word: text)
    text = "\n".join([*document_lines(report), ""])
    state = type(report.state)()
    lines: list[str] = []
    for event in events():
        state.apply(event)
        lines += event_lines(state, event)
    stream = "\n".join([*lines, *last_lines(report), ""])
    assert merged(text) == merged(stream) == text
    assert json.loads(merged(text)) == json.loads(json.dumps(report_document(report.state, NOON)))


def test_accounts_are_put_side_by_side_and_summed() -> None:
    both = document(as_document(an_account(2, 4)), as_document(an_account(1, 3)))
    assert [row["account"] for row in both["scopes"]] == ["000000000001", "000000000002"]
    assert both["summary"]["ok"] == 3
    assert both["summary"]["fail"] == 4
    assert both["summary"]["api_calls"] == {"ec2:DescribeInstances": 2}
    assert [node["id"] for node in both["nodes"]] == sorted(node["id"] for node in both["nodes"])
    assert len(both["findings"]) == 2


def test_a_stream_written_of_it_is_merged_to_the_same() -> None:
    texts = [as_document(an_account(1, 3)), as_stream(an_account(2, 3, EARLIER))]
    stream = merged(*texts, as_="ndjson")
    for line in stream.splitlines():
        event = json.loads(line)
        hold({key: value for key, value in event.items() if key != "event"}, Schema.REPORT, event["event"])
    assert merged(stream) == merged(*texts)


def test_the_newer_of_two_reports_on_one_region_counts_with_its_nodes_and_findings() -> None:
    old = a_report(
        [a_row()],
        [a_node_object("i-a"), a_node_object("i-gone")],
        [a_finding_object("arn:aws:s3:::logs", ["i-a", "i-gone"])],
        EARLIER,
    )
    new = a_report([a_row()], [a_node_object("i-a"), a_node_object("i-b")], at=LATER)
    for texts in itertools.permutations([as_document(old), as_document(new), as_document(an_account(9, 1))]):
        both = document(*texts)
        assert [node["id"] for node in both["nodes"] if node["account"] == "111111111111"] == ["i-a", "i-b"]
        assert [each["nodes"] for each in both["findings"]] == [["i-000900000000"]]
        assert both["generated_at"] == LATER
        assert [row["generated_at"] for row in both["scopes"]] == ["2026-11-24T22:00:00Z", None]


def test_of_a_finding_that_holds_more_regions_only_what_is_replaced_goes() -> None:
    bucket = a_finding_object("arn:aws:s3:::logs", ["i-a", "i-b"])
    nodes = [a_node_object("i-a", region="eu-west-1"), a_node_object("i-b", region="eu-west-3")]
    old = a_report([a_row(region="eu-west-1"), a_row(region="eu-west-3")], nodes, [bucket], EARLIER)
    new = a_report([a_row(region="eu-west-3")], nodes[1:], at=LATER)
    both = document(as_document(new), as_document(old))
    assert [each["nodes"] for each in both["findings"]] == [["i-a"]]
    assert told(both) == [("i-a", "fail"), ("i-b", "ok")]
    assert both["summary"]["api_calls"] == {"ec2:DescribeInstances": 2}


def test_a_thing_that_two_accounts_share_is_one_finding_as_the_worse_has_it() -> None:
    mild = a_finding_object("arn:aws:s3:::logs", ["i-a"], status="warn", summary="It is a pity.")
    grave = a_finding_object("arn:aws:s3:::logs", ["i-b"], summary="It is broken.")
    one = a_report([a_row("111111111111")], [a_node_object("i-a")], [mild])
    other = a_report([a_row("222222222222")], [a_node_object("i-b", "222222222222")], [grave])
    both = document(as_document(one), as_document(other))
    assert both["findings"] == [{**grave, "nodes": ["i-a", "i-b"]}]


def test_nodes_of_one_id_in_two_accounts_are_kept_apart() -> None:
    one = a_report([a_row("111111111111")], [a_node_object("mi-a")])
    other = a_report([a_row("222222222222")], [a_node_object("mi-a", "222222222222", verdict="warn")])
    nodes = document(as_document(other), as_document(one))["nodes"]
    assert [(node["id"], node["account"]) for node in nodes] == [("mi-a", "111111111111"), ("mi-a", "222222222222")]


def test_what_a_stream_withdrew_is_not_told() -> None:
    report = a_report([a_row()], [a_node_object("i-a")])
    withdrawn = json.dumps({"event": "finding", **a_finding_object("arn:aws:s3:::logs", ["i-a"])}) + "\n"
    assert merged(withdrawn + as_stream(report)) == as_document(report)


def test_a_stream_that_was_cut_off_is_an_account_that_is_unknown() -> None:
    text = as_stream(an_account(1, 4))
    cut = text[: text.index('{"event": "report"')]
    both = document(cut, as_document(an_account(2, 1)))
    assert both["scopes"][0]["error"] == "The report 0.json is truncated: the missing results are unknown."
    assert both["scopes"][0]["generated_at"] == "1970-01-01T00:00:00Z"
    assert (len(both["nodes"]), both["generated_at"]) == (5, "2026-11-24T22:00:00Z")
    assert code(cut, fail_on=FailOn.UNKNOWN) is ExitCode.FOUND
    assert code(cut[: cut.index('{"event": "node"')]) is ExitCode.COULD_NOT_TELL


def test_a_document_that_was_cut_off_is_one_that_is_unknown() -> None:
    text = as_document(an_account(1, 4))
    scopes = document(text[: text.index('"findings": [\n    {')])["scopes"]
    assert [row["error"] for row in scopes] == ["The report 0.json is truncated: the missing results are unknown."]


def test_what_was_cut_off_gives_way_to_what_was_not() -> None:
    whole, text = as_document(an_account(1, 2, EARLIER)), as_stream(an_account(1, 4))
    cut = text[: text.index('{"event": "report"')]
    assert merged(cut, whole) == merged(whole, cut) == whole


def test_what_is_no_report_is_a_scope_that_says_why_and_could_not_be_told() -> None:
    both = document("# Notes", as_document(an_account(2, 0)))
    assert [(row["account"], row["error"]) for row in both["scopes"]] == [
        (None, "0.json is not a report of ssmtui check --format json or ndjson."),
        ("000000000002", None),
    ]
    assert code("# Notes", as_document(an_account(2, 4))) is ExitCode.COULD_NOT_TELL


def test_what_a_damaged_report_told_before_does_not_count() -> None:
    text = as_stream(an_account(1, 4)).replace('{"event": "report"', "}\n")
    assert document(text)["nodes"] == []


def test_the_exit_code_is_a_checks() -> None:
    failing, empty = as_document(an_account(1, 2)), as_document(an_account(1, 0))
    in_error = as_document(a_report([a_row(error="No credentials.")], [a_node_object("i-a")]))
    assert code(failing) is ExitCode.FOUND
    assert code(failing, fail_on=FailOn.NEVER) is ExitCode.DONE
    assert code(empty, fail_on=FailOn.UNKNOWN) is ExitCode.DONE
    assert code(in_error) is ExitCode.COULD_NOT_TELL
    assert code(in_error, fail_on=FailOn.UNKNOWN) is ExitCode.COULD_NOT_TELL


def test_hostile_text_stays_text() -> None:
    name = "</script>\x1b[31m\u202e\ud800 ' OR 1=1; --"
    report = a_report([a_row()], [a_node_object("i-'; drop table node; --", name=name)])
    assert document(json.dumps(report))["nodes"] == report["nodes"]


@st.composite
def fleets(draw: st.DrawFn) -> list[Document]:
    """Reports on a few Regions, each of which was looked at once or more, at different times."""
    regions = st.tuples(st.integers(1, 4), st.sampled_from(["eu-west-1", "eu-west-3"]))
    times = st.sets(st.sampled_from([EARLIER, "2026-11-24T22:00:00Z", LATER]), min_size=1)
    return [
        an_account(number, draw(st.integers(0, 4)), at, region, tag=region[-1])
        for number, region in draw(st.lists(regions, min_size=1, max_size=5, unique=True))
        for at in sorted(draw(times))
    ]


@pytest.mark.long
@given(fleets(), st.data())
def test_order_and_grouping_make_no_difference(reports: list[Document], data: st.DataObject) -> None:
    texts = [data.draw(st.sampled_from([as_document, as_stream]))(each) for each in reports]
    at_once = merged(*texts)
    shuffled = data.draw(st.permutations(texts))
    assert merged(*shuffled) == at_once
    parts = [shuffled[:account_region] for account_region in [data.draw(st.integers(0, len(texts)))]] + [shuffled]
    first, rest = parts[0], shuffled[len(parts[0]) :]
    as_ = data.draw(st.sampled_from(["json", "ndjson"]))
    assert merged(*([merged(*first, as_=as_)] if first else []), *rest) == at_once
    assert merged(at_once) == at_once


@pytest.mark.whole
@pytest.mark.parametrize("write", [as_document, as_stream])
def test_memory_does_not_grow_with_the_reports(write: Callable[[Document], str], tmp_path: Path) -> None:
    """Ten times as many nodes: what is held is one object, and a line for each account."""

    def opened(account: int) -> BinaryIO:
        return (tmp_path / f"{account}").open("rb")

    def peak(nodes: int) -> int:
        for account in range(4):
            (tmp_path / f"{account}").write_text(write(an_account(account, nodes)), encoding="utf-8")
        sources = [ReportSource(f"{account}", partial(opened, account)) for account in range(4)]
        with tempfile.TemporaryDirectory() as folder:
            store = ReportStore(Path(folder))
            tracemalloc.start()
            written_ = sum(len(piece) for piece in pieces(merge(sources, store), "json"))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            store.close()
        assert written_ > 400 * nodes
        return most

    small, big = peak(250), peak(2500)
    assert big < 3 * small
