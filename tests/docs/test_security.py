"""SECURITY.md: each promise names what holds it, and that is there."""

from __future__ import annotations

import re
from pathlib import Path

TREE = Path(__file__).parents[2]
PAGE = (TREE / "SECURITY.md").read_text(encoding="utf-8")


def test_what_holds_each_promise_is_there() -> None:
    rows = re.findall(r"^\| [\d, ]+ \| .* \| (.*) \|$", PAGE, re.MULTILINE)
    held_by = [re.findall(r"`(tests/[\w/.]+)`", row) for row in rows]
    assert len(rows) > 8
    assert all(held_by)
    assert [each for row in held_by for each in row if not (TREE / each).exists()] == []


def test_every_adversary_is_met_by_something() -> None:
    adversaries = set(re.findall(r"^(\d)\. \*\*", PAGE, re.MULTILINE))
    met = {each for row in re.findall(r"^\| ([\d, ]+) \|", PAGE, re.MULTILINE) for each in row.split(", ")}
    assert adversaries == met == set("123456")


def test_it_says_how_to_report_and_that_nothing_is_sent() -> None:
    assert "**Report a vulnerability**" in PAGE
    assert "tests/cli/test_no_telemetry.py" in PAGE.partition("## No telemetry")[2].partition("\n## ")[0]
    assert "[SECURITY.md](SECURITY.md)" in (TREE / "README.md").read_text(encoding="utf-8")
