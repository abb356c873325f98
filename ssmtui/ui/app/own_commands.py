"""Run the commands that the configuration declares, with the values of the row under the cursor."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.binding import Binding

from ssmtui.config.own_commands import OwnCommand, UnsafeArgument, fill_in
from ssmtui.language import say
from ssmtui.session.external_programs import program_on_path, run_in_background, run_in_terminal
from ssmtui.text.printable import printable
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.state.app_context import READ_ONLY, READ_ONLY_PROFILE
from ssmtui.ui.text.fleet import command_line
from ssmtui.ui.text.styled_text import TextStyle, lines_of, paragraph
from ssmtui.ui.textual_workarounds import add_binding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmtui.ui.state.app_context import AppContext
    from ssmtui.ui.textual_workarounds import HardenedApp

_NOTICE_SECONDS = 15


class OwnCommands:
    """The declared commands: their keys, why a command cannot run now, and its run."""

    def __init__(self, app: HardenedApp, context: AppContext) -> None:
        self._app = app
        self._context = context
        self._commands: Mapping[str, OwnCommand] = {}
        context.why_no_own_command = self.why_not

    def declare(self, commands: Mapping[str, OwnCommand], keys: Mapping[str, str]) -> None:
        """Bind the commands to these keys, by name. Call before the app runs."""
        self._commands = commands
        for name, command in commands.items():
            # Screens translate the words of bindings, in which braces are placeholders.
            words = _escaped(command.description or command_line(command.words))
            for key in keys[name].split(","):
                add_binding(
                    self._app, Binding(key, f"run_own_command('{name}')", _escaped(name), show=False, tooltip=words)
                )

    def why_not(self, name: str) -> str:
        """Return why a command cannot run for the row under the cursor; empty if it can."""
        try:
            self._arguments(self._commands[name])
        except UnsafeArgument as error:
            return str(error)
        return ""

    def run(self, name: str) -> None:
        """Run a command: in the terminal of the app, or in the background."""
        command = self._commands[name]
        try:
            words = self._arguments(command)
        except UnsafeArgument as error:
            self._app.notify(str(error), title=name, severity="warning", markup=False)
            return
        if command.background:
            self._app.notify(say("Running {name}", name=name), timeout=3, markup=False)
            self._app.run_worker(self._run_in_background(command, words), group="own", exit_on_error=False)
        else:
            self._lend_terminal(command, words)

    def _arguments(self, command: OwnCommand) -> tuple[str, ...]:
        """Return the arguments for the row under the cursor.

        Raises:
            UnsafeArgument: the command is not allowed in read-only mode, or a value is missing or unsafe.

        """
        screen = self._app.screen
        if not isinstance(screen, BaseScreen):
            raise UnsafeArgument(say("not available now"))
        fleet_view, key = self._context.fleet_view, screen.selected_node
        node = fleet_view.node(key) if key is not None else None
        scope = (fleet_view.scope_of(key) if key is not None else None) or screen.current_scope
        if not command.read_only and self._context.read_only:
            raise UnsafeArgument(say(READ_ONLY))
        if not command.read_only and scope is not None and self._context.is_read_only(scope.name):
            raise UnsafeArgument(say(READ_ONLY_PROFILE))
        finding = screen.fixable_finding
        values = {
            "id": node.id if node else "",
            "name": node.name if node else "",
            "region": scope.region if scope else "",
            "account": scope.account if scope else "",
            "profile": (scope.name.profile or "") if scope else "",
            "finding": finding.id if finding else "",
        }
        return fill_in(command, values, program_on_path(command.words, os.environ) or command.words[0])

    async def _run_in_background(self, command: OwnCommand, words: tuple[str, ...]) -> None:
        try:
            code, output = await run_in_background(words, os.environ)
        except OSError as error:
            self._report_failed_start(command, error)
            return
        told = say("exit code {code}", code=code)
        from ssmtui.ui.screens.dialogs import TextDialog

        head = paragraph(
            (command_line(words), TextStyle.CODE), "  ", (told, TextStyle.OK if code == 0 else TextStyle.FAIL)
        )
        self._app.push_screen(TextDialog(command.name, (head, paragraph(""), *lines_of(output))))

    def _lend_terminal(self, command: OwnCommand, words: tuple[str, ...]) -> None:
        """Lend the terminal to the command. The loop stands still meanwhile."""
        ended = self._app.lend_terminal(lambda: _run_in_terminal(words))
        match ended:
            case None:
                return
            case SystemExit():
                self._app.exit(return_code=ended.code if isinstance(ended.code, int) else 1)
            case SuspendNotSupported():
                title = say("This terminal cannot be suspended")
                self._app.notify(command.name, title=title, severity="warning", markup=False)
            case OSError():
                self._report_failed_start(command, ended)
            case _:
                raise ended

    def _report_failed_start(self, command: OwnCommand, error: OSError) -> None:
        title = say("{name} cannot be started", name=command.name)
        words = printable(str(error))
        self._app.notify(words, title=title, severity="error", timeout=_NOTICE_SECONDS, markup=False)


def _run_in_terminal(words: tuple[str, ...]) -> None:
    from ssmtui.ui.app.scope_switching import print_to_terminal

    with suppress(EOFError, KeyboardInterrupt):
        print_to_terminal(printable(command_line(words)))
        if code := run_in_terminal(words, os.environ):
            print_to_terminal(say("The command failed ({code}). Press Enter to return.", code=code))
            input()


def _escaped(text: str) -> str:
    return printable(text).replace("{", "{{").replace("}", "}}")
