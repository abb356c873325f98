"""The sessions of every open Region, as far as they have been read: kept while they are read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue

from ssmtui.diagnosis.inquiry import Inquiry
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.listed_session import ListedSession, SessionState
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope, ScopeName

_SOURCE = "ssm:DescribeSessions"


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What tells one session from every other, over all scopes."""

    account: str
    region: str
    id: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session, and the scope that told of it."""

    scope: Scope
    session: ListedSession

    @property
    def key(self) -> SessionKey:
        """Its key."""
        return SessionKey(self.scope.account, self.scope.region, self.session.id)

    @property
    def node(self) -> NodeKey:
        """The node that it is on."""
        return NodeKey(self.scope.account, self.scope.region, self.session.target)


@dataclass(slots=True)
class SessionList:
    """The sessions of one state. Nothing is read before `read`, which may be asked for again.

    `unread` says of which Regions not all could be told, and why.
    """

    state: SessionState
    rows: dict[SessionKey, SessionRow] = field(default_factory=dict)
    unread: dict[ScopeName, Unreadable] = field(default_factory=dict)
    asked: bool = False
    _told: SimpleQueue[tuple[int, Scope, Sequence[ListedSession]]] = field(default_factory=SimpleQueue)
    _reading: dict[ScopeName, tuple[Scope, Future[Unreadable | None]]] = field(default_factory=dict)
    _seen: dict[ScopeName, set[SessionKey]] = field(default_factory=dict)
    _round: int = 0

    @property
    def is_reading(self) -> bool:
        """Whether anything is still to come."""
        return bool(self._reading)

    def read(self, inquiry: Inquiry, scopes: Iterable[Scope]) -> None:
        """Read the sessions of these scopes; what was known stands until it is known to be gone."""
        self.end()
        self.asked = True
        self._round += 1
        for scope in scopes:
            told = partial(self._put, self._round, scope)
            self._seen[scope.name] = set()
            self._reading[scope.name] = (scope, inquiry.sessions(scope.name, self.state, told))

    def drain(self) -> list[SessionRow] | None:
        """Take in what has been told since the last look: the sessions that were; None where nothing has changed."""
        ended = [(name, scope, future) for name, (scope, future) in self._reading.items() if future.done()]
        fresh: list[SessionRow] = []
        while True:
            try:
                number, scope, page = self._told.get_nowait()
            except Empty:
                break
            if number == self._round:
                fresh += self._take(scope, page)
        for name, scope, future in ended:
            del self._reading[name]
            self._settle(scope, _outcome(future))
        return fresh if fresh or ended else None

    def end(self) -> None:
        """Read no further."""
        for _, future in self._reading.values():
            future.cancel()
        self._reading.clear()

    def _put(self, number: int, scope: Scope, page: Sequence[ListedSession]) -> None:
        self._told.put((number, scope, page))

    def _take(self, scope: Scope, page: Sequence[ListedSession]) -> list[SessionRow]:
        taken = [SessionRow(scope, session) for session in page]
        self.rows.update((row.key, row) for row in taken)
        self._seen[scope.name].update(row.key for row in taken)
        return taken

    def _settle(self, scope: Scope, unread: Unreadable | None) -> None:
        self.unread.pop(scope.name, None)
        if unread is not None:
            self.unread[scope.name] = unread
            return
        seen = self._seen[scope.name]
        gone = [key for key, row in self.rows.items() if row.scope.name == scope.name and key not in seen]
        for key in gone:
            del self.rows[key]


def _outcome(future: Future[Unreadable | None]) -> Unreadable | None:
    try:
        return future.result()
    except CancelledError:
        return Unreadable("", say("it was not read to its end"), Obstacle.FAILED, _SOURCE)
    except LookupError:
        return Unreadable("", say("this Region could not be opened"), Obstacle.FAILED, _SOURCE)
