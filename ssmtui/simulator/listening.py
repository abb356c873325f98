"""The port of the simulated AWS: loopback, and whichever the system has free."""

from __future__ import annotations

import socket


def listen() -> socket.socket:
    """A socket that queues connections from now on, whether somebody serves them yet or not."""
    return socket.create_server(("127.0.0.1", 0), backlog=128)
