"""Serve the data channels and the agents behind them: sessions to simulated nodes, without access to this computer.

The server starts with the first session: a diagnosis never waits for it.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from ssmtui.simulator import state
from ssmtui.simulator.gateway.opening import agent_tokens, openings
from ssmtui.simulator.gateway.session_overrides import (
    ABSENCE,
    AgentProgram,
    SessionEnd,
    demands,
    faults,
    pace,
)
from ssmtui.simulator.process import ProxySocket

if TYPE_CHECKING:
    from ssmtui.simulator.gateway.websocket_server import Gateway

_lock = threading.Lock()
_running: list[Gateway] = []
_proxy_sockets: list[ProxySocket] = []


def stream_url(session_id: str) -> str:
    """Return the address of a session's data channel; start the server if it is not running."""
    from ssmtui.simulator.gateway.websocket_server import Gateway  # noqa: PLC0415 - not before it is wanted

    with _lock:
        if not _running:
            _running.append(Gateway(_proxy_sockets))
        return _running[0].url(session_id)


def start() -> None:
    """Start the server and its proxies before the first session: agents of real nodes come through a proxy."""
    stream_url("")


def lead_through(proxy_socket: ProxySocket) -> None:
    """Open a proxy with the first session, or at once if there is a session already."""
    with _lock:
        _proxy_sockets.append(proxy_socket)
        for gateway in _running:
            gateway.open(proxy_socket)


def end(session_id: str, text: str = "", status: str = "Terminated") -> None:
    """End a session on the channel, if a client has joined it."""
    with _lock:
        for gateway in _running:
            gateway.end(session_id, SessionEnd(text, status))


def kill(account: str, region: str, node_id: str, program: AgentProgram) -> None:
    """Kill a program of a simulated node's agent. The clock of the world decides when another takes its place."""
    if program is AgentProgram.SESSION_WORKER:
        with _lock:
            for gateway in _running:
                gateway.kill_workers(node_id)
        return
    agents = state.hidden(account, region).agents
    agents[node_id] = replace(agents[node_id], reconnects_at=state.now() + ABSENCE[program])


def forget() -> None:
    """Drop every session with its socket, and all injected endings, before another world is loaded."""
    openings.clear()
    agent_tokens.clear()
    demands.clear()
    faults.clear()
    pace.reset()
    with _lock:
        for gateway in _running:
            gateway.drop_sessions()


def stop() -> None:
    """Stop the server until the next session starts."""
    with _lock:
        while _running:
            _running.pop().stop()
        while _proxy_sockets:
            _proxy_sockets.pop().listening.close()


__all__ = [
    "demands",
    "end",
    "faults",
    "forget",
    "kill",
    "lead_through",
    "openings",
    "pace",
    "start",
    "stop",
    "stream_url",
]
