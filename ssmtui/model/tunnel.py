"""Tunnels: ports of nodes, or of hosts behind them, at a port of this computer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ssmtui.language import marked
from ssmtui.model.scope import Scope

REMOTE_DESKTOP = 3389


@dataclass(frozen=True, slots=True)
class TunnelRequest:
    """What is to be forwarded.

    `host` is empty for the node itself; `local_port` is 0 for any free one. `document` names another document than
    AWS's own, with their parameters.
    """

    scope: Scope
    target: str
    remote_port: int
    host: str = ""
    local_port: int = 0
    reason: str = ""
    document: str | None = None


class TunnelState(Enum):
    """How a tunnel is; the value is what people read.

    `IDLE` has no session, since AWS ended one that nobody used: the next connection has one opened.
    """

    OPENING = marked("opening")
    OPEN = marked("open")
    REOPENING = marked("reopening")
    IDLE = marked("idle")
    CLOSED = marked("closed")
    FAILED = marked("failed")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A tunnel as it is now.

    `since` is when its present session was opened (UTC). `reopened` counts the sessions after the first. `sent` and
    `received` are bytes since it was first opened. `why` says why it failed, was last opened anew, or could not reach
    the port when somebody last connected; `denied` that it failed because AWS refused it to the caller.
    """

    number: int
    request: TunnelRequest
    state: TunnelState
    local_port: int
    since: datetime
    reopened: int = 0
    sent: int = 0
    received: int = 0
    why: str = ""
    denied: bool = False
