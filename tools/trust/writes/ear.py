"""A server on loopback that hears whatever arrives, and answers nothing that helps."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_ANSWER = b"HTTP/1.1 400 X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass(slots=True)
class Ear:
    """What has arrived at an address: the first bytes of each connection."""

    endpoint_url: str
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def an_ear() -> Iterator[Ear]:
    """One that hears for as long as the context lasts."""

    class Hearing(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            ear.heard.append(self.request.recv(65536))
            self.request.sendall(_ANSWER)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Hearing) as server:
        ear = Ear(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True)
        thread.start()
        try:
            yield ear
        finally:
            server.shutdown()
            thread.join()
