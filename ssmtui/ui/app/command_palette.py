"""List the commands of the command palette, and the saved filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from textual.actions import parse
from textual.app import App

from ssmtui.language import say
from ssmtui.text.printable import printable
from ssmtui.ui.app.navigation import Navigation
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.screen_requests import NAMED_SCREENS, Command, OpenFinding, OpenNode
from ssmtui.ui.text.cause_rows import fix_title
from ssmtui.ui.text.filters import why_invalid_name

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

    from ssmtui.ui.state.app_context import AppContext


class SavedFilters:
    """The filters that are saved under names."""

    def __init__(self, app: App[None], context: AppContext, navigation: Navigation) -> None:
        self._app = app
        self._context = context
        self._navigation = navigation

    def commands(self) -> Iterator[Command]:
        """Return a command for each saved filter, and one that saves the current filter."""
        for name, text in self._context.ui_state.current.filters:
            yield Command(
                say("Filter: {name}", name=printable(name)),
                printable(text),
                lambda text=text: self._navigation.show_nodes(text),  # type: ignore[misc]
                also="saved filters",
            )
        line = self._navigation.fleet.filter_line
        text = line.text.strip()
        yield Command(
            say("Save filter"),
            printable(text) or say("Save the current filter of the nodes"),
            lambda: self.save(text),
            also="save-filter",
            why_not="" if line.is_kept else say("the nodes have no filter"),
        )

    def all_commands(self) -> Iterator[Command]:
        """Return these, the filters typed last, and commands that delete a saved filter."""
        yield from self.commands()
        yield from self._recent()
        yield from self._forgetting()

    def save(self, text: str) -> None:
        """Ask for a name, and save a filter under it."""
        from ssmtui.model.choice import Candidate, Choice
        from ssmtui.ui.screens.input_dialogs import ChoiceDialog

        named = tuple(Candidate(name, printable(old)) for name, old in self._context.ui_state.current.filters)
        note = say("Filter: {text}. If the name exists, its filter is replaced.", text=printable(text))
        choice = Choice("name", say("Name of the filter"), named, free=True, note=note)

        async def validate(name: str) -> str:
            return why_invalid_name(name)

        self._app.push_screen(ChoiceDialog(choice, validate, self._name_of(text)), lambda name: self._keep(name, text))

    def _keep(self, name: str | None, text: str) -> None:
        if name:
            self._context.ui_state.change(lambda ui_state: ui_state.with_filter(name, text))
            self._app.notify(say("Type @{name} to use this filter.", name=name), title=say("Saved"), markup=False)

    def _name_of(self, text: str) -> str:
        return next((name for name, old in self._context.ui_state.current.filters if old == text), "")

    def _recent(self) -> Iterator[Command]:
        saved = {text for _, text in self._context.ui_state.current.filters}
        for text in self._context.ui_state.current.recent_filters:
            if text not in saved:
                yield Command(printable(text), say("recent"), lambda text=text: self._navigation.show_nodes(text))  # type: ignore[misc]

    def _forgetting(self) -> Iterator[Command]:
        for name, text in self._context.ui_state.current.filters:
            yield Command(
                say("Delete filter {name}", name=printable(name)),
                printable(text),
                lambda name=name: self._context.ui_state.change(lambda ui_state: ui_state.without_filter(name)),  # type: ignore[misc]
                also="delete remove",
            )


_MAX_MATCHES = 20
"""Nodes, and causes, that are offered for what is typed; typing more finds the others."""


_OTHER_NAMES = {
    "log_in": "login sso",
    "only_failing": "faults",
    "raw": "yaml json",
    "refresh_all": "reload",
    "save_report": "sd screendump export",
    "shell": "ssh exec",
    "show_help": "h ? alias aliases",
    "switch_scopes": "ctx context contexts ns namespace namespaces profile region",
    "tunnel": "port-forward",
}
"""The names that k9s and other tools have for actions."""

_NOT_LISTED = ("command_palette", "quit")
"""Actions of keys that are no command: this list, and the key that quits on the first screen only."""


class CommandPalette:
    """The commands of a screen, and the screens to go to. `more_commands` are those of the app's other features."""

    def __init__(
        self,
        app: App[None],
        context: AppContext,
        navigation: Navigation,
        more_commands: Callable[[], Iterable[Command]],
    ) -> None:
        self._app = app
        self._context = context
        self._navigation = navigation
        self._more_commands = more_commands

    def commands_of(self, screen: BaseScreen) -> Iterator[Command]:
        """Return each command of a screen once: its actions first, then the screens to go to."""
        active = {each.binding.action: each for each in reversed(screen.active_bindings.values())}
        jumps = {jump.action for jump in NAMED_SCREENS}
        actions: dict[str, ActiveBinding] = {}
        for each in screen.active_bindings.values():
            if each.binding.tooltip and not each.binding.system and each.binding.action not in jumps:
                actions.setdefault(each.binding.action, each)
        for action, each in actions.items():
            if action in _NOT_LISTED:
                continue
            key = self._app.get_key_display(each.binding)
            yield Command(
                self._title_of_fix(screen, action) or each.binding.description,
                each.binding.tooltip,
                lambda action=action, node=each.node: self._app.call_next(self._app.run_action, action, node),  # type: ignore[misc]
                key,
                also=f"{parse(action)[1].replace('_', '-')} {_OTHER_NAMES.get(action, '')}",
                why_not=self._why_not(screen, action, each),
            )
        for jump in NAMED_SCREENS:
            if self._navigation.can_jump(jump.name):
                yield Command(
                    say(jump.title),
                    say(jump.description),
                    lambda name=jump.name: self._navigation.jump(name),  # type: ignore[misc]
                    self._app.get_key_display(active[jump.action].binding) if jump.action in active else "",
                    also=f"{jump.name} {jump.also}",
                    why_not=self._navigation.why_cannot_jump(jump.name),
                )
        yield from self._more_commands()

    def show(self) -> None:
        """Show the commands of the current screen, and a line that searches them."""
        screen = self._app.screen
        if isinstance(screen, BaseScreen):
            self.offer(say("Commands"), say("type to search commands and screens"), self.commands_of(screen), more=True)

    def offer(self, title: str, hint: str, commands: Iterable[Command], *, more: bool = False) -> None:
        """Show commands, and a line that searches them; with `more` also nodes and causes by name."""
        from ssmtui.ui.screens.search_dialogs import PaletteDialog

        dialog = PaletteDialog(title, hint, list(commands), self._named if more else lambda _typed: ())
        self._app.push_screen(dialog, lambda command: command.do() if command is not None else None)

    def _title_of_fix(self, screen: BaseScreen, action: str) -> str:
        """Return the title of the fix that an action previews; empty for other actions."""
        found = screen.fixable_finding
        match parse(action):
            case _, "fix", (int(number),) if found is not None:
                fix = found.finding.fixes[number - 1]
                title = fix_title(self._context.fleet_view, found.finding.cause, fix)
                return say("Fix: {title}", title=printable(title))
            case _:
                return ""

    def _why_not(self, screen: BaseScreen, action: str, active: ActiveBinding) -> str:
        if active.enabled:
            return ""
        _, name, parameters = parse(action)
        return screen.why_not_now(name, parameters) or say("not available now")

    def _named(self, typed: str) -> Iterator[Command]:
        """Return the nodes and the causes whose names contain what is typed."""
        fleet_view, wanted = self._context.fleet_view, typed.casefold().strip()
        nodes = (node for node in fleet_view.state.nodes.values() if wanted in f"{node.name} {node.id}".casefold())
        for node in islice(nodes, _MAX_MATCHES):
            told = " · ".join((say("node"), node.id, node.key.region))
            yield Command(
                printable(node.name or node.id),
                printable(told),
                lambda key=node.key: self._app.post_message(OpenNode(key)),  # type: ignore[misc]
            )
        causes = (
            (title, fleet_finding)
            for fleet_finding in fleet_view.state.findings.values()
            if wanted in f"{(title := fleet_view.finding_title(fleet_finding.finding))} {fleet_finding.id}".casefold()
        )
        for title, fleet_finding in islice(causes, _MAX_MATCHES):
            yield Command(
                printable(title),
                printable(" · ".join((say("cause"), fleet_finding.finding.subject.name, fleet_finding.scope.region))),
                lambda id_=fleet_finding.id: self._app.post_message(OpenFinding(id_)),  # type: ignore[misc]
                also=fleet_finding.finding.cause,
                comes_last=True,
            )
