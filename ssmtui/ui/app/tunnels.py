"""From the wish for a tunnel to one that is open, and what happens to it told wherever the person is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App

from ssmtui.language import say
from ssmtui.model.node import PlatformFamily
from ssmtui.model.plain_text import printable
from ssmtui.ui.screens.wishes import OpenTunnel
from ssmtui.ui.state.tunnels import node_name, tunnels_of

if TYPE_CHECKING:
    from ssmtui.model.node import Node
    from ssmtui.model.scope import Scope
    from ssmtui.model.tunnel import Tunnel
    from ssmtui.session.tunnels.forward import Forward
    from ssmtui.ui.state.bench import Bench

_LOOK = 1 / 4
"""Seconds between two looks at how the tunnels are."""


class Tunnels(App[None]):
    """The part of the app that opens tunnels, and tells of them."""

    bench: Bench
    _known: dict[int, Tunnel]

    def on_mount(self) -> None:
        """Look after the tunnels from now on."""
        self._known = {}
        self.set_interval(_LOOK, self._look_after_tunnels)

    @on(OpenTunnel)
    def _ask_for_tunnel(self, wish: OpenTunnel) -> None:
        node, scope = self.bench.board.state.nodes.get(wish.key), self.bench.board.scope_of(wish.key)
        if node is None or scope is None or self.bench.sessions is None:
            return
        from ssmtui.model.tunnel import REMOTE_DESKTOP
        from ssmtui.ui.screens.tunnel_form import TunnelForm

        port = str(REMOTE_DESKTOP) if node.platform_family is PlatformFamily.WINDOWS else ""
        form = TunnelForm(printable(node.name or node.id), port)
        self.push_screen(form, lambda forward: self._open_tunnel(node, scope, forward))

    def _open_tunnel(self, node: Node, scope: Scope, forward: Forward | None) -> None:
        if forward is not None and self.bench.sessions is not None:
            from ssmtui.model.tunnel import TunnelRequest

            request = TunnelRequest(scope, node.id, forward.port, forward.host, forward.local)
            self.bench.sessions.open_tunnel(request)

    def _look_after_tunnels(self) -> None:
        for each in tunnels_of(self.bench):
            from ssmtui.session.tunnels.telling import told

            sentence = told(self._known.get(each.number), each, node_name(self.bench, each))
            self._known[each.number] = each
            if sentence:
                self._tell_tunnel(each, sentence)

    def _tell_tunnel(self, tunnel: Tunnel, sentence: str) -> None:
        from ssmtui.model.tunnel import TunnelState
        from ssmtui.session.tunnels.telling import local_address

        # On the command line it stands behind the program's name, here alone; an address stays as it is.
        words = sentence if sentence.startswith(local_address(tunnel)) else sentence[:1].upper() + sentence[1:]
        match tunnel.state:
            case TunnelState.FAILED:
                self.notify(words, title=say("Tunnel"), severity="error", markup=False)
            case TunnelState.REOPENING:
                self.notify(words, title=say("Tunnel"), severity="warning", markup=False)
            case _:
                self.notify(words, title=say("Tunnel"), markup=False)
