"""The session preferences of a Region as a form, with what each setting means here and whom it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.fixes.preferences.preference_fields import FIELD
from ssmtui.language import marked, say, say_many
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.ui.screens.filtered_screen import FilteredScreen
from ssmtui.ui.screens.preference_editing import PreferenceEditing, SettingsTable
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import OpenCause, OpenPreferences
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.cell_filtering import admitted, fields_of_columns
from ssmtui.ui.words.filtering import EVERYTHING, Filter
from ssmtui.ui.words.ink import Cell, Ink
from ssmtui.ui.words.preferences_rows import COLUMNS, Setting, cells, edited_cells, of_setting, value_width
from ssmtui.ui.words.preferences_settings import settings
from ssmtui.ui.words.preferences_text import Saying, setting_prose


class PreferencesScreen(FilteredScreen, PreferenceEditing):
    """One Region's session preferences."""

    CRUMB = marked("Preferences")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", marked("Back"), key_display="Esc"),
        *PreferenceEditing.EDITING,
        *FilteredScreen.FILTER,
        Binding("o", "finding", marked("Finding"), tooltip=marked("Open what was found about the setting")),
        *BenchScreen.SHARED,
        Binding(
            "tab,greater_than_sign", "region(1)", marked("Region"), key_display="Tab", tooltip=marked("The next Region")
        ),
        Binding(
            "less_than_sign",
            "region(-1)",
            marked("Region"),
            show=False,
            key_display="<",
            tooltip=marked("The Region before"),
        ),
        Binding("r", "recheck", marked("Recheck"), tooltip=marked("Read the preferences of this Region again")),
    ]

    def __init__(self, bench: Bench, scope: ScopeName, finding_id: str | None = None) -> None:
        super().__init__(bench, scope)
        self._finding_id = finding_id
        self._facts: RegionFacts | None = None
        self._settings: dict[str, Setting] = {}
        self._problem = ""
        self._settled = False
        self.who = Static(id="who")
        self._filter = EVERYTHING
        self.filter_line = FilterLine(fields_of_columns(COLUMNS), hint=say("log   setting:kms   value:off"))
        self.said = TextPane(id="setting")
        self.form = SettingsTable(COLUMNS, self._cells, self.said, id="settings")

    def compose(self) -> ComposeResult:
        """Whose preferences, the form, and what there is to say of a setting."""
        yield self.crumbs
        yield self.who
        yield self.filter_line
        yield self.form
        yield self.said
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the preferences."""
        self.form.focus()
        self._read()

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return ("preferences", self.scope_name)

    @property
    def scope_here(self) -> Scope | None:
        """The scope whose preferences are shown."""
        return self.bench.board.state.scopes.get(self.scope_name)

    @property
    def stored(self) -> SessionPreferences | None:
        """The preferences as they are stored."""
        read = self._facts.preferences if self._facts is not None else None
        return read if isinstance(read, SessionPreferences) else None

    @property
    def at_cursor(self) -> str:
        """The setting under the cursor."""
        return self.form.cursor or ""

    def edited(self) -> None:
        """Show what is edited."""
        self._paint()

    def board_changed(self, changes: Changes) -> None:
        """Follow the findings; read again when the scope has settled again."""
        if not self.is_mounted:
            return
        if changes.other:
            self.refresh_keys()
            self._read_when_settled()
        if changes.findings:
            self._paint()

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:  # noqa: ARG002
        """Show the settings that a filter admits."""
        self._filter = wanted
        self._paint()

    def focus_rows(self) -> None:
        """Give the keys to the rows."""
        self.form.focus()

    def leave_screen(self) -> None:
        """Go back; ask first where edits would be lost."""
        self.leave(self.dismiss)

    def action_recheck(self) -> None:
        """Read them again."""
        self.bench.recheck(self.scope_name)

    def action_region(self, by: int) -> None:
        """Show another Region's."""
        names = [each.name for each in self.bench.board.scopes]
        self.leave(lambda: self._show_region(names[(names.index(self.scope_name) + by) % len(names)]))

    def action_finding(self) -> None:
        """Open what was found about the setting."""
        if about := self._about():
            self.post_message(OpenCause(about[0].id))

    def _show_region(self, scope: ScopeName) -> None:
        self.scope_name = scope
        self._facts = None
        self._settings = {}
        self._paint()
        self._read()
        self.refresh_bindings()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """There may be one Region only, and nothing found."""
        if action == "region" and len(self.bench.board.state.scopes) < 2:
            return say("only one Region is open")
        if action == "finding" and not self._about():
            return say("nothing was found about this setting")
        return super().why_not(action, parameters)

    @on(LineTable.Moved, "#settings")
    def _other_setting(self) -> None:
        self._explain(from_top=True)
        self.refresh_bindings()

    @on(LineTable.Opened, "#settings")
    def _edit(self, event: LineTable.Opened) -> None:
        self.edit_setting(str(event.row))

    def _read_when_settled(self) -> None:
        settled = self.scope_name in self.bench.board.state.settled
        if settled and not self._settled:
            self._read()
        self._settled = settled

    def _read(self) -> None:
        if self.bench.inquiry is not None:
            self.run_worker(self._ask(self.scope_name), exclusive=True, group="preferences", exit_on_error=False)

    async def _ask(self, scope: ScopeName) -> None:
        if self.bench.inquiry is None:
            return
        try:
            facts = await asyncio.wrap_future(self.bench.inquiry.region_facts(scope))
        except LookupError:
            self._problem = say("This Region could not be opened, so its preferences cannot be read.")
            self._paint()
            return
        if scope == self.scope_name and facts != self._facts:
            self._problem = ""
            self._facts = facts
            self._settings = {each.key: each for each in settings(facts)}
            if self.stored is not None:
                self.edits.forget_what_is_so(self.stored)
            self._paint()
            self._go_to_finding()
            self.ask_whether_closed()

    def _paint(self) -> None:
        name = self.scope_name
        scope = self.scope_here
        self.who.update(
            inked(
                (say("Session preferences "), Ink.HEADING),
                (name.region, Ink.STRONG),
                (f" · {scope.account}" if scope else "", Ink.MUTED),
                "\n",
                (self._standing(), Ink.MUTED),
            )
        )
        self.form.measure({"setting": 26, "value": max(map(value_width, self._settings.values()), default=0)})
        self.form.show(admitted(self._filter, self._settings, self._cells))
        self.form.say_when_empty(say("No setting is like that. Esc shows them all.") if self._settings else "")
        self.filter_line.say(len(self.form.keys), len(self._settings))
        self.form.touch_all()
        self._explain()

    def _standing(self) -> str:
        if self._problem:
            return self._problem
        if self._facts is None:
            return say("Reading…")
        if self.edits:
            count = len(self.edits.values)
            return say_many(
                "{count} edit is not saved: s previews the change.",
                "{count} edits are not saved: s previews the change.",
                count,
            )
        board = self.bench.board
        held = {key for each in self._findings() if each.finding.status.value == "fail" for key in each.nodes}
        total = sum(key.region == self.scope_name.region for key in board.state.nodes)
        return (
            say("They stop {number} of the Region's {total} nodes.", number=len(held), total=total)
            if held
            else say("They stop no node.")
        )

    def _explain(self, *, from_top: bool = False) -> None:
        setting = self._settings.get(self.form.cursor or "")
        if setting is None:
            self.said.show((), from_top=from_top)
            return
        edit = self.edits.values.get(setting.key)
        no_switch = self.bench.why_no_switch(self.scope_here, setting.switch) if setting.switch else ""
        saying = Saying(setting, self._about(), edit, self.why_not("open", ()), no_switch)
        self.said.show(setting_prose(self.bench.board, saying), from_top=from_top)

    def _go_to_finding(self) -> None:
        """Put the cursor on the setting that the finding is about for which the form was opened."""
        held = self.bench.board.state.findings.get(self._finding_id or "")
        self._finding_id = None
        about = (each for each in self._settings.values() if held is not None and of_setting(each, [held]))
        setting = next((each for each in about if each.key in FIELD), None)
        if setting is not None:
            self.form.go_to(setting.key)

    def _about(self) -> list[FleetFinding]:
        setting = self._settings.get(self.form.cursor or "")
        return of_setting(setting, self._findings()) if setting else []

    def _findings(self) -> list[FleetFinding]:
        found = self.bench.board.state.findings.values()
        return [
            each
            for each in found
            if each.scope.name == self.scope_name and each.link in (Link.PREFERENCES, Link.CALLER)
        ]

    def _cells(self, key: str) -> Mapping[str, Cell]:
        setting = self._settings.get(key)
        if setting is None:
            return {}
        if key in self.edits.values:
            return edited_cells(setting, self.edits.values[key])
        return cells(setting, self._findings(), lambda fix: not self.bench.why_no_switch(self.scope_here, fix))


@put_up_by(OpenPreferences)
def preferences(bench: Bench, wish: OpenPreferences) -> PreferencesScreen:
    """The session preferences of a Region."""
    return PreferencesScreen(bench, wish.scope, wish.finding_id)
