"""The session desk: what screens and commands open, probe, forward and end sessions with. None where read-only."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol

from ssmtui.language import say
from ssmtui.model.lending import CannotLend, LentCredentials
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.model.session_opening import OpenedSession, SessionEnding, SessionPurpose, SessionRequest
from ssmtui.session.all_hands import hands
from ssmtui.session.background import in_background
from ssmtui.session.calls import SessionCalls, SessionProblem
from ssmtui.session.ledger import Ledger
from ssmtui.session.leftovers import end_leftovers
from ssmtui.session.opening.access import await_access
from ssmtui.session.opening.opener import Opener

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageTold
    from ssmtui.model.tunnel import Tunnel, TunnelRequest
    from ssmtui.session.opening.hands import Hands, Tunnels
    from ssmtui.session.plugin.preflight import Preflight

Lend = Callable[..., Future[LentCredentials]]
"""Hands out the credentials by which a scope is read."""

_LENDING_SECONDS = 60


class Sessions(Protocol):
    """What screens ask for. Every method but `hold` and those about the plugin returns at once."""

    def start(self, request: SessionRequest) -> Future[OpenedSession]:
        """Open a session; it is in the ledger before the future is fulfilled. Fails with `SessionProblem`.

        Where the future is cancelled, what is opened all the same is ended.
        """

    def ask_access(self, request: SessionRequest) -> Future[str]:
        """Ask for just-in-time access to a node, which takes a reason; gives the access request's id."""

    def start_with_access(self, request: SessionRequest, access_request: str) -> Future[OpenedSession]:
        """Open a session once somebody has approved an access request; as `start`. Cancelling it ends the waiting."""

    def end(self, session_id: str) -> Future[None]:
        """End a session that `start` opened and nobody holds."""

    def end_leftovers(self, scope: Scope) -> Future[str]:
        """End what earlier runs left open there; the sentence that tells of it, empty where there was nothing."""

    def hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool = False) -> SessionEnding:
        """Give the terminal to an open session until it ends, and have it ended whatever happens. Blocks.

        The terminal is as it was afterwards. `builtin` does without the plugin.
        """

    def why_no_plugin(self) -> str:
        """Why the plugin cannot be used, in a sentence; empty where it can."""

    def preflight(self) -> Preflight:
        """The plugin as it is on this computer, and how the current one is installed. Blocks as long as it starts."""

    def probe(
        self, scope: Scope, node: NodeKey, kind: ProbeKind, told: Callable[[StageTold], None]
    ) -> Future[ProbeOutcome]:
        """Probe a node; `told` is called for each stage, on another thread. Cancelling the future ends the session."""

    def open_tunnel(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel; how it is from then on, `tunnels` tells."""

    def reopen_tunnel(self, number: int) -> None:
        """Open the session of a tunnel anew."""

    def close_tunnel(self, number: int) -> None:
        """Close a tunnel, and end its session."""

    def tunnels(self) -> Sequence[Tunnel]:
        """Every tunnel of this run, the newest last."""

    def close(self) -> None:
        """End every session that is still open. Waits a few seconds at most."""


class SessionDesk:
    """The desk on an opener (see `Sessions`)."""

    def __init__(self, opener: Opener, hands: Hands) -> None:
        self._opener = opener
        self._hands = hands
        self._tunnels: Tunnels | None = None

    def start(self, request: SessionRequest) -> Future[OpenedSession]:
        """Open a session."""
        return self._opening(lambda _: self._opener.open(request, SessionPurpose.SHELL).opened)

    def ask_access(self, request: SessionRequest) -> Future[str]:
        """Ask for just-in-time access to a node."""
        return in_background(lambda _: self._opener.calls(request.scope).request_access(request))

    def start_with_access(self, request: SessionRequest, access_request: str) -> Future[OpenedSession]:
        """Open a session once access is approved."""

        def opened(unwanted: Event) -> OpenedSession:
            by = await_access(self._opener.calls(request.scope), access_request, unwanted.wait)
            return self._opener.open(request, SessionPurpose.SHELL, calls=by).opened

        return self._opening(opened)

    def end(self, session_id: str) -> Future[None]:
        """End a session."""
        return in_background(lambda _: self._opener.end(session_id))

    def end_leftovers(self, scope: Scope) -> Future[str]:
        """End what earlier runs left open."""
        opener = self._opener
        return in_background(lambda _: end_leftovers(opener.ledger, scope, opener.calls(scope), opener.asked_at).words)

    def hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool = False) -> SessionEnding:  # noqa: ARG002 - the session has it
        """Give the terminal to an open session until it ends."""
        session = self._opener.find(opened.id)
        if session is None:
            raise SessionProblem(say("the session {id} is not open any more", id=opened.id), is_own=True)
        hold = self._hands.by_builtin if builtin else self._hands.by_plugin
        try:
            told = hold(session, self._opener.endpoint_url)
            if told.over:
                self._opener.is_over(opened.id)
            return told
        finally:
            self._opener.end_quietly(opened.id)

    def why_no_plugin(self) -> str:
        """Why the plugin cannot be used."""
        return self._hands.why_no_plugin()

    def preflight(self) -> Preflight:
        """The plugin as it is on this computer."""
        from ssmtui.session.plugin.preflight import preflight  # noqa: PLC0415 - asked for with the first session

        return preflight()

    def probe(
        self, scope: Scope, node: NodeKey, kind: ProbeKind, told: Callable[[StageTold], None]
    ) -> Future[ProbeOutcome]:
        """Probe a node."""
        return in_background(lambda given_up: self._hands.probe(self._opener, scope, node, kind, told, given_up))

    def open_tunnel(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel."""
        if self._tunnels is None:
            self._tunnels = self._hands.tunnels(self._opener)
        return self._tunnels.open(request)

    def reopen_tunnel(self, number: int) -> None:
        """Open the session of a tunnel anew."""
        if self._tunnels is not None:
            self._tunnels.reopen(number)

    def close_tunnel(self, number: int) -> None:
        """Close a tunnel."""
        if self._tunnels is not None:
            self._tunnels.close(number)

    def tunnels(self) -> Sequence[Tunnel]:
        """Every tunnel of this run."""
        return self._tunnels.all() if self._tunnels is not None else ()

    def close(self) -> None:
        """End every session that is still open."""
        if self._tunnels is not None:
            self._tunnels.end()
        self._opener.close()

    def _opening(self, opened: Callable[[Event], OpenedSession]) -> Future[OpenedSession]:
        return in_background(opened, unwanted=lambda each: self._opener.end_quietly(each.id))


def open_sessions(folder: Path, *, lend: Lend, endpoint_url: str | None = None) -> SessionDesk:
    """A desk that opens sessions in AWS, with its ledger in a folder. `lend` hands out a scope's credentials."""

    def calls_for(scope: Scope) -> SessionCalls:
        # Imported with the first session: botocore comes with it, and nobody waits for that.
        from ssmtui.session.client import SessionAccess, SessionClient  # noqa: PLC0415

        return SessionClient(SessionAccess.to(scope, endpoint_url), _Lending(lend, scope.name))

    return SessionDesk(Opener(Ledger(folder), calls_for, endpoint_url, os.environ), hands())


class _Lending:
    """Lends a scope's credentials: those of before, where whoever has them is gone: sessions are to be ended."""

    def __init__(self, lend: Lend, scope: ScopeName) -> None:
        self._lend = lend
        self._scope = scope
        self._last: LentCredentials | None = None

    def __call__(self, refused: LentCredentials | None = None) -> LentCredentials:
        try:
            lent = self._lend(self._scope) if refused is None else self._lend(self._scope, refused)
            self._last = lent.result(timeout=_LENDING_SECONDS)
        except (TimeoutError, CancelledError, LookupError, RuntimeError) as error:
            if self._last is None:
                raise CannotLend(say("the credentials by which this account is read cannot be had")) from error
        return self._last
