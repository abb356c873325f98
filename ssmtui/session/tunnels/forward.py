"""Parse a port forwarding, build its StartSession request, and describe a tunnel in text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ssmtui.language import say, translatable
from ssmtui.model.sessions import REMOTE_DESKTOP, SessionRequest, Tunnel, TunnelRequest, TunnelState
from ssmtui.text.printable import printable

TO_NODE = "AWS-StartPortForwardingSession"
TO_HOST = "AWS-StartPortForwardingSessionToRemoteHost"
ANY_PORT = "0"
"""The plugin uses any free port; only ssmtui listens on the tunnel's port."""


def session_request(tunnel: TunnelRequest) -> SessionRequest:
    """Return the session request of a tunnel."""
    parameters = [("portNumber", (str(tunnel.remote_port),)), ("localPortNumber", (ANY_PORT,))]
    if tunnel.host:
        parameters.append(("host", (tunnel.host,)))
    return SessionRequest(
        tunnel.scope,
        tunnel.target,
        document=tunnel.document or (TO_HOST if tunnel.host else TO_NODE),
        parameters=tuple(parameters),
        reason=tunnel.reason,
    )


RDP = "rdp"

_PARTS = re.compile(r"(?:(?P<local>[0-9]*):)?(?:(?P<host>\[[^\[\]]+\]|[^\[\]:]+):)?(?P<port>[^\[\]:]+)")
# Names and addresses. Characters that a shell or a document could interpret are not sent (RFC 1123, RFC 4291).
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})|[0-9A-Fa-f:.]{2,45}")


class InvalidForward(ValueError):
    """The text is not a valid port forwarding; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Forward:
    """A port of the node, or of a host behind it. `local`: 0 for any free port; `desktop`: given as `rdp`."""

    port: int
    host: str = ""
    local: int = 0
    desktop: bool = False


def read_forward(text: str) -> Forward:
    """Parse `[LOCAL:][HOST:]PORT`. Raises InvalidForward.

    A number before a single colon is a local port. `rdp` is the port of remote desktops.
    """
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise InvalidForward(
            say(
                "{text} is not [LOCAL:][HOST:]PORT, for example 5432, 8080:80 or 5432:db.internal:5432 (put an IPv6 "
                "address in brackets)",
                text=printable(text),
            )
        )
    return forward_of(parts["local"] or "", (parts["host"] or "").strip("[]"), parts["port"])


def forward_of(local: str, host: str, port: str) -> Forward:
    """Build a forward. Without a local port: any free one; without a host: the node. Raises InvalidForward."""
    if not port:
        raise InvalidForward(say("a port is required, for example 5432"))
    desktop = port.casefold() == RDP
    if host and _HOST.fullmatch(host) is None:
        raise InvalidForward(say("{host} is not a host name or address", host=printable(host)))
    remote = REMOTE_DESKTOP if desktop else _port(port, least=1)
    return Forward(remote, host, _port(local, least=0) if local else 0, desktop)


def _port(text: str, least: int) -> int:
    if re.fullmatch(r"[0-9]{1,5}", text) and least <= int(text) <= 65535:
        return int(text)
    raise InvalidForward(say("{text} is not a port: a port is a number from 1 to 65535", text=printable(text)))


def destination(request: TunnelRequest, name: str) -> str:
    """Return where a tunnel leads, as text: a port of the node, or of a host behind it."""
    node = printable(name or request.target)
    if not request.host:
        return f"{node}:{request.remote_port}"
    host = printable(request.host)
    behind = f"[{host}]" if ":" in host else host
    return say("{host}:{port} behind {node}", host=behind, port=request.remote_port, node=node)


def local_address(tunnel: Tunnel) -> str:
    """Return the address for programs on this computer."""
    return f"localhost:{tunnel.local_port}"


def tunnel_message(before: Tunnel | None, now: Tunnel, name: str) -> str:
    """Return the message about a tunnel's change since `before`; empty if there is nothing to report."""
    was = before.state if before is not None else TunnelState.OPENING
    if before is not None and (was, before.reopened, before.why) == (now.state, now.reopened, now.why):
        return ""
    reopened = before.reopened if before is not None else 0
    here, there = local_address(now), destination(now.request, name)
    match now.state:
        case TunnelState.OPEN if was is TunnelState.OPENING:
            return say("{here} forwards to {there}", here=here, there=there)
        case TunnelState.OPEN if was is not TunnelState.OPEN or now.reopened != reopened or not now.why:
            return say("{here} forwards to {there} again", here=here, there=there)
        case TunnelState.OPEN if now.why:
            return say("{here}: {why}", here=here, why=now.why)
        case TunnelState.REOPENING:
            return say("{here} is reconnecting: {why}", here=here, why=now.why)
        case TunnelState.IDLE:
            return say("{here} is idle and reopens on the next connection: {why}", here=here, why=now.why)
        case TunnelState.FAILED:
            return say("the tunnel to {there} failed: {why}", there=there, why=now.why)
        case TunnelState.CLOSED:
            return say("the tunnel to {there} is closed", there=there)
        case _:
            return ""


_STEP = 1000
_UNITS = (
    translatable("{amount} kB"),
    translatable("{amount} MB"),
    translatable("{amount} GB"),
    translatable("{amount} TB"),
)


def bytes_text(count: int) -> str:
    """Return a number of bytes as text, with at most three digits."""
    if count < _STEP:
        return say("{amount} B", amount=count)
    size, units = float(count), iter(_UNITS)
    unit = next(units)
    size /= _STEP
    while size >= 999.5:
        size /= _STEP
        unit = next(units, unit)
    return say(unit, amount=f"{size:.1f}" if size < 9.95 else f"{size:.0f}")


_RATE_OF_AGENT = range(500_000, 1_000_000)
"""Bytes per second of a tunnel that SSM Agent limits (docs/facts/data-channel.md §10)."""


def peak_rates(tunnel: Tunnel) -> str:
    """Return the highest measured rates of a tunnel as text; empty if none was measured."""
    rates = []
    if tunnel.peak_sent:
        rates.append(say("{amount}/s sent", amount=bytes_text(round(tunnel.peak_sent))))
    if tunnel.peak_received:
        rates.append(say("{amount}/s received", amount=bytes_text(round(tunnel.peak_received))))
    return ", ".join(rates)


def transfer_message(tunnel: Tunnel) -> str:
    """Return what a tunnel carried, and why not faster; empty if no rate was measured."""
    rates = peak_rates(tunnel)
    if not rates:
        return ""
    sent, received = bytes_text(tunnel.sent), bytes_text(tunnel.received)
    here = local_address(tunnel)
    told = say(
        "{here}: {sent} sent, {received} received. Peak rate: {rates}.",
        here=here,
        sent=sent,
        received=received,
        rates=rates,
    )
    if round(tunnel.peak_received) not in _RATE_OF_AGENT:
        return told
    why = say("SSM Agent sends less than 1 MB/s: {command}", command="ssmtui causes slow-tunnel")
    return f"{told} {why}"
