"""Switch to other accounts, profiles, and Regions, and log in again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported

from ssmtui.language import say, translatable
from ssmtui.model.scope import CREDENTIAL_PROBLEMS, ScopeError, ScopeName, ScopeProblem
from ssmtui.session.external_programs import program_on_path, run_login, with_other_device
from ssmtui.text.printable import printable
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.screen_behaviour import copy_and_notify
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.text.fleet import (
    ScopeChoices,
    command_line,
    credentials_label,
    error_prose,
    login_prose,
    no_program_prose,
    problem_title,
)
from ssmtui.ui.textual_workarounds import HardenedApp
from ssmtui.ui.widgets.key_bindings import ENTER, KeyOption

if TYPE_CHECKING:
    from ssmtui.ui.screens.dialogs import KeyDialog
    from ssmtui.ui.screens.search_dialogs import ScopesDialog, ScopeSelection

_LOG_IN_HERE = KeyOption(ENTER, "⏎", translatable("Log in"))
_OTHER_DEVICE = KeyOption("d", "d", translatable("Other device"))
_COPY_COMMAND = KeyOption("c", "c", translatable("Copy"))

_EXPECTED_EXIT_CODES = frozenset({0, -signal.SIGINT, 128 + signal.SIGINT})
"""Exit codes of a login that succeeds, or that the person cancels: neither needs a message."""


class Logins:
    """Logins, one at a time, and the notices that say where one is needed."""

    def __init__(self, app: HardenedApp, context: AppContext) -> None:
        self._app = app
        self._context = context
        self._notified_lost: frozenset[ScopeName] = frozenset()
        self._logging_in = False

    def log_in_here(self) -> None:
        """Log in again for the scope that the screen is about, or for the first that needs it."""
        if not isinstance(self._app.screen, BaseScreen):
            return
        here = self._app.screen.current_scope
        errors = self._context.fleet_view.state.errors
        needing = sorted((each for each in errors.values() if each.login), key=lambda each: each.name.order)
        if not needing:
            self._app.notify(say("No scope needs a login."), timeout=3)
            return
        self.log_in(next((each for each in needing if here is not None and each.name == here.name), needing[0]))

    def log_in(self, error: ScopeError) -> None:
        """Show how to log in for a scope, and do it."""
        if not self._logging_in:
            self._logging_in = True
            self._app.run_worker(self._log_in(error), group="login", name="login", exit_on_error=False)

    def notify_lost_credentials(self) -> None:
        """Say once, on any screen, whose credentials AWS refuses now, and when AWS accepts them again."""
        state = self._context.fleet_view.state
        errors = {name: error for name, error in state.errors.items() if name in state.scopes}
        lost = {name: error for name, error in errors.items() if error.problem in CREDENTIAL_PROBLEMS}
        for name in [each for each in lost if each not in self._notified_lost]:
            title = f"{_scope_label(name)}: {problem_title(lost[name])}"
            way = (
                say("Press L to log in again.") if lost[name].login else say("New credentials are used automatically.")
            )
            words = say("The results on the screen are kept.")
            self._app.notify(f"{words} {way}", title=title, severity="warning", markup=False)
        for name in [each for each in self._notified_lost if each not in lost and each in state.scopes]:
            self._app.notify(
                say("AWS accepts the credentials again."), title=_scope_label(name), timeout=3, markup=False
            )
        self._notified_lost = frozenset(lost)

    async def _log_in(self, error: ScopeError) -> None:
        try:
            elsewhere = with_other_device(error.login)
            key = await self._app.push_screen_wait(self._asking(error, elsewhere))
            if key == _COPY_COMMAND.key:
                copy_and_notify(self._app, command_line(error.login))
            elif key is not None:
                self._run(elsewhere if key == _OTHER_DEVICE.key else error.login)
        finally:
            self._logging_in = False

    def _asking(self, error: ScopeError, elsewhere: Sequence[str]) -> KeyDialog:
        from ssmtui.ui.screens.dialogs import KeyDialog

        title = say("Log in: {credentials}", credentials=credentials_label(error.name))
        if program_on_path(error.login, os.environ) is None:
            return KeyDialog(title, no_program_prose(error, elsewhere), (_COPY_COMMAND,))
        return KeyDialog(title, login_prose(error, elsewhere), (_LOG_IN_HERE, _OTHER_DEVICE, _COPY_COMMAND))

    def _run(self, words: Sequence[str]) -> None:
        """Lend the terminal to the login; then retry the scopes. The loop stands still meanwhile."""
        ended = self._app.lend_terminal(lambda: _run_in_terminal(words))
        match ended:
            case SystemExit():
                self._app.exit(return_code=ended.code if isinstance(ended.code, int) else 1)
                return
            case SuspendNotSupported():
                title = say("This terminal cannot be suspended")
                self._app.notify(command_line(words), title=title, severity="warning", markup=False)
                return
            case OSError():
                self._app.notify(printable(str(ended)), title=say("Login failed"), severity="error", markup=False)
                return
            case BaseException():
                raise ended
        if self._context.handle is not None:
            self._context.handle.retry()


def _run_in_terminal(words: Sequence[str]) -> None:
    with suppress(EOFError, KeyboardInterrupt):
        print_to_terminal(say("Logging in: {command}. Press Ctrl-C to cancel.", command=command_line(words)))
        code = run_login(words, os.environ)
        if code not in _EXPECTED_EXIT_CODES:
            print_to_terminal(say("The login failed ({code}). Press Enter to return.", code=code))
            input()


def print_to_terminal(words: str) -> None:
    """Print a text while the terminal is lent, wrapped between words."""
    lines = fill(words, get_terminal_size().columns, break_long_words=False, break_on_hyphens=False)
    print(lines, flush=True)  # noqa: T201 - the terminal is not the screen's now


def _scope_label(name: ScopeName) -> str:
    return f"{credentials_label(name)} · {name.region}"


_TRY_AGAIN = KeyOption(ENTER, "⏎", translatable("Try again"))
_LOG_IN_AGAIN = KeyOption("l", "l", translatable("Log in"))
_OTHER_REGION = KeyOption("o", "o", translatable("Other Region"))


class ScopeSwitching:
    """The choice of other accounts, profiles and Regions."""

    def __init__(self, app: App[None], context: AppContext, logins: Logins) -> None:
        self._app = app
        self._context = context
        self._logins = logins
        self._dialog: ScopesDialog | None = None

    def switch(self) -> None:
        """Ask which scopes to diagnose."""
        if isinstance(self._app.screen, BaseScreen):
            self.ask_where()

    def ask_where(self, typed: str = "", note: str = "") -> None:
        """Ask which scopes to diagnose, filtered by `typed`; `note` says why."""
        if self._context.writing:
            self._app.notify(say("A change is in progress. Switch after it completes."), severity="warning")
            return
        from ssmtui.ui.screens.search_dialogs import ScopesDialog

        last = self._context.ui_state.current.scopes
        places = ScopeChoices(
            self._context.fleet_view, self._context.accesses, self._context.wanted, self._context.is_read_only, last
        )
        self._dialog = ScopesDialog(places, typed, note)
        self._app.push_screen(self._dialog, self._look)
        self._app.run_worker(self._read_accesses(self._dialog), exclusive=True, group="scopes", exit_on_error=False)

    def ask_for_region(self) -> None:
        """Ask for a Region once, if nothing names one."""
        errors = self._context.fleet_view.state.errors if self._context.offline_source is None else {}
        lacking = [name for name, error in errors.items() if error.problem is ScopeProblem.NO_REGION]
        if not lacking or self._context.fleet_view.state.scopes or "region" in self._context.shown_once:
            return
        if isinstance(self._app.screen, BaseScreen):
            self._context.shown_once.add("region")
            self.ask_where(f"{credentials_label(lacking[0])}/", errors[lacking[0]].message)

    def update_dialog(self) -> None:
        """Show the changes of the fleet in the dialog, if it is open."""
        if self._dialog is not None and self._dialog.is_current:
            self._dialog.fleet_changed()

    async def _read_accesses(self, dialog: ScopesDialog) -> None:
        if self._context.handle is not None:
            self._context.accesses = await asyncio.wrap_future(self._context.handle.accesses())
            dialog.know(self._context.accesses)

    def _look(self, wanted: ScopeSelection) -> None:
        self._dialog = None
        match wanted:
            case ScopeError():
                self._app.run_worker(self._about(wanted), group="scopes", exit_on_error=False)
            case (_, *_):
                self._look_at(wanted)

    def _look_at(self, wanted: tuple[ScopeName, ...]) -> None:
        self._context.look_at(wanted)
        self._context.ui_state.change(lambda ui_state: ui_state.after_looking_at(wanted))
        # Screens about scopes that are no longer diagnosed would show nothing.
        while isinstance(here := self._app.screen, BaseScreen) and not isinstance(here, FleetScreen):
            scope = here.current_scope
            if scope is None or scope.name in wanted:
                break
            self._app.pop_screen()

    async def _about(self, error: ScopeError) -> None:
        """Offer what can be done about a scope with an error."""
        from ssmtui.ui.screens.dialogs import KeyDialog

        ways = (_TRY_AGAIN, *((_LOG_IN_AGAIN,) if error.login else ()), _OTHER_REGION)
        title = " · ".join((credentials_label(error.name), error.name.region or say("no Region")))
        if error.problem is ScopeProblem.NO_REGION:
            key: str | None = _OTHER_REGION.key
        else:
            key = await self._app.push_screen_wait(KeyDialog(title, error_prose(error), ways))
        if key == _OTHER_REGION.key:
            self.ask_where(f"{credentials_label(error.name)}/")
        elif key == _LOG_IN_AGAIN.key:
            self._logins.log_in(error)
        elif key == ENTER and self._context.handle is not None:
            self._context.handle.retry()
