"""Quit the app, after asking if something would be lost; copy a selection."""

from __future__ import annotations

from textual.app import App
from textual.widget import Widget
from textual.widgets import Input

from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.screen_behaviour import accepts_text, copy_and_notify
from ssmtui.ui.state.app_context import AppContext, all_tunnels

INTERRUPTED = 130
"""The exit code of what a signal by the keyboard ended (128 + SIGINT)."""


def copy_selection(app: App[None]) -> bool:
    """Copy what is selected and clear the selection; return whether anything was selected."""
    selected = _selected_text(app.focused) or app.screen.get_selected_text()
    if not selected:
        return False
    copy_and_notify(app, selected)
    app.screen.clear_selection()
    _clear_selection(app.focused)
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


def quit_app(app: App[None], context: AppContext, *, return_code: int) -> None:
    """Quit; ask first while a change is written, a tunnel is open, or where something typed would be lost."""
    from ssmtui.ui.screens.dialogs import ConfirmDialog, quit_during_change, quit_with_edits, quit_with_probes

    unsaved = [each.unsaved for each in app.screen_stack if isinstance(each, BaseScreen) and each.unsaved]
    question = quit_during_change() if context.writing else quit_with_edits(unsaved[-1]) if unsaved else None
    if question is None and (tunnels := all_tunnels(context)):
        from ssmtui.ui.text.probes import is_alive, quit_with_tunnels

        open_ones = [each for each in tunnels if is_alive(each)]
        question = quit_with_tunnels(open_ones) if open_ones else None
    if question is None and any(each.is_running for each in context.probes):
        question = quit_with_probes()
    if question is None:
        app.exit(return_code=return_code)
    elif not isinstance(app.screen, ConfirmDialog):
        app.push_screen(ConfirmDialog(*question), lambda yes: app.exit(return_code=return_code) if yes else None)
