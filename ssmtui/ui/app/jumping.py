"""Going from one screen to another without losing the place: back along the way here, or to any by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App

from ssmtui.language import say
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.putting_up import all_screens, screen_for
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import PutUp, Wish

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench

_OF_THE_FLEET = ("nodes", "causes")
_BY_ACTION = ("preferences", "explain")
"""Screens that an action leads to, which knows what they are to be about."""


class Jumping(App[None]):
    """The part of the app that puts screens up, and goes back to them."""

    bench: Bench

    @on(Wish)
    def _put_up(self, wish: Wish) -> None:
        if isinstance(wish, PutUp) and (known := self._put_up_as(wish.name)) is not None:
            self.back_to(known)
            return
        screen = screen_for(self.bench, wish)
        if isinstance(screen, BenchScreen) and isinstance(wish, PutUp):
            screen.put_up_as = wish.name
        self.push_screen(screen)

    def can_jump(self, name: str) -> bool:
        """Whether there is a screen of that name."""
        return name in _OF_THE_FLEET or name in _BY_ACTION or name in all_screens()

    def why_no_jump(self, name: str) -> str:
        """Why one cannot go there now; empty where one can."""
        here = self.screen
        if not isinstance(here, BenchScreen):
            return say("not now")
        if name in _OF_THE_FLEET:
            return ""
        if name == "preferences" and here.scope_here is None:
            return say("no Region is open yet")
        return here.why_not_now(*((name, ()) if name in _BY_ACTION else ("put_up", (name,))))

    def jump(self, name: str) -> None:
        """Go to a screen: to the one that is there already, where it is."""
        here = self.screen
        if not isinstance(here, BenchScreen):
            return
        if name in _OF_THE_FLEET:
            fleet = next(each for each in self.screen_stack if isinstance(each, FleetScreen))
            if self.back_to(fleet):
                fleet.show_view(causes=name == "causes")
        elif name in _BY_ACTION:
            getattr(here, f"action_{name}")()
        else:
            here.action_put_up(name)

    def action_back_along(self, place: int) -> None:
        """Go back to a screen of the way here, by its place on it."""
        way = [each for each in self.screen_stack if isinstance(each, BenchScreen)]
        if 0 <= place < len(way):
            self.back_to(way[place])

    def back_to(self, screen: BenchScreen) -> bool:
        """Go back to a screen along the way here; not past one that cannot be left, or asks first. Whether it is up."""
        while (here := self.screen) is not screen:
            if not isinstance(here, BenchScreen):
                return False
            if reason := here.why_not_now("close", ()):
                self.notify(reason, title=say("Back"), severity="warning", markup=False)
                return False
            if here.unsaved:
                getattr(here, "action_close", here.dismiss)()  # asks
                return False
            here.dismiss()
        return True

    def _put_up_as(self, name: str) -> BenchScreen | None:
        """The screen of that name on the way here."""
        return next(
            (each for each in self.screen_stack if isinstance(each, BenchScreen) and each.put_up_as == name), None
        )
