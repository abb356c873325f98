"""The cursor of a table, while rows come, go and change places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.ui.widgets.line_table import RowCursor

ROWS = st.lists(st.integers(0, 20), unique=True)


def on(*keys: str) -> RowCursor[str]:
    rows = RowCursor[str]()
    rows.replace(list(keys))
    return rows


def test_until_it_is_moved_it_stays_on_the_first_line() -> None:
    rows = on("b", "c")
    assert rows.replace(["a", "b", "c"])
    assert (rows.key, rows.line) == ("a", 0)


def test_once_moved_it_keeps_to_its_row() -> None:
    rows = on("b", "c")
    rows.put(1)
    assert not rows.replace(["a", "c", "b"])
    assert (rows.key, rows.line) == ("c", 1)


def test_a_row_that_was_opened_is_kept_to_as_well() -> None:
    rows = on("b", "c")
    rows.hold()
    assert not rows.replace(["a", "b", "c"])
    assert (rows.key, rows.line) == ("b", 1)


def test_where_its_row_goes_it_keeps_to_its_line() -> None:
    rows = on("a", "b", "c")
    rows.put(1)
    assert rows.replace(["a", "c"])
    assert (rows.key, rows.line) == ("c", 1)
    assert rows.replace([])
    assert (rows.key, rows.line) == (None, 0)


@given(st.lists(st.tuples(ROWS, st.integers(-3, 30))))
def test_it_is_always_on_a_row_where_there_is_one(steps: list[tuple[list[int], int]]) -> None:
    rows = RowCursor[int]()
    for keys, line in steps:
        kept = rows.key
        rows.replace(keys)
        if kept in keys and rows.is_pinned:
            assert rows.key == kept
        rows.put(line)
        assert rows.key == (keys[max(0, min(line, len(keys) - 1))] if keys else None)
