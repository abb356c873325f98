"""Return the rows and the text of tunnels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ssmtui.language import say, say_many, translatable
from ssmtui.model.command_lines import tunnel_command
from ssmtui.model.sessions import Tunnel, TunnelRequest, TunnelState
from ssmtui.session.tunnels.forward import destination, local_address
from ssmtui.ui.text.columns import Column
from ssmtui.ui.text.styled_text import (
    Block,
    Cell,
    Prose,
    Sign,
    TextStyle,
    cell,
    heading,
    item,
    paragraph,
    short_duration,
    to_pieces,
)

TUNNEL_STATES = {
    TunnelState.OPENING: Sign("·", TextStyle.MUTED, TunnelState.OPENING.value),
    TunnelState.OPEN: Sign("●", TextStyle.OK, TunnelState.OPEN.value),
    TunnelState.REOPENING: Sign("▲", TextStyle.WARN, TunnelState.REOPENING.value),
    TunnelState.IDLE: Sign("○", TextStyle.MUTED, TunnelState.IDLE.value),
    TunnelState.CLOSED: Sign("■", TextStyle.FAINT, TunnelState.CLOSED.value),
    TunnelState.FAILED: Sign("✖", TextStyle.FAIL, TunnelState.FAILED.value),
}

TUNNEL_COLUMNS = (
    Column("state", translatable("state"), 11, 14, 0),
    Column("here", translatable("here"), 15, 15, 0),
    Column("there", translatable("leads to"), 16, 48, 0),
    Column("age", translatable("open for"), 8, 9, 2),
    Column("reopened", translatable("reopened"), 8, 8, 5, numeric=True),
    Column("sent", translatable("sent"), 8, 8, 3, numeric=True),
    Column("received", translatable("received"), 8, 8, 3, numeric=True),
    Column("why", translatable("why"), 12, None, 4),
)

_STEP = 1000
_UNITS = (
    translatable("{amount} kB"),
    translatable("{amount} MB"),
    translatable("{amount} GB"),
    translatable("{amount} TB"),
)


def is_alive(tunnel: Tunnel) -> bool:
    """Whether it is open, or about to be."""
    return tunnel.state not in {TunnelState.CLOSED, TunnelState.FAILED}


def tunnel_cells(tunnel: Tunnel, name: str, now: datetime) -> dict[str, Cell]:
    """One row; `name` is the node's."""
    sign = TUNNEL_STATES[tunnel.state]
    lively = TextStyle.PLAIN if is_alive(tunnel) else TextStyle.MUTED
    return {
        "state": cell(f"{sign.glyph} {sign.word}", sign.text_style),
        "here": cell(local_address(tunnel), lively),
        "there": cell(destination(tunnel.request, name), lively),
        "age": cell(tunnel_age(tunnel, now), TextStyle.MUTED),
        "reopened": cell(str(tunnel.reopened) if tunnel.reopened else "", TextStyle.MUTED),
        "sent": cell(bytes_text(tunnel.sent), TextStyle.MUTED),
        "received": cell(bytes_text(tunnel.received), TextStyle.MUTED),
        "why": cell(tunnel.why, TextStyle.MUTED),
    }


def tunnel_widths(tunnel: Tunnel, name: str) -> dict[str, int]:
    """How wide the texts of a tunnel are."""
    return {"state": len(TUNNEL_STATES[tunnel.state].word) + 2, "there": len(destination(tunnel.request, name))}


def tunnel_age(tunnel: Tunnel, now: datetime) -> str:
    """How long its present session has been open; empty where none is."""
    return short_duration(now - tunnel.since) if tunnel.state is TunnelState.OPEN else ""


def bytes_text(count: int) -> str:
    """Bytes in words, three digits at most."""
    if count < _STEP:
        return say("{amount} B", amount=count)
    size, units = float(count), iter(_UNITS)
    unit = next(units)
    size /= _STEP
    while size >= 999.5:
        size /= _STEP
        unit = next(units, unit)
    return say(unit, amount=f"{size:.1f}" if size < 9.95 else f"{size:.0f}")


_NAME_WIDTH = 11


def tunnel_prose(tunnel: Tunnel, name: str, now: datetime) -> Prose:
    """Everything that is known of a tunnel."""
    sign, scope = TUNNEL_STATES[tunnel.state], tunnel.request.scope
    title = f"{local_address(tunnel)} → {destination(tunnel.request, name)}"
    lasted = tunnel_age(tunnel, now)
    return (
        item(sign.glyph, (title, TextStyle.STRONG), text_style=sign.text_style),
        paragraph((f"{sign.word} {lasted}".rstrip(), sign.text_style), indent=2),
        *((paragraph((tunnel.why, TextStyle.WARN), indent=2),) if tunnel.why else ()),
        heading(say("Its sessions")),
        _aligned_item(say("node"), tunnel.request.target),
        _aligned_item(say("account"), f"{scope.account} · {scope.region}"),
        _aligned_item(say("since"), f"{tunnel.since:%Y-%m-%d %H:%M:%S} UTC"),
        _aligned_item(say("reopened"), say_many("{count} time", "{count} times", tunnel.reopened)),
        _aligned_item(
            say("bytes"),
            say("{sent} sent, {received} received", sent=bytes_text(tunnel.sent), received=bytes_text(tunnel.received)),
        ),
        heading(say("The same from the command line")),
        paragraph((command(tunnel.request, tunnel.local_port), TextStyle.CODE), indent=2),
    )


def no_tunnels_prose(*, read_only: str) -> Prose:
    """What stands in the place of the rows where there are none; `read_only` is why none can be opened."""
    if read_only:
        return (paragraph((read_only, TextStyle.WARN)),)
    return (
        paragraph((say("No tunnel is open."), TextStyle.STRONG)),
        paragraph(
            say("Press t on a node: a port of it, or of a host that it can reach, becomes one of this computer."),
            gap=True,
        ),
        paragraph(
            say("It is opened again by itself after the hour that AWS allows, after sleep and after a lost connection.")
        ),
    )


def quit_with_tunnels(open_ones: Sequence[Tunnel]) -> tuple[str, Prose]:
    """The question to ask before open tunnels are left: its title, and what to read."""
    count = say_many(
        "{count} tunnel is open, and ends with ssmtui.",
        "{count} tunnels are open, and end with ssmtui.",
        len(open_ones),
    )
    rows = (
        paragraph((f"{local_address(each)} → {destination(each.request, '')}", TextStyle.MUTED))
        for each in open_ones[:3]
    )
    return say("Open tunnels"), (paragraph(count), *rows, paragraph(say("Leave?"), gap=True))


def command(request: TunnelRequest, local_port: int) -> str:
    """The command that opens it."""
    host = f"[{request.host}]" if ":" in request.host else request.host
    where = ":".join(part for part in (str(local_port), host, str(request.remote_port)) if part)
    return tunnel_command(request.target, where, request.scope.name)


def _aligned_item(name: str, value: str) -> Block:
    return Block(to_pieces(value), indent=2, marker=name.ljust(_NAME_WIDTH), solid=True)
