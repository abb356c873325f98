"""The tunnels of this run, as screens see them: how they are now, and the node that each goes through by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ssmtui.model.node import NodeKey

if TYPE_CHECKING:
    from ssmtui.model.tunnel import Tunnel
    from ssmtui.ui.state.bench import Bench


def tunnels_of(bench: Bench) -> Sequence[Tunnel]:
    """Every tunnel, the newest last; none where no session can be opened."""
    return bench.sessions.tunnels() if bench.sessions is not None else ()


def node_name(bench: Bench, tunnel: Tunnel) -> str:
    """The Name of the node that a tunnel goes through; empty where it has none, or is not known."""
    scope = tunnel.request.scope
    node = bench.board.state.nodes.get(NodeKey(scope.account, scope.region, tunnel.request.target))
    return node.name if node else ""
