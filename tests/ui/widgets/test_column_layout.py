"""The layout of columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.ui.text.filters import Column
from ssmtui.ui.widgets.line_table import place_columns

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
