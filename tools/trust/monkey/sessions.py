"""A session desk that starts no program: sessions, probes and tunnels go as the monkey's dice fall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from random import Random

from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageResult
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import OpenedSession, SessionEnding, SessionRequest, Tunnel, TunnelState
from ssmtui.session.calls import SessionProblem
from tests.builders.probes import opened, stopped
from tests.ui.tunnelled_sessions import TunnelledSessions


class DicedSessions(TunnelledSessions):
    """What is opened, refused, left waiting or broken off is the dice's affair."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = Random(seed)  # noqa: S311 - a repeatable game

    def start(self, request: SessionRequest) -> Future[OpenedSession]:
        match self._dice.randrange(4):
            case 0:
                self._starts = [SessionProblem("TargetNotConnected: it is not connected.", "TargetNotConnected")]
            case 1:
                self._starts = [Future()]
        return super().start(request)

    def hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool = False) -> SessionEnding:
        self.ending = self._dice.choice(
            (
                SessionEnding("ada-1", over=True),
                SessionEnding("ada-1", "Fetching data key failed", over=True),
                OSError("the plugin cannot be run"),
            )
        )
        return super().hold(request, opened, builtin=builtin)

    def probe(
        self, scope: Scope, node: NodeKey, kind: ProbeKind, told: Callable[[StageResult], None]
    ) -> Future[ProbeOutcome]:
        outcomes: dict[int, Callable[[NodeKey], ProbeOutcome]] = {
            0: lambda key: opened(kind, node=key),
            1: lambda key: stopped("kms-node-denied", kind=kind, node=key, text="Fetching data key failed"),
        }
        chosen = outcomes.get(self._dice.randrange(3))
        if chosen is None:
            self.script.pop(kind, None)
        else:
            self.script[kind] = chosen
        return super().probe(scope, node, kind, told)

    def tunnels(self) -> Sequence[Tunnel]:
        for number, each in list(self.present.items()):
            if each.state in (TunnelState.OPENING, TunnelState.REOPENING):
                self.now_is(number, self._dice.choice((TunnelState.OPEN, TunnelState.FAILED)), why="")
        return super().tunnels()
