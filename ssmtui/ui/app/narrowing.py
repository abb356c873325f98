"""From a group of nodes anywhere to these nodes in the fleet."""

from __future__ import annotations

from textual import on

from ssmtui.ui.app.jumping import Jumping
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.wishes import ShowNodes


class Narrowing(Jumping):
    """The part of the app that goes back to the fleet, filtered."""

    @on(ShowNodes)
    def _show_nodes(self, wish: ShowNodes) -> None:
        fleet = next(each for each in self.screen_stack if isinstance(each, FleetScreen))
        if self.back_to(fleet):
            fleet.narrow(wish.wanted)

    def action_show_like(self, verdict: str) -> None:
        """Show the nodes of a verdict only, or all again; from elsewhere, go to them."""
        word = f"verdict:{verdict}"
        if isinstance(self.screen, FleetScreen):
            self.screen.filter_line.toggle(word)
        else:
            self.post_message(ShowNodes(word))
