"""What is to be forwarded, as it is written: `[LOCAL:][HOST:]PORT`, read as `ssh -L` reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.model.tunnel import REMOTE_DESKTOP

RDP = "rdp"

_PARTS = re.compile(r"(?:(?P<local>[0-9]*):)?(?:(?P<host>\[[^\[\]]+\]|[^\[\]:]+):)?(?P<port>[^\[\]:]+)")
# Names and addresses; what else could mean something to a shell or a document is not sent (RFC 1123, RFC 4291).
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})|[0-9A-Fa-f:.]{2,45}")


class NoForward(ValueError):
    """A text that names nothing to forward; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Forward:
    """A port of the node, or of a host behind it. `local` is 0 for any free one; `desktop`: asked for as `rdp`."""

    port: int
    host: str = ""
    local: int = 0
    desktop: bool = False


def read_forward(text: str) -> Forward:
    """What `[LOCAL:][HOST:]PORT` says. Raises NoForward.

    A number in front of one colon is a local port. `rdp` stands for the port of remote desktops.
    """
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise NoForward(
            say(
                "{text} is not [LOCAL:][HOST:]PORT, such as 5432, 8080:80 or 5432:db.internal:5432 (an IPv6 address "
                "stands in brackets)",
                text=printable(text),
            )
        )
    return forward_of(parts["local"] or "", (parts["host"] or "").strip("[]"), parts["port"])


def forward_of(local: str, host: str, port: str) -> Forward:
    """The same from its parts; an empty local port is any free one, an empty host the node itself. Raises NoForward."""
    if not port:
        raise NoForward(say("a port is needed, such as 5432"))
    desktop = port.casefold() == RDP
    if host and _HOST.fullmatch(host) is None:
        raise NoForward(say("{host} is no name or address of a host", host=printable(host)))
    remote = REMOTE_DESKTOP if desktop else _port(port, least=1)
    return Forward(remote, host, _port(local, least=0) if local else 0, desktop)


def _port(text: str, least: int) -> int:
    if re.fullmatch(r"[0-9]{1,5}", text) and least <= int(text) <= 65535:
        return int(text)
    raise NoForward(say("{text} is no port: those are the numbers from 1 to 65535", text=printable(text)))
