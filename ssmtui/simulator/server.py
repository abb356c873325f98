"""The simulated AWS on a loopback port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from ssmtui.simulator.application import Application
from ssmtui.simulator.doorkeeper import Doorkeeper


class _QuietHandler(MotoRequestHandler):
    """Serves a request without a word on standard error."""

    def handle(self) -> None:
        """Serve a connection until it ends: a fault may have reset it."""
        with suppress(OSError):
            super().handle()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing: the journal has what was asked, and the answer what went wrong."""


class Server:
    """Serves what comes in on a listening socket, in threads of its own from `start` on."""

    def __init__(self, listening: socket.socket, load: Callable[[str], None], token: str | None = None) -> None:
        """`load` puts another scenario in place, by name (for the control endpoint).

        Whoever does not show the `token` gets no answer; without one, everybody gets one.
        """
        self._listening = listening
        host, port = listening.getsockname()[:2]
        self.endpoint_url = f"http://{host}:{port}"
        self.application = Application(load)
        served = self.application if token is None else Doorkeeper(self.application, token)
        self._server = make_server(
            host, port, served, threaded=True, request_handler=_QuietHandler, fd=listening.fileno()
        )
        self._thread = threading.Thread(target=self._serve, name="simulated-aws", daemon=True)

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def _serve(self) -> None:
        # How long a stop may take.
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Serve no longer, and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._listening.close()
