"""The change service: screens and commands submit changes, which are applied one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from ssmtui.language import say
from ssmtui.model.scope import CredentialsUnavailable, LenderEnded, Scope, ScopeName, SharedCredentials
from ssmtui.remediation.apply.journal import Journal, JournalUnusable, MadeElsewhere, made_elsewhere

if TYPE_CHECKING:
    from ssmtui.model.plan import JSON, Plan
    from ssmtui.remediation.apply.change import Change, ChangeOutcome, FailedOutcome, RefusedOutcome
    from ssmtui.remediation.operations.write_operation import ChangeWriter, Response


FINISH_SECONDS = 10.0
"""Seconds that a change continues when the process must end: most changes finish within this time."""


class Stop:
    """The deadline for calls when the process ends. It can be read from any thread."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._until: float | None = None

    def ask(self, seconds: float) -> None:
        """Stop new calls after this many seconds, or earlier if an earlier deadline was set."""
        until = self._now() + seconds
        self._until = until if self._until is None else min(until, self._until)

    @property
    def is_asked(self) -> bool:
        """Return whether a deadline was set."""
        return self._until is not None

    @property
    def is_over(self) -> bool:
        """Return whether the deadline has passed."""
        return self._until is not None and self._now() >= self._until


class StoppableWriter:
    """A writer that uses another writer until it is stopped: then it sends nothing and waits for nothing."""

    def __init__(self, writer: ChangeWriter, stop: Stop) -> None:
        self._writer = writer
        self._stop = stop

    def account(self) -> str:
        """Return the account of the current credentials."""
        return self._writer.account()

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """Return the answer to a read; None if AWS says that the thing does not exist."""
        return self._writer.read(service, operation, parameters)

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """Return the answer to a write.

        Raises:
            Interrupted: the writer was stopped, and nothing was sent.

        """
        if self._stop.is_over:
            from ssmtui.remediation.operations.write_operation import Interrupted

            raise Interrupted
        return self._writer.write(service, operation, parameters)

    def pause(self) -> None:
        """Wait a moment for AWS to make progress.

        Raises:
            OutcomeUnknownError: the writer was stopped and does not wait for AWS.

        """
        if self._stop.is_over:
            from ssmtui.remediation.operations.write_operation import OutcomeUnknownError

            raise OutcomeUnknownError(say("ssmtui was stopped while AWS was still processing the request"))
        self._writer.pause()


WriterFor: TypeAlias = "Callable[[Scope], ChangeWriter]"
CredentialProvider = Callable[..., Future[SharedCredentials]]
"""Returns the credentials that the scope is read with."""

_CREDENTIAL_SECONDS = 60


class ChangeService:
    """Applies and undoes changes on one worker thread. Its methods return at once."""

    def __init__(self, journal: Journal, writer_for: WriterFor) -> None:
        self.journal = journal
        self._writer_for = writer_for
        self._writers: dict[ScopeName, ChangeWriter] = {}
        self._stop = Stop()
        self._finished_late: list[ChangeOutcome] = []
        self._under_way = 0
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ssmtui-changes")

    def apply(self, plan: Plan) -> Future[ChangeOutcome]:
        """Apply a plan."""
        return self._worker.submit(self._told, partial(self._apply, plan))

    def undo(self, change_id: str | None = None, scope: Scope | None = None) -> Future[ChangeOutcome]:
        """Undo the given change, or the last change (of a Region, if a scope is given)."""
        return self._worker.submit(self._told, partial(self._undo, change_id, scope))

    def complete(self, change_id: str) -> Future[ChangeOutcome]:
        """Complete a change that was made in part."""
        return self._worker.submit(self._told, partial(self._complete, change_id))

    def undoable(self, scope: Scope | None = None) -> Change | None:
        """Return the change that an undo would undo; None also if the journal cannot be read."""
        from ssmtui.remediation.apply.undo import last_undoable

        try:
            return last_undoable(self.journal, scope)
        except JournalUnusable:
            return None

    def redoable(self, scopes: Sequence[Scope]) -> Change | None:
        """Return the change that a redo would make again in these Regions; None also if the journal is unusable."""
        from ssmtui.remediation.apply.undo import last_redoable

        try:
            return last_redoable(self.journal, scopes)
        except JournalUnusable:
            return None

    def completion(self, change_id: str) -> Future[Plan | ChangeOutcome]:
        """Return the rest of a partly made change as a plan, or the change's outcome if nothing remains."""
        return self._worker.submit(self._completion, change_id)

    def aws_shows(self, change: Change) -> Future[str]:
        """Return what AWS shows of a change now, in a sentence. Nothing is written."""
        return self._worker.submit(self._aws_shows, change)

    def close(self, seconds: float = FINISH_SECONDS) -> None:
        """Give the current change this many seconds to finish, cancel waiting changes, and end."""
        self._stop.ask(seconds)
        self._worker.shutdown(wait=True, cancel_futures=True)

    @property
    def is_at_work(self) -> bool:
        """Return whether a change is being applied, undone or completed."""
        return self._under_way > 0

    @property
    def finished_late(self) -> tuple[ChangeOutcome, ...]:
        """Return the outcomes of changes that finished after the service was closed, when no caller waited for them."""
        return tuple(self._finished_late)

    def _told(self, attempt: Callable[[], ChangeOutcome]) -> ChangeOutcome:
        self._under_way += 1
        try:
            outcome = _outcome_of(attempt)
        finally:
            self._under_way -= 1
        if self._stop.is_asked:
            self._finished_late.append(outcome)
        return outcome

    def _apply(self, plan: Plan) -> ChangeOutcome:
        from ssmtui.remediation.apply.apply_plan import apply
        from ssmtui.remediation.apply.change import RefusedOutcome
        from ssmtui.remediation.apply.follow_up import made_beside
        from ssmtui.remediation.apply.undo import settle_open_changes

        with suppress(JournalUnusable):
            beside = made_beside(self.journal, plan)
            if beside is not None:
                return RefusedOutcome(made_elsewhere(beside.id))
        writer = self._writer(plan.scope)
        # Changes that an earlier process left open are settled before this change hides them; unreadable changes stay
        # open.
        with suppress(JournalUnusable):
            settle_open_changes(plan.scope, writer, self.journal)
        return apply(plan, writer, self.journal)

    def _undo(self, change_id: str | None, scope: Scope | None) -> ChangeOutcome:
        from ssmtui.remediation.apply.change import FailedOutcome, RefusedOutcome

        try:
            return self._undo_known(change_id, scope)
        except JournalUnusable as unusable:
            return FailedOutcome(str(unusable))
        except MadeElsewhere as elsewhere:
            return RefusedOutcome(str(elsewhere))

    def _undo_known(self, change_id: str | None, scope: Scope | None) -> ChangeOutcome:
        from ssmtui.remediation.apply.change import Change
        from ssmtui.remediation.apply.undo import undo

        found = self._settled(change_id, scope)
        if not isinstance(found, Change):
            return found
        with self.journal.making(found.id):
            # Another process may have finished the change meanwhile.
            change = self._chosen(found.id, None) or found
            return undo(change, self._writer(change.scope), self.journal)

    def _complete(self, change_id: str) -> ChangeOutcome:
        from ssmtui.model.plan import Plan
        from ssmtui.remediation.apply.apply_plan import apply
        from ssmtui.remediation.apply.change import RefusedOutcome

        try:
            with self.journal.making(change_id):
                plan = self._settled_completion(change_id)
                if not isinstance(plan, Plan):
                    return plan
                begun = self._chosen(change_id, None)
                return apply(plan, self._writer(plan.scope), self.journal, begun=begun)
        except MadeElsewhere as elsewhere:
            return RefusedOutcome(str(elsewhere))

    def _completion(self, change_id: str) -> Plan | ChangeOutcome:
        """Return what remains of a change.

        One read is enough to show the rest; if all or nothing remains, settle the change first.
        """
        from ssmtui.model.plan import Plan
        from ssmtui.remediation.apply.change import RefusedOutcome
        from ssmtui.remediation.apply.undo import completion_of
        from ssmtui.remediation.operations.write_operation import ChangeFailedError, ChangeRefusedError

        with suppress(JournalUnusable, ChangeFailedError, ChangeRefusedError):
            change = self._chosen(change_id, None)
            if change is not None and self.journal.is_made_elsewhere(change):
                return RefusedOutcome(made_elsewhere(change.id))
            plan = completion_of(change, self._writer(change.scope), self.journal) if change is not None else None
            if isinstance(plan, Plan) and change is not None and 0 < len(plan.calls) < len(change.calls):
                return plan
        return self._settled_completion(change_id)

    def _settled_completion(self, change_id: str) -> Plan | ChangeOutcome:
        from ssmtui.remediation.apply.change import AppliedOutcome, Change, ChangeState, FailedOutcome, RefusedOutcome
        from ssmtui.remediation.apply.undo import completion_of
        from ssmtui.remediation.operations.write_operation import ChangeFailedError, ChangeRefusedError

        try:
            change = self._settled(change_id, None)
            if not isinstance(change, Change):
                return change
            if change.state is ChangeState.APPLIED:
                return AppliedOutcome(change, change.notes)
            return completion_of(change, self._writer(change.scope), self.journal)
        except ChangeRefusedError as refused:
            return RefusedOutcome(str(refused), action=refused.action)
        except (ChangeFailedError, JournalUnusable) as failed:
            return FailedOutcome(str(failed))

    def _aws_shows(self, change: Change) -> str:
        from ssmtui.remediation.apply.undo import aws_shows

        return aws_shows(change, self._writer(change.scope))

    def _settled(self, change_id: str | None, scope: Scope | None) -> Change | RefusedOutcome | FailedOutcome:
        """Settle the open changes of the Region, then return the given change or the last change that can be undone."""
        from ssmtui.remediation.apply.undo import settle_open_changes

        change = self._chosen(change_id, scope)
        if change is None:
            return _nothing_to_undo(change_id)
        problem = settle_open_changes(change.scope, self._writer(change.scope), self.journal)
        return problem or self._chosen(change_id, scope) or _nothing_to_undo(change_id)

    def _chosen(self, change_id: str | None, scope: Scope | None) -> Change | None:
        from ssmtui.remediation.apply.undo import last_undoable

        if change_id is None:
            return last_undoable(self.journal, scope)
        return next((each for each in self.journal.changes() if each.id == change_id), None)

    def _writer(self, scope: Scope) -> ChangeWriter:
        if scope.name not in self._writers:
            self._writers[scope.name] = StoppableWriter(self._writer_for(scope), self._stop)
        return self._writers[scope.name]


def _outcome_of(attempt: Callable[[], ChangeOutcome]) -> ChangeOutcome:
    """Return the outcome of an attempt, also if an internal error prevented its start."""
    try:
        return attempt()
    except Exception as error:  # noqa: BLE001 - the edge: whoever waits for it is told
        from ssmtui.remediation.apply.apply_plan import defect_before_sending

        return defect_before_sending(error)


def open_change_service(
    journal: Path,
    *,
    endpoint_url: str | None = None,
    lend: CredentialProvider | None = None,
    ask: Callable[[str], str] | None = None,
) -> ChangeService:
    """Return a change service that writes to AWS, with its journal in a folder.

    `lend` returns the credentials that the scope is read with. Without `lend`, the SDK obtains each profile's
    credentials, and `ask` prompts for an MFA code (None: the terminal is in use, so the prompt is refused). Changes
    with an assumed role then fail: only the reader assumes roles.
    """

    def writer_for(scope: Scope) -> ChangeWriter:
        # Imported in the worker thread with the first change: the import of boto3 must not delay anybody.
        from ssmtui.aws.client_config import ClientAccess
        from ssmtui.remediation.apply.writer import Writer

        lent = partial(_shared_credentials, lend, scope.name) if lend is not None else None
        if lent is None and scope.name.role is not None:
            lent = partial(_cannot_take, scope.name.role)
        return Writer(ClientAccess.to(scope, endpoint_url), lend=lent, ask=ask)

    return ChangeService(Journal(journal), writer_for)


def _shared_credentials(
    lend: CredentialProvider, scope: ScopeName, refused: SharedCredentials | None = None
) -> SharedCredentials:
    try:
        return (lend(scope) if refused is None else lend(scope, refused)).result(timeout=_CREDENTIAL_SECONDS)
    except RuntimeError as error:
        raise LenderEnded(say("the credentials that are used to read this account are not available")) from error
    except (TimeoutError, CancelledError, LookupError) as error:
        raise CredentialsUnavailable(
            say("the credentials that are used to read this account are not available")
        ) from error


def _cannot_take(role: str) -> SharedCredentials:
    raise CredentialsUnavailable(say("cannot assume the role {role}, which is used to read this account", role=role))


def _nothing_to_undo(change_id: str | None) -> RefusedOutcome:
    from ssmtui.remediation.apply.change import RefusedOutcome

    if change_id is None:
        return RefusedOutcome(say("the journal has no change that can be undone"))
    return RefusedOutcome(say("the journal has no change {change_id}", change_id=change_id))
