"""Run the server: HTTP/1.1 on one loop, responses after a latency, calls and bytes counted."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Final

from tools.benchmarks.paged_aws.answers import Answers, lists_all_nodes
from tools.benchmarks.paged_aws.ground import REGION
from tools.benchmarks.paged_aws.limits import PUBLISHED, Limits, Trouble
from tools.benchmarks.paged_aws.requests import understood
from tools.benchmarks.paged_aws.wire import Response, response

CONTROL: Final = "/_control"


@dataclass(slots=True)
class Conduct:
    """The current behaviour of the server, and its counters."""

    answers: Answers
    latency: float = 0.05
    limits: Limits = field(default_factory=lambda: Limits({}))
    trouble: Trouble = field(default_factory=Trouble)
    answered: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    timeline: list[tuple[float, str]] = field(default_factory=list)
    unfiltered: int = 0
    sent: int = 0

    def told(self, document: dict[str, Any]) -> dict[str, Any]:
        """Reset the counters and apply the document; return the previous counters."""
        before = self.counted()
        if document:
            size = int(document.get("nodes", len(self.answers.nodes)))
            if size != len(self.answers.nodes):
                self.answers = Answers(size)
            self.latency = float(document.get("latency", 0.05))
            self.limits = Limits(PUBLISHED if document.get("limits") else {})
            self.trouble = Trouble(
                float(document.get("throttled", 0)), float(document.get("failing", 0)), int(document.get("seed", 0))
            )
            self.answered, self.refused, self.timeline = Counter(), Counter(), []
            self.unfiltered, self.sent = 0, 0
        return before

    def counted(self) -> dict[str, Any]:
        """Return answered and refused calls by operation, bytes, and CPU seconds of this process.

        `unfiltered` counts the calls that list all nodes. `timeline` has the time of each call by the machine's
        monotonic clock, and its operation.
        """
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "answered": dict(self.answered),
            "refused": dict(self.refused),
            "unfiltered": self.unfiltered,
            "timeline": self.timeline,
            "bytes": self.sent,
            "cpu": used.ru_utime + used.ru_stime,
        }

    def answer(self, method: str, target: str, headers: dict[str, bytes], body: bytes) -> Response:
        """Return the response to a request, and when to send it."""
        request = understood(method, target, headers, body)
        self.unfiltered += lists_all_nodes(request)
        self.timeline.append((time.monotonic(), request.name))
        refused = self.trouble.hits(request) or self.limits.refuses(request)
        (self.refused if refused else self.answered)[request.name] += 1
        region = {"x-amz-bucket-region": REGION} if request.service == "s3" else {}
        told = response(request, refused or self.answers.answer(request), region)
        self.sent += len(told.body)
        return told


class Connection(asyncio.Protocol):
    """One connection: a request, its response, the next request."""

    def __init__(self, conduct: Conduct) -> None:
        self._conduct = conduct
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Buffer the data; answer when a request is complete."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        first, *lines = bytes(self._received[:end]).split(b"\r\n")
        pairs = (line.partition(b":") for line in lines)
        headers = {name.decode().lower(): value.strip() for name, _, value in pairs}
        whole = end + 4 + int(headers.get("content-length", b"0"))
        if len(self._received) < whole:
            return
        body = bytes(self._received[end + 4 : whole])
        del self._received[:whole]
        method, target, _ = first.decode().split(" ")
        self._respond(method, target, headers, body)

    def _respond(self, method: str, target: str, headers: dict[str, bytes], body: bytes) -> None:
        if target.startswith(CONTROL):
            told = self._conduct.told(json.loads(body or b"{}"))
            self._send(method, Response(200, json.dumps(told).encode(), "application/json", {}))
            return
        answer = self._conduct.answer(method, target, headers, body)
        asyncio.get_running_loop().call_later(self._conduct.latency, self._send, method, answer)

    def _send(self, method: str, answer: Response) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        more = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        head = (
            f"HTTP/1.1 {answer.status} OK\r\nDate: {formatdate(usegmt=True)}\r\nContent-Type: {answer.type}\r\n"
            f"Content-Length: {len(answer.body)}\r\n{more}\r\n"
        )
        self._transport.write(head.encode() if method == "HEAD" else head.encode() + answer.body)


async def serve(size: int) -> None:
    """Serve until standard input ends; print the address on standard output."""
    loop = asyncio.get_running_loop()
    conduct = Conduct(Answers(size))
    server = await loop.create_server(lambda: Connection(conduct), "127.0.0.1", 0, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    server.close()
