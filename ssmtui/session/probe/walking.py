"""What a probe meets on the way of a session, whoever speaks the protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ssmtui.session.opening.opener import OpenSession


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """The websocket is open."""


@dataclass(frozen=True, slots=True)
class TokenSent:
    """The token went out."""


@dataclass(frozen=True, slots=True)
class HandshakeAsked:
    """The agent asks for the handshake, and for a data key where it is `encrypted`."""

    agent_version: str
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Challenged:
    """The agent could decrypt the data key, and asks for proof of the other half."""


@dataclass(frozen=True, slots=True)
class HandshakeCompleted:
    """The agent is content with the handshake."""


@dataclass(frozen=True, slots=True)
class OutputCame:
    """The shell has spoken. What it said is nobody's business."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The other side has ended the session, with this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no connection any more, and none could be made again."""

    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The connection was refused, with this text."""

    text: str


Met = SocketOpened | TokenSent | HandshakeAsked | Challenged | HandshakeCompleted | OutputCame | Closed | Lost | Refused

Walk = Callable[[OpenSession, Callable[[Met], None]], Awaitable[None]]
"""Goes through a session and tells what it meets, until its end or until cancelled."""
