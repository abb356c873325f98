from __future__ import annotations

from rich.cells import cell_len

from ssmtui.report.text_layout import Column, table_rows

COLUMNS = (
    Column("NODE"),
    Column("NAME", least=4),
    Column("REGION", yields=2),
    Column("STATE", yields=1),
    Column("WHY", least=6),
)
ROWS = (
    ("i-1", "web-server-1", "eu-west-3", "running", "key-missing: gone"),
    ("i-2", "db", "eu-west-3", "stopped", ""),
)


def at(width: int | None) -> list[str]:
    return list(table_rows(COLUMNS, ROWS, width))


def test_without_a_width_all_is_shown() -> None:
    assert at(None) == [
        "NODE  NAME          REGION     STATE    WHY",
        "i-1   web-server-1  eu-west-3  running  key-missing: gone",
        "i-2   db            eu-west-3  stopped",
    ]
    assert at(57) == at(None)


def test_the_last_to_want_room_is_cut_first() -> None:
    assert at(50)[1] == "i-1   web-server-1  eu-west-3  running  key-missi…"
    assert at(40)[1] == "i-1   web-s…  eu-west-3  running  key-m…"


def test_a_column_of_which_all_cells_are_alike_gives_way_before_one_that_tells_rows_apart() -> None:
    assert at(37)[:2] == ["NODE  NAME          STATE    WHY", "i-1   web-server-1  running  key-mis…"]
    assert at(25)[:2] == ["NODE  NAME         WHY", "i-1   web-server…  key-m…"]


def test_where_nothing_is_left_to_give_way_the_widest_is_cut() -> None:
    wide = (Column("SLUG", least=30),)
    assert list(table_rows(wide, [("log-group-unencrypted",)], 12)) == ["SLUG", "log-group-u…"]


def test_no_line_is_wider_than_the_terminal() -> None:
    assert all(cell_len(line) <= width for width in range(18, 80) for line in at(width))


def test_without_rows_there_are_titles() -> None:
    assert list(table_rows(COLUMNS, (), None)) == ["NODE  NAME  REGION  STATE  WHY"]


def test_what_tells_nothing_goes_as_soon_as_another_has_not_what_it_likes() -> None:
    columns = (*COLUMNS[:4], Column("WHY", least=6, likes=17))
    assert next(table_rows(columns, ROWS, 48)) == "NODE  NAME          STATE    WHY"
    assert next(table_rows(columns, ROWS, 57)) == "NODE  NAME          REGION     STATE    WHY"
