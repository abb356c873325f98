"""An AWS on loopback that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One answer. `body` may be text that is no JSON; no answer at all where `lost`."""

    body: Mapping[str, object] | str
    status: int = 200
    lost: bool = False
    kind: str = "application/x-amz-json-1.1"


LOST = Answer({}, lost=True)


def refused(code: str, message: str, status: int = 400) -> Answer:
    return Answer({"__type": code, "message": message}, status)


@dataclass
class LoopbackAws:
    """What is answered to an operation: the answers in turn, the last of them for ever."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def answers_to(self, operation: str, *answers: Answer) -> None:
        self.answers[operation] = list(answers)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]


@contextmanager
def loopback_aws() -> Iterator[LoopbackAws]:
    aws = LoopbackAws()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            aws.asked.append((operation, asked))
            aws.keys.append(self.headers["Authorization"].partition("Credential=")[2].partition("/")[0])
            answers = aws.answers.get(operation, [refused("UnknownOperationException", "not scripted")])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer.lost:
                self.close_connection = True
                return
            body = (answer.body if isinstance(answer.body, str) else json.dumps(answer.body)).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    aws.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield aws
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
