"""The wish for a shell: one is opened at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App

from ssmtui.ui.screens.wishes import OpenShell

if TYPE_CHECKING:
    from ssmtui.model.node import Node
    from ssmtui.model.scope import Scope
    from ssmtui.session.desk import Sessions
    from ssmtui.ui.state.bench import Bench


class Shells(App[None]):
    """The part of the app that opens shells, one at a time."""

    bench: Bench
    _opening_shell = False

    @on(OpenShell)
    def _open_shell(self, wish: OpenShell) -> None:
        node, scope = self.bench.board.node(wish.key), self.bench.board.scope_of(wish.key)
        if node is None or scope is None or self.bench.sessions is None or self._opening_shell:
            return
        self._opening_shell = True
        opening = self._shell(node, scope, self.bench.sessions)
        self.run_worker(opening, group="shell", name="shell", exit_on_error=False)

    async def _shell(self, node: Node, scope: Scope, sessions: Sessions) -> None:
        from ssmtui.ui.app.shell_opening import ShellOpening, Target

        try:
            await ShellOpening(self, self.bench, Target(node, scope, sessions)).go_through()
        finally:
            self._opening_shell = False
