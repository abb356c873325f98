"""A snapshot of what is looked at, saved from within the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import App

from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.ui.state.commands import Command

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench

LONG_ENOUGH_TO_TYPE = 20
"""Seconds that the name of the file stands."""


class SnapshotSaving(App[None]):
    """The part of the app that records what it knows."""

    bench: Bench
    saves_snapshot: Callable[[], Sequence[str]] | None = None
    """Saves what is known, on another thread, and says what is to be told of it; or raises OSError."""

    def saving_command(self) -> Command:
        """How what is looked at is saved as a file, to be looked at elsewhere."""
        return Command(
            say("Save a snapshot"),
            say("All that was read, as a file: ssmtui --replay FILE opens it without AWS"),
            self.save_snapshot,
            also="record evidence replay bug",
            why_not=self._why_not_saved(),
        )

    def _why_not_saved(self) -> str:
        if (instead := self.bench.instead_of_aws) is not None:
            return instead.why_not
        if self.saves_snapshot is None:
            return say("there is nothing that could write it")
        return say("the diagnosis is under way") if self.bench.board.pending or not self.bench.board.scopes else ""

    def save_snapshot(self) -> None:
        """Save it, and say where."""
        self.notify(say("What fixes need is being read for it."), title=say("Saving a snapshot"), markup=False)
        self.run_worker(self._record(), exclusive=True, group="snapshot", exit_on_error=False)

    async def _record(self) -> None:
        if self.saves_snapshot is None:
            return
        try:
            lines = await asyncio.to_thread(self.saves_snapshot)
        except OSError as why:
            self.notify(str(why), title=say("Not saved"), severity="error", markup=False)
            return
        told = "\n".join(map(printable, lines))
        self.notify(told, title=say("Snapshot saved"), timeout=LONG_ENOUGH_TO_TYPE, markup=False)
