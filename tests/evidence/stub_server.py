"""An HTTP server that answers AWS's JSON and query protocols from a script: for what the SDK itself does."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

HANG = b""
"""An answer that never comes."""


@dataclass(slots=True)
class StubServer:
    """Answers by operation, one after the other; the last one for ever. `sent` are the queries, each with its keys."""

    endpoint_url: str = ""
    answers: dict[str, list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))
    asked: Counter[str] = field(default_factory=Counter)
    agents: set[str] = field(default_factory=set)
    sent: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    def answer(self, operation: str, body: Mapping[str, object] | bytes, status: int = 200) -> None:
        """Have an operation answered."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[operation].append((status, raw))

    def error(self, operation: str, code: str, message: str = "no", status: int = 400) -> None:
        """Have an operation of the JSON protocol answered with an error."""
        self.answer(operation, {"__type": code, "message": message}, status)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                _, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                target = headers.get("x-amz-target", "").rpartition(".")[2]
                asked = {} if target else {name: value[0] for name, value in parse_qs(body.decode()).items()}
                operation = target or asked["Action"]
                signature = headers.get("authorization", "").partition("Credential=")[2]
                self.sent.append((operation, {**asked, "access key": signature.partition("/")[0]}))
                self.asked[operation] += 1
                self.agents.add(headers["user-agent"])
                status, answer = self._next(operation)
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    if answer is HANG:
                        await asyncio.Event().wait()
                    await asyncio.sleep(0.001)
                finally:
                    self.in_flight -= 1
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _next(self, operation: str) -> tuple[int, bytes]:
        left = self.answers[operation]
        return left.pop(0) if len(left) > 1 else left[0]


@asynccontextmanager
async def stub_server() -> AsyncIterator[StubServer]:
    """A server on the loopback for as long as the context lasts."""
    stub = StubServer()
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(stub.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    stub.endpoint_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield stub
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
