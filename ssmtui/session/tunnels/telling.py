"""What is said of a tunnel when something has happened to it: once, and the same on screen and on the command line."""

from __future__ import annotations

from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.model.tunnel import Tunnel, TunnelRequest, TunnelState


def destination(request: TunnelRequest, name: str) -> str:
    """Where a tunnel leads: a node's port, or that of a host behind it."""
    node = printable(name or request.target)
    if not request.host:
        return f"{node}:{request.remote_port}"
    host = printable(request.host)
    behind = f"[{host}]" if ":" in host else host
    return say("{host}:{port} behind {node}", host=behind, port=request.remote_port, node=node)


def local_address(tunnel: Tunnel) -> str:
    """Where programs of this computer find it."""
    return f"localhost:{tunnel.local_port}"


def told(before: Tunnel | None, now: Tunnel, name: str) -> str:
    """The sentence for what has happened to a tunnel since it was `before`; empty where nothing is to be said."""
    was = before.state if before is not None else TunnelState.OPENING
    if before is not None and (was, before.reopened, before.why) == (now.state, now.reopened, now.why):
        return ""
    reopened = before.reopened if before is not None else 0
    here, there = local_address(now), destination(now.request, name)
    match now.state:
        case TunnelState.OPEN if was is TunnelState.OPENING:
            return say("{here} leads to {there}", here=here, there=there)
        case TunnelState.OPEN if was is not TunnelState.OPEN or now.reopened != reopened:
            return say("{here} leads to {there} again", here=here, there=there)
        case TunnelState.OPEN if now.why:
            return say("{here}: {why}", here=here, why=now.why)
        case TunnelState.REOPENING:
            return say("{here} is being opened again: {why}", here=here, why=now.why)
        case TunnelState.IDLE:
            return say("{here} is idle, and is opened again when somebody connects: {why}", here=here, why=now.why)
        case TunnelState.FAILED:
            return say("the tunnel to {there} has failed: {why}", there=there, why=now.why)
        case TunnelState.CLOSED:
            return say("the tunnel to {there} is closed", there=there)
        case _:
            return ""
