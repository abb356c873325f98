"""Logging in again where a login has ended: the AWS CLI is given the terminal, and everything goes on where it was."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from shutil import get_terminal_size
from textwrap import fill

from textual.app import App, SuspendNotSupported

from ssmtui.language import marked, say
from ssmtui.model.plain_text import printable
from ssmtui.model.scope import OF_CREDENTIALS, ScopeError, ScopeName
from ssmtui.session.login import program_on_path, run_login, with_other_device
from ssmtui.ui.screens.key_dialog import ENTER, KeyDialog, Way
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.words.login_text import login_prose, no_program_prose, typed
from ssmtui.ui.words.notices import problem_title
from ssmtui.ui.words.scope_rows import credentials_of

_HERE = Way(ENTER, "⏎", marked("Log in"))
_ELSEWHERE = Way("d", "d", marked("Other device"))
_COPY = Way("c", "c", marked("Copy"))

_BY_HAND = frozenset({0, -signal.SIGINT, 128 + signal.SIGINT})
"""How a login ends that succeeds, or that somebody gives up: neither is to be read about."""


class Logins(App[None]):
    """The part of the app that logs in again, and says once where that is needed."""

    bench: Bench
    _told_lost: frozenset[ScopeName] = frozenset()
    _logging_in = False

    def action_log_in(self) -> None:
        """Log in again for the scope that the screen is about, or for the first that needs it."""
        if not isinstance(self.screen, BenchScreen):
            return
        here = self.screen.scope_here
        errors = self.bench.board.state.errors
        needing = sorted((each for each in errors.values() if each.login), key=lambda each: each.name.order)
        if not needing:
            self.notify(say("No scope needs a login now."), timeout=3)
            return
        self.log_in(next((each for each in needing if here is not None and each.name == here.name), needing[0]))

    def log_in(self, error: ScopeError) -> None:
        """Log in so that a scope can be read, after saying how."""
        if not self._logging_in:
            self._logging_in = True
            self.run_worker(self._logged_in(error), group="login", name="login", exit_on_error=False)

    def tell_of_lost(self) -> None:
        """Say once, on whichever screen, whose credentials AWS takes no more; what is known of their nodes stands."""
        state = self.bench.board.state
        errors = {name: error for name, error in state.errors.items() if name in state.scopes}
        lost = {name: error for name, error in errors.items() if error.problem in OF_CREDENTIALS}
        for name in [each for each in lost if each not in self._told_lost]:
            title = f"{_where(name)}: {problem_title(lost[name])}"
            way = say("L logs in again.") if lost[name].login else say("New ones are taken up as they come.")
            words = say("What is shown stands as it was.")
            self.notify(f"{words} {way}", title=title, severity="warning", markup=False)
        for name in [each for each in self._told_lost if each not in lost and each in state.scopes]:
            self.notify(say("AWS takes the credentials again."), title=_where(name), timeout=3, markup=False)
        self._told_lost = frozenset(lost)

    async def _logged_in(self, error: ScopeError) -> None:
        try:
            elsewhere = with_other_device(error.login)
            key = await self.push_screen_wait(self._asking(error, elsewhere))
            if key == _COPY.key:
                self.copy_to_clipboard(typed(error.login))
                self.notify(typed(error.login), title=say("Copied"), timeout=3, markup=False)
            elif key is not None:
                self._run(elsewhere if key == _ELSEWHERE.key else error.login)
        finally:
            self._logging_in = False

    def _asking(self, error: ScopeError, elsewhere: Sequence[str]) -> KeyDialog:
        title = say("Log in: {credentials}", credentials=credentials_of(error.name))
        if program_on_path(error.login, os.environ) is None:
            return KeyDialog(title, no_program_prose(error, elsewhere), (_COPY,))
        return KeyDialog(title, login_prose(error, elsewhere), (_HERE, _ELSEWHERE, _COPY))

    def _run(self, words: Sequence[str]) -> None:
        """Step aside until the login has ended; then try again what needed it. The loop stands still meanwhile."""
        ended = self._lent(words)
        match ended:
            case SystemExit():
                self.exit(return_code=ended.code if isinstance(ended.code, int) else 1)
                return
            case SuspendNotSupported():
                title = say("This terminal cannot be lent")
                self.notify(typed(words), title=title, severity="warning", markup=False)
                return
            case OSError():
                self.notify(printable(str(ended)), title=say("No login"), severity="error", markup=False)
                return
            case BaseException():
                raise ended
        if self.bench.inquiry is not None:
            self.bench.inquiry.try_again()

    def _lent(self, words: Sequence[str]) -> BaseException | None:
        ended: BaseException | None = None
        try:
            with self.suspend():
                # Textual takes the terminal back only where nothing is raised (docs/facts/libraries.md §7).
                try:
                    _say_aside(say("Logging in: {command}. Ctrl-C gives it up.", command=typed(words)))
                    code = run_login(words, os.environ)
                    if code not in _BY_HAND:
                        _say_aside(say("The login has failed ({code}). Enter leads back.", code=code))
                        input()
                except (EOFError, KeyboardInterrupt):
                    pass
                except BaseException as error:  # noqa: BLE001 - it is looked at once the screen is back
                    ended = error
        except SuspendNotSupported as unsupported:
            return unsupported
        return ended


def _say_aside(words: str) -> None:
    print(fill(words, get_terminal_size().columns), flush=True)  # noqa: T201 - the terminal is not the screen's now


def _where(name: ScopeName) -> str:
    return f"{credentials_of(name)} · {name.region}"
