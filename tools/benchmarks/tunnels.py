"""Measure tunnels of the built-in client and of the plugin, in both directions, beside a real node.

    AGENT=… PLUGIN=… python -m tools.real_node -- python -m tools.benchmarks.tunnels

For each line, the same bytes go through both clients, alternately, and the medians of `--rounds` are printed:
`--megabytes` in total, over 1 and 20 connections, with 0, 20 and 80 ms of latency between the client and the service (a
relay on the loopback adds half of it to each direction). Without `--node`, the node is that of `$NODE`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from ssmtui.aws.client_config import ClientAccess
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.model.scope import SharedCredentials
from ssmtui.model.sessions import OpenedSession, SessionPurpose, SessionRequest, TunnelRequest, TunnelState
from ssmtui.session.client import SessionClient
from ssmtui.session.opener import Opener
from ssmtui.session.plugin.invocation import Invocation, prepare
from ssmtui.session.session_registry import SessionRegistry
from ssmtui.session.tunnels.far_connection import TunnelClient
from ssmtui.session.tunnels.manager import TunnelDependencies, TunnelManager
from ssmtui.session.tunnels.plugin_run import plugin_client
from ssmtui.session.tunnels.port_session import builtin_client
from tests.builders.fleet import a_scope

LATENCIES = (0, 20, 80)
CONNECTIONS = (1, 20)
DIRECTIONS = ("down", "up")
_LOOKS_EVERY = 0.01
_CHUNK = 65536

# A server in a process of its own. A connection says its direction and a number of bytes in its first 16 bytes.
_SERVER = """
import socket, sys, threading
def serve(connection):
    with connection:
        words = b""
        while len(words) < 16:
            read = connection.recv(16 - len(words))
            if not read:
                return
            words += read
        direction, count = words.split()
        left = int(count)
        if direction == b"down":
            connection.sendall(bytes(left))
        while direction == b"up" and left:
            read = connection.recv(65536)
            if not read:
                return
            left -= len(read)
        if direction == b"up":
            connection.sendall(b"!")
        connection.recv(1)
server = socket.create_server(("127.0.0.1", 0), backlog=64)
print(server.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured: milliseconds of latency, a direction, and a number of connections."""

    latency: int
    direction: str
    connections: int


class LatencyRelay:
    """Relays TCP connections to a port of the loopback, and delays every piece in both directions."""

    def __init__(self, port: int, milliseconds: int) -> None:
        self._to = port
        self._seconds = milliseconds / 2000
        self.port = 0

    async def start(self) -> None:
        """Listen."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                loop.call_later(self._seconds, writer.write, data)
        loop.call_later(self._seconds, writer.close)


class Measurement:
    """Tunnels to one node by one client."""

    def __init__(self, node: str, folder: Path, *, use_plugin: bool) -> None:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        lent = SharedCredentials(*(os.environ.get(name, "") for name in names))
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        calls = SessionClient(ClientAccess(None, "eu-west-3", endpoint), lambda: lent)
        self._node = node
        self._opener = Opener(SessionRegistry(folder), lambda _: calls, endpoint)
        self._relays = EvidenceThread()
        self._relays.start()
        self._milliseconds = 0
        client = plugin_client(self._prepared, lambda _id, _pid: None) if use_plugin else self._builtin()
        self._tunnels = TunnelManager(TunnelDependencies(self._open, self._opener.end_ignoring_errors, client))

    def close(self) -> None:
        """End everything."""
        self._tunnels.end()
        self._opener.close()
        self._relays.stop()

    def rate(self, case: Case, port: int, count: int) -> float:
        """Return megabytes a second."""
        self._milliseconds = case.latency
        number = self._tunnels.open(TunnelRequest(a_scope(), self._node, port)).number
        while (tunnel := self._tunnels.all()[number - 1]).state is TunnelState.OPENING:
            time.sleep(_LOOKS_EVERY)
        if tunnel.state is not TunnelState.OPEN:
            raise RuntimeError(tunnel.why)
        each = count // case.connections
        with ThreadPoolExecutor(case.connections) as pool:
            started = time.monotonic()
            list(pool.map(lambda _: _transfer(tunnel.local_port, case.direction, each), range(case.connections)))
            took = time.monotonic() - started
        self._tunnels.close(number)
        return each * case.connections / took / 1e6

    def _open(self, request: SessionRequest) -> OpenedSession:
        return self._opener.open(request, SessionPurpose.TUNNEL).opened

    def _delayed(self, opened: OpenedSession) -> OpenedSession:
        if not self._milliseconds:
            return opened
        port = urlsplit(opened.stream_url).port or 0
        relay = LatencyRelay(port, self._milliseconds)
        self._relays.submit(relay.start()).result()
        return replace(opened, stream_url=opened.stream_url.replace(f":{port}/", f":{relay.port}/"))

    def _prepared(self, _request: SessionRequest, opened: OpenedSession) -> Invocation:
        session = self._opener.find(opened.id)
        if session is None:
            raise RuntimeError(opened.id)
        return prepare(replace(session, opened=self._delayed(opened)), self._opener.endpoint_url)

    def _builtin(self) -> TunnelClient:
        run = builtin_client(self._opener.find)
        return lambda request, opened, callbacks: run(request, self._delayed(opened), callbacks)


def _transfer(port: int, direction: str, count: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"{direction} {count}".ljust(16).encode())
        if direction == "up":
            connection.sendall(bytes(count))
        left = count if direction == "down" else 1
        while left:
            read = connection.recv(_CHUNK)
            if not read:
                raise RuntimeError("the connection was cut")
            left -= len(read)


@contextmanager
def _server() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline() if process.stdout is not None else 0)
        finally:
            process.kill()


def main(words: Sequence[str]) -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks.tunnels", description=__doc__)
    parser.add_argument("--megabytes", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--node", default=os.environ.get("NODE"))
    parser.add_argument("--latency", type=int, nargs="*", default=LATENCIES)
    parser.add_argument("--direction", nargs="*", choices=DIRECTIONS, default=DIRECTIONS)
    parser.add_argument("--connections", type=int, nargs="*", default=CONNECTIONS)
    asked = parser.parse_args(words)
    cases = [
        Case(latency, direction, connections)
        for latency in asked.latency
        for direction in asked.direction
        for connections in asked.connections
    ]
    count = int(asked.megabytes * 1e6)
    print("| latency | direction | connections | built-in client | plugin | ratio |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, _server() as port:
        clients = [
            Measurement(asked.node, Path(folder, str(use_plugin)), use_plugin=use_plugin)
            for use_plugin in (False, True)
        ]
        try:
            for case in cases:
                rounds = [[each.rate(case, port, count) for each in clients] for _ in range(asked.rounds)]
                ours, plugins = map(statistics.median, zip(*rounds, strict=True))
                line = f"| {case.latency} ms | {case.direction} | {case.connections} |"
                print(f"{line} {ours:.2f} MB/s | {plugins:.2f} MB/s | {ours / plugins:.1f} × |", flush=True)
        finally:
            for each in clients:
                each.close()


if __name__ == "__main__":
    main(sys.argv[1:])
