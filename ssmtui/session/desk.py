"""The session desk: what screens and commands open, probe, forward and end sessions with. None where read-only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageTold
from ssmtui.model.scope import Scope
from ssmtui.model.session_opening import OpenedSession, SessionEnding, SessionRequest
from ssmtui.model.tunnel import Tunnel, TunnelRequest


class Sessions(Protocol):
    """What screens ask for. Every method but `hold` returns at once."""

    def start(self, request: SessionRequest) -> Future[OpenedSession]:
        """Open a session; it is in the ledger before the future is fulfilled. Fails with `SessionProblem`."""

    def hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool = False) -> SessionEnding:
        """Give the terminal to an open session until it ends, and have it ended whatever happens. Blocks.

        The terminal is as it was afterwards. `builtin` does without the plugin.
        """

    def why_no_plugin(self) -> str:
        """Why the plugin cannot be used, in a sentence; empty where it can."""

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
