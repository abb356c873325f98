"""Save a report or a snapshot to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import fields, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from ssmtui.language import say
from ssmtui.text.printable import printable
from ssmtui.ui.screens.screen_requests import Command

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.ui.state.app_context import AppContext


FILE_NAME_SECONDS = 20
"""Seconds that the name of a snapshot's file stands."""

WriteReport = Callable[["FleetState", Mapping[str, "Cause"], datetime, str], Path]


class FileSaving:
    """The report and the snapshot of what is shown, as files.

    `write_report` writes a report of a fleet to a file of a given name, and returns its path; it is None if what is
    shown is a file already.
    `write_snapshot` writes a snapshot in another thread and returns what to say about it. Both raise OSError.
    """

    def __init__(self, app: App[None], context: AppContext) -> None:
        self._app = app
        self._context = context
        self.write_report: WriteReport | None = None
        self.write_snapshot: Callable[[], Sequence[str]] | None = None

    def save_report(self) -> None:
        """Ask for the name of a file, and save a report of everything that is shown."""
        if self.write_report is None:
            self._app.notify(say("You are viewing a saved file."), title=say("Not saved"), severity="warning")
            return
        from ssmtui.model.choice import Choice
        from ssmtui.ui.screens.input_dialogs import ChoiceDialog

        state, made, write = _copy_of_state(self._context.fleet_view.state), self._context.now(), self.write_report
        note = say("Enter writes the file. Its ending gives the format: .json, .html, .md, .csv.")
        choice = Choice("file", say("Save a report"), free=True, note=note)

        def go_on(name: str | None) -> None:
            if name is not None:
                work = partial(self._write, write, state, made, name)
                self._app.run_worker(work, thread=True, name="save", exit_on_error=False)

        self._app.push_screen(ChoiceDialog(choice, _why_invalid_file, f"ssmtui-{made:%Y%m%dT%H%M%SZ}.json"), go_on)

    def _write(self, write: WriteReport, state: FleetState, made: datetime, name: str) -> None:
        try:
            file = write(state, self._context.fleet_view.causes, made, name)
        except OSError as why:
            self._app.call_from_thread(
                self._app.notify, str(why), title=say("Not saved"), severity="error", markup=False
            )
            return
        # The name on a line of its own: it fits there, where a whole path would be broken within a word.
        where, called = _short_path(file.parent), printable(file.name)
        words = (
            say("{file}\nin {folder}. To open it, run ssmtui report open.", file=called, folder=where)
            if file.suffix == ".json"
            else say("{file}\nin {folder}", file=called, folder=where)
        )
        self._app.call_from_thread(self._app.notify, words, title=say("Saved"), timeout=8, markup=False)

    def snapshot_command(self) -> Command:
        """Return the command that saves a snapshot."""
        return Command(
            say("Save snapshot"),
            say("Save all facts to a file; ssmtui --replay FILE opens it without AWS"),
            self.save_snapshot,
            also="record evidence replay bug",
            why_not=self._why_not_saved(),
        )

    def _why_not_saved(self) -> str:
        if (instead := self._context.offline_source) is not None:
            return instead.why_not
        if self.write_snapshot is None:
            return say("snapshots are not available here")
        return (
            say("the diagnosis is still running")
            if self._context.fleet_view.pending or not self._context.fleet_view.scopes
            else ""
        )

    def save_snapshot(self) -> None:
        """Save a snapshot, and say where."""
        self._app.notify(say("Reading the facts that the fixes need."), title=say("Saving a snapshot"), markup=False)
        self._app.run_worker(self._record(), exclusive=True, group="snapshot", exit_on_error=False)

    async def _record(self) -> None:
        if self.write_snapshot is None:
            return
        try:
            lines = await asyncio.to_thread(self.write_snapshot)
        except OSError as why:
            self._app.notify(str(why), title=say("Not saved"), severity="error", markup=False)
            return
        told = "\n".join(map(printable, lines))
        self._app.notify(told, title=say("Snapshot saved"), timeout=FILE_NAME_SECONDS, markup=False)


async def _why_invalid_file(name: str) -> str:
    """Return why no report can be written to a file of this name: nothing that is there is replaced."""
    if not name:
        return say("a name must have at least one character")
    return await asyncio.to_thread(_why_not_new, name)


def _why_not_new(name: str) -> str:
    try:
        return say("there is a file of this name already") if Path(name).expanduser().exists() else ""
    except (OSError, RuntimeError, ValueError) as error:
        return printable(str(error))


def _short_path(folder: Path) -> str:
    """Return a folder as people write it, with `~` for the home folder."""
    home = Path.home()
    return str(Path("~", folder.relative_to(home)) if folder.is_relative_to(home) else folder)


def _copy_of_state(state: FleetState) -> FleetState:
    """Return a copy that stays as it is: the values of a state are replaced, and never changed."""
    return replace(state, **{each.name: copy(getattr(state, each.name)) for each in fields(state)})
