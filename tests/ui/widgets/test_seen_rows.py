"""Which lines of a table are painted when its rows change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.ui.widgets.line_table import VisibleRows

SEEN = st.builds(VisibleRows, st.lists(st.integers(0, 5), max_size=6), st.integers(0, 5))


def test_a_line_that_shows_another_row_is_painted() -> None:
    assert set(VisibleRows("abc", 0).unlike(VisibleRows("axc", 0))) == {1}


def test_a_cursor_that_moves_has_its_old_line_and_its_new_one_painted() -> None:
    assert set(VisibleRows("abc", 2).unlike(VisibleRows("abc", 0))) == {0, 2}


def test_where_there_are_fewer_lines_than_before_those_are_painted_over() -> None:
    assert set(VisibleRows("a", 0).unlike(VisibleRows("abc", 0))) == {0, 1, 2}


@given(SEEN, SEEN)
def test_a_line_that_is_not_painted_shows_what_it_should(before: VisibleRows[int], now: VisibleRows[int]) -> None:
    painted = set(now.unlike(before))
    for place, row in enumerate(now.rows):
        if place not in painted:
            assert before.rows[place] == row
            assert (before.cursor == place) is (now.cursor == place)
