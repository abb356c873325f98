"""Marked rows, whatever is done to them in whichever order."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ssmtui.ui.state.ui_state import Marks

ROWS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


class MarkedRows(RuleBasedStateMachine):
    """Marks beside a plain list of the rows that are marked, in the order in which they were."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: Marks[str] = Marks()
        self.marked: list[str] = []

    @rule(rows=ROWS)
    def toggle(self, rows: Sequence[str]) -> None:
        self.marks.toggle(rows)
        before = set(self.marked)
        self.marked = [each for each in self.marked if each not in rows] + [each for each in rows if each not in before]

    @rule(rows=ROWS)
    def mark_all(self, rows: Sequence[str]) -> None:
        self.marks.mark_all(rows)
        if set(rows) <= set(self.marked):
            self.marked = [each for each in self.marked if each not in rows]
        else:
            self.marked += [each for each in rows if each not in self.marked]

    @rule(there=ROWS)
    def rows_go(self, there: Sequence[str]) -> None:
        self.marks.keep(there)
        self.marked = [each for each in self.marked if each in there]

    @rule()
    def clear(self) -> None:
        self.marks.clear()
        self.marked = []

    @invariant()
    def are_those_in_that_order(self) -> None:
        assert list(self.marks) == self.marked
        assert len(self.marks) == len(self.marked)
        assert [each for each in "abcdefgh" if each in self.marks] == sorted(self.marked)


TestMarkedRows = MarkedRows.TestCase
TestMarkedRows.settings = settings(max_examples=20, stateful_step_count=15)


def test_what_is_walked_through_may_be_unmarked_meanwhile() -> None:
    marks: Marks[str] = Marks()
    marks.mark_all("abc")
    for each in marks:
        marks.toggle((each,))
    assert list(marks) == []
