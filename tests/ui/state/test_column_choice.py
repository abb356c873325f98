from __future__ import annotations

from ssmtui.ui.state.ui_state import ColumnSelection

KNOWN = ("verdict", "name", "id", "why")


def test_where_nothing_was_chosen_all_are_shown_as_they_stand() -> None:
    assert ColumnSelection.of(KNOWN, ()).chosen == KNOWN


def test_what_was_chosen_comes_first_and_what_is_no_more_is_left_out() -> None:
    choice = ColumnSelection.of(KNOWN, ("why", "gone", "name", "why"))
    assert (choice.order, choice.chosen) == (("why", "name", "verdict", "id"), ("why", "name"))
    assert ColumnSelection.of(KNOWN, ("gone",)).chosen == KNOWN


def test_a_column_is_shown_or_no_more_and_one_stays() -> None:
    choice = ColumnSelection.of(KNOWN, ("id", "name"))
    assert choice.toggled("why").chosen == ("id", "name", "why")
    alone = choice.toggled("name")
    assert (alone.chosen, alone.toggled("id").chosen) == (("id",), ("id",))


def test_a_column_is_moved_as_far_as_there_is_room() -> None:
    choice = ColumnSelection.of(KNOWN, ())
    assert choice.moved("id", -1).chosen == ("verdict", "id", "name", "why")
    assert choice.moved("id", 9).chosen == ("verdict", "name", "why", "id")
    assert choice.moved("verdict", -1) == choice
