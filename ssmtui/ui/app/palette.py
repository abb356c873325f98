"""Every command by name: what can be done on the screen that is up, where one can go, and each node and cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from textual.actions import parse

from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.ui.app.saved_filters import SavedFilters
from ssmtui.ui.app.snapshot_saving import SnapshotSaving
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import OpenCause, OpenNode
from ssmtui.ui.state.commands import Command
from ssmtui.ui.words.jumps import JUMPS

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

    from ssmtui.ui.state.bench import Bench

_OFFERED = 20
"""Nodes, and causes, that are offered for what is typed: who means another one types more of it."""


class Palette(SavedFilters, SnapshotSaving):
    """The part of the app that lists commands."""

    bench: Bench

    def commands_of(self, screen: BenchScreen) -> Iterator[Command]:
        """What can be done while a screen is up, once each: its actions first, then where one can go."""
        active = {each.binding.action: each for each in reversed(screen.active_bindings.values())}
        jumps = {jump.action for jump in JUMPS}
        actions: dict[str, ActiveBinding] = {}
        for each in screen.active_bindings.values():
            if each.binding.tooltip and not each.binding.system and each.binding.action not in jumps:
                actions.setdefault(each.binding.action, each)
        for action, each in actions.items():
            if action == "command_palette":
                continue
            yield Command(
                each.binding.description,
                each.binding.tooltip,
                lambda action=action, node=each.node: self.call_next(self.run_action, action, node),  # type: ignore[misc]
                self.get_key_display(each.binding),
                also=parse(action)[1].replace("_", "-"),
                why_not=self._why_not(screen, action, each),
            )
        for jump in JUMPS:
            if self.can_jump(jump.name):
                yield Command(
                    say(jump.title),
                    say(jump.told),
                    lambda name=jump.name: self.jump(name),  # type: ignore[misc]
                    self.get_key_display(active[jump.action].binding) if jump.action in active else "",
                    also=f"{jump.name} {jump.also}",
                    why_not=self.why_no_jump(jump.name),
                )
        yield from self.filter_commands()
        yield self.saving_command()
        yield Command(say("Theme"), say("Choose other colours"), self.action_change_theme, also="colors skin")

    def action_command_palette(self) -> None:
        """Show the commands, with a line to look for one."""
        screen = self.screen
        if isinstance(screen, BenchScreen):
            self.offer(say("Commands"), say("what to do, or where to go"), self.commands_of(screen), more=True)

    def offer(self, title: str, hint: str, commands: Iterable[Command], *, more: bool = False) -> None:
        """Show commands, with a line to look for one; with `more` also what is called as is typed."""
        from ssmtui.ui.screens.palette_dialog import PaletteDialog

        dialog = PaletteDialog(title, hint, list(commands), self._named if more else lambda _typed: ())
        self.push_screen(dialog, lambda command: command.do() if command is not None else None)

    def _why_not(self, screen: BenchScreen, action: str, active: ActiveBinding) -> str:
        if active.enabled:
            return ""
        _, name, parameters = parse(action)
        return screen.why_not_now(name, parameters) or say("not now")

    def _named(self, typed: str) -> Iterator[Command]:
        """The nodes and the causes that hold what is typed in their names."""
        board, wanted = self.bench.board, typed.casefold().strip()
        nodes = (node for node in board.state.nodes.values() if wanted in f"{node.name} {node.id}".casefold())
        for node in islice(nodes, _OFFERED):
            told = " · ".join((say("node"), node.id, node.key.region))
            yield Command(
                printable(node.name or node.id),
                printable(told),
                lambda key=node.key: self.post_message(OpenNode(key)),  # type: ignore[misc]
            )
        causes = (
            (title, held)
            for held in board.state.findings.values()
            if wanted in f"{(title := board.finding_title(held.finding))} {held.id}".casefold()
        )
        for title, held in islice(causes, _OFFERED):
            yield Command(
                printable(title),
                printable(" · ".join((say("cause"), held.finding.subject.name, held.scope.region))),
                lambda id_=held.id: self.post_message(OpenCause(id_)),  # type: ignore[misc]
                also=held.finding.cause,
            )
