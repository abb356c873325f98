"""Tunnels at hand: sessions that are opened at once, the stand-in for the plugin, an echo behind it, and clocks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ssmtui.model.sessions import OpenedSession, SessionRequest, Tunnel, TunnelRequest, TunnelState
from ssmtui.session.calls import SessionProblem
from ssmtui.session.plugin.invocation import Endpoint, Invocation, invocation
from ssmtui.session.tunnels.manager import TunnelDependencies, TunnelManager, TunnelTiming
from ssmtui.session.tunnels.plugin_run import plugin_client
from tests.builders.fleet import a_scope
from tests.session.canaries import STREAM, TOKEN

PLUGIN = Path(__file__).with_name("port_plugin.py")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
REQUEST = TunnelRequest(a_scope(), "i-0123456789abcdef0", 5432)
_LOOKS = 4_000


def until(condition: Callable[[], bool]) -> None:
    """Wait for a state, never for a time."""
    for _ in range(_LOOKS):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it never came to that")


class Clocks:
    """Clocks that stand still until they are put on, and sleepers that are woken by hand."""

    def __init__(self) -> None:
        self.wall = 0.0
        self.steady = 0.0
        self.sleepers: list[tuple[float, asyncio.Event, asyncio.AbstractEventLoop]] = []

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        sleeper = (seconds, woken, asyncio.get_running_loop())
        self.sleepers.append(sleeper)
        try:
            await woken.wait()
        finally:
            self.sleepers.remove(sleeper)

    def pass_by(self, seconds: float, *, asleep: float = 0.0) -> None:
        """Let that time pass for the steady clock, and `asleep` besides for the wall's."""
        self.steady += seconds
        self.wall += seconds + asleep

    def wake(self, seconds: float) -> None:
        """Wake who sleeps for so long, once somebody does."""
        until(lambda: any(each[0] == seconds for each in self.sleepers))
        _, woken, loop = next(each for each in self.sleepers if each[0] == seconds)
        loop.call_soon_threadsafe(woken.set)

    @property
    def timing(self) -> TunnelTiming:
        return TunnelTiming(
            now=lambda: NOON + timedelta(seconds=self.wall),
            steady=lambda: self.steady,
            sleep=self.sleep,
            chance=lambda: 0.5,
        )


@dataclass
class AtHand:
    """What a test's tunnels are made with. `behaviours` are the plugin's, run by run; the last goes on."""

    folder: Path
    target: int
    behaviours: list[dict[str, str]] = field(default_factory=lambda: [{"ends": "never"}])
    refusals: list[SessionProblem | None] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    clocks: Clocks = field(default_factory=Clocks)
    asked: list[SessionRequest] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        client = plugin_client(self._invocation, lambda _id, _pid: None)
        self.tunnels = TunnelManager(TunnelDependencies(self._open, self.ended.append, client), self.clocks.timing)

    def open(self, request: TunnelRequest = REQUEST) -> Tunnel:
        """Open a tunnel, and wait until it is open."""
        number = self.tunnels.open(request).number
        return self.when(TunnelState.OPEN, number)

    def when(self, state: TunnelState, number: int = 1, reopened: int = 0) -> Tunnel:
        """A tunnel when it has come to a state."""

        def there() -> bool:
            tunnel = self.tunnels.all()[number - 1]
            return tunnel.state is state and tunnel.reopened >= reopened

        until(there)
        return self.tunnels.all()[number - 1]

    @property
    def sessions(self) -> list[str]:
        """The ids of the sessions whose plugin was started."""
        return sorted(each.name for each in (self.folder / "pids").iterdir())

    def plugin(self, session_id: str) -> int:
        """The process of a session's plugin."""
        return int((self.folder / "pids" / session_id).read_text().split()[0])

    def kill_plugin(self, session_id: str) -> None:
        """End a plugin as nothing should."""
        os.kill(self.plugin(session_id), signal.SIGKILL)

    def lives(self, session_id: str) -> bool:
        """Whether a session's plugin still runs."""
        try:
            os.kill(self.plugin(session_id), 0)
        except ProcessLookupError:
            return False
        return True

    def _open(self, request: SessionRequest) -> OpenedSession:
        self.asked.append(request)
        problem = self.refusals.pop(0) if self.refusals else None
        if problem is not None:
            raise problem
        return OpenedSession(f"alex-{len(self.asked)}", STREAM, TOKEN)

    def _invocation(self, request: SessionRequest, opened: OpenedSession) -> Invocation:
        behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        file = self.folder / f"{opened.id}.json"
        pids = self.folder / "pids"
        pids.mkdir(exist_ok=True)
        file.write_text(json.dumps({"text": "", **behaviour, "target": self.target, "pids": str(pids)}))
        run = invocation("plugin", request, opened, Endpoint("http://127.0.0.1:9"), self.environment)
        return Invocation((sys.executable, "-I", "-S", str(PLUGIN), str(file)), run.environment)


@contextmanager
def echo() -> Iterator[int]:
    """A server that says back what it is told; its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)  # or it would wait for one more, its port open
        serving.join()
        server.close()
