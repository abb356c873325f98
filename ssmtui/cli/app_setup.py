"""Prepare the app and the terminal before the app opens, and run it to its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ssmtui.cli.errors import UsageError
from ssmtui.cli.printing import ascii_alone, is_terminal, print_message
from ssmtui.cli.signals import note_ctrl_c, report_crashes_to, shut_down_with
from ssmtui.cli.suggestions import suggest
from ssmtui.config.declared_settings import COLOUR
from ssmtui.language import say
from ssmtui.report.exit_code import ExitCode
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.config.setting_types import SettingValue
    from ssmtui.config.settings import Settings
    from ssmtui.model.scope import Scope
    from ssmtui.ui.app.app import SsmtuiApp
    from ssmtui.ui.app.quit import AppShutdown


def restore_terminal() -> None:
    """Set it right. Windows ends a program's modes with the program."""
    if sys.platform != "win32":
        from ssmtui.session.terminal import make_sane

        make_sane()


def run_app(app: AppShutdown) -> None:
    """Run it until the person leaves it. Raises what ended it otherwise, for the edge of the program to tell."""
    with (
        shut_down_with(app.request_exit, app.has_begun_to_end, app.let_terminal_go),
        report_crashes_to(app.exit_on_error),
    ):
        try:
            app.run()
        finally:
            app.release_terminal()
        if app.return_code == ExitCode.INTERRUPTED:
            note_ctrl_c()
    if app.fatal_error is not None:
        raise app.fatal_error


def apply_key_bindings(app: SsmtuiApp, told: SettingValue[Mapping[str, str]]) -> None:
    """Give an app its keys; before it runs. Where none are given no screen is loaded for it.

    Raises:
        UsageError: an action, a key, or two actions for a key that cannot be; it says where that was said.

    """
    if not told.value:
        return
    from ssmtui.ui.screens.key_catalogue import KeymapError, checked_keymap

    try:
        app.keymap = checked_keymap(told.value, type(app))
    except KeymapError as wrong:
        where = told.origin.below.get(wrong.action, told.origin.name)
        raise UsageError(f"{printable(where)}: keys.{printable(wrong.action)}: {wrong}") from wrong


def can_show_screens() -> bool:
    """Whether a screen can be painted and keys read; where only keys cannot be, say why a report is printed instead.

    A dumb terminal knows no places. Where the output is a file, a report is what somebody wants.
    """
    if is_terminal(sys.stdin, sys.stdout):
        return True
    if is_terminal(sys.stdout):
        print_message(say("Standard input is not a terminal, so the app cannot start. The report follows."))
    return False


def apply_colours(app: SsmtuiApp, settings: Settings) -> None:
    """Have the header wear the colours that the configuration gives profiles and accounts; before the app runs."""
    if not settings.says(COLOUR):
        return

    @cache
    def colour_of(scope: Scope) -> str:
        return settings.alone(COLOUR, scope.name.profile, scope.account).value or ""

    app.context.colour_of = colour_of


def apply_ui_state(app: SsmtuiApp, state: Path, themes: Path | None, theme: str | None) -> None:
    """Give an app its habits and its colours; before it runs.

    `state` is the folder of what outlasts the run, `themes` that of the person's own, `theme` the one that the
    configuration names: where there is none of that name, it is refused.
    """
    from ssmtui.ui.state.ui_state_file import UiStateFile, UiStateStore

    app.context.ui_state = UiStateStore(UiStateFile(state))
    app.plain_keys = ascii_alone()
    mistakes = app.dress(themes, theme)
    names = tuple(app.available_themes)
    # One of the person's own that has a mistake is told of in the app: colours are no reason not to start.
    own = themes / f"{theme}.toml" if theme is not None and themes is not None else None
    is_broken = own is not None and os.path.isfile(own)  # noqa: PTH113 - Path's own raises for a long one
    if theme is not None and theme not in names and not is_broken:
        sentence = say("the configuration names a theme that there is not: {theme}.", theme=printable(theme))
        near = suggest(theme, names)
        raise UsageError(sentence + (near or " " + say("There are: {names}", names=", ".join(names))))
    app.trouble += mistakes
