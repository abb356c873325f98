"""Show and edit the session preferences of a Region."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from textual.binding import BindingType

from ssmtui.language import say, say_many, translatable
from ssmtui.model.choice import NOTHING_CHOSEN, Choice, Choices
from ssmtui.model.finding import FleetFinding, Link
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.model.preferences import RegionPreferences, SessionPreferences
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.remediation.plans.preferences.fields import FIELD, KMS_KEY, FieldKind
from ssmtui.ui.screens.base_screen import BACK_KEY, FILTER_KEY, SWITCH_KEYS, BaseScreen
from ssmtui.ui.screens.dialogs import ConfirmDialog, quit_with_edits
from ssmtui.ui.screens.input_dialogs import ChoiceDialog, MultilineDialog, ValidateValue
from ssmtui.ui.screens.screen_requests import OpenFinding, OpenPreferences, PreviewFix, screen_for_request
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.text.filters import fields_of_columns
from ssmtui.ui.text.preferences import (
    SETTING_COLUMNS,
    Setting,
    SettingDetails,
    edited_cells,
    findings_of_setting,
    setting_cells,
    setting_prose,
    settings,
    value_width,
)
from ssmtui.ui.text.styled_text import Cell, TextStyle
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane


@dataclass(slots=True)
class PreferenceEdits:
    """The edits of one Region by setting name, in the order in which they were made."""

    values: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether there are any edits."""
        return bool(self.values)

    @property
    def choices(self) -> Choices:
        """The choices passed to the fix."""
        return Choices(tuple(self.values.items()))

    def with_(self, name: str, value: str) -> Choices:
        """Return the choices with one more edit."""
        return Choices(tuple({**self.values, name: value}.items()))

    def put(self, name: str, value: str, preferences: SessionPreferences) -> None:
        """Record an edit; drop it if it equals the stored value."""
        self.values[name] = value
        self.forget_what_is_so(preferences)

    def drop(self, name: str) -> None:
        """Drop an edit."""
        self.values.pop(name, None)

    def forget_what_is_so(self, preferences: SessionPreferences) -> None:
        """Drop the edits that equal the stored preferences: they have been saved."""
        self.values = {name: value for name, value in self.values.items() if FIELD[name].of(preferences) != value}


def toggled_value(name: str, preferences: SessionPreferences, edits: Mapping[str, str]) -> str | None:
    """Return the value of a switch after a toggle; None if the setting is no switch."""
    if FIELD[name].kind is not FieldKind.SWITCH:
        return None
    return "false" if edits.get(name, FIELD[name].of(preferences)) == "true" else "true"


EDIT_FIX = "edit-preferences"
CHOOSE_KEY_FIX = "choose-session-key"


class SettingsTable(LineTable[str]):
    """The form: Enter edits, if the screen allows it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "open", translatable("Edit"), translatable("Edit the selected setting"), display="⏎"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Dim the edit key if the setting cannot be edited."""
        screen = self.screen
        closed = action == "open" and isinstance(screen, PreferencesScreen) and screen.why_not("open", ())
        return None if closed else True


class PreferencesScreen(BaseScreen):
    """One Region's session preferences."""

    BREADCRUMB = translatable("Preferences")
    TABLES = (SettingsTable,)
    filter_line: FilterLine
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        bind("s,ctrl+s", "save", translatable("Save…"), translatable("Preview the change for all edits")),
        bind("d,delete", "drop", translatable("Discard"), translatable("Discard the selected edit")),
        FILTER_KEY,
        bind("o", "finding", translatable("Finding"), translatable("Show the finding of this setting")),
        *SWITCH_KEYS,
        bind(
            "tab,greater_than_sign",
            "region(1)",
            translatable("Region"),
            translatable("Show the next Region"),
            display="Tab",
        ),
        bind(
            "less_than_sign",
            "region(-1)",
            translatable("Region"),
            translatable("Show the previous Region"),
            display="<",
            shown=False,
        ),
        bind("r", "recheck", translatable("Re-check"), translatable("Reload the preferences of this Region")),
    ]

    def __init__(self, context: AppContext, scope: ScopeName, finding_id: str | None = None) -> None:
        super().__init__(context)
        self.scope_name = scope
        self.edits = PreferenceEdits()
        self._no_writing = ""
        self._finding_id = finding_id
        self._facts: RegionPreferences | None = None
        self._settings: dict[str, Setting] = {}
        self._problem = ""
        self._settled = False
        self.filter_line = FilterLine(fields_of_columns(SETTING_COLUMNS), hint=say("log   setting:kms   value:off"))
        self.said = TextPane(id="setting")
        self.form = SettingsTable(SETTING_COLUMNS, self._cells, pages=self.said, id="settings")
        self.body = (self.filter_line, self.form, self.said)

    def on_mount(self) -> None:
        """Read the preferences."""
        self.form.focus()
        self._read()

    @property
    def about(self) -> Hashable:
        """The subject of the screen, by which its position is restored."""
        return ("preferences", self.scope_name)

    @property
    def current_scope(self) -> Scope | None:
        """The scope whose preferences are shown."""
        return self.context.fleet_view.state.scopes.get(self.scope_name)

    @property
    def stored(self) -> SessionPreferences | None:
        """The stored preferences."""
        read = self._facts.preferences if self._facts is not None else None
        return read if isinstance(read, SessionPreferences) else None

    @property
    def at_cursor(self) -> str:
        """The setting under the cursor."""
        return self.form.cursor or ""

    @property
    def unsaved(self) -> str:
        """The message about unsaved edits."""
        count = len(self.edits.values)
        return say_many("{count} edit is not saved.", "{count} edits are not saved.", count) if count else ""

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Follow the findings; read the preferences again when the scope has settled again."""
        if not self.is_mounted:
            return
        if changes.other:
            self.refresh_keys()
            self._read_when_settled()
        if changes.findings:
            self.show_rows()

    def leave_screen(self) -> None:
        """Go back; ask first if edits would be lost."""
        self.leave(self.dismiss)

    def action_recheck(self) -> None:
        """Read the preferences again."""
        self.context.recheck(self.scope_name)

    def action_region(self, by: int) -> None:
        """Show the preferences of another Region."""
        names = [each.name for each in self.context.fleet_view.scopes]
        self.leave(lambda: self._show_region(names[(names.index(self.scope_name) + by) % len(names)]))

    def action_finding(self) -> None:
        """Open the finding about the setting."""
        if about := self._about():
            self.post_message(OpenFinding(about[0].id))

    def _show_region(self, scope: ScopeName) -> None:
        self.scope_name = scope
        self._facts = None
        self._settings = {}
        self.show_rows()
        self._read()
        self.refresh_bindings()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action is not possible: read-only preferences, only one Region, or no finding."""
        match action:
            case "open":
                return self._why_no_edit()
            case "save" if not self.edits:
                return say("there are no edits")
            case "drop" if self.at_cursor not in self.edits.values:
                return say("this setting has no edit")
            case "region" if len(self.context.fleet_view.state.scopes) < 2:
                return say("only one Region is open")
            case "finding" if not self._about():
                return say("this setting has no finding")
            case _:
                return super().why_not(action, parameters)

    def row_moved(self) -> None:
        """Explain the setting under the cursor."""
        self._explain(from_top=True)
        self.refresh_bindings()

    def row_opened(self, row: object) -> None:
        """Edit a setting."""
        self.edit_setting(str(row))

    def _read_when_settled(self) -> None:
        settled = self.scope_name in self.context.fleet_view.state.settled
        if settled and not self._settled:
            self._read()
        self._settled = settled

    def _read(self) -> None:
        if self.context.handle is not None:
            self.run_worker(self._ask(self.scope_name), exclusive=True, group="preferences", exit_on_error=False)

    async def _ask(self, scope: ScopeName) -> None:
        if self.context.handle is None:
            return
        try:
            facts = await asyncio.wrap_future(self.context.handle.region_facts(scope))
        except LookupError:
            self._problem = say("The Region could not be opened. Its preferences are unknown.")
            self.show_rows()
            return
        if scope == self.scope_name and facts != self._facts:
            self._problem = ""
            self._facts = facts
            self._settings = {each.key: each for each in settings(facts)}
            if self.stored is not None:
                self.edits.forget_what_is_so(self.stored)
            self.show_rows()
            self._go_to_finding()
            self.ask_whether_closed()

    def show_rows(self) -> None:
        """Show the current settings."""
        name = self.scope_name
        scope = self.current_scope
        self.title_line.tell(
            (say("Session preferences "), TextStyle.HEADING),
            (name.region, TextStyle.STRONG),
            (f" · {scope.account}" if scope else "", TextStyle.MUTED),
            "\n",
            (self._standing(), TextStyle.MUTED),
        )
        self.form.measure({"setting": 26, "value": max(map(value_width, self._settings.values()), default=0)})
        when_none = say("No setting matches the filter. Esc clears it.") if self._settings else ""
        self.filter_line.show_filtered(self.form, self._settings, when_none)
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
        fleet_view = self.context.fleet_view
        held = {key for each in self._findings() if each.finding.status.value == "fail" for key in each.nodes}
        total = sum(key.region == self.scope_name.region for key in fleet_view.state.nodes)
        return (
            say(
                "The preferences block sessions on {number} of the {total} nodes in the Region.",
                number=len(held),
                total=total,
            )
            if held
            else say("The preferences do not block sessions.")
        )

    def _explain(self, *, from_top: bool = False) -> None:
        setting = self._settings.get(self.form.cursor or "")
        if setting is None:
            self.said.show((), from_top=from_top)
            return
        edit = self.edits.values.get(setting.key)
        no_switch = self.context.why_no_switch(self.current_scope, setting.switch) if setting.switch else ""
        setting_details = SettingDetails(setting, self._about(), edit, self.why_not("open", ()), no_switch)
        self.said.show(setting_prose(self.context.fleet_view, setting_details), from_top=from_top)

    def _go_to_finding(self) -> None:
        """Put the cursor on the setting of the finding for which the form was opened."""
        held = self.context.fleet_view.state.findings.get(self._finding_id or "")
        self._finding_id = None
        about = (each for each in self._settings.values() if held is not None and findings_of_setting(each, [held]))
        setting = next((each for each in about if each.key in FIELD), None)
        if setting is not None:
            self.form.go_to(setting.key)

    def _about(self) -> list[FleetFinding]:
        setting = self._settings.get(self.form.cursor or "")
        return findings_of_setting(setting, self._findings()) if setting else []

    def _findings(self) -> list[FleetFinding]:
        found = self.context.fleet_view.state.findings.values()
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
        return setting_cells(
            setting, self._findings(), lambda fix: not self.context.why_no_switch(self.current_scope, fix)
        )

    def ask_whether_closed(self) -> None:
        """Find out whether the document can be written at all."""
        self._no_writing = ""
        self.run_worker(self._find_out(self.scope_name), exclusive=True, group="closed", exit_on_error=False)

    def action_save(self) -> None:
        """Preview the change of all edits together."""
        self.post_message(PreviewFix(self.scope_name, EDIT_FIX, None, self.edits.choices))

    def action_drop(self) -> None:
        """Drop the edit under the cursor."""
        self.edits.drop(self.at_cursor)
        self._edits_changed()

    def leave(self, then: Callable[[], object]) -> None:
        """Call a function that leaves the Region, after asking if edits would be lost."""
        if not self.edits:
            then()
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.edits = PreferenceEdits()
                then()

        self.app.push_screen(ConfirmDialog(*quit_with_edits(self.unsaved)), answered)

    def edit_setting(self, name: str) -> None:
        """Edit a setting: toggle a switch at once, and ask for other values."""
        stored = self.stored
        if name not in FIELD or stored is None:
            return
        turned = toggled_value(name, stored, self.edits.values)
        if turned is not None:
            self._put(name, turned)
        elif FIELD[name].kind is FieldKind.COMMANDS:
            title = say(FIELD[name].meaning)
            dialog = MultilineDialog(title, self._judge(name, stored), self._now(name, stored))
            self.app.push_screen(dialog, lambda value: self._put(name, value))
        else:
            self.run_worker(self._ask_value(name, stored), exclusive=True, group="ask", exit_on_error=False)

    async def _ask_value(self, name: str, stored: SessionPreferences) -> None:
        choice = await self._choice(name, stored)
        dialog = ChoiceDialog(choice, self._judge(name, stored), self._now(name, stored))
        self.app.push_screen(dialog, lambda value: self._put(name, value))

    async def _choice(self, name: str, stored: SessionPreferences) -> Choice:
        now = FIELD[name].of(stored)
        note = (
            say("Stored value: {value}. Leave empty to turn it off.", value=now) if now else say("No value is stored.")
        )
        fix = CHOOSE_KEY_FIX if name == KMS_KEY.name else EDIT_FIX
        offered = await self._plan(fix, NOTHING_CHOSEN)
        choices = offered.choices if isinstance(offered, FixNotApplicable) else ()
        of_this = next((each for each in choices if fix == CHOOSE_KEY_FIX or each.name == name), None)
        candidates = of_this.candidates if of_this is not None else ()
        if fix == CHOOSE_KEY_FIX and of_this is not None and of_this.note:
            note = f"{note} {of_this.note}"
        return Choice(name, say(FIELD[name].meaning), candidates, free=True, note=note)

    def _judge(self, name: str, stored: SessionPreferences) -> ValidateValue:
        async def validate(value: str) -> str:
            if FIELD[name].of(stored) == value:
                return ""
            answer = await self._plan(EDIT_FIX, self.edits.with_(name, value))
            return "" if isinstance(answer, Plan) else answer.why

        return validate

    def _now(self, name: str, stored: SessionPreferences) -> str:
        return self.edits.values.get(name, FIELD[name].of(stored))

    def _put(self, name: str, value: str | None) -> None:
        stored = self.stored
        if value is not None and stored is not None:
            self.edits.put(name, value, stored)
            self._edits_changed()

    def _edits_changed(self) -> None:
        self.show_rows()
        self.refresh_bindings()

    def _why_no_edit(self) -> str:
        if self.stored is None:
            return say("the preferences have not been read")
        if self.at_cursor not in FIELD:
            return say("this row is not a setting")
        return self._no_writing

    async def _find_out(self, scope: ScopeName) -> None:
        answer = await self._plan(EDIT_FIX, NOTHING_CHOSEN)
        if scope == self.scope_name and isinstance(answer, FixNotApplicable) and not answer.choices:
            self._no_writing = answer.why
            self.refresh_bindings()

    async def _plan(self, fix: str, choices: Choices) -> Plan | FixNotApplicable:
        try:
            return await asyncio.wrap_future(self.context.plan(self.scope_name, fix, None, choices))
        except LookupError:
            return FixNotApplicable(fix, say("this Region could not be opened"))


@screen_for_request(OpenPreferences)
def preferences_screen(context: AppContext, request: OpenPreferences) -> PreferencesScreen:
    """Return the screen of a Region's session preferences."""
    return PreferencesScreen(context, request.scope, request.finding_id)
