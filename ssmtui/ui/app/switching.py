"""Other accounts, profiles and Regions looked at: asked for, opened, and what could not be opened tried again."""

from __future__ import annotations

import asyncio

from ssmtui.language import marked, say
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.ui.app.logins import Logins
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.key_dialog import ENTER, KeyDialog, Way
from ssmtui.ui.screens.scopes_dialog import ScopesDialog, Wanted
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.words.notices import error_prose
from ssmtui.ui.words.scope_rows import Places, credentials_of

_AGAIN = Way(ENTER, "⏎", marked("Try again"))
_LOG_IN = Way("l", "l", marked("Log in"))
_ELSEWHERE = Way("o", "o", marked("Other Region"))


class Switching(Logins):
    """The part of the app that looks elsewhere."""

    bench: Bench
    _asks_where: ScopesDialog | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what a report cannot do; the screen says why."""
        if self.bench.why_not_without_aws(action, parameters):
            return None
        return super().check_action(action, parameters)

    def action_switch_scopes(self) -> None:
        """Ask what is to be looked at."""
        if isinstance(self.screen, BenchScreen):
            self.ask_where()

    def ask_where(self, typed: str = "", note: str = "") -> None:
        """Ask what is to be looked at, narrowed by a text; `note` says why that is asked."""
        if self.bench.writing:
            self.notify(say("A change is being written: look elsewhere once it is done."), severity="warning")
            return
        last = self.bench.habits.current.scopes
        places = Places(self.bench.board, self.bench.accesses, self.bench.wanted, self.bench.is_read_only, last)
        self._asks_where = ScopesDialog(places, typed, note)
        self.push_screen(self._asks_where, self._look)
        self.run_worker(self._read_accesses(self._asks_where), exclusive=True, group="scopes", exit_on_error=False)

    def ask_for_region(self) -> None:
        """Ask for a Region where nothing names one, once."""
        errors = self.bench.board.state.errors if self.bench.instead_of_aws is None else {}
        lacking = [name for name, error in errors.items() if error.problem is ScopeProblem.NO_REGION]
        if not lacking or self.bench.board.state.scopes or "region" in self.bench.told_once:
            return
        if isinstance(self.screen, BenchScreen):
            self.bench.told_once.add("region")
            self.ask_where(f"{credentials_of(lacking[0])}/", errors[lacking[0]].message)

    def tell_asking(self) -> None:
        """What stands otherwise is seen where it is chosen from."""
        if self._asks_where is not None and self._asks_where.is_current:
            self._asks_where.board_changed()

    async def _read_accesses(self, dialog: ScopesDialog) -> None:
        if self.bench.inquiry is not None:
            self.bench.accesses = await asyncio.wrap_future(self.bench.inquiry.accesses())
            dialog.know(self.bench.accesses)

    def _look(self, wanted: Wanted) -> None:
        self._asks_where = None
        match wanted:
            case ScopeError():
                self.run_worker(self._about(wanted), group="scopes", exit_on_error=False)
            case (_, *_):
                self._look_at(wanted)

    def _look_at(self, wanted: tuple[ScopeName, ...]) -> None:
        self.bench.look_at(wanted)
        self.bench.habits.change(lambda habits: habits.after_looking_at(wanted))
        # Screens of what is looked at no more would show nothing; those of what stays, stay.
        while isinstance(here := self.screen, BenchScreen) and not isinstance(here, FleetScreen):
            scope = here.scope_here
            if scope is None or scope.name in wanted:
                break
            self.pop_screen()

    async def _about(self, error: ScopeError) -> None:
        """Offer what can be done about a scope that is in error."""
        ways = (_AGAIN, *((_LOG_IN,) if error.login else ()), _ELSEWHERE)
        title = " · ".join((credentials_of(error.name), error.name.region or say("no Region")))
        if error.problem is ScopeProblem.NO_REGION:
            key: str | None = _ELSEWHERE.key
        else:
            key = await self.push_screen_wait(KeyDialog(title, error_prose(error), ways))
        if key == _ELSEWHERE.key:
            self.ask_where(f"{credentials_of(error.name)}/")
        elif key == _LOG_IN.key:
            self.log_in(error)
        elif key == ENTER and self.bench.inquiry is not None:
            self.bench.inquiry.try_again()
