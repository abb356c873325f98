"""What a user chose: columns, marks, and the file that keeps it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ssmtui.model.scope import ScopeName
from ssmtui.ui.state.ui_state import (
    FILE_NAME,
    MOST_RECENT_FILTERS,
    ColumnSelection,
    Marks,
    SortOrder,
    UiState,
    UiStateFile,
    UiStateStore,
    ui_state_from_json,
    ui_state_to_json,
)

CHOSEN = UiState(
    theme="nord",
    columns=("verdict", "name", "why"),
    order=SortOrder("name", descending=True),
    filters=(("mine", "tag:Owner=alex"), ("production", "tag:Env=prod !ping:Online")),
    recent_filters=("web", "verdict:fail"),
    scopes=(ScopeName(None, "eu-west-3"), ScopeName("prod", "us-east-1", "arn:aws:iam::999999999999:role/Audit")),
)
SAVES_MANY = """
import sys
from pathlib import Path
from ssmtui.ui.state.ui_state import UiStateFile
file = UiStateFile(Path(sys.argv[1]))
for number in range(60):
    file.change(lambda habits: habits.with_filter(f"{sys.argv[2]}-{number}", "web"))
"""


def kept(folder: Path) -> UiStateStore:
    return UiStateStore(UiStateFile(folder))


def test_what_was_chosen_is_there_at_the_next_start_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "ssmtui"
    first = kept(folder)
    assert (first.current, first.told()) == (UiState(), "")
    first.change(lambda _habits: CHOSEN)
    assert (kept(folder).current, first.told()) == (CHOSEN, "")
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))["schema"] == "ssmtui.habits/1"


def test_two_runs_change_what_the_other_has_left(tmp_path: Path) -> None:
    one, other = kept(tmp_path), kept(tmp_path)
    one.change(lambda ui_state: replace(ui_state, theme="nord"))
    other.change(lambda ui_state: ui_state.with_filter("mine", "web"))
    assert kept(tmp_path).current == UiState(theme="nord", filters=(("mine", "web"),))


def test_what_two_processes_save_at_once_is_all_there(tmp_path: Path) -> None:
    line = [sys.executable, "-c", SAVES_MANY, str(tmp_path)]
    started = [subprocess.Popen([*line, name], cwd=Path(__file__).parents[3]) for name in ("one", "two")]
    assert [each.wait(timeout=60) for each in started] == [0, 0]
    assert len(kept(tmp_path).current.filters) == 120
    assert sorted(each.name for each in tmp_path.iterdir()) == [FILE_NAME, "habits.lock"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not valid and is not changed"),
        ("[]", "is not valid"),
        ('{"schema": "ssmtui.habits/1", "theme": 5}', "is not valid"),
        ('{"schema": "ssmtui.habits/1", "scopes": [{"profile": null}]}', "is not valid"),
        ('{"schema": "somebody.else/1"}', "is not valid"),
        ('{"schema": "ssmtui.habits/2", "theme": {"day": "nord"}}', "belongs to a newer version of ssmtui"),
        ("\ud800", "is not valid"),
        (f'{{"schema": {"9" * 5_000}}}', "is not valid"),
        ("[" * 100_000, "is not valid"),
    ],
)
def test_a_file_that_is_not_understood_is_told_of_once_and_left_as_it_is(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    before = file.read_bytes()
    ui_state = kept(tmp_path)
    assert ui_state.current == UiState()
    assert words in (told := ui_state.told())
    assert str(file) in told
    ui_state.change(lambda each: replace(each, theme="nord"))
    assert (ui_state.current.theme, ui_state.told(), file.read_bytes()) == ("nord", "", before)


def test_an_empty_file_holds_nothing_and_is_written(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\0\0")
    ui_state = kept(tmp_path)
    ui_state.change(lambda each: replace(each, theme="nord"))
    assert (ui_state.told(), kept(tmp_path).current.theme) == ("", "nord")


def test_where_nothing_can_be_written_it_is_said_at_the_first_choice_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    ui_state = UiStateStore(UiStateFile(tmp_path / "state"))
    ui_state.told()
    ui_state.change(lambda each: replace(each, theme="nord"))
    assert "your choices are lost when you quit" in ui_state.told()
    ui_state.change(lambda each: replace(each, theme="dracula"))
    assert (ui_state.current.theme, ui_state.told()) == ("dracula", "")


def test_what_a_later_version_adds_outlasts_a_change_by_this_one(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"schema": "ssmtui.habits/1", "theme": "nord", "mood": ["good"]}')
    kept(tmp_path).change(lambda ui_state: replace(ui_state, theme="dracula"))
    told = json.loads((tmp_path / FILE_NAME).read_text())
    assert (told["theme"], told["mood"]) == ("dracula", ["good"])


def test_the_filters_typed_last_come_first_and_are_not_many() -> None:
    ui_state = UiState()
    for number in range(MOST_RECENT_FILTERS + 5):
        ui_state = ui_state.after_filtering(f"web-{number}")
    ui_state = ui_state.after_filtering("web-20")
    assert len(ui_state.recent_filters) == MOST_RECENT_FILTERS
    assert ui_state.recent_filters[:2] == ("web-20", f"web-{MOST_RECENT_FILTERS + 4}")


def test_a_saved_filter_is_renewed_and_removed() -> None:
    ui_state = UiState().with_filter("b", "1").with_filter("a", "2").with_filter("b", "3")
    assert ui_state.filters == (("a", "2"), ("b", "3"))
    assert ui_state.without_filter("a").without_filter("nobody").filters == (("b", "3"),)


TEXTS = st.text(max_size=8)
NAMES = st.builds(ScopeName, st.none() | TEXTS, TEXTS, st.none() | TEXTS)


@given(
    st.builds(
        UiState,
        theme=st.none() | TEXTS,
        columns=st.lists(TEXTS).map(tuple),
        order=st.none() | st.builds(SortOrder, TEXTS, descending=st.booleans()),
        filters=st.dictionaries(TEXTS, TEXTS).map(lambda each: tuple(sorted(each.items()))),
        recent_filters=st.lists(TEXTS).map(tuple),
        scopes=st.lists(NAMES).map(tuple),
    )
)
def test_whatever_was_chosen_is_read_as_it_was_written(ui_state: UiState) -> None:
    assert ui_state_from_json(ui_state_to_json(ui_state, {}))[0] == ui_state


DEFAULT = ("verdict", "name", "id", "why")
KNOWN = ("verdict", "name", "id", "tags", "why")


def test_where_nothing_was_chosen_the_default_columns_are_shown_as_they_stand() -> None:
    selection = ColumnSelection.of(KNOWN, (), DEFAULT)
    assert (selection.order, selection.chosen) == ((*DEFAULT, "tags"), DEFAULT)


def test_what_was_chosen_comes_first_and_what_is_no_more_is_left_out() -> None:
    choice = ColumnSelection.of(KNOWN, ("why", "gone", "name", "why"), DEFAULT)
    assert (choice.order, choice.chosen) == (("why", "name", "verdict", "id", "tags"), ("why", "name"))
    assert ColumnSelection.of(KNOWN, ("gone",), DEFAULT).chosen == DEFAULT


def test_a_column_is_shown_or_no_more_and_one_stays() -> None:
    choice = ColumnSelection.of(KNOWN, ("id", "name"), DEFAULT)
    assert choice.toggled("why").chosen == ("id", "name", "why")
    alone = choice.toggled("name")
    assert (alone.chosen, alone.toggled("id").chosen) == (("id",), ("id",))


def test_a_column_is_moved_as_far_as_there_is_room() -> None:
    choice = ColumnSelection.of(KNOWN, (), DEFAULT)
    assert choice.moved("id", -1).chosen == ("verdict", "id", "name", "why")
    assert choice.moved("id", 9).chosen == ("verdict", "name", "why", "id")
    assert choice.moved("verdict", -1) == choice


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
