"""What is done with sessions once they can be opened: the hands that the desk has, each of a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Protocol

from ssmtui.model.session_opening import SessionEnding
from ssmtui.session.opening.opener import Opener, OpenSession

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageTold
    from ssmtui.model.scope import Scope
    from ssmtui.model.tunnel import Tunnel, TunnelRequest

Hold = Callable[[OpenSession, str | None], SessionEnding]
"""Gives the terminal to a session until it ends; told the endpoint override. Blocks. The desk ends the session."""


class Probe(Protocol):
    """Probes a node. Blocks."""

    def __call__(
        self,
        opener: Opener,
        scope: Scope,
        node: NodeKey,
        kind: ProbeKind,
        told: Callable[[StageTold], None],
        given_up: Event,
    ) -> ProbeOutcome:
        """Open a session by the opener, follow it, and end it whatever happens; at once where it is given up."""


class Tunnels(Protocol):
    """The tunnels of this process. Its methods return at once."""

    def open(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel."""

    def reopen(self, number: int) -> None:
        """Open the session of a tunnel anew."""

    def close(self, number: int) -> None:
        """Close a tunnel, and end its session."""

    def all(self) -> Sequence[Tunnel]:
        """Every tunnel, the newest last."""

    def end(self) -> None:
        """Close every tunnel; their sessions are ended by the opener where that has not been done."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What the desk hands sessions to. Each imports what it takes when it is first called."""

    by_plugin: Hold
    by_builtin: Hold
    why_no_plugin: Callable[[], str]
    probe: Probe
    tunnels: Callable[[Opener], Tunnels]
