"""Show screens, dialogs, and web pages on request, and go back along the breadcrumbs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.app import App

from ssmtui.language import say
from ssmtui.session.external_programs import is_over_ssh, open_in_browser
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.screen_behaviour import copy_and_notify
from ssmtui.ui.screens.screen_requests import (
    OpenConsolePage,
    ScreenRequest,
    ShowNamedScreen,
    ShowNodes,
    ShowRawFacts,
    all_screens,
    create_screen,
)
from ssmtui.ui.text.styled_text import paragraph

if TYPE_CHECKING:
    from ssmtui.ui.screens.dialogs import TextDialog
    from ssmtui.ui.state.app_context import AppContext
    from ssmtui.ui.state.fleet_view import FleetView
    from ssmtui.ui.text.styled_text import Prose


_FLEET_VIEWS = ("nodes", "causes")
_SCREENS_BY_ACTION = ("preferences", "explain")
"""Screens that an action of the current screen opens: it knows their subject."""


class Navigation:
    """The screens that are open, and those that are requested."""

    def __init__(self, app: App[None], context: AppContext) -> None:
        self._app = app
        self._context = context

    @property
    def fleet(self) -> FleetScreen:
        """The screen that all others are above."""
        return next(each for each in self._app.screen_stack if isinstance(each, FleetScreen))

    @property
    def is_on_first_screen(self) -> bool:
        """Whether no other screen is open above the fleet."""
        return sum(isinstance(each, BaseScreen) for each in self._app.screen_stack) <= 1

    def show_screen(self, request: ScreenRequest) -> None:
        """Show a screen that is requested; go back to one of this name if it is open."""
        if isinstance(request, ShowNamedScreen) and (known := self._open_screen_named(request.name)) is not None:
            self.back_to(known)
            return
        screen = create_screen(self._context, request)
        if isinstance(screen, BaseScreen) and isinstance(request, ShowNamedScreen):
            screen.screen_name = request.name
        self._app.push_screen(screen)

    def can_jump(self, name: str) -> bool:
        """Return whether there is a screen of this name."""
        return name in _FLEET_VIEWS or name in _SCREENS_BY_ACTION or name in all_screens()

    def why_cannot_jump(self, name: str) -> str:
        """Return why this screen cannot be opened now; empty if it can."""
        here = self._app.screen
        if not isinstance(here, BaseScreen):
            return say("not available now")
        if name in _FLEET_VIEWS:
            return ""
        if name == "preferences" and here.current_scope is None:
            return say("no Region is open yet")
        return here.why_not_now(*((name, ()) if name in _SCREENS_BY_ACTION else ("put_up", (name,))))

    def jump(self, name: str) -> None:
        """Go to a screen; back to it if it is open."""
        here = self._app.screen
        if not isinstance(here, BaseScreen):
            return
        if name in _FLEET_VIEWS:
            if self.back_to(self.fleet):
                self.fleet.show_view(causes=name == "causes")
        elif name in _SCREENS_BY_ACTION:
            getattr(here, f"action_{name}")()
        else:
            here.action_put_up(name)

    def jump_to_panel(self) -> None:
        """Show a letter over each panel of the screen, and focus the chosen panel."""
        from ssmtui.ui.screens.panel_jump import PanelJump

        screen = self._app.screen
        if isinstance(screen, BaseScreen):
            self._app.push_screen(
                PanelJump(screen), lambda panel: screen.set_focus(panel) if panel is not None else None
            )

    def back_along(self, place: int) -> None:
        """Go back to a screen of the breadcrumbs, by its position."""
        way = [each for each in self._app.screen_stack if isinstance(each, BaseScreen)]
        if 0 <= place < len(way):
            self.back_to(way[place])

    def back_to(self, screen: BaseScreen) -> bool:
        """Go back to an open screen, not past one that cannot be left, or asks first; return whether it is shown."""
        while (here := self._app.screen) is not screen:
            if not isinstance(here, BaseScreen):
                return False
            if reason := here.why_not_now("close", ()):
                self._app.notify(reason, title=say("Back"), severity="warning", markup=False)
                return False
            if here.unsaved:
                getattr(here, "action_close", here.dismiss)()  # asks
                return False
            here.dismiss()
        return True

    def show_nodes(self, wanted: str) -> None:
        """Go back to the fleet, and filter its nodes."""
        if self.back_to(self.fleet):
            self.fleet.narrow(wanted)

    def show_like(self, verdict: str) -> None:
        """Show the nodes of a verdict only, or all again; from elsewhere, go to them."""
        word = f"verdict:{verdict}"
        if isinstance(self._app.screen, FleetScreen):
            self._app.screen.filter_line.toggle(word)
        else:
            self._app.post_message(ShowNodes(word))

    def show_raw_facts(self, request: ShowRawFacts) -> None:
        """Show what was read for a node."""
        from ssmtui.ui.screens.dialogs import TextDialog

        reading = TextDialog(say("Facts of this node"), (paragraph(say("Reading…")),))
        self._app.push_screen(reading)
        self._app.run_worker(self._read_raw(request, reading), exclusive=True, group="raw", exit_on_error=False)

    async def _read_raw(self, request: ShowRawFacts, reading: TextDialog) -> None:
        if self._context.handle is not None:
            from ssmtui.ui.text.node_path import raw_facts_prose

            facts = await asyncio.wrap_future(self._context.handle.facts_of(request.key))
            reading.show(raw_facts_prose(facts))

    def show_scopes(self) -> None:
        """Show accounts, Regions, callers and API calls."""
        from ssmtui.ui.text.fleet import scopes_prose

        self._show_fleet_text(say("Accounts and Regions"), scopes_prose)

    def show_calls(self) -> None:
        """Show the API calls that were made."""
        from ssmtui.ui.text.fleet import calls_prose

        self._show_fleet_text(say("API calls"), calls_prose)

    def _show_fleet_text(self, title: str, text: Callable[[FleetView], Prose]) -> None:
        from ssmtui.ui.screens.dialogs import ConfirmDialog, TextDialog

        if not isinstance(self._app.screen, TextDialog | ConfirmDialog):
            self._app.push_screen(TextDialog(title, text(self._context.fleet_view)))

    def _open_screen_named(self, name: str) -> BaseScreen | None:
        """Return the open screen of this name."""
        return next(
            (each for each in self._app.screen_stack if isinstance(each, BaseScreen) and each.screen_name == name), None
        )


def open_page(app: App[None], request: OpenConsolePage) -> None:
    """Open a page in the browser; without a browser show and copy its address."""
    if has_browser(os.environ, sys.platform):
        app.run_worker(lambda: _open_browser(app, request), thread=True, group="page", name="page", exit_on_error=False)
    else:
        _show_address(app, request)


def _open_browser(app: App[None], request: OpenConsolePage) -> None:
    # In a thread: starting a browser can take a while.
    if open_in_browser(request.url, os.environ):
        words = say("Opened in the browser. Sign in to account {account} there.", account=request.account)
        app.call_from_thread(app.notify, words, title=request.title, timeout=4, markup=False)
    else:
        app.call_from_thread(_show_address, app, request)


def _show_address(app: App[None], request: OpenConsolePage) -> None:
    # The whole address, so that a user can copy it by hand.
    copy_and_notify(app, request.url, say("No browser here: {title}", title=request.title) + f"\n{request.url}", 15)


def has_browser(environment: Mapping[str, str], platform: str) -> bool:
    """Return whether a browser would open where the person is: not at the far end of SSH, and not in this terminal.

    Without a display Python would start a text browser, on the terminal of the app.
    """
    if is_over_ssh(environment):
        return False
    if platform in ("darwin", "win32"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))
