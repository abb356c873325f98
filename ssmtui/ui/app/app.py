"""Run the app: start the diagnosis, apply its events twenty times a second, and show the screens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.reactive import Reactive
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from ssmtui.language import say, translatable
from ssmtui.text.printable import pasteable
from ssmtui.ui.app.command_palette import CommandPalette, SavedFilters
from ssmtui.ui.app.file_saving import FileSaving
from ssmtui.ui.app.fix_previews import FixPreviews
from ssmtui.ui.app.navigation import Navigation, open_page
from ssmtui.ui.app.own_commands import OwnCommands
from ssmtui.ui.app.quit import INTERRUPTED, copy_selection, quit_app
from ssmtui.ui.app.scope_switching import Logins, ScopeSwitching
from ssmtui.ui.app.session_requests import Shells, Tunnels
from ssmtui.ui.app.themes import DARK, Themes, line_filters, variables_of
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.screen_requests import (
    Command,
    Complete,
    EndSessions,
    JumpToPanel,
    OpenConsolePage,
    OpenShell,
    OpenTunnel,
    PreviewFix,
    RedoChange,
    ScreenRequest,
    ShowNodes,
    ShowRawFacts,
    UndoChange,
    all_screens,
)
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.state.scheduling import AutoRefresh, EventBudget, IdleCollection
from ssmtui.ui.textual_workarounds import HardenedApp
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import bind, display_key

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.remediation.apply.change_service import ChangeService
    from ssmtui.remediation.apply.journal import Journal
    from ssmtui.session.session_service import SessionService
    from ssmtui.ui.text.notices import OfflineReport


NOTICE_SECONDS = 15
"""Seconds that a notice stays which nobody asked for, and which is not repeated."""

TICK_SECONDS = 1 / 20
"""Seconds between two reads of the diagnosis' events."""

SWITCH_INTERVAL = 0.001
"""Seconds that the diagnosis' thread keeps the interpreter while the screen waits. A key takes several turns of the
loop; each would wait Python's own 5 ms for a thread that computes. Measured by tools/benchmarks/keys.py --busy."""

CATCH_UP_SECONDS = 1 / 60
"""The same if more events are waiting than one tick applies: keys come between."""

KEY_SECONDS = 0.05
"""Seconds after a key in which waiting events wait for the regular tick: the effect of the key comes first."""


_HELP = translatable("Show the keys and symbols of this screen")


class SsmtuiApp(HardenedApp):
    """The full-screen app on a diagnosis: one that is under way, or a function that starts one, called in a thread.

    Without a `change_service` nothing can be changed, and `journal` is shown as it is; without `sessions` none is
    opened. `mode` is shown beside the app's name. `report` is what is shown instead of a running diagnosis. Everything
    is read again every `refresh`.

    Each feature is an object that the app owns. Textual looks for actions and handlers of messages on the app: those
    at the end of the class call the features.
    """

    CSS_PATH = "ssmtui.tcss"
    TITLE = "ssmtui"
    ENABLE_COMMAND_PALETTE = False  # Textual's: ours is a screen like the others
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("question_mark", "show_help", translatable("Help"), _HELP, display="?"),
        bind("f1", "show_help", translatable("Help"), _HELP, display="F1"),
        bind(
            "colon,ctrl+p",
            "command_palette",
            translatable("Commands"),
            translatable("Search all commands and screens"),
            display=":",
        ),
        bind(
            "i",
            "show_scopes",
            translatable("Scopes"),
            translatable("Show accounts, Regions, callers and API calls"),
            shown=False,
        ),
        bind(
            "at",
            "show_calls",
            translatable("API calls"),
            translatable("Show the API calls and their counts"),
            shown=False,
        ),
        bind(
            "a,P",
            "switch_scopes",
            translatable("Accounts"),
            translatable("Choose accounts, profiles and Regions"),
            shown=False,
        ),
        bind(
            "L", "log_in", translatable("Log in"), translatable("Log in again after a login has expired"), shown=False
        ),
        bind(
            "ctrl+s",
            "save_report",
            translatable("Save"),
            translatable("Save a report of everything, under a name"),
            shown=False,
        ),
        bind("q", "quit", translatable("Quit"), translatable("Quit ssmtui; on a screen above the first, go back")),
        bind("q", "go_back", translatable("Back"), shown=False),
        bind(
            "ctrl+z",
            "suspend_process",
            translatable("Suspend"),
            translatable("Return to the shell; fg resumes ssmtui"),
            shown=False,
        ),
        # Textual's own ctrl+q would leave in the middle of a change.
        Binding("ctrl+q", "leave", translatable("Quit"), show=False, priority=True, system=True),
        Binding(
            "ctrl+c",
            "interrupt",
            translatable("Copy or quit"),
            show=False,
            priority=True,
            tooltip=translatable("Copy the selection; quit if nothing is selected"),
            system=True,
        ),
    ]

    def __init__(
        self,
        handle: DiagnosisHandle | Callable[[], DiagnosisHandle],
        change_service: ChangeService | None = None,
        mode: str = "",
        now: Callable[[], datetime] | None = None,
        journal: Journal | None = None,
        sessions: SessionService | None = None,
        report: OfflineReport | None = None,
        refresh: timedelta | None = None,
    ) -> None:
        self.context = AppContext(change_service, mode) if now is None else AppContext(change_service, mode, now=now)
        self.themes = Themes(self, self.context)
        super().__init__()  # asks for the colours of the theme
        self.context.read_only_journal = journal
        self.context.sessions = sessions
        self.context.report = report
        self.keymap: Mapping[str, str] = {}
        self.plain_keys = False
        """Whether keys are shown in ASCII alone, because no other character can be."""
        self.startup_problems: list[str] = []
        """What was wrong before there was a screen to say it on."""
        self.context.auto_refresh = AutoRefresh(refresh)
        self.context.is_user_busy = self._is_user_busy
        self.navigation = Navigation(self, self.context)
        self.saving = FileSaving(self, self.context)
        self.filters = SavedFilters(self, self.context, self.navigation)
        self.palette = CommandPalette(self, self.context, self.navigation, self._more_commands)
        self.previews = FixPreviews(self, self.context)
        self.logins = Logins(self, self.context)
        self.scope_switching = ScopeSwitching(self, self.context, self.logins)
        self.shells = Shells(self, self.context)
        self.tunnels = Tunnels(self, self.context)
        self.own_commands = OwnCommands(self, self.context)
        self._start = handle
        self._budget = EventBudget()
        self._collection = IdleCollection()
        self._soon = False

    def get_default_screen(self) -> Screen[None]:
        """Return the fleet."""
        return FleetScreen(self.context)

    def on_mount(self) -> None:
        """Apply events from now on."""
        self.set_keymap(self.keymap)
        self.set_interval(TICK_SECONDS, self._tick)
        self.tunnels.watch()

    def on_ready(self) -> None:
        """Start the diagnosis, after the first screen is painted: what is loaded for it delays nothing."""
        self._begin()

    def on_unmount(self) -> None:
        """End sessions, and then the diagnosis, whose credentials end them."""
        if self.context.sessions is not None:
            self.context.sessions.close()
        if self.context.handle is not None:
            self.context.handle.close()
        self._collection.end()

    @work(thread=True, group="start", exit_on_error=False)
    def _begin(self) -> None:
        # All of it takes a while: the SDKs behind a diagnosis are imported here.
        from ssmtui.causes.catalogue import catalogue
        from ssmtui.ui.state.changes import read_history

        all_screens()  # before the first key: loading them would be waited for
        causes = catalogue()
        sys.setswitchinterval(SWITCH_INTERVAL)
        handle = self._start() if callable(self._start) else self._start
        # The keys of every screen look for a change to undo as soon as a scope is open.
        import ssmtui.remediation.apply.undo  # noqa: F401 - only loaded

        self.call_from_thread(self._take, handle, causes)
        read_history(self.context.journal)  # a long journal takes a while: it is kept for whoever asks next
        self.call_from_thread(self.context.read_unfinished)

    def _take(self, handle: DiagnosisHandle, causes: Mapping[str, Cause]) -> None:
        self.context.fleet_view.causes = causes
        self.context.handle = handle
        self._collection.begin()  # after the diagnosis has set its own threshold

    def _tick(self) -> None:
        begun, taken = perf_counter(), self.context.fleet_view.applied_events
        self._tell(self.context.tick(self._budget.events))
        self._budget.took(self.context.fleet_view.applied_events - taken, perf_counter() - begun)
        if self.screen_stack and isinstance(self.screen_stack[-1], BaseScreen):
            self.screen_stack[-1].apply_scope_colour()
        if self.context.has_backlog and not self._soon:
            self._soon = True
            self.set_timer(CATCH_UP_SECONDS, self._tick_soon)
        while self.startup_problems:
            self.notify(self.startup_problems.pop(0), severity="warning", markup=False, timeout=NOTICE_SECONDS)
        for words in self.context.leftover_messages():
            self.notify(words, markup=False, timeout=NOTICE_SECONDS)
        if words := self.context.ui_state.told():
            self.notify(words, severity="warning", markup=False, timeout=NOTICE_SECONDS)
        self._collection.collect(perf_counter())
        if self.context.fleet_view.has_no_match:
            self.exit()  # as `ssmtui check` would: whoever started this says which words name no node

    def _tick_soon(self) -> None:
        self._soon = False
        if perf_counter() - self._collection.last_input > KEY_SECONDS:
            self._tick()

    def _is_user_busy(self) -> bool:
        """Return whether the person does something else than look at rows, or the app is ending."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        return not isinstance(screen, BaseScreen) or not screen.ALLOWS_AUTO_REFRESH or isinstance(screen.focused, Input)

    def _tell(self, changes: FleetChanges) -> None:
        if changes.other:
            self.logins.notify_lost_credentials()
            self.scope_switching.ask_for_region()
            self.scope_switching.update_dialog()
            self.themes.follow(self.context.fleet_view.scopes)
        for screen in self.screen_stack if changes else ():
            if isinstance(screen, BaseScreen):
                screen.fleet_changed(changes)

    @on(Worker.StateChanged)
    def _failed(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR:
            return
        error = event.worker.error or RuntimeError()
        if event.worker.group == "start":
            # Only the kind of error: its text can hold what AWS said, and an internal error is reported with the log.
            self.context.fleet_view.trouble = f"{type(error).__name__} in {event.worker.name}"
            self._tell(FleetChanges(other=True))
        else:
            self.report_error(error)

    def _more_commands(self) -> Iterator[Command]:
        yield from self.filters.commands()
        yield self.saving.snapshot_command()
        yield Command(say("Quit"), say("Quit ssmtui"), self.action_leave, display_key("ctrl+q"), also="q exit")
        yield Command(say("Theme"), say("Choose a color theme"), self.themes.choose, also="colors skin")

    # What Textual asks of an app.

    theme: Reactive[str] = Reactive(DARK.name)

    @property
    def available_themes(self) -> dict[str, Theme]:
        """All themes that can be chosen, by name."""
        return self.themes.beside(super().available_themes.values())

    @property
    def current_theme(self) -> Theme:
        """The theme that is shown."""
        return self.themes.current

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's variables, so that every text can be read on its ground."""
        self.theme_variables = dict(variables_of(self.current_theme, super().get_css_variables()))
        return self.theme_variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what is done to each line for a terminal with few colours."""
        return line_filters(super().get_line_filters(), native=self.native_ansi_color)

    def get_key_display(self, binding: Binding) -> str:
        """Return what a key is called; the signs of Enter and Backspace have names in ASCII.

        A binding with several keys has one display text for all of them: each of them is called by its own name.
        """
        called = display_key(binding.key)
        return called.replace("⏎", "Enter").replace("⌫", "Backspace") if self.plain_keys else called

    def get_driver_class(self) -> type[Driver]:
        """Return our driver where Textual's is the one that ours extends."""
        chosen = super().get_driver_class()
        if sys.platform == "win32":
            return chosen
        from ssmtui.ui.app.terminal import TerminalDriver

        return TerminalDriver if issubclass(TerminalDriver, chosen) else chosen

    async def handle_event(self, event: events.Event) -> None:
        """Handle an event; Esc cancels a preview that has yet to come, too."""
        if isinstance(event, events.InputEvent):
            self._collection.note_input(perf_counter())
        if isinstance(event, events.Key) and event.key == "escape":
            self.previews.cancel()
        await super().handle_event(event)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text; nothing in it would be a key where it is pasted."""
        super().copy_to_clipboard(pasteable(text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what this terminal cannot do, and dim what a report cannot; the screen says why."""
        if action == "suspend_process" and not self.can_suspend:
            return False
        if action in ("quit", "go_back"):
            return (action == "quit") is self.navigation.is_on_first_screen
        if self.context.why_not_without_aws(action, parameters):
            return None
        if action == "run_own_command" and self.own_commands.why_not(str(parameters[0])):
            return None
        return super().check_action(action, parameters)

    # Requests of screens.

    @on(ScreenRequest)
    def _show_screen(self, request: ScreenRequest) -> None:
        self.navigation.show_screen(request)

    @on(ShowNodes)
    def _show_nodes(self, request: ShowNodes) -> None:
        self.navigation.show_nodes(request.wanted)

    @on(ShowRawFacts)
    def _show_raw_facts(self, request: ShowRawFacts) -> None:
        self.navigation.show_raw_facts(request)

    @on(JumpToPanel)
    def _jump_to_panel(self) -> None:
        self.navigation.jump_to_panel()

    @on(OpenConsolePage)
    def _open_page(self, request: OpenConsolePage) -> None:
        open_page(self, request)

    @on(PreviewFix)
    def _preview_fix(self, request: PreviewFix) -> None:
        self.previews.preview(request)

    @on(EndSessions)
    def _end_sessions(self, request: EndSessions) -> None:
        self.previews.end_sessions(request)

    @on(Complete)
    def _complete_change(self, request: Complete) -> None:
        self.previews.complete(request)

    @on(UndoChange)
    def _undo_change(self, request: UndoChange) -> None:
        self.previews.undo(request)

    @on(RedoChange)
    def _redo_change(self, request: RedoChange) -> None:
        self.previews.redo(request)

    @on(OpenShell)
    def _open_shell(self, request: OpenShell) -> None:
        self.shells.open(request)

    @on(OpenTunnel)
    def _open_tunnel(self, request: OpenTunnel) -> None:
        self.tunnels.open(request)

    @on(FilterLine.Save)
    def _save_filter(self, event: FilterLine.Save) -> None:
        self.filters.save(event.text)

    # Actions of keys.

    def action_show_help(self) -> None:
        """Show the keys of this screen, and the signs; press the key of the row that is chosen."""
        if isinstance(self.screen, BaseScreen):
            from ssmtui.ui.screens.help_dialog import HelpDialog, help_sections

            dialog = HelpDialog(tuple(help_sections(self.screen, self.keymap)))
            self.push_screen(dialog, lambda row: row.do() if row is not None else None)

    def action_show_scopes(self) -> None:
        """Show accounts, Regions, callers and API calls."""
        self.navigation.show_scopes()

    def action_show_calls(self) -> None:
        """Show the API calls that were made."""
        self.navigation.show_calls()

    def action_show_like(self, verdict: str) -> None:
        """Show the nodes of a verdict only, or all again."""
        self.navigation.show_like(verdict)

    def action_back_along(self, place: int) -> None:
        """Go back to a screen of the breadcrumbs."""
        self.navigation.back_along(place)

    def action_command_palette(self) -> None:
        """Show the commands."""
        self.palette.show()

    def action_saved_filters(self) -> None:
        """Show the filters that were saved, and those typed last."""
        self.palette.offer(say("Filters"), say("type to search the filters"), self.filters.all_commands())

    def action_change_theme(self) -> None:
        """Choose other colours."""
        self.themes.choose()

    def action_switch_scopes(self) -> None:
        """Choose other accounts, profiles and Regions."""
        self.scope_switching.switch()

    def action_log_in(self) -> None:
        """Log in again."""
        self.logins.log_in_here()

    def action_save_report(self) -> None:
        """Ask for a name, and save a report of everything that is shown."""
        self.saving.save_report()

    def action_run_own_command(self, name: str) -> None:
        """Run a command of the configuration."""
        self.own_commands.run(name)

    def action_suspend_process(self) -> None:
        """Stop, as Ctrl-Z stops every program, until the shell continues it; not in the middle of a change."""
        if self.context.writing:
            self.notify(say("A change is in progress. Suspend ssmtui after it completes."), severity="warning")
        else:
            super().action_suspend_process()

    async def action_quit(self) -> None:
        """Quit by the key of the first screen."""
        self.action_leave()

    def action_go_back(self) -> None:
        """Go back to the screen below."""
        if isinstance(self.screen, BaseScreen):
            self.screen.leave_screen()

    def action_leave(self) -> None:
        """Quit; ask first while a change is written, a tunnel is open, or where something typed would be lost."""
        quit_app(self, self.context, return_code=0)

    def action_interrupt(self) -> None:
        """Copy what is selected; without a selection, quit with the exit code of Ctrl-C."""
        if not copy_selection(self):
            quit_app(self, self.context, return_code=INTERRUPTED)
