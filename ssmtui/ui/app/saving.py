"""A report of what is shown, saved into a file: in a thread, of the fleet as it stands when the key is pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from ssmtui.language import say

if TYPE_CHECKING:
    from ssmtui.causes.cause import Cause
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.ui.state.bench import Bench


class Saving(App[None]):
    """The part of the app that saves.

    `save` writes a report of a fleet and says where, or raises OSError; None where what is shown is a file already.
    """

    bench: Bench
    save: Callable[[FleetState, Mapping[str, Cause], datetime], Path] | None = None

    def action_save_report(self) -> None:
        """Save a report of everything that is shown."""
        if self.save is None:
            self.notify(say("What is shown is a file already."), title=say("Not saved"), severity="warning")
            return
        state, made, save = _as_it_stands(self.bench.board.state), self.bench.now(), self.save
        self.run_worker(lambda: self._saved(save, state, made), thread=True, name="save", exit_on_error=False)

    def _saved(
        self, save: Callable[[FleetState, Mapping[str, Cause], datetime], Path], state: FleetState, made: datetime
    ) -> None:
        try:
            file = save(state, self.bench.board.causes, made)
        except OSError as why:
            self.call_from_thread(self.notify, str(why), title=say("Not saved"), severity="error", markup=False)
            return
        # The name on a line of its own: it fits there, where a whole path would be broken within a word.
        where = _short(file.parent)
        words = say("{file}\nin {folder}: ssmtui report open shows it again.", file=file.name, folder=where)
        self.call_from_thread(self.notify, words, title=say("Saved"), timeout=8, markup=False)


def _short(folder: Path) -> str:
    """A folder as people call it, the home folder being `~`."""
    home = Path.home()
    return str(Path("~", folder.relative_to(home)) if folder.is_relative_to(home) else folder)


def _as_it_stands(state: FleetState) -> FleetState:
    """A state that stays as it is while the other goes on: what it holds is replaced there, and never changed."""
    return replace(state, **{each.name: copy(getattr(state, each.name)) for each in fields(state)})
