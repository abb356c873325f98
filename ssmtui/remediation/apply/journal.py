"""The journal of changes: an append-only file of JSON lines that only its owner can read."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ssmtui.config.private_files import append_line, make_private_folder, open_private, read_private
from ssmtui.config.run_lock import AlreadyRunning, RunLock, can_be_claimed, is_run_alive
from ssmtui.language import say, say_many

if TYPE_CHECKING:
    from ssmtui.model.plan import Plan
    from ssmtui.remediation.apply.change import Change, ChangeEnding


FILE_NAME = "changes.jsonl"


class JournalUnusable(OSError):
    """The journal cannot be read or written. The message names the file."""


class MadeElsewhere(Exception):
    """Another ssmtui process is making, completing or undoing the change."""


@dataclass(frozen=True, slots=True)
class JournalRead:
    """All changes, newest first, and the numbers of the lines that could not be read.

    `later` are the numbers of lines from a later version. `obscured` are the IDs of the changes before an unreadable
    line.
    """

    changes: tuple[Change, ...]
    damaged: tuple[int, ...]
    later: tuple[int, ...] = ()
    obscured: frozenset[str] = field(default=frozenset())


def _new_id(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S.%f}Z-{os.urandom(3).hex()}"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """The journal in a folder. Several processes can write to it at the same time."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = _utc_now) -> None:
        self._folder = folder
        self._now = now
        self._read: tuple[tuple[int, int], JournalRead] | None = None
        self._making: set[str] = set()

    @property
    def file(self) -> Path:
        """Return the path of the file."""
        return self._folder / FILE_NAME

    @contextmanager
    def begin(self, plan: Plan, *, undoes: str = "") -> Iterator[Change]:
        """Write the planned change; until the context ends, the change counts as being made.

        Raises:
            JournalUnusable: the entry was not written, so the change must not be made.

        """
        at = self._now()
        change_id = _new_id(at)
        # The lock is taken before others can read the entry: a planned change without a lock counts as interrupted.
        with self.making(change_id):
            yield self._plan(plan, undoes, at, change_id)

    def plan(self, plan: Plan, *, undoes: str = "") -> Change:
        """Write a planned change.

        Raises:
            JournalUnusable: the entry was not written.

        """
        at = self._now()
        return self._plan(plan, undoes, at, _new_id(at))

    def _plan(self, plan: Plan, undoes: str, at: datetime, change_id: str) -> Change:
        from ssmtui.remediation.apply.change import Change
        from ssmtui.remediation.apply.journal_entries import planned_line

        change = Change(
            id=change_id,
            at=at,
            fix=plan.fix,
            title=plan.title,
            scope=plan.scope,
            subject=plan.subject,
            guards=plan.guards,
            calls=plan.calls,
            before=plan.before,
            after=plan.after,
            way_back=plan.way_back,
            undo=plan.undo,
            undoes=undoes,
            settles_within=plan.settles_within,
            awaited_by=plan.awaited_by,
            finding_id=plan.finding_id,
            choices=plan.choices,
        )
        self._append(planned_line(change))
        return change

    @contextmanager
    def making(self, change_id: str) -> Iterator[None]:
        """Lock a change while this process completes or undoes it.

        Raises:
            MadeElsewhere: another process has the lock.

        """
        if change_id in self._making:
            yield
            return
        lock = self._locked(change_id)
        self._making.add(change_id)
        try:
            yield
        finally:
            self._making.discard(change_id)
            if lock is not None:
                lock.close()

    def is_being_made(self, change: Change) -> bool:
        """Return whether this or another ssmtui process is making, completing or undoing a change."""
        return change.id in self._making or self.is_made_elsewhere(change)

    def is_made_elsewhere(self, change: Change) -> bool:
        """Return whether another ssmtui process is working on a change."""
        id_ = change.id
        return id_ not in self._making and can_be_claimed(id_) and is_run_alive(self._folder, id_)

    def applied(self, change: Change, results: Mapping[str, str], notes: tuple[str, ...]) -> Change:
        """Record that the change was made."""
        from ssmtui.remediation.apply.change import ChangeEnding, ChangeState

        return self._end(change, ChangeEnding(change.id, ChangeState.APPLIED, results, notes, ""))

    def failed(self, change: Change, why: str) -> Change:
        """Record that the change was not made."""
        from ssmtui.remediation.apply.change import ChangeEnding, ChangeState

        return self._end(change, ChangeEnding(change.id, ChangeState.FAILED, {}, (), why))

    def unsure(self, change: Change, results: Mapping[str, str], why: str) -> Change:
        """Record that it is unknown whether all of the change was made."""
        from ssmtui.remediation.apply.change import ChangeEnding, ChangeState

        return self._end(change, ChangeEnding(change.id, ChangeState.UNSURE, results, (), why))

    def changes(self) -> tuple[Change, ...]:
        """Return all changes, newest first."""
        return self.read().changes

    def read(self) -> JournalRead:
        """Read the journal; the file is read again only if it has changed.

        Raises:
            JournalUnusable: the file exists but cannot be read.

        """
        try:
            told = self.file.stat()
            stamp = (told.st_size, told.st_mtime_ns)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, _reading(read_private(self.file)))
        except FileNotFoundError:
            return JournalRead((), ())
        except OSError as error:
            raise JournalUnusable(
                say("the journal {file} cannot be read: {error}", file=self.file, error=error.strerror or error)
            ) from error
        return self._read[1]

    def _locked(self, change_id: str) -> RunLock | None:
        """Return the lock on a change, or None if the file system has no locks: then other processes do not know."""
        with suppress(OSError):
            make_private_folder(self._folder)
            try:
                return RunLock.claim(self._folder, change_id)
            except AlreadyRunning as error:
                raise MadeElsewhere(made_elsewhere(change_id)) from error
        return None

    def _end(self, change: Change, ending: ChangeEnding) -> Change:
        from ssmtui.remediation.apply.journal_entries import ending_line

        self._append(ending_line(ending, self._now()))
        return ending.of(change)

    def _append(self, line: str) -> None:
        try:
            make_private_folder(self._folder)
            file = open_private(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            try:
                append_line(file, line)
            finally:
                os.close(file)
        except OSError as error:
            raise JournalUnusable(
                say("the journal {file} cannot be written: {error}", file=self.file, error=error.strerror or error)
            ) from error


def made_elsewhere(change_id: str) -> str:
    """Return the sentence that another ssmtui process is working on a change."""
    return say("another ssmtui process is applying the change {change}: wait until it finishes", change=change_id)


def _reading(data: bytes) -> JournalRead:
    from ssmtui.remediation.apply.change import Change, ChangeEnding, ChangeState
    from ssmtui.remediation.apply.journal_entries import (
        LaterVersionEntryError,
        MalformedEntryError,
        can_carry_out,
        read_line,
    )

    changes: dict[str, Change] = {}
    damaged: list[int] = []
    later: list[int] = []
    obscured: frozenset[str] = frozenset()
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line:
            continue
        try:
            entry = read_line(line.decode())
        except (MalformedEntryError, UnicodeDecodeError) as error:
            entry = None
            if isinstance(error, LaterVersionEntryError):
                later.append(number)
        if isinstance(entry, Change) and can_carry_out(entry):
            changes[entry.id] = entry
        elif isinstance(entry, ChangeEnding) and entry.change_id in changes:
            changes[entry.change_id] = entry.of(changes[entry.change_id])
        else:
            damaged.append(number)
            obscured = frozenset(changes)
    undone = {each.undoes for each in changes.values() if each.undoes and each.state is ChangeState.APPLIED}
    known = (_in_the_light_of(undone, each) for each in reversed(changes.values()))
    return JournalRead(tuple(known), tuple(damaged), tuple(later), obscured)


def _in_the_light_of(undone: Collection[str], change: Change) -> Change:
    """Update a change by the IDs of the undone changes. An interrupted undo may have been completed later."""
    from ssmtui.remediation.apply.change import ChangeState

    if change.id in undone:
        return replace(change, state=ChangeState.UNDONE)
    if change.is_open and change.undoes in undone:
        note = say("The change was interrupted and completed later.")
        return replace(change, state=ChangeState.APPLIED, notes=(*change.notes, note), why="")
    return change


def damage_message(reading: JournalRead) -> str:
    """Return the message with the numbers of the unreadable lines; empty if all lines were read."""
    if not reading.damaged:
        return ""
    sentence = say_many(
        "{count} line of the journal cannot be read: line {numbers}",
        "{count} lines of the journal cannot be read: lines {numbers}",
        count=len(reading.damaged),
        numbers=", ".join(map(str, reading.damaged)),
    )
    if not reading.later:
        return sentence
    numbers = ", ".join(map(str, reading.later))
    return sentence + " " + say("(written by a later version of ssmtui: {numbers})", numbers=numbers)


def hidden_by_damage_message(reading: JournalRead) -> str:
    """Return why a change cannot be undone if unreadable lines follow it."""
    return say(
        "later lines of the journal cannot be read ({numbers}) and can contain the result of this change. If a later "
        "version of ssmtui wrote them, update ssmtui; otherwise remove these lines from the file",
        numbers=", ".join(map(str, reading.damaged)),
    )
