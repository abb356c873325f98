"""The page of the figures: its first sentence tells how many targets are kept, and what was not measured."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tools.benchmarks.bench import page
from tools.benchmarks.figures import Figure, Line, Unmeasured

KEPT = Figure("memory", 100, "MB", "", 120)
MISSED = Figure("wall", 0.6, "×", "", 0.5)
WITHOUT_TARGET = Figure("calls", 35, "", "")
NOT_MEASURED = Unmeasured("Response to keys under load", "TimeoutError")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([KEPT, WITHOUT_TARGET], "All 1 measured targets are kept."),
        ([KEPT, MISSED], "Of 2 targets 1 are **not kept**: wall."),
        (
            [KEPT, NOT_MEASURED],
            "All 1 measured targets are kept. **Not measured**: Response to keys under load.",
        ),
        (
            [MISSED, NOT_MEASURED],
            "Of 1 targets 1 are **not kept**: wall. **Not measured**: Response to keys under load.",
        ),
    ],
)
def test_the_page_tells_which_targets_are_not_kept_and_what_was_not_measured(lines: list[Line], told: str) -> None:
    assert told in page({"keys": lines}, datetime(2026, 12, 1, tzinfo=UTC), 0.0).splitlines()
