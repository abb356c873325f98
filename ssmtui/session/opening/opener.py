"""The opener: every session of this process is opened and ended by it, so that none is left open by mistake."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Condition, Thread
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.credential_errors import is_of_credentials
from ssmtui.session.calls import SessionCalls, SessionProblem, SessionRefused
from ssmtui.session.ledger import Ledger, LedgerUnusable
from ssmtui.session.opening.asked import why_not_this_reason, why_not_this_target

if TYPE_CHECKING:
    from ssmtui.model.scope import Scope, ScopeName
    from ssmtui.model.session_opening import OpenedSession, SessionPurpose, SessionRequest

_log = logging.getLogger(__name__)

CLOSING_SECONDS = 5.0
"""How long leaving waits for sessions to end."""


@dataclass(frozen=True, slots=True, repr=False)
class OpenSession:
    """A session of this process that is open, and the calls by which it is carried on: those that opened it.

    `by_access` says that they have the credentials of an access request, which no profile stands for.
    """

    request: SessionRequest
    opened: OpenedSession
    calls: SessionCalls
    by_access: bool = False

    @property
    def id(self) -> str:
        """The session's id."""
        return self.opened.id


class Opener:
    """Opens and ends sessions. Its methods block, and may be called from any thread.

    `calls_for` gives a scope's calls; `endpoint_url` is where they are sent to instead of AWS. `environment` may name
    another such place, for the ledger to know what was opened where.
    """

    def __init__(
        self,
        ledger: Ledger,
        calls_for: Callable[[Scope], SessionCalls],
        endpoint_url: str | None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.ledger = ledger
        self.endpoint_url = endpoint_url
        self.asked_at = endpoint_url or _endpoint_in(environment or {})
        self._calls_for = calls_for
        self._calls: dict[ScopeName, SessionCalls] = {}
        self._open: dict[str, OpenSession] = {}
        self._under_way = 0
        self._closed = False
        self._changed = Condition()

    def calls(self, scope: Scope) -> SessionCalls:
        """The calls of a scope, by the credentials that it is read with."""
        with self._changed:
            if scope.name not in self._calls:
                self._calls[scope.name] = self._calls_for(scope)
            return self._calls[scope.name]

    def open(
        self, request: SessionRequest, purpose: SessionPurpose, *, calls: SessionCalls | None = None
    ) -> OpenSession:
        """Open a session, and have it in the ledger. `calls` are the scope's own where none are given.

        Raises:
            SessionProblem: there is none: it was refused, or could not be written down, or everything is being ended.

        """
        if why := why_not_this_target(request.target) or why_not_this_reason(request.reason):
            raise SessionProblem(why, is_own=True)
        by = calls or self.calls(request.scope)
        with self._changed:
            self._refuse_when_closed()
            self._under_way += 1
        try:
            session = OpenSession(request, by.start(request), by, by_access=calls is not None)
            self._write_down(session, purpose)
            with self._changed:
                self._open[session.id] = session
                wanted = not self._closed
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()
        if not wanted:
            self.end(session.id)
            raise SessionProblem(_leaving(), is_own=True)
        _log.info("opened %s for a %s", session.id, purpose.value)
        return session

    def find(self, session_id: str) -> OpenSession | None:
        """The session of that id, where it is one of this process's that was not ended."""
        with self._changed:
            return self._open.get(session_id)

    def end(self, session_id: str) -> None:
        """End a session, whether or not it has ended by itself. One that was ended before is not asked about again.

        Raises:
            SessionRefused: the caller may not end it: AWS will, when it has been idle for long enough.
            SessionProblem: it may still be open; the next start ends it.

        """
        with self._changed:
            session = self._open.pop(session_id, None)
            if session is None:
                return
            self._under_way += 1  # leaving waits for it
        try:
            session.calls.terminate(session_id)
            self._strike(session_id)
        except SessionProblem as problem:
            # Whoever may not end it now may not at the next start either; and credentials that were lent for this
            # session alone, and have come to their end, are not to be had again.
            if isinstance(problem, SessionRefused) or (session.by_access and is_of_credentials(problem.code)):
                self._strike(session_id)
            raise
        except BaseException:
            # Ctrl-C, as a rule: `close` ends it on a thread, which no signal reaches.
            with self._changed:
                self._open[session_id] = session
            raise
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()
        _log.info("ended %s", session_id)

    def is_over(self, session_id: str) -> None:
        """Know that AWS has ended a session: nothing needs to be asked of it."""
        with self._changed:
            if self._open.pop(session_id, None) is None:
                return
        self._strike(session_id)

    def end_quietly(self, session_id: str) -> None:
        """End a session where nobody is there to be told that it may still be open: the log is."""
        try:
            self.end(session_id)
        except SessionProblem as problem:
            _log.warning("%s could not be ended: %s", session_id, problem)

    def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """End every session that is open, and open none any more. Waits that long at most."""
        until = time.monotonic() + seconds
        with self._changed:
            self._closed = True
            ending = [Thread(target=self.end_quietly, args=(each,), daemon=True) for each in self._open]
        for each in ending:
            each.start()
        for each in ending:
            each.join(max(0.0, until - time.monotonic()))
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, max(0.0, until - time.monotonic()))
        self.ledger.close()

    def _write_down(self, session: OpenSession, purpose: SessionPurpose) -> None:
        try:
            self.ledger.opened(session.id, session.request, purpose, self.asked_at)
        except LedgerUnusable as unusable:
            session.calls.terminate(session.id)
            raise SessionProblem(str(unusable), is_own=True) from unusable

    def _strike(self, session_id: str) -> None:
        try:
            self.ledger.ended(session_id)
        except LedgerUnusable as unusable:
            _log.warning("%s", unusable)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise SessionProblem(_leaving(), is_own=True)


def _endpoint_in(environment: Mapping[str, str]) -> str | None:
    """Where the AWS CLI would send calls of Systems Manager, by the environment alone."""
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    return environment.get("AWS_ENDPOINT_URL_SSM") or environment.get("AWS_ENDPOINT_URL") or None


def _leaving() -> str:
    return say("no session is opened any more: ssmtui is being left")
