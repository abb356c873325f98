"""Quit the app by a key, a signal, a closed terminal, or an error; Ctrl-C first copies a selection."""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.driver import Driver
from textual.widget import Widget
from textual.widgets import Input

from ssmtui.language import say
from ssmtui.text.printable import pasteable
from ssmtui.ui.app.error_boundary import ErrorBoundary
from ssmtui.ui.screens.base_screen import BaseScreen, accepts_text, copy_and_notify
from ssmtui.ui.screens.dialogs import ConfirmDialog, quit_during_change, quit_with_edits, quit_with_probes
from ssmtui.ui.state.app_context import all_tunnels

if TYPE_CHECKING:
    from ssmtui.ui.state.app_context import AppContext


class ClipboardHandler(App[None]):
    """The part of the app that copies."""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text; nothing in it would be a key where it is pasted."""
        super().copy_to_clipboard(pasteable(text))

    def copy_selection(self) -> bool:
        """Copy what is selected, and select it no more; False where nothing is."""
        selected = _selected_text(self.focused) or self.screen.get_selected_text()
        if not selected:
            return False
        copy_and_notify(self.screen, selected)
        self.screen.clear_selection()
        _clear_selection(self.focused)
        return True


def _selected_text(widget: Widget | None) -> str:
    return str(getattr(widget, "selected_text", "")) if accepts_text(widget) else ""


def _clear_selection(widget: Widget | None) -> None:
    if isinstance(widget, Input):
        widget.cursor_position = widget.cursor_position
    elif accepts_text(widget):
        from textual.widgets import TextArea

        if isinstance(widget, TextArea):
            widget.move_cursor(widget.cursor_location)


INTERRUPTED = 130
"""The exit code of what a signal by the keyboard ended (128 + SIGINT)."""


class QuitHandler(ClipboardHandler):
    """The part of the app that is left."""

    context: AppContext

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where there is no shell to go back to, nothing is suspended: on Windows, and in a browser."""
        if action == "suspend_process" and not (
            self._driver is not None and self._driver.can_suspend and sys.platform != "win32"
        ):
            return False
        return super().check_action(action, parameters)

    def action_suspend_process(self) -> None:
        """Stop, as Ctrl-Z stops every program, till the shell takes it up again; not in the middle of a change."""
        if self.context.writing:
            self.notify(say("A change is being written: suspend ssmtui once it is done."), severity="warning")
        else:
            super().action_suspend_process()

    def action_leave(self) -> None:
        """Leave; ask first while a change is written, a tunnel is open, or where something typed would be lost."""
        self._leave(return_code=0)

    def action_interrupt(self) -> None:
        """Copy what is selected; without a selection, leave as what Ctrl-C interrupts does, by its exit code."""
        if not self.copy_selection():
            self._leave(return_code=INTERRUPTED)

    def _leave(self, *, return_code: int) -> None:
        unsaved = [each.unsaved for each in self.screen_stack if isinstance(each, BaseScreen) and each.unsaved]
        question = quit_during_change() if self.context.writing else quit_with_edits(unsaved[-1]) if unsaved else None
        if question is None and (tunnels := all_tunnels(self.context)):
            from ssmtui.ui.text.tunnels import is_alive, quit_with_tunnels

            open_ones = [each for each in tunnels if is_alive(each)]
            question = quit_with_tunnels(open_ones) if open_ones else None
        if question is None and any(each.is_running for each in self.context.probes):
            question = quit_with_probes()
        if question is None:
            self.exit(return_code=return_code)
        elif not isinstance(self.screen, ConfirmDialog):
            self.push_screen(ConfirmDialog(*question), lambda yes: self.exit(return_code=return_code) if yes else None)


def end_reading_keys(app: App[Any]) -> None:
    """End every thread that reads keys for an app that has ended, whichever way.

    Textual ends the newest as it leaves the terminal. Where it was torn from that (the window was closed while another
    program had the terminal), one goes on, reads nothing from a terminal that is gone, and keeps the process.
    """
    ended = getattr(app._driver, "exit_event", None)
    if isinstance(ended, Event):
        ended.set()


HUNG_UP = 129
"""The exit code of what a closed terminal ended (128 + SIGHUP)."""


class AppShutdown(ErrorBoundary):
    """The part of the app that ends in order: what is open is ended, and the terminal is as it was."""

    def get_driver_class(self) -> type[Driver]:
        """Our own, where Textual's is the one that it is made of."""
        chosen = super().get_driver_class()
        if sys.platform == "win32":
            return chosen
        from textual.drivers.linux_driver import LinuxDriver

        from ssmtui.ui.app.terminal import TerminalDriver

        return TerminalDriver if chosen is LinuxDriver else chosen

    def request_exit(self, code: int) -> bool:
        """End soon, by this exit code; from a signal's handler, too. False where there is no screen that could."""
        if getattr(self._driver, "is_lent", False):
            return False
        if self._exit:
            return True  # it does so already
        return self._on_the_loop(lambda: self.exit(return_code=code))

    def has_begun_to_end(self) -> bool:
        """Whether the app has heard that it is to end."""
        return self._exit

    def let_terminal_go(self) -> None:
        """Give the terminal back from another thread while this app hangs: nothing of it may wait for the app."""
        let_go = getattr(self._driver, "let_go", None)
        if let_go is not None:
            let_go()

    def release_terminal(self) -> None:
        """See to it that it is given back, once the app has run: an interruption may have come while Textual did it."""
        if self._driver is not None:
            self._driver.close()

    def exit_on_hang_up(self) -> None:
        """End as what a closed terminal ends."""
        self._on_the_loop(lambda: self.exit(return_code=HUNG_UP))

    def exit_on_error(self, error: BaseException) -> None:
        """End by what cannot be outlived; whoever started the app tells of it."""
        self.fatal_error = self.fatal_error or error
        self._on_the_loop(lambda: self.exit(return_code=1))

    def _on_the_loop(self, do: Callable[[], None]) -> bool:
        loop = self._loop
        if loop is None or loop.is_closed():
            return False
        loop.call_soon_threadsafe(do)
        return True
