"""Every command by name: what can be done on the screen that is up, once each."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import App, SystemCommand
from textual.binding import ActiveBinding
from textual.command import CommandPalette
from textual.screen import Screen

from ssmtui.language import say


class Palette(App[None]):
    """The part of the app that lists commands."""

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the screen by name, and the themes."""
        actions: dict[str, ActiveBinding] = {}
        for active in screen.active_bindings.values():
            if active.enabled and active.binding.tooltip and not active.binding.system:
                actions.setdefault(active.binding.action, active)
        for action, active in actions.items():
            yield SystemCommand(
                active.binding.description,
                active.binding.tooltip,
                lambda action=action: self.call_next(screen.run_action, action),
            )
        yield SystemCommand(say("Theme"), say("Choose other colours"), self.action_change_theme)

    def action_command_palette(self) -> None:
        """Show the commands, with a line to look for one."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=say("Search for a command…"), id="--command-palette"))
