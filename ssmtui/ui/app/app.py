"""Run the app: start the diagnosis, apply its events twenty times a second, and show the screens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from ssmtui.language import say, translatable
from ssmtui.ui.app.command_palette import CommandPalette
from ssmtui.ui.app.file_saving import ReportSaver
from ssmtui.ui.app.fix_previews import FixPreviewer
from ssmtui.ui.app.navigation import BrowserLauncher, DetailDialogs, FleetNavigator
from ssmtui.ui.app.quit import AppShutdown, QuitHandler
from ssmtui.ui.app.scope_switching import ScopeSwitcher
from ssmtui.ui.app.session_requests import ShellLauncher, TunnelLauncher
from ssmtui.ui.app.textual_workarounds import KeySequencer, StyleCacheWorkaround, TimerWorkaround
from ssmtui.ui.app.themes import ThemeSwitcher
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.dialogs import TextDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.screen_requests import ShowUndo, UndoChange, all_screens, create_screen
from ssmtui.ui.state.app_context import AppContext, change_to_undo
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.state.scheduling import AutoRefresh, EventBudget
from ssmtui.ui.widgets.key_bindings import ConfigurableKeys

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.remediation.apply.change_service import ChangeService
    from ssmtui.remediation.apply.journal import Journal
    from ssmtui.session.session_service import SessionService
    from ssmtui.ui.text.offline_source import OfflineReport


NOTICE_SECONDS = 15
"""Seconds that a sentence stands which nobody asked for, and which is not said again."""

TICK_SECONDS = 1 / 20
"""Seconds between two looks at what the diagnosis has told."""

SWITCH_INTERVAL = 0.001
"""Seconds that the diagnosis' thread holds Python for while the screen waits: a key goes through several hands, each of
which would wait for a thread that computes for Python's own 5 ms. Measured by tools/benchmarks/keys.py --busy."""

CATCH_UP_SECONDS = 1 / 60
"""The same where it has told more than was taken in: keys come between."""


class SsmtuiApp(
    ConfigurableKeys,
    KeySequencer,
    QuitHandler,
    FixPreviewer,
    ShellLauncher,
    ScopeSwitcher,
    TunnelLauncher,
    FleetNavigator,
    CommandPalette,
    BrowserLauncher,
    ReportSaver,
    DetailDialogs,
    ThemeSwitcher,
    TimerWorkaround,
    StyleCacheWorkaround,
    AppShutdown,
):
    """The full-screen app on a diagnosis: one that is under way, or a function that starts one, called in a thread.

    Without a desk nothing can be changed, and `journal` is shown as it is; without `sessions` none is opened. `mode`
    stands beside the app's name. `report` says what is shown instead of a diagnosis that runs. Every `refresh` all is
    looked at again by itself.
    """

    CSS_PATH = "ssmtui.tcss"
    TITLE = "ssmtui"
    ENABLE_COMMAND_PALETTE = False  # Textual's: ours is a screen like the others
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark",
            "show_help",
            translatable("Help"),
            key_display="?",
            tooltip=translatable("The keys of this screen, and the signs"),
        ),
        Binding(
            "f1",
            "show_help",
            translatable("Help"),
            key_display="F1",
            tooltip=translatable("The keys of this screen, and the signs"),
        ),
        Binding(
            "colon,ctrl+p",
            "command_palette",
            translatable("Commands"),
            key_display=":",
            tooltip=translatable("Everything that can be done or gone to, by name"),
        ),
        Binding(
            "i",
            "show_scopes",
            translatable("Scopes"),
            show=False,
            tooltip=translatable("Accounts, Regions, callers and API calls"),
        ),
        Binding(
            "at",
            "show_calls",
            translatable("API calls"),
            show=False,
            tooltip=translatable("What has been asked of AWS, and how often"),
        ),
        Binding(
            "a,P",
            "switch_scopes",
            translatable("Accounts"),
            show=False,
            tooltip=translatable("Look at other accounts, profiles and Regions"),
        ),
        Binding(
            "L",
            "log_in",
            translatable("Log in"),
            show=False,
            tooltip=translatable("Log in again where a login has ended"),
        ),
        Binding(
            "ctrl+s",
            "save_report",
            translatable("Save"),
            show=False,
            tooltip=translatable("Save a report of everything, here"),
        ),
        Binding("q", "leave", translatable("Quit"), tooltip=translatable("Leave ssmtui")),
        Binding(
            "ctrl+z",
            "suspend_process",
            translatable("Suspend"),
            show=False,
            tooltip=translatable("Back to the shell; fg returns"),
        ),
        # Textual's own ctrl+q would leave in the middle of a change.
        Binding("ctrl+q", "leave", translatable("Quit"), show=False, priority=True, system=True),
        Binding(
            "ctrl+c",
            "interrupt",
            translatable("Copy or quit"),
            show=False,
            priority=True,
            tooltip=translatable("Copy what is selected; leave ssmtui where nothing is"),
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
        super().__init__()
        self.context = AppContext(change_service, mode) if now is None else AppContext(change_service, mode, now=now)
        self.context.read_only_journal = journal
        self.context.sessions = sessions
        self.context.report = report
        self.keymap: Mapping[str, str] = {}
        self.context.auto_refresh = AutoRefresh(refresh)
        self.context.is_user_busy = self._is_user_busy
        self._start = handle
        self._budget = EventBudget()
        self._soon = False

    def get_default_screen(self) -> Screen[None]:
        """The fleet."""
        return FleetScreen(self.context)

    def on_mount(self) -> None:
        """Look at what is told from now on."""
        self.set_keymap(self.keymap)
        self.set_interval(TICK_SECONDS, self._tick)

    def on_ready(self) -> None:
        """Start the diagnosis: the first screen is painted, and waits for nothing that is loaded for this."""
        self._begin()

    def on_unmount(self) -> None:
        """End what is open, and then the diagnosis, by whose credentials that is done."""
        if self.context.sessions is not None:
            self.context.sessions.close()
        if self.context.handle is not None:
            self.context.handle.close()

    @work(thread=True, group="start", exit_on_error=False)
    def _begin(self) -> None:
        # All of it takes a while: the SDKs behind a diagnosis are imported here.
        from ssmtui.causes.catalogue import catalogue
        from ssmtui.ui.state.changes import read_history

        all_screens()  # before the first key: loading them would be waited for
        causes = catalogue()
        sys.setswitchinterval(SWITCH_INTERVAL)
        handle = self._start() if callable(self._start) else self._start
        self.call_from_thread(self._take, handle, causes)
        read_history(self.context.journal)  # a long journal takes a while: it is kept for whoever asks next
        self.call_from_thread(self.context.read_unfinished)

    def _take(self, handle: DiagnosisHandle, causes: Mapping[str, Cause]) -> None:
        self.context.fleet_view.causes = causes
        self.context.handle = handle

    def _tick(self) -> None:
        begun, taken = perf_counter(), self.context.fleet_view.applied_events
        self._tell(self.context.tick(self._budget.events))
        self._budget.took(self.context.fleet_view.applied_events - taken, perf_counter() - begun)
        if self.screen_stack and isinstance(self.screen_stack[-1], BaseScreen):
            self.screen_stack[-1].apply_scope_colour()
        if self.context.has_backlog and not self._soon:
            self._soon = True
            self.set_timer(CATCH_UP_SECONDS, self._tick_soon)
        while self.trouble:
            self.notify(self.trouble.pop(0), severity="warning", markup=False, timeout=NOTICE_SECONDS)
        for words in self.context.leftover_messages():
            self.notify(words, markup=False, timeout=NOTICE_SECONDS)
        if words := self.context.ui_state.told():
            self.notify(words, severity="warning", markup=False, timeout=NOTICE_SECONDS)
        if self.context.fleet_view.has_no_match:
            self.exit()  # as `ssmtui check` would: whoever started this says which words name no node

    def _tick_soon(self) -> None:
        self._soon = False
        self._tick()

    def _is_user_busy(self) -> bool:
        """Whether somebody does something else than look at rows: leave, at the last."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        return not isinstance(screen, BaseScreen) or not screen.ALLOWS_AUTO_REFRESH or isinstance(screen.focused, Input)

    def _tell(self, changes: FleetChanges) -> None:
        if changes.other:
            self.notify_lost_credentials()
            self.ask_for_region()
            self.update_scopes_dialog()
        for screen in self.screen_stack if changes else ():
            if isinstance(screen, BaseScreen):
                screen.fleet_changed(changes)

    @on(UndoChange)
    def _take_back(self, request: UndoChange) -> None:
        change_service = self.context.change_service
        if (
            change_service is None
            or (made := change_to_undo(self.context.fleet_view, change_service, request.change_id)) is None
        ):
            return
        reading = create_screen(self.context, ShowUndo(*made))
        # Undoing from the change that has just been made takes its place: Esc leads back to where that was asked for.
        if isinstance(self.screen, type(reading)):
            self.switch_screen(reading)
        else:
            self.push_screen(reading)

    def action_show_help(self) -> None:
        """Show the signs, and the keys of this screen."""
        if isinstance(self.screen, BaseScreen):
            from ssmtui.ui.screens.key_catalogue import help_prose

            self.push_screen(TextDialog(say("Help"), help_prose(self.screen, type(self), self.keymap)))

    @on(Worker.StateChanged)
    def _failed(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR:
            return
        error = event.worker.error or RuntimeError()
        if event.worker.group == "start":
            # Only the kind of error: its text may hold what AWS said, and a defect is reported with the log.
            self.context.fleet_view.trouble = f"{type(error).__name__} in {event.worker.name}"
            self._tell(FleetChanges(other=True))
        else:
            self.report_error(error)
