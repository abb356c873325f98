"""The app: it starts the diagnosis, drains it twenty times a second, and puts up the screens."""

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

from ssmtui.language import marked, say
from ssmtui.ui.app.browsing import Browsing
from ssmtui.ui.app.ending import Ending
from ssmtui.ui.app.keys_in_turn import KeysInTurn
from ssmtui.ui.app.leaving import Leaving
from ssmtui.ui.app.letting_go import LettingGo
from ssmtui.ui.app.looks import Looks
from ssmtui.ui.app.narrowing import Narrowing
from ssmtui.ui.app.palette import Palette
from ssmtui.ui.app.previews import Previews
from ssmtui.ui.app.reading_aside import ReadingAside
from ssmtui.ui.app.saving import Saving
from ssmtui.ui.app.shells import Shells
from ssmtui.ui.app.switching import Switching
from ssmtui.ui.app.timers import Timers
from ssmtui.ui.app.tunnels import Tunnels
from ssmtui.ui.screens.dialog import TextDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.putting_up import all_screens, screen_for
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import ReadTakingBack, TakeBack
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.state.made_changes import change_to_take_back
from ssmtui.ui.state.tick_budget import TickBudget
from ssmtui.ui.state.timed_refresh import TimedRefresh
from ssmtui.ui.widgets.named_keys import NamedKeys

if TYPE_CHECKING:
    from ssmtui.causes.cause import Cause
    from ssmtui.changes.desk import ChangeDesk
    from ssmtui.changes.journal import Journal
    from ssmtui.diagnosis.inquiry import Inquiry
    from ssmtui.session.desk import Sessions
    from ssmtui.ui.words.report_text import ReportShown

LONG_ENOUGH_TO_READ = 15
"""Seconds that a sentence stands which nobody asked for, and which is not said again."""

TICK = 1 / 20
"""Seconds between two looks at what the diagnosis has told."""

GIVE_WAY = 0.001
"""Seconds that the diagnosis' thread holds Python for while the screen waits: a key goes through several hands, each of
which would wait for a thread that computes for Python's own 5 ms. Measured by tests/benchmarks/keys.py --busy."""

SOON = 1 / 60
"""The same where it has told more than was taken in: keys come between."""


class SsmtuiApp(
    NamedKeys,
    KeysInTurn,
    Leaving,
    Previews,
    Shells,
    Switching,
    Tunnels,
    Narrowing,
    Palette,
    Browsing,
    Saving,
    ReadingAside,
    Looks,
    Timers,
    LettingGo,
    Ending,
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
            marked("Help"),
            key_display="?",
            tooltip=marked("The keys of this screen, and the signs"),
        ),
        Binding(
            "f1",
            "show_help",
            marked("Help"),
            key_display="F1",
            tooltip=marked("The keys of this screen, and the signs"),
        ),
        Binding(
            "colon,ctrl+p",
            "command_palette",
            marked("Commands"),
            key_display=":",
            tooltip=marked("Everything that can be done or gone to, by name"),
        ),
        Binding(
            "i", "show_scopes", marked("Scopes"), show=False, tooltip=marked("Accounts, Regions, callers and API calls")
        ),
        Binding(
            "at",
            "show_calls",
            marked("API calls"),
            show=False,
            tooltip=marked("What has been asked of AWS, and how often"),
        ),
        Binding(
            "a,P",
            "switch_scopes",
            marked("Accounts"),
            show=False,
            tooltip=marked("Look at other accounts, profiles and Regions"),
        ),
        Binding("L", "log_in", marked("Log in"), show=False, tooltip=marked("Log in again where a login has ended")),
        Binding(
            "ctrl+s", "save_report", marked("Save"), show=False, tooltip=marked("Save a report of everything, here")
        ),
        Binding("q", "leave", marked("Quit"), tooltip=marked("Leave ssmtui")),
        Binding(
            "ctrl+z", "suspend_process", marked("Suspend"), show=False, tooltip=marked("Back to the shell; fg returns")
        ),
        # Textual's own ctrl+q would leave in the middle of a change.
        Binding("ctrl+q", "leave", marked("Quit"), show=False, priority=True, system=True),
        Binding(
            "ctrl+c",
            "interrupt",
            marked("Copy or quit"),
            show=False,
            priority=True,
            tooltip=marked("Copy what is selected; leave ssmtui where nothing is"),
            system=True,
        ),
    ]

    def __init__(
        self,
        inquiry: Inquiry | Callable[[], Inquiry],
        desk: ChangeDesk | None = None,
        mode: str = "",
        now: Callable[[], datetime] | None = None,
        journal: Journal | None = None,
        sessions: Sessions | None = None,
        report: ReportShown | None = None,
        refresh: timedelta | None = None,
    ) -> None:
        super().__init__()
        self.bench = Bench(desk, mode) if now is None else Bench(desk, mode, now=now)
        self.bench.kept = journal
        self.bench.sessions = sessions
        self.bench.report = report
        self.keymap: Mapping[str, str] = {}
        self.bench.timed = TimedRefresh(refresh)
        self.bench.disturbs = self._would_disturb
        self._start = inquiry
        self._budget = TickBudget()
        self._soon = False

    def get_default_screen(self) -> Screen[None]:
        """The fleet."""
        return FleetScreen(self.bench)

    def on_mount(self) -> None:
        """Look at what is told from now on."""
        self.set_keymap(self.keymap)
        self.set_interval(TICK, self._tick)

    def on_ready(self) -> None:
        """Start the diagnosis: the first screen is painted, and waits for nothing that is loaded for this."""
        self._begin()

    def on_unmount(self) -> None:
        """End what is open, and then the diagnosis, by whose credentials that is done."""
        if self.bench.sessions is not None:
            self.bench.sessions.close()
        if self.bench.inquiry is not None:
            self.bench.inquiry.close()

    @work(thread=True, group="start", exit_on_error=False)
    def _begin(self) -> None:
        # All of it takes a while: the SDKs behind a diagnosis are imported here.
        from ssmtui.causes.catalogue import catalogue
        from ssmtui.ui.state.history import history_of

        all_screens()  # before the first key: loading them would be waited for
        causes = catalogue()
        sys.setswitchinterval(GIVE_WAY)
        inquiry = self._start() if callable(self._start) else self._start
        self.call_from_thread(self._take, inquiry, causes)
        history_of(self.bench.journal)  # a long journal takes a while: it is kept for whoever asks next
        self.call_from_thread(self.bench.read_unfinished)

    def _take(self, inquiry: Inquiry, causes: Mapping[str, Cause]) -> None:
        self.bench.board.causes = causes
        self.bench.inquiry = inquiry

    def _tick(self) -> None:
        begun, taken = perf_counter(), self.bench.board.taken_in
        self._tell(self.bench.tick(self._budget.events))
        self._budget.took(self.bench.board.taken_in - taken, perf_counter() - begun)
        if self.screen_stack and isinstance(self.screen_stack[-1], BenchScreen):
            self.screen_stack[-1].wear_colour()
        if self.bench.is_behind and not self._soon:
            self._soon = True
            self.set_timer(SOON, self._tick_soon)
        while self.trouble:
            self.notify(self.trouble.pop(0), severity="warning", markup=False, timeout=LONG_ENOUGH_TO_READ)
        for words in self.bench.told_of_leftovers():
            self.notify(words, markup=False, timeout=LONG_ENOUGH_TO_READ)
        if words := self.bench.habits.told():
            self.notify(words, severity="warning", markup=False, timeout=LONG_ENOUGH_TO_READ)
        if self.bench.board.nobody_found:
            self.exit()  # as `ssmtui check` would: whoever started this says which words name no node

    def _tick_soon(self) -> None:
        self._soon = False
        self._tick()

    def _would_disturb(self) -> bool:
        """Whether somebody does something else than look at rows: leave, at the last."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        return not isinstance(screen, BenchScreen) or not screen.MERELY_LOOKS or isinstance(screen.focused, Input)

    def _tell(self, changes: Changes) -> None:
        if changes.other:
            self.tell_of_lost()
            self.ask_for_region()
            self.tell_asking()
        for screen in self.screen_stack if changes else ():
            if isinstance(screen, BenchScreen):
                screen.board_changed(changes)

    @on(TakeBack)
    def _take_back(self, wish: TakeBack) -> None:
        desk = self.bench.desk
        if desk is None or (made := change_to_take_back(self.bench.board, desk, wish.change_id)) is None:
            return
        reading = screen_for(self.bench, ReadTakingBack(*made))
        # Undoing from the change that has just been made takes its place: Esc leads back to where that was asked for.
        if isinstance(self.screen, type(reading)):
            self.switch_screen(reading)
        else:
            self.push_screen(reading)

    def action_show_help(self) -> None:
        """Show the signs, and the keys of this screen."""
        if isinstance(self.screen, BenchScreen):
            from ssmtui.ui.screens.help_text import help_prose

            self.push_screen(TextDialog(say("Help"), help_prose(self.screen, type(self), self.keymap)))

    @on(Worker.StateChanged)
    def _failed(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR:
            return
        error = event.worker.error or RuntimeError()
        if event.worker.group == "start":
            # Only the kind of error: its text may hold what AWS said, and a defect is reported with the log.
            self.bench.board.trouble = f"{type(error).__name__} in {event.worker.name}"
            self._tell(Changes(other=True))
        else:
            self.tell_defect(error)
