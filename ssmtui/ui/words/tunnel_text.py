"""A tunnel in full, what is said where there is none, and what is asked before those that are open are left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ssmtui.language import say, say_many
from ssmtui.model.command_lines import tunnel_command
from ssmtui.model.tunnel import Tunnel, TunnelRequest
from ssmtui.session.tunnels.telling import destination, local_address
from ssmtui.ui.words.ink import Ink, pieced
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.tunnel_rows import STATES, age, amount

_NAME_ROOM = 11


def tunnel_prose(tunnel: Tunnel, name: str, now: datetime) -> Prose:
    """Everything that is known of a tunnel."""
    sign, scope = STATES[tunnel.state], tunnel.request.scope
    title = f"{local_address(tunnel)} → {destination(tunnel.request, name)}"
    lasted = age(tunnel, now)
    return (
        item(sign.glyph, (title, Ink.STRONG), ink=sign.ink),
        paragraph((f"{sign.word} {lasted}".rstrip(), sign.ink), indent=2),
        *((paragraph((tunnel.why, Ink.WARN), indent=2),) if tunnel.why else ()),
        heading(say("Its sessions")),
        _named(say("node"), tunnel.request.target),
        _named(say("account"), f"{scope.account} · {scope.region}"),
        _named(say("since"), f"{tunnel.since:%Y-%m-%d %H:%M:%S} UTC"),
        _named(say("reopened"), say_many("{count} time", "{count} times", tunnel.reopened)),
        _named(
            say("bytes"),
            say("{sent} sent, {received} received", sent=amount(tunnel.sent), received=amount(tunnel.received)),
        ),
        heading(say("The same from the command line")),
        paragraph((command(tunnel.request, tunnel.local_port), Ink.CODE), indent=2),
    )


def no_tunnels_prose(*, read_only: str) -> Prose:
    """What stands in the place of the rows where there are none; `read_only` is why none can be opened."""
    if read_only:
        return (paragraph((read_only, Ink.WARN)),)
    return (
        paragraph((say("No tunnel is open."), Ink.STRONG)),
        paragraph(
            say("Press t on a node: a port of it, or of a host that it can reach, becomes one of this computer."),
            gap=True,
        ),
        paragraph(
            say("It is opened again by itself after the hour that AWS allows, after sleep and after a lost connection.")
        ),
    )


def leaving_tunnels(open_ones: Sequence[Tunnel]) -> tuple[str, Prose]:
    """The question to ask before open tunnels are left: its title, and what to read."""
    count = say_many(
        "{count} tunnel is open, and ends with ssmtui.",
        "{count} tunnels are open, and end with ssmtui.",
        len(open_ones),
    )
    rows = (
        paragraph((f"{local_address(each)} → {destination(each.request, '')}", Ink.MUTED)) for each in open_ones[:3]
    )
    return say("Open tunnels"), (paragraph(count), *rows, paragraph(say("Leave?"), gap=True))


def command(request: TunnelRequest, local_port: int) -> str:
    """The command that opens it."""
    host = f"[{request.host}]" if ":" in request.host else request.host
    where = ":".join(part for part in (str(local_port), host, str(request.remote_port)) if part)
    return tunnel_command(request.target, where, request.scope.name)


def _named(name: str, value: str) -> Block:
    return Block(pieced(value), indent=2, marker=name.ljust(_NAME_ROOM), solid=True)
