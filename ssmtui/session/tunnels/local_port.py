"""The port of this computer that a tunnel is reached at: taken at once, and kept while sessions come and go."""

from __future__ import annotations

import errno
import socket
import sys

from ssmtui.language import say

LOOPBACK = "127.0.0.1"
"""Nobody but this computer's users: a tunnel has no password."""


class PortUnavailable(OSError):
    """A local port cannot be had; `words` say why, and what to do."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def listen(port: int) -> socket.socket:
    """A socket that listens on a port of the loopback interface: any free one for 0.

    Raises:
        PortUnavailable: the port is taken, or this user may not have it.

    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # A port whose last connections linger can be had again; one that somebody listens on cannot.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        raise PortUnavailable(_why(port, error)) from error
    return listening


def port_of(listening: socket.socket) -> int:
    """The port that a socket listens on."""
    port: int = listening.getsockname()[1]
    return port


def _why(port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE or getattr(error, "winerror", None) == 10048:
        return say("port {port} of this computer is taken: choose another, or 0 for any that is free", port=port)
    if number in {errno.EACCES, errno.EPERM}:
        return say("port {port} of this computer is not for everyone: choose one from 1024 on", port=port)
    return say("port {port} of this computer cannot be listened on: {error}", port=port, error=error)
