"""A node in two lines: what it is called and why it is as it is; and what it is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.ui.words.ink import Cell, Ink
from ssmtui.ui.words.probe_text import probed_pieces
from ssmtui.ui.words.signs import sign_of
from ssmtui.ui.words.why import why

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.ui.words.fleet import Fleet


def node_lines(fleet: Fleet, key: NodeKey, now: datetime) -> Cell:
    """Both lines."""
    node = fleet.node(key)
    if node is None:
        return ((say("This node is there no more."), Ink.WARN),)
    sign = sign_of(fleet.verdict(key))
    words = (key.region, node.state.value if node.state else say("hybrid"), node.platform)
    return (
        (f"{sign.glyph} ", sign.ink),
        (node.name or node.id, Ink.STRONG),
        ("  ", Ink.PLAIN),
        *why(fleet, key),
        ("\n", Ink.PLAIN),
        (node.id, Ink.MUTED),
        *probed_pieces(fleet, fleet.state.probed(key), now),
        (" · " + " · ".join(word for word in words if word), Ink.MUTED),
    )
