"""The table: layout of columns, cursor, and visible rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from ssmtui.ui.text.filters import Column
from ssmtui.ui.widgets.column_layout import PlacedColumn, place_columns
from ssmtui.ui.widgets.line_table import RowCursor, VisibleRows, header_strip

COLUMNS = (
    Column("sign", "", 1, 1, 0),
    Column("name", "name", 8, 20, 1),
    Column("id", "id", 10, 12, 3),
    Column("why", "why", 12, None, 2),
)

columns = st.lists(
    st.builds(
        Column,
        key=st.uuids().map(str),
        label=st.sampled_from(["", "name", "why"]),
        least=st.integers(1, 20),
        most=st.none() | st.integers(20, 60),
        rank=st.integers(0, 9),
    ),
    min_size=1,
    max_size=9,
)


@given(columns, st.integers(1, 250), st.integers(0, 80))
def test_nothing_overflows_or_overlaps(chosen: list[Column], room: int, content: int) -> None:
    placed = place_columns(chosen, room, {column.key: content for column in chosen})
    assert placed
    reached = -1
    for each in placed:
        assert each.start > reached
        reached = each.start + each.width
        assert reached <= room


def test_less_important_columns_fold_away() -> None:
    assert [each.column.key for each in place_columns(COLUMNS, 30, {})] == ["sign", "name", "why"]
    assert [each.column.key for each in place_columns(COLUMNS, 40, {})] == ["sign", "name", "id", "why"]


def test_columns_grow_to_their_content_and_the_rest_is_for_the_open_one() -> None:
    widths = {each.column.key: each.width for each in place_columns(COLUMNS, 100, {"name": 15, "id": 30})}
    assert widths == {"sign": 1, "name": 15, "id": 12, "why": 100 - 1 - 15 - 12 - 3}


def test_what_is_whole_is_not_there_rather_than_cut() -> None:
    ping = Column("ping", "ping", 6, 14, 2, whole=True)
    assert [(each.column.key, each.width) for each in place_columns((COLUMNS[1], ping), 23, {"ping": 14})] == [
        ("name", 8),
        ("ping", 14),
    ]
    assert [each.column.key for each in place_columns((COLUMNS[1], ping), 22, {"ping": 14})] == ["name"]
    assert [each.column.key for each in place_columns((COLUMNS[1], ping), 22, {"ping": 6})] == ["name", "ping"]


def test_what_is_spare_cuts_no_other() -> None:
    fix = Column("fix", "fix", 10, None, 9, spare=True)
    assert [each.column.key for each in place_columns((*COLUMNS[:3], fix), 44, {"name": 20})] == [
        "sign",
        "name",
        "id",
        "fix",
    ]
    assert [each.column.key for each in place_columns((*COLUMNS[:3], fix), 43, {"name": 20})] == ["sign", "name", "id"]


def test_spare_columns_come_in_the_order_of_their_ranks_and_a_shorter_one_fills_the_room() -> None:
    table = (
        Column("name", "name", 8, 20, 1),
        Column("why", "why", 12, None, 2),
        Column("ping", "ping", 6, 14, 3, whole=True, spare=True),
        Column("state", "state", 7, 13, 4, spare=True),
    )
    content = {"name": 10, "why": 30, "ping": 14}

    def keys(room: int) -> list[str]:
        return [each.column.key for each in place_columns(table, room, content)]

    assert {room: keys(room) for room in (48, 49, 55, 56, 63, 64)} == {
        48: ["name", "why"],
        49: ["name", "why", "state"],
        55: ["name", "why", "state"],
        56: ["name", "why", "ping"],
        63: ["name", "why", "ping"],
        64: ["name", "why", "ping", "state"],
    }


def test_a_column_grows_to_its_title_only_after_every_column_has_its_content() -> None:
    table = (Column("sign", "status", 2, 7, 0), Column("name", "name", 8, 20, 1), Column("why", "why", 12, None, 2))
    content = {"sign": 1, "name": 10, "why": 30}
    widths = {room: [each.width for each in place_columns(table, room, content)] for room in (44, 48, 49, 60)}
    assert widths == {44: [2, 10, 30], 48: [2, 10, 34], 49: [7, 10, 30], 60: [7, 10, 41]}


@pytest.mark.parametrize(
    ("width", "arrow", "shown"),
    [
        (7, "↑", "status↑"),
        (7, "", "status "),
        (6, "↑", "stat…↑"),
        (4, "", "sta…"),
        (2, "↑", "S↑"),
        (2, "", "S "),
        (1, "↑", "↑"),
    ],
)
def test_a_title_is_cut_with_an_ellipsis_and_the_arrow_stays(width: int, arrow: str, shown: str) -> None:
    placed = (PlacedColumn(Column("sign", "status", 1, 7, 0), 0, width),)
    strip = header_strip(placed, ("sign" if arrow else "name", arrow), Style(), Style(), width)
    assert strip.text == shown


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
