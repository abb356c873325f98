"""Editing in the form of the session preferences: settings changed one by one, and saved in one change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from ssmtui.fixes.preferences.preference_fields import FIELD, KMS_KEY, FieldKind
from ssmtui.language import marked, say, say_many
from ssmtui.model.choice import NOTHING_CHOSEN, Choice, Choices
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import ScopeName
from ssmtui.ui.screens.choice_dialog import ChoiceDialog, JudgeChoice
from ssmtui.ui.screens.commands_dialog import CommandsDialog
from ssmtui.ui.screens.dialog import YesOrNo, leaving_edits
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import Preview
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.preference_edits import PreferenceEdits, turned_switch
from ssmtui.ui.widgets.reading_table import ReadingTable

EDIT = "edit-preferences"
CHOOSE_KEY = "choose-session-key"


class SettingsTable(ReadingTable[str]):
    """The form: Enter edits, where the screen lets it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", marked("Edit"), key_display="⏎", tooltip=marked("Edit the setting under the cursor")),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Dim what cannot be edited."""
        screen = self.screen
        closed = action == "open" and isinstance(screen, PreferenceEditing) and screen.why_not("open", ())
        return None if closed else True


class PreferenceEditing(BenchScreen):
    """A screen whose settings can be edited. It says which setting is under the cursor, and what is stored."""

    EDITING: ClassVar[list[BindingType]] = [
        Binding("s,ctrl+s", "save", marked("Save…"), tooltip=marked("Preview the change of all edits")),
        Binding("d,delete", "drop", marked("Drop"), tooltip=marked("Drop the edit under the cursor")),
    ]

    def __init__(self, bench: Bench, scope: ScopeName) -> None:
        super().__init__(bench)
        self.scope_name = scope
        self.edits = PreferenceEdits()
        self._no_writing = ""

    @property
    def stored(self) -> SessionPreferences | None:
        """The preferences as they are stored; None while they are not known."""
        raise NotImplementedError

    @property
    def at_cursor(self) -> str:
        """The name of the setting under the cursor; empty where there is none."""
        raise NotImplementedError

    @property
    def unsaved(self) -> str:
        """The edits that are not saved yet."""
        count = len(self.edits.values)
        return say_many("{count} edit is not saved.", "{count} edits are not saved.", count) if count else ""

    def edited(self) -> None:
        """An edit was made or dropped."""
        raise NotImplementedError

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Editing takes preferences that can be written."""
        match action:
            case "open":
                return self._why_no_edit()
            case "save" if not self.edits:
                return say("nothing has been edited yet")
            case "drop" if self.at_cursor not in self.edits.values:
                return say("this setting has not been edited")
            case _:
                return super().why_not(action, parameters)

    def ask_whether_closed(self) -> None:
        """Find out whether the document can be written at all."""
        self._no_writing = ""
        self.run_worker(self._find_out(self.scope_name), exclusive=True, group="closed", exit_on_error=False)

    def action_save(self) -> None:
        """Preview the change that all edits make together."""
        self.post_message(Preview(self.scope_name, EDIT, None, self.edits.choices))

    def action_drop(self) -> None:
        """Drop the edit under the cursor."""
        self.edits.drop(self.at_cursor)
        self._tell_edited()

    def leave(self, then: Callable[[], object]) -> None:
        """Do what leaves the Region, after asking where edits would be lost."""
        if not self.edits:
            then()
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.edits = PreferenceEdits()
                then()

        self.app.push_screen(YesOrNo(*leaving_edits(self.unsaved)), answered)

    def edit_setting(self, name: str) -> None:
        """Edit a setting: a switch is turned at once, the others are asked for."""
        stored = self.stored
        if name not in FIELD or stored is None:
            return
        turned = turned_switch(name, stored, self.edits.values)
        if turned is not None:
            self._put(name, turned)
        elif FIELD[name].kind is FieldKind.COMMANDS:
            title = say(FIELD[name].meaning)
            dialog = CommandsDialog(title, self._judge(name, stored), self._now(name, stored))
            self.app.push_screen(dialog, lambda value: self._put(name, value))
        else:
            self.run_worker(self._ask_value(name, stored), exclusive=True, group="ask", exit_on_error=False)

    async def _ask_value(self, name: str, stored: SessionPreferences) -> None:
        choice = await self._choice(name, stored)
        dialog = ChoiceDialog(choice, self._judge(name, stored), self._now(name, stored))
        self.app.push_screen(dialog, lambda value: self._put(name, value))

    async def _choice(self, name: str, stored: SessionPreferences) -> Choice:
        now = FIELD[name].of(stored)
        note = say("Stored: {value}. Empty turns it off.", value=now) if now else say("Nothing is stored.")
        fix = CHOOSE_KEY if name == KMS_KEY.name else EDIT
        offered = await self._plan(fix, NOTHING_CHOSEN)
        choices = offered.choices if isinstance(offered, NotApplicable) else ()
        of_this = next((each for each in choices if fix == CHOOSE_KEY or each.name == name), None)
        candidates = of_this.candidates if of_this is not None else ()
        if fix == CHOOSE_KEY and of_this is not None and of_this.note:
            note = f"{note} {of_this.note}"
        return Choice(name, say(FIELD[name].meaning), candidates, free=True, note=note)

    def _judge(self, name: str, stored: SessionPreferences) -> JudgeChoice:
        async def judge(value: str) -> str:
            if FIELD[name].of(stored) == value:
                return ""
            answer = await self._plan(EDIT, self.edits.with_(name, value))
            return "" if isinstance(answer, Plan) else answer.why

        return judge

    def _now(self, name: str, stored: SessionPreferences) -> str:
        return self.edits.values.get(name, FIELD[name].of(stored))

    def _put(self, name: str, value: str | None) -> None:
        stored = self.stored
        if value is not None and stored is not None:
            self.edits.put(name, value, stored)
            self._tell_edited()

    def _tell_edited(self) -> None:
        self.edited()
        self.refresh_bindings()

    def _why_no_edit(self) -> str:
        if self.stored is None:
            return say("the preferences have not been read")
        if self.at_cursor not in FIELD:
            return say("this line is no setting")
        return self._no_writing

    async def _find_out(self, scope: ScopeName) -> None:
        answer = await self._plan(EDIT, NOTHING_CHOSEN)
        if scope == self.scope_name and isinstance(answer, NotApplicable) and not answer.choices:
            self._no_writing = answer.why
            self.refresh_bindings()

    async def _plan(self, fix: str, choices: Choices) -> Plan | NotApplicable:
        try:
            return await asyncio.wrap_future(self.bench.plan(self.scope_name, fix, None, choices))
        except LookupError:
            return NotApplicable(fix, say("this Region could not be opened"))
