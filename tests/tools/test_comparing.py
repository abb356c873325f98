"""What two checkouts print is compared byte for byte, but for what varies anyhow, and for sources named since."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.checkouts.differences import Compared, Likeness, compared, compared_folders
from tools.checkouts.normalizing import normalized

REPORT = """\
$ ssmtui check --format json
--- exit code 3
--- standard output
{{
  "evidence": [
    {{
      "fact": "the key could not be read",
      "source": "{source}"
    }}
  ]
}}
--- standard error
"""


def likeness(base: str, head: str, path: str = "reports/demo/table") -> Likeness:
    return compared(path, base, head).likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"generated_at": "2026-11-26T19:13:39Z"', '"generated_at": "2026-11-27T00:00:48Z"'),
        ("the last ping was at 2026-11-26 16:20 UTC", "the last ping was at 2026-11-26 16:19 UTC"),
        ("refused to the role at 20:56 UTC", "refused to the role at 21:39 UTC"),
        ("its agent looks by 20:11.", "its agent looks by 22:07."),
        ("change 20261126T193311.438503Z-47db7d", "change 20270101T000000.000001Z-ffffff"),
        ('"at": "2026-11-26T19:33:11.438503+00:00"', '"at": "2026-11-26T19:33:12.490841+00:00"'),
        ("http://127.0.0.1:44331/", "http://127.0.0.1:57961/"),
        ("/folders/compared-449h7rhb/.local", "/folders/compared-n18ms_wp/.local"),
    ],
)
def test_times_ports_and_places_of_two_runs_are_the_same(one: str, other: str) -> None:
    assert likeness(one, other) is Likeness.EQUAL


def test_what_varies_keeps_its_place_in_the_line() -> None:
    assert normalized("table", "│ 2026-11-26 16:20 UTC │") == "│ 0000-00-00 00:00 UTC │"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002"),
        ("74 nodes · 335 calls", "74 nodes · 336 calls"),
        ("--- exit code 3", "--- exit code 4"),
        ("\x1b[31mfail\x1b[0m", "\x1b[32mfail\x1b[0m"),
        ("a line\n", "a line\nand another\n"),
    ],
)
def test_anything_else_is_a_difference(one: str, other: str) -> None:
    assert likeness(one, other) is Likeness.DIFFERENT


def test_a_difference_is_shown_as_a_unified_diff_without_escapes() -> None:
    assert compared("screens/demo/01-fleet", "same\n\x1b[31mone", "same\n\x1b[31mtwo") == Compared(
        "screens/demo/01-fleet",
        Likeness.DIFFERENT,
        "--- base/screens/demo/01-fleet\n+++ head/screens/demo/01-fleet\n@@ -1,2 +1,2 @@\n same\n-␛[31mone\n+␛[31mtwo",
    )


def test_a_stream_is_what_it_comes_to_whatever_answered_first() -> None:
    first = '{"event": "node", "id": "i-1", "verdict": "unknown"}'
    settled = '{"event": "node", "id": "i-1", "verdict": "ok"}'
    other = '{"event": "node", "id": "i-2", "verdict": "ok"}'
    scope = '{"event": "scope", "region": "eu-west-3"}'
    lines = ("$ ssmtui check", "--- standard output", "{}", "--- standard error", "ssmtui: a word")
    one = "\n".join(lines).replace("{}", "\n".join((scope, first, settled, other)))
    two = "\n".join(lines).replace("{}", "\n".join((scope, other, settled)))
    assert likeness(one, two, "reports/demo/ndjson") is Likeness.EQUAL
    assert likeness(one, two.replace("ok", "fail"), "reports/demo/ndjson") is Likeness.DIFFERENT


def test_a_finding_that_was_withdrawn_may_or_may_not_have_been_told() -> None:
    node = '{"event": "node", "id": "i-1", "findings": ["stands@i-1"]}'
    stands = '{"event": "finding", "id": "stands@i-1", "nodes": ["i-1"]}'
    withdrawn = '{"event": "finding", "id": "withdrawn@i-1", "nodes": ["i-1"]}'
    assert likeness(f"{stands}\n{node}", f"{withdrawn}\n{stands}\n{node}", "reports/demo/ndjson") is Likeness.EQUAL
    assert likeness(f"{stands}\n{node}", f"{withdrawn}\n{node}", "reports/demo/ndjson") is Likeness.DIFFERENT


@pytest.mark.parametrize("source", ["kms:DescribeKey", "workstation"])
def test_a_source_that_was_empty_and_is_named_now_is_told_apart(source: str) -> None:
    assert likeness(REPORT.format(source=""), REPORT.format(source=source)) is Likeness.SOURCE_NAMED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("    the key could not be read", "    the key could not be read (kms:DescribeKey)"),
        ("│ • the key could not be", "│ • the key could not be\n│   kms:DescribeKey"),
    ],
)
def test_so_is_one_that_is_named_for_people(one: str, other: str) -> None:
    assert likeness(one, other) is Likeness.SOURCE_NAMED


def test_a_source_that_was_named_otherwise_or_is_gone_is_a_difference() -> None:
    named, otherwise, empty = (REPORT.format(source=source) for source in ("kms:DescribeKey", "kms:ListKeys", ""))
    assert likeness(named, otherwise) is Likeness.DIFFERENT
    assert likeness(named, empty) is Likeness.DIFFERENT


def test_a_page_of_one_side_only_is_told_of(tmp_path: Path) -> None:
    for side, page in (("base", "json"), ("head", "table"), ("base", "both"), ("head", "both")):
        file = tmp_path / side / "reports" / "demo" / page
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("as it was\n", encoding="utf-8")
    assert list(compared_folders(tmp_path / "base", tmp_path / "head", ["reports/demo"])) == [
        Compared("reports/demo/both", Likeness.EQUAL),
        Compared("reports/demo/json", Likeness.ONLY_BASE),
        Compared("reports/demo/table", Likeness.ONLY_HEAD),
    ]
