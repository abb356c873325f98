"""The rows of the tunnels: one a tunnel of this run, open or not."""

from __future__ import annotations

from datetime import datetime

from ssmtui.language import marked, say
from ssmtui.model.tunnel import Tunnel, TunnelState
from ssmtui.session.tunnels.telling import destination, local_address
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.signs import Sign

STATES = {
    TunnelState.OPENING: Sign("·", Ink.MUTED, TunnelState.OPENING.value),
    TunnelState.OPEN: Sign("●", Ink.OK, TunnelState.OPEN.value),
    TunnelState.REOPENING: Sign("▲", Ink.WARN, TunnelState.REOPENING.value),
    TunnelState.IDLE: Sign("○", Ink.MUTED, TunnelState.IDLE.value),
    TunnelState.CLOSED: Sign("■", Ink.FAINT, TunnelState.CLOSED.value),
    TunnelState.FAILED: Sign("✖", Ink.FAIL, TunnelState.FAILED.value),
}

COLUMNS = (
    Column("state", marked("state"), 11, 14, 0),
    Column("here", marked("here"), 15, 15, 0),
    Column("there", marked("leads to"), 16, 48, 0),
    Column("age", marked("open for"), 8, 9, 2),
    Column("reopened", marked("reopened"), 8, 8, 5, numeric=True),
    Column("sent", marked("sent"), 8, 8, 3, numeric=True),
    Column("received", marked("received"), 8, 8, 3, numeric=True),
    Column("why", marked("why"), 12, None, 4),
)

_STEP = 1000
_UNITS = (marked("{amount} kB"), marked("{amount} MB"), marked("{amount} GB"), marked("{amount} TB"))


def is_alive(tunnel: Tunnel) -> bool:
    """Whether it is open, or about to be."""
    return tunnel.state not in {TunnelState.CLOSED, TunnelState.FAILED}


def cells(tunnel: Tunnel, name: str, now: datetime) -> dict[str, Cell]:
    """One row; `name` is the node's."""
    sign = STATES[tunnel.state]
    lively = Ink.PLAIN if is_alive(tunnel) else Ink.MUTED
    return {
        "state": cell(f"{sign.glyph} {sign.word}", sign.ink),
        "here": cell(local_address(tunnel), lively),
        "there": cell(destination(tunnel.request, name), lively),
        "age": cell(age(tunnel, now), Ink.MUTED),
        "reopened": cell(str(tunnel.reopened) if tunnel.reopened else "", Ink.MUTED),
        "sent": cell(amount(tunnel.sent), Ink.MUTED),
        "received": cell(amount(tunnel.received), Ink.MUTED),
        "why": cell(tunnel.why, Ink.MUTED),
    }


def content(tunnel: Tunnel, name: str) -> dict[str, int]:
    """How wide the texts of a tunnel are."""
    return {"state": len(STATES[tunnel.state].word) + 2, "there": len(destination(tunnel.request, name))}


def age(tunnel: Tunnel, now: datetime) -> str:
    """How long its present session has been open; empty where none is."""
    return short_duration(now - tunnel.since) if tunnel.state is TunnelState.OPEN else ""


def amount(count: int) -> str:
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
