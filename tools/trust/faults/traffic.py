"""What is on its way between a diagnosis and the simulated AWS, connection by connection: whether anybody works."""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from unittest.mock import patch

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws


class Stage(Enum):
    """How far a connection has come: it is asked nothing yet; its answer is made; a fault holds it."""

    OPEN = "open"
    ANSWERING = "answering"
    HELD = "held"


@dataclass(slots=True)
class Connection:
    """One connection, which is one request: the simulated AWS closes it behind its answer."""

    socket: socket.socket
    stage: Stage = Stage.OPEN
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing will come of it by itself. Who is asked something has it to read at once."""
        return self.stage is Stage.HELD or (self.stage is Stage.OPEN and not _is_readable(self.socket))


def _is_readable(sock: socket.socket) -> bool:
    try:
        return _has_to_read(sock, 0)
    except (ValueError, OSError):
        # The thread that answers it closes it, at any moment: it has work to do until that is done.
        return True


def _has_to_read(sock: socket.socket, seconds: float | None = None) -> bool:
    with selectors.DefaultSelector() as looking:
        looking.register(sock.fileno(), selectors.EVENT_READ)
        return bool(looking.select(seconds))


class Traffic:
    """The connections that are open. `loops` are those of diagnoses; on the last one time passes for who is held."""

    def __init__(self, loops: Sequence[asyncio.AbstractEventLoop] = ()) -> None:
        self._loops = loops
        self._lock = threading.Lock()
        self._here = threading.local()
        self._connections: dict[int, Connection] = {}
        self._under_way = 0

    def is_under_way(self) -> bool:
        """Whether a connection is being made, or somebody works on an answer."""
        with self._lock:
            return self._under_way > 0 or not all(each.is_at_rest for each in self._connections.values())

    def is_any_held(self) -> bool:
        """Whether a fault holds an answer."""
        with self._lock:
            return any(each.stage is Stage.HELD for each in self._connections.values())

    @contextmanager
    def connecting(self) -> Iterator[None]:
        """Somebody connects meanwhile; it is on its way until it is accepted."""
        self._count(1)
        try:
            yield
        except BaseException:
            self._count(-1)
            raise

    def accepted(self, request: socket.socket) -> None:
        """A connection has come."""
        with self._lock:
            # One that no diagnosis has made was not awaited.
            self._under_way = max(0, self._under_way - 1)
            self._connections[id(request)] = Connection(request)

    def asked(self, request: socket.socket) -> None:
        """Wait until something is asked on it; from then on it is being answered, by this thread."""
        with suppress(ValueError):  # it has been reset
            _has_to_read(request)
        self._here.connection = self._connections[id(request)]
        self._here.connection.stage = Stage.ANSWERING

    def closed(self, request: socket.socket) -> None:
        """A connection is closed."""
        with self._lock:
            del self._connections[id(request)]

    def hold(self, seconds: float | None = None) -> None:
        """Hold the answer of this thread until faults are cleared, or for so many seconds of a diagnosis."""
        connection: Connection = self._here.connection
        connection.let_go.clear()
        # At once, or time would run past the moment at which it is let go.
        with self._lock:
            if seconds is not None:
                loop = self._loops[-1]
                try:
                    loop.call_soon_threadsafe(loop.call_later, seconds, self._go_on, connection)
                except RuntimeError:
                    return  # the diagnosis has ended
            connection.stage = Stage.HELD
        connection.let_go.wait()
        connection.stage = Stage.ANSWERING

    def let_go(self) -> None:
        """Let go of whatever is held."""
        with self._lock:
            for each in self._connections.values():
                self._go_on(each)

    @staticmethod
    def _go_on(connection: Connection) -> None:
        connection.stage = Stage.ANSWERING
        connection.let_go.set()

    def _count(self, more: int) -> None:
        with self._lock:
            self._under_way += more


@contextmanager
def traffic(aws: SimulatedAws, loops: Sequence[asyncio.AbstractEventLoop]) -> Iterator[Traffic]:
    """What goes on between diagnoses on these loops and the simulated AWS, counted meanwhile."""
    counted = Traffic(loops)
    server: Any = aws._server._server
    accept, close, clear = server.process_request, server.shutdown_request, state.faults.clear

    class Handler(server.RequestHandlerClass):  # type: ignore[misc]
        def handle_one_request(self) -> None:
            counted.asked(self.request)
            super().handle_one_request()

    def accepted(request: socket.socket, address: object) -> None:
        counted.accepted(request)
        accept(request, address)

    def closed(request: socket.socket) -> None:
        try:
            close(request)
        finally:
            counted.closed(request)

    def cleared() -> None:
        clear()
        counted.let_go()

    with (
        patch.object(server, "RequestHandlerClass", Handler),
        patch.object(server, "process_request", accepted),
        patch.object(server, "shutdown_request", closed),
        patch.object(state.faults, "clear", cleared),
        patch.object(state.faults, "hold", counted.hold),
    ):
        yield counted
