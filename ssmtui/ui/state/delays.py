"""What AWS shows with a delay, looked at again quietly meanwhile: changes that were made, and nodes on their way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import Node, NodeKey

if TYPE_CHECKING:
    from ssmtui.model.scope import ScopeName
    from ssmtui.ui.state.board import Board

LOOK_EVERY = timedelta(minutes=1)
"""Between two quiet looks."""

"""What a node's own delay shows itself in: whether it is listed, its ping and its channel."""

_GOOD = (VerdictStatus.OK, VerdictStatus.WARN, VerdictStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class Awaited:
    """Nodes that a change has yet to show on: `until` is when the longest documented delay has passed.

    `change` is the journal's name of it. Where it `goes_back`, a change was taken back, and good nodes are to go bad.
    """

    scope: ScopeName
    nodes: tuple[NodeKey, ...]
    stale: tuple[type, ...]
    until: datetime
    change: str = ""
    goes_back: bool = False

    def outstanding(self, board: Board) -> tuple[NodeKey, ...]:
        """The nodes that it does not show on yet."""
        return tuple(key for key in self.nodes if _is_good(board, key) is self.goes_back)


@dataclass(frozen=True, slots=True)
class QuietLook:
    """Facts of some nodes that are to be read again."""

    scope: ScopeName
    nodes: tuple[NodeKey, ...]
    stale: tuple[type, ...]


class Delays:
    """What is waited for. Asked as often as one likes, it names looks once a minute, and when a delay has passed."""

    def __init__(self) -> None:
        self._awaited: list[Awaited] = []
        self._looked: datetime | None = None
        self._next: datetime | None = None

    def begin(self, awaited: Awaited, now: datetime) -> None:
        """Wait for a change to show."""
        self._awaited.append(awaited)
        self._next = min(now + LOOK_EVERY, awaited.until)

    def end(self, change: str) -> None:
        """Wait no more for a change: it was taken back."""
        self._awaited = [each for each in self._awaited if each.change != change]

    def due(self, board: Board, now: datetime) -> tuple[QuietLook, ...]:
        """The looks to be taken now."""
        if self._next is None or self._looked is None:
            self._looked = now
            self._next = self._next or now + LOOK_EVERY
        if now < self._next:
            return ()
        waited = [each for each in (*self._awaited, *_on_their_way(board)) if each.until > self._looked]
        looks = _one_a_scope(
            QuietLook(each.scope, left, (*each.stale, Node))
            for each in waited
            if (left := each.outstanding(board)) and each.scope in board.state.scopes
        )
        self._awaited = [each for each in self._awaited if each.until > now and each.outstanding(board)]
        self._looked = now
        self._next = min((each.until for each in waited if each.until > now), default=now + LOOK_EVERY)
        self._next = min(self._next, now + LOOK_EVERY)
        return looks


def _one_a_scope(looks: Iterable[QuietLook]) -> tuple[QuietLook, ...]:
    """The looks at one scope as one: its nodes are listed for each."""
    by_scope: dict[ScopeName, list[QuietLook]] = {}
    for look in looks:
        by_scope.setdefault(look.scope, []).append(look)
    return tuple(
        QuietLook(
            scope,
            tuple(dict.fromkeys(key for each in of_scope for key in each.nodes)),
            tuple(dict.fromkeys(kind for each in of_scope for kind in each.stale)),
        )
        for scope, of_scope in by_scope.items()
    )


def _on_their_way(board: Board) -> Iterator[Awaited]:
    """The nodes of findings that have an end: AWS's own delay is running."""
    for held in board.state.findings.values():
        if held.finding.until is not None:
            yield from _in_scopes(board, held.nodes, held.finding.until)


def _in_scopes(board: Board, nodes: Iterable[NodeKey], until: datetime) -> Iterator[Awaited]:
    from ssmtui.model.standing import Observation

    for key in nodes:
        if scope := board.scope_of(key):
            yield Awaited(scope.name, (key,), (Node, Observation), until)


def _is_good(board: Board, key: NodeKey) -> bool:
    verdict = board.verdict(key)
    waits = any(held.finding.until is not None for held in board.findings_of(key))
    return verdict.settled and verdict.status in _GOOD and not waits
