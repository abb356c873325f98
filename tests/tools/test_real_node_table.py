"""The table of docs/facts/data-channel.md is that of `make real-node`: each failure with its one cause."""

from __future__ import annotations

import re
from pathlib import Path

from tools.real_node.failures import FAILURES

PAGE = Path(__file__).parents[2] / "docs" / "facts" / "data-channel.md"
NO_CAUSE = {"-", "opened"}


def rows() -> dict[str, list[str]]:
    after = PAGE.read_text(encoding="utf-8").partition("### The failures\n")[2].partition("\n## ")[0]
    cells = [[each.strip() for each in line.strip("|").split("|")] for line in after.splitlines() if line[:1] == "|"]
    return {name: rest for name, *rest in cells[2:]}


def test_the_table_has_each_failure_once_in_the_order_of_the_tool() -> None:
    assert list(rows()) == [failure.name for failure in FAILURES]


def test_all_agree_on_the_cause_of_each_failure() -> None:
    for failure in FAILURES:
        messages, *columns = rows()[failure.name]
        named = {cause for column in columns for cause in re.split("/", column)} - NO_CAUSE
        assert (failure.name, messages, named) == (failure.name, "the same", {failure.cause} - {""})
