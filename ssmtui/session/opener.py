"""Open and end every session of this process: validate, wait for just-in-time access, register."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.session.calls import SessionCalls, SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.session_registry import RegistryUnusable, SessionRegistry
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.model.preferences import DocumentParameter
    from ssmtui.model.scope import Scope, ScopeName
    from ssmtui.model.sessions import OpenedSession, SessionPurpose, SessionRequest


POLL_SECONDS = 5.0

Wait = Callable[[float], bool]
"""Waits a number of seconds and returns whether the caller has given up."""


def may_ask_for_access(problem: SessionProblem) -> bool:
    """Return whether the caller can request just-in-time access after this error: AWS refused StartSession."""
    # docs/facts/sessions.md §6.
    return isinstance(problem, SessionRefused) and problem.action == "ssm:StartSession"


def await_access(calls: SessionCalls, access_request: str, wait: Wait) -> SessionCalls:
    """Wait until an access request is approved and return calls with its credentials. Blocks.

    Raises:
        SessionProblem: the request was rejected, revoked, has expired or cannot be read, or the caller has given up.

    """
    while True:
        try:
            by = calls.with_access(access_request)
        except SessionUnanswered:
            by = None
        if by is not None:
            return by
        if wait(POLL_SECONDS):
            why = say("waiting for the access request {id} was stopped", id=access_request)
            raise SessionProblem(why, is_own=True)


Given = Mapping[str, Sequence[str]]
"""Values of parameters, by name."""

_NODE = re.compile(r"m?i-\w+", re.ASCII)
_OF_REASON = re.compile(r"\breason\b", re.IGNORECASE)
_LONGEST_REASON = 256


def missing_parameters(declared: Sequence[DocumentParameter], given: Given) -> tuple[DocumentParameter, ...]:
    """Return the parameters of a document that have neither a value nor a default, in its order."""
    return tuple(each for each in declared if each.default is None and each.name not in given)


def invalid_parameters_reason(declared: Sequence[DocumentParameter], given: Given) -> str:
    """Return why a document does not accept these values; empty if it accepts them."""
    known = {each.name: each for each in declared}
    for name, values in given.items():
        if name not in known:
            names = ", ".join(map(printable, known)) or say("none")
            return say("the document has no parameter {name}; it has: {names}", name=printable(name), names=names)
        allowed = known[name].allowed
        for value in values if allowed else ():
            if value not in allowed:
                return say(
                    "{value} is not valid for the document's parameter {name}. Valid: {values}",
                    name=printable(name),
                    value=printable(value),
                    values=", ".join(map(printable, allowed)),
                )
    return ""


def invalid_reason_message(reason: str) -> str:
    """Return why AWS would reject a reason (StartSession's own pattern); empty if AWS would accept it."""
    if len(reason) > _LONGEST_REASON or len(reason.splitlines()) > 1:
        return say("a reason must be one line of at most {most} characters", most=_LONGEST_REASON)
    return ""


def requires_reason(problem: SessionProblem) -> bool:
    """Return whether AWS, or a policy of the account, refused the session because of its reason.

    No IAM condition key contains the reason, and no AWS page says that StartSession can require one. A refusal for this
    cause says so in its text, as for any parameter that AWS rejects.
    """
    return problem.action in ("", "ssm:StartSession") and _OF_REASON.search(problem.text) is not None


def invalid_target_message(target: str) -> str:
    """Return why no session can be opened on this target; empty if it can.

    Anything except the node's ID breaks an encrypted session: the key is bound to the target of the request.
    """
    if _NODE.fullmatch(target):
        return ""
    return say("{target} is not a node ID", target=printable(target))


_log = logging.getLogger(__name__)

CLOSING_SECONDS = 5.0
"""Seconds that `close` waits for sessions to end."""


@dataclass(frozen=True, slots=True, repr=False)
class OpenSession:
    """An open session of this process, with the calls that opened it.

    `by_access`: the calls use the credentials of an access request, which belong to no profile.
    """

    request: SessionRequest
    opened: OpenedSession
    calls: SessionCalls
    by_access: bool = False

    @property
    def id(self) -> str:
        """Return the session's ID."""
        return self.opened.id


class Opener:
    """Opens and ends sessions. Its methods block and can be called from any thread.

    `calls_for` returns the calls of a scope. Requests go to `endpoint_url` instead of AWS, if it is set; `environment`
    may set another endpoint. The registry records the endpoint of each session.
    """

    def __init__(
        self,
        registry: SessionRegistry,
        calls_for: Callable[[Scope], SessionCalls],
        endpoint_url: str | None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.registry = registry
        self.endpoint_url = endpoint_url
        self.asked_at = endpoint_url or _endpoint_in(environment or {})
        self._calls_for = calls_for
        self._calls: dict[ScopeName, SessionCalls] = {}
        self._open: dict[str, OpenSession] = {}
        self._under_way = 0
        self._closed = False
        self._changed = Condition()

    def calls(self, scope: Scope) -> SessionCalls:
        """Return the calls of a scope, with the credentials that read it."""
        with self._changed:
            if scope.name not in self._calls:
                self._calls[scope.name] = self._calls_for(scope)
            return self._calls[scope.name]

    def open(
        self, request: SessionRequest, purpose: SessionPurpose, *, calls: SessionCalls | None = None
    ) -> OpenSession:
        """Open a session and add it to the registry. `calls` replaces the scope's own calls.

        Raises:
            SessionProblem: AWS refused it, the registry cannot be written, or ssmtui is closing all sessions.

        """
        if why := invalid_target_message(request.target) or invalid_reason_message(request.reason):
            raise SessionProblem(why, is_own=True)
        by = calls or self.calls(request.scope)
        with self._changed:
            self._refuse_when_closed()
            self._under_way += 1
        try:
            session = OpenSession(request, by.start(request), by, by_access=calls is not None)
            self._register(session, purpose)
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
        """Return an open session of this process by its ID."""
        with self._changed:
            return self._open.get(session_id)

    def end(self, session_id: str) -> None:
        """End a session. A session that was already ended is not sent to AWS again.

        Raises:
            SessionRefused: the caller is not allowed to end it. AWS ends it after the idle timeout.
            SessionProblem: the session may still be open; the next start ends it.

        """
        with self._changed:
            session = self._open.pop(session_id, None)
            if session is None:
                return
            self._under_way += 1  # so that `close` waits for it
        try:
            session.calls.terminate(session_id)
            self._mark_ended(session_id)
        except SessionProblem as problem:
            from ssmtui.aws.errors import is_credential_error

            # A caller who is not allowed to end it now is not allowed at the next start either. The credentials of an
            # access request cannot be renewed after they expire.
            if isinstance(problem, SessionRefused) or (session.by_access and is_credential_error(problem.code)):
                self._mark_ended(session_id)
            raise
        except BaseException:
            # Usually Ctrl-C: `close` ends the session on another thread, which no signal interrupts.
            with self._changed:
                self._open[session_id] = session
            raise
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()
        _log.info("ended %s", session_id)

    def forget_ended(self, session_id: str) -> None:
        """Mark a session as ended by AWS, so that no request is sent for it."""
        with self._changed:
            if self._open.pop(session_id, None) is None:
                return
        self._mark_ended(session_id)

    def end_ignoring_errors(self, session_id: str) -> None:
        """End a session. Write an error to the log, because nobody waits for the result."""
        try:
            self.end(session_id)
        except SessionProblem as problem:
            _log.warning("%s could not be ended: %s", session_id, problem)

    def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """End all open sessions and open no more. Waits `seconds` at most."""
        until = time.monotonic() + seconds
        with self._changed:
            self._closed = True
            ending = [Thread(target=self.end_ignoring_errors, args=(each,), daemon=True) for each in self._open]
        for each in ending:
            each.start()
        for each in ending:
            each.join(max(0.0, until - time.monotonic()))
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, max(0.0, until - time.monotonic()))
        self.registry.close()

    def _register(self, session: OpenSession, purpose: SessionPurpose) -> None:
        try:
            self.registry.opened(session.id, session.request, purpose, self.asked_at)
        except RegistryUnusable as unusable:
            session.calls.terminate(session.id)
            raise SessionProblem(str(unusable), is_own=True) from unusable

    def _mark_ended(self, session_id: str) -> None:
        try:
            self.registry.ended(session_id)
        except RegistryUnusable as unusable:
            _log.warning("%s", unusable)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise SessionProblem(_leaving(), is_own=True)


def _endpoint_in(environment: Mapping[str, str]) -> str | None:
    """Return the endpoint that the AWS CLI would use for Systems Manager, from the environment only."""
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    return environment.get("AWS_ENDPOINT_URL_SSM") or environment.get("AWS_ENDPOINT_URL") or None


def _leaving() -> str:
    return say("ssmtui is closing and opens no new sessions")
