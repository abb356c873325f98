"""Open shells and tunnels on request, and report the state of tunnels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.notifications import SeverityLevel

from ssmtui.language import say
from ssmtui.model.node import PlatformFamily
from ssmtui.text.printable import printable
from ssmtui.ui.screens.screen_requests import OpenShell, OpenTunnel
from ssmtui.ui.state.app_context import all_tunnels, tunnel_node_name
from ssmtui.ui.textual_workarounds import HardenedApp

if TYPE_CHECKING:
    from ssmtui.model.node import Node
    from ssmtui.model.scope import Scope
    from ssmtui.model.sessions import Tunnel
    from ssmtui.session.session_service import SessionService
    from ssmtui.session.tunnels.forward import Forward
    from ssmtui.ui.state.app_context import AppContext


class Shells:
    """The opening of shells, one at a time."""

    def __init__(self, app: HardenedApp, context: AppContext) -> None:
        self._app = app
        self._context = context
        self._opening = False

    def open(self, request: OpenShell) -> None:
        """Open a shell on a node."""
        node, scope = self._context.fleet_view.node(request.key), self._context.fleet_view.scope_of(request.key)
        if node is None or scope is None or self._context.sessions is None or self._opening:
            return
        self._opening = True
        opening = self._shell(node, scope, self._context.sessions)
        self._app.run_worker(opening, group="shell", name="shell", exit_on_error=False)

    async def _shell(self, node: Node, scope: Scope, sessions: SessionService) -> None:
        from ssmtui.ui.app.shell_session import ShellOpener

        try:
            await ShellOpener(self._app, self._context, node, scope, sessions).open_shell()
        finally:
            self._opening = False


_POLL_SECONDS = 1 / 4
"""Seconds between two reads of the tunnels' state."""


class Tunnels:
    """The opening of tunnels, and the notices about their state."""

    def __init__(self, app: App[None], context: AppContext) -> None:
        self._app = app
        self._context = context
        self._known: dict[int, Tunnel] = {}

    def watch(self) -> None:
        """Report the tunnels' state from now on."""
        self._app.set_interval(_POLL_SECONDS, self._report_changes)

    def open(self, request: OpenTunnel) -> None:
        """Say what is known to stop a tunnel through a node; else ask what to forward, and open the tunnel."""
        node, scope = (
            self._context.fleet_view.state.nodes.get(request.key),
            self._context.fleet_view.scope_of(request.key),
        )
        if node is None or scope is None or self._context.sessions is None:
            return
        asking = self._ask(node, scope, self._context.sessions)
        self._app.run_worker(asking, group="tunnel", name="tunnel", exclusive=True, exit_on_error=False)

    async def _ask(self, node: Node, scope: Scope, sessions: SessionService) -> None:
        from ssmtui.model.session_client import SessionClient
        from ssmtui.model.sessions import REMOTE_DESKTOP
        from ssmtui.ui.app.session_obstacles import confirm_failing_node, confirm_plugin
        from ssmtui.ui.screens.tunnels_screen import TunnelForm

        if not await confirm_failing_node(self._app, self._context, node, for_tunnel=True):
            return
        if sessions.client is SessionClient.PLUGIN and not await confirm_plugin(self._app, sessions):
            return
        port = str(REMOTE_DESKTOP) if node.platform_family is PlatformFamily.WINDOWS else ""
        form = TunnelForm(printable(node.name or node.id), port)
        self._app.push_screen(form, lambda forward: self._open_tunnel(node, scope, forward))

    def _open_tunnel(self, node: Node, scope: Scope, forward: Forward | None) -> None:
        if forward is not None and self._context.sessions is not None:
            from ssmtui.model.sessions import TunnelRequest

            request = TunnelRequest(scope, node.id, forward.port, forward.host, forward.local)
            self._context.sessions.open_tunnel(request)

    def _report_changes(self) -> None:
        for each in all_tunnels(self._context):
            from ssmtui.session.tunnels.forward import tunnel_message

            sentence = tunnel_message(self._known.get(each.number), each, tunnel_node_name(self._context, each))
            self._known[each.number] = each
            if sentence:
                self._tell_tunnel(each, sentence)

    def _tell_tunnel(self, tunnel: Tunnel, sentence: str) -> None:
        from ssmtui.model.sessions import TunnelState
        from ssmtui.session.tunnels.forward import local_address

        # On the command line it follows the program's name, here it begins the sentence; an address stays as it is.
        words = sentence if sentence.startswith(local_address(tunnel)) else sentence[:1].upper() + sentence[1:]
        severities: dict[TunnelState, SeverityLevel] = {TunnelState.FAILED: "error", TunnelState.REOPENING: "warning"}
        severity = severities.get(tunnel.state, "information")
        self._app.notify(words, title=say("Tunnel"), severity=severity, markup=False)
