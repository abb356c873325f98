"""The change desk: where screens and commands hand in what is to be changed, one change at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ssmtui.changes.journal import Journal, JournalUnusable
from ssmtui.language import say
from ssmtui.model.lending import CannotLend, LentCredentials
from ssmtui.model.scope import Scope, ScopeName

if TYPE_CHECKING:
    from ssmtui.changes.change import Change
    from ssmtui.changes.outcome import ChangeOutcome, Refused
    from ssmtui.changes.writing import Writing
    from ssmtui.model.plan import Plan

WriterFor: TypeAlias = "Callable[[Scope], Writing]"
Lend = Callable[..., Future[LentCredentials]]
"""Hands out the credentials by which a scope is read."""

_LENDING_SECONDS = 60


class ChangeDesk:
    """Applies plans and takes changes back, on one worker thread. Its methods return at once."""

    def __init__(self, journal: Journal, writer_for: WriterFor) -> None:
        self.journal = journal
        self._writer_for = writer_for
        self._writers: dict[ScopeName, Writing] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ssmtui-changes")

    def apply(self, plan: Plan) -> Future[ChangeOutcome]:
        """Make a change."""
        return self._worker.submit(_told, partial(self._apply, plan))

    def undo(self, change_id: str | None = None, scope: Scope | None = None) -> Future[ChangeOutcome]:
        """Take back the change named, or the last one (of a Region, where one is named)."""
        return self._worker.submit(_told, partial(self._undo, change_id, scope))

    def undoable(self, scope: Scope | None = None) -> Change | None:
        """The change that an undo would take back; None also where the journal cannot be read."""
        from ssmtui.changes.undo import last_undoable

        try:
            return last_undoable(self.journal, scope)
        except JournalUnusable:
            return None

    def close(self) -> None:
        """Finish the write that is under way, make none that waits, and end."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _apply(self, plan: Plan) -> ChangeOutcome:
        from ssmtui.changes.apply import apply
        from ssmtui.changes.undo import settle_open

        writer = self._writer(plan.scope)
        # What an earlier process left open is told before this change hides it; what cannot be read back stays open.
        with suppress(JournalUnusable):
            settle_open(plan.scope, writer, self.journal)
        return apply(plan, writer, self.journal)

    def _undo(self, change_id: str | None, scope: Scope | None) -> ChangeOutcome:
        from ssmtui.changes.outcome import Failed

        try:
            return self._undo_known(change_id, scope)
        except JournalUnusable as unusable:
            return Failed(str(unusable))

    def _undo_known(self, change_id: str | None, scope: Scope | None) -> ChangeOutcome:
        from ssmtui.changes.undo import settle_open, undo

        change = self._chosen(change_id, scope)
        if change is None:
            return _nothing_to_undo(change_id)
        writer = self._writer(change.scope)
        problem = settle_open(change.scope, writer, self.journal)
        if problem is not None:
            return problem
        change = self._chosen(change_id, scope)
        if change is None:
            return _nothing_to_undo(change_id)
        return undo(change, self._writer(change.scope), self.journal)

    def _chosen(self, change_id: str | None, scope: Scope | None) -> Change | None:
        from ssmtui.changes.undo import last_undoable

        if change_id is None:
            return last_undoable(self.journal, scope)
        return next((each for each in self.journal.changes() if each.id == change_id), None)

    def _writer(self, scope: Scope) -> Writing:
        if scope.name not in self._writers:
            self._writers[scope.name] = self._writer_for(scope)
        return self._writers[scope.name]


def _told(attempt: Callable[[], ChangeOutcome]) -> ChangeOutcome:
    """What came of an attempt: also of one that a defect kept from being begun."""
    try:
        return attempt()
    except Exception as error:  # noqa: BLE001 - the edge: whoever waits for it is told
        from ssmtui.changes.apply import before_anything_was_sent

        return before_anything_was_sent(error)


def open_desk(
    journal: Path,
    *,
    endpoint_url: str | None = None,
    lend: Lend | None = None,
    ask: Callable[[str], str] | None = None,
) -> ChangeDesk:
    """A desk that writes to AWS, with its journal in a folder.

    `lend` hands out the credentials by which a scope is read; without it each profile's chain is gone through again,
    and `ask` gets the MFA code that it may want (None: the terminal is somebody else's, and that is refused).
    Nothing is written in a role then: only who reads takes roles.
    """

    def writer_for(scope: Scope) -> Writing:
        # Imported in the worker thread, with the first change: boto3 comes with it, and nobody waits for that.
        from ssmtui.changes.writer import Writer, WriterAccess

        lent = partial(_lent, lend, scope.name) if lend is not None else None
        if lent is None and scope.name.role is not None:
            lent = partial(_cannot_take, scope.name.role)
        return Writer(WriterAccess.to(scope, endpoint_url), lend=lent, ask=ask)

    return ChangeDesk(Journal(journal), writer_for)


def _lent(lend: Lend, scope: ScopeName, refused: LentCredentials | None = None) -> LentCredentials:
    try:
        return (lend(scope) if refused is None else lend(scope, refused)).result(timeout=_LENDING_SECONDS)
    except (TimeoutError, CancelledError, LookupError) as error:
        raise CannotLend(say("the credentials by which this account is read cannot be had")) from error


def _cannot_take(role: str) -> LentCredentials:
    raise CannotLend(say("nobody here takes the role {role}, by which this account is read", role=role))


def _nothing_to_undo(change_id: str | None) -> Refused:
    from ssmtui.changes.outcome import Refused

    if change_id is None:
        return Refused(say("the journal holds no change that can be taken back"))
    return Refused(say("the journal knows no change {change_id}", change_id=change_id))
