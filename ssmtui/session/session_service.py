"""The session service: open, probe, forward and end sessions for screens and commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ssmtui.language import say
from ssmtui.model.scope import CredentialsUnavailable, Scope, ScopeName, SharedCredentials
from ssmtui.session.background import in_background
from ssmtui.session.calls import SessionCalls, SessionProblem
from ssmtui.session.opener import Opener, OpenSession, await_access
from ssmtui.session.session_registry import SessionRegistry, end_leftovers

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey, PlatformFamily
    from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageResult
    from ssmtui.model.session_client import SessionClient
    from ssmtui.model.sessions import (
        OpenedSession,
        SessionEnding,
        SessionRequest,
        Tunnel,
        TunnelRequest,
    )
    from ssmtui.session.plugin.invocation import Preflight


AttachSession: TypeAlias = "Callable[[OpenSession, str | None], SessionEnding]"
"""Gives the terminal to a session until it ends. Gets the endpoint override. Blocks. The service ends the session."""


class ProbeBackend(Protocol):
    """Probes a node. Blocks."""

    def __call__(
        self,
        opener: Opener,
        scope: Scope,
        node: NodeKey,
        kind: ProbeKind,
        told: Callable[[StageResult], None],
        given_up: Event,
    ) -> ProbeOutcome:
        """Open a session with the opener, follow it, and always end it; stop at once if `given_up` is set."""


class TunnelBackend(Protocol):
    """The tunnels of this process. Its methods return at once."""

    def open(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel."""

    def reopen(self, number: int) -> None:
        """Open a new session for a tunnel."""

    def close(self, number: int) -> None:
        """Close a tunnel, and end its session."""

    def all(self) -> Sequence[Tunnel]:
        """Return all tunnels, the newest last."""

    def end(self) -> None:
        """Close every tunnel. The opener ends sessions that are then still open."""


@dataclass(frozen=True, slots=True)
class SessionBackends:
    """The functions that run sessions. Each imports its modules at its first call."""

    attach_plugin: AttachSession
    attach_builtin: AttachSession
    probe: ProbeBackend
    tunnels: Callable[[Opener, SessionClient | None], TunnelBackend]


def backends() -> SessionBackends:
    """Return all backends."""
    return SessionBackends(_attach_plugin, _attach_builtin, _probe, _tunnels)


def _attach_plugin(session: OpenSession, endpoint_url: str | None) -> SessionEnding:
    from ssmtui.session.plugin.invocation import attach

    return attach(session, endpoint_url)


def _attach_builtin(session: OpenSession, _endpoint_url: str | None) -> SessionEnding:
    if sys.platform == "win32":
        why = say("The built-in client requires a Linux or macOS terminal.")
        raise SessionProblem(why, is_own=True)
    if session.request.is_stream:
        from ssmtui.session.tunnels.byte_stream import attach_stream

        return attach_stream(session)
    from ssmtui.session.builtin_client import attach

    return attach(session)


def _probe(
    opener: Opener,
    scope: Scope,
    node: NodeKey,
    kind: ProbeKind,
    told: Callable[[StageResult], None],
    given_up: Event,
) -> ProbeOutcome:
    from ssmtui.session.probe.runner import probe, walk

    return probe(opener, scope, node, kind, told, given_up, walk=walk)


def _tunnels(opener: Opener, client: SessionClient | None) -> TunnelBackend:
    from ssmtui.session.tunnels.manager import tunnels

    return tunnels(opener, client)


CredentialProvider = Callable[..., Future[SharedCredentials]]
"""Returns the credentials that read a scope."""

_CREDENTIAL_SECONDS = 60


class SessionService(Protocol):
    """The interface for screens. Every method returns at once, except `hold` and `preflight`."""

    @property
    def client(self) -> SessionClient | None:
        """Return the client for all sessions; None if each kind of session uses its default."""

    def start(self, request: SessionRequest) -> Future[OpenedSession]:
        """Open a session and record it in the registry. The future fails with `SessionProblem`.

        If the future is cancelled, a session that was opened anyway is ended.
        """

    def ask_access(self, request: SessionRequest) -> Future[str]:
        """Request just-in-time access to a node, with a reason, and return the ID of the access request."""

    def start_with_access(self, request: SessionRequest, access_request: str) -> Future[OpenedSession]:
        """Open a session after an access request is approved; see `start`. Cancelling the future stops the waiting."""

    def end(self, session_id: str) -> Future[None]:
        """End a session that `start` opened and that does not have the terminal."""

    def end_leftovers(self, scope: Scope) -> Future[str]:
        """End the open sessions of earlier runs in a scope and return a message, empty if there were none."""

    def hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool = False) -> SessionEnding:
        """Give the terminal to an open session until it ends, and always end the session. Blocks.

        Then the terminal is restored. `builtin`: use the built-in client instead of the plugin.
        """

    def preflight(self) -> Preflight:
        """Return the installed plugin, and how to install the current one. Blocks until the plugin answers."""

    def probe(
        self, scope: Scope, node: NodeKey, kind: ProbeKind, told: Callable[[StageResult], None]
    ) -> Future[ProbeOutcome]:
        """Probe a node. `told` is called for each stage, on another thread. Cancelling the future ends the session."""

    def open_tunnel(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel. `tunnels` reports its state."""

    def reopen_tunnel(self, number: int) -> None:
        """Open a new session for a tunnel."""

    def close_tunnel(self, number: int) -> None:
        """Close a tunnel, and end its session."""

    def tunnels(self) -> Sequence[Tunnel]:
        """Return all tunnels of this run, the newest last."""

    def close(self) -> None:
        """End every open session. Waits a few seconds at most."""


class AwsSessionService:
    """The session service on an opener (see `SessionService`)."""

    def __init__(self, opener: Opener, backends: SessionBackends, client: SessionClient | None = None) -> None:
        self._opener = opener
        self._backends = backends
        self.client = client
        self._tunnels: TunnelBackend | None = None

    def platform(self, scope: Scope, node: str) -> Future[PlatformFamily | None]:
        """Read the platform of a managed node; None if its registration does not have it.

        The future fails with `SessionProblem`.
        """
        return in_background(lambda _: self._opener.calls(scope).platform(node))

    def start(self, request: SessionRequest) -> Future[OpenedSession]:
        """Open a session."""
        from ssmtui.model.sessions import SessionPurpose

        return self._opening(lambda _: self._opener.open(request, SessionPurpose.SHELL).opened)

    def ask_access(self, request: SessionRequest) -> Future[str]:
        """Ask for just-in-time access to a node."""
        return in_background(lambda _: self._opener.calls(request.scope).request_access(request))

    def start_with_access(self, request: SessionRequest, access_request: str) -> Future[OpenedSession]:
        """Open a session after access is approved."""
        from ssmtui.model.sessions import SessionPurpose

        def opened(discard: Event) -> OpenedSession:
            by = await_access(self._opener.calls(request.scope), access_request, discard.wait)
            return self._opener.open(request, SessionPurpose.SHELL, calls=by).opened

        return self._opening(opened)

    def end(self, session_id: str) -> Future[None]:
        """End a session."""
        return in_background(lambda _: self._opener.end(session_id))

    def end_leftovers(self, scope: Scope) -> Future[str]:
        """End the open sessions of earlier runs."""
        opener = self._opener
        return in_background(
            lambda _: end_leftovers(opener.registry, scope, opener.calls(scope), opener.asked_at).words
        )

    def hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool = False) -> SessionEnding:  # noqa: ARG002 - the session has it
        """Give the terminal to an open session until it ends."""
        session = self._opener.find(opened.id)
        if session is None:
            raise SessionProblem(say("the session {id} is no longer open", id=opened.id), is_own=True)
        hold = self._backends.attach_builtin if builtin else self._backends.attach_plugin
        try:
            told = hold(session, self._opener.endpoint_url)
            if told.over:
                self._opener.forget_ended(opened.id)
            return told
        finally:
            self._opener.end_ignoring_errors(opened.id)

    def preflight(self) -> Preflight:
        """Return the installed plugin."""
        from ssmtui.session.plugin.invocation import preflight

        return preflight()

    def probe(
        self, scope: Scope, node: NodeKey, kind: ProbeKind, told: Callable[[StageResult], None]
    ) -> Future[ProbeOutcome]:
        """Probe a node."""
        return in_background(lambda given_up: self._backends.probe(self._opener, scope, node, kind, told, given_up))

    def open_tunnel(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel."""
        if self._tunnels is None:
            self._tunnels = self._backends.tunnels(self._opener, self.client)
        return self._tunnels.open(request)

    def reopen_tunnel(self, number: int) -> None:
        """Open a new session for a tunnel."""
        if self._tunnels is not None:
            self._tunnels.reopen(number)

    def close_tunnel(self, number: int) -> None:
        """Close a tunnel."""
        if self._tunnels is not None:
            self._tunnels.close(number)

    def tunnels(self) -> Sequence[Tunnel]:
        """Return all tunnels of this run."""
        return self._tunnels.all() if self._tunnels is not None else ()

    def close(self) -> None:
        """End every open session."""
        if self._tunnels is not None:
            self._tunnels.end()
        self._opener.close()

    def _opening(self, opened: Callable[[Event], OpenedSession]) -> Future[OpenedSession]:
        return in_background(opened, discard=lambda each: self._opener.end_ignoring_errors(each.id))


def open_sessions(
    folder: Path,
    *,
    lend: CredentialProvider,
    endpoint_url: str | None = None,
    client: SessionClient | None = None,
) -> AwsSessionService:
    """Return the service for sessions in AWS. `folder` has the registry; `lend` returns a scope's credentials."""

    def calls_for(scope: Scope) -> SessionCalls:
        # Imported with the first session: it imports botocore, and the start must not wait for that.
        from ssmtui.aws.client_config import ClientAccess
        from ssmtui.session.client import SessionClient

        return SessionClient(ClientAccess.to(scope, endpoint_url), _CredentialCache(lend, scope.name))

    opener = Opener(SessionRegistry(folder), calls_for, endpoint_url, os.environ)
    return AwsSessionService(opener, backends(), client)


class _CredentialCache:
    """Returns a scope's credentials. If they cannot be read any more, returns the last ones, to end open sessions."""

    def __init__(self, lend: CredentialProvider, scope: ScopeName) -> None:
        self._lend = lend
        self._scope = scope
        self._last: SharedCredentials | None = None

    def __call__(self, refused: SharedCredentials | None = None) -> SharedCredentials:
        try:
            lent = self._lend(self._scope) if refused is None else self._lend(self._scope, refused)
            self._last = lent.result(timeout=_CREDENTIAL_SECONDS)
        except (TimeoutError, CancelledError, LookupError, RuntimeError) as error:
            if self._last is None:
                raise CredentialsUnavailable(
                    say("the credentials that are used to read this account are not available")
                ) from error
        return self._last
