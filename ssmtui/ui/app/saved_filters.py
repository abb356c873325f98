"""Filters kept under a name, found again by it at the next start; and those that were typed last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from textual import on

from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.ui.app.jumping import Jumping
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.state.commands import Command
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.words.saved_filters import why_no_name

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench


class SavedFilters(Jumping):
    """The part of the app that keeps filters, and goes back to them."""

    bench: Bench

    def offer(self, title: str, hint: str, commands: Iterable[Command], *, more: bool = False) -> None:
        """Show commands, with a line to look for one; with `more` also what is called as is typed."""
        raise NotImplementedError

    def filter_commands(self) -> Iterator[Command]:
        """The saved filters, each with what it asks for; how another is saved."""
        for name, text in self.bench.habits.current.filters:
            yield Command(
                say("Filter: {name}", name=printable(name)),
                printable(text),
                lambda text=text: self._filter_by(text),  # type: ignore[misc]
                also="saved filters",
            )
        text = self._fleet.filter_line.text.strip()
        yield Command(
            say("Save filter"),
            printable(text) or say("Keep the filter of the nodes under a name"),
            lambda: self.save_filter(text),
            also="save-filter",
            why_not="" if self._fleet.filter_line.is_kept else say("the nodes are not filtered"),
        )

    def action_saved_filters(self) -> None:
        """Show the filters that were saved, and those typed last, with a line to look for one."""
        self.offer(say("Filters"), say("which filter"), [*self.filter_commands(), *self._recent(), *self._forgetting()])

    @on(FilterLine.Save)
    def _save(self, event: FilterLine.Save) -> None:
        self.save_filter(event.text)

    def save_filter(self, text: str) -> None:
        """Ask for a name, and keep a filter under it."""
        from ssmtui.model.choice import Candidate, Choice
        from ssmtui.ui.screens.choice_dialog import ChoiceDialog

        named = tuple(Candidate(name, printable(old)) for name, old in self.bench.habits.current.filters)
        note = say("Kept: {text}. A name that is there already is taken over.", text=printable(text))
        choice = Choice("name", say("A name for this filter"), named, free=True, note=note)

        async def judge(name: str) -> str:
            return why_no_name(name)

        self.push_screen(ChoiceDialog(choice, judge, self._name_of(text)), lambda name: self._keep(name, text))

    def _keep(self, name: str | None, text: str) -> None:
        if name:
            self.bench.habits.change(lambda habits: habits.with_filter(name, text))
            self.notify(say("@{name} stands for it from now on.", name=name), title=say("Saved"), markup=False)

    def _name_of(self, text: str) -> str:
        return next((name for name, old in self.bench.habits.current.filters if old == text), "")

    def _recent(self) -> Iterator[Command]:
        saved = {text for _, text in self.bench.habits.current.filters}
        for text in self.bench.habits.current.recent_filters:
            if text not in saved:
                yield Command(printable(text), say("typed lately"), lambda text=text: self._filter_by(text))  # type: ignore[misc]

    def _forgetting(self) -> Iterator[Command]:
        for name, text in self.bench.habits.current.filters:
            yield Command(
                say("Forget {name}", name=printable(name)),
                printable(text),
                lambda name=name: self.bench.habits.change(lambda habits: habits.without_filter(name)),  # type: ignore[misc]
                also="delete remove",
            )

    def _filter_by(self, text: str) -> None:
        fleet = self._fleet
        if self.back_to(fleet):
            fleet.narrow(text)

    @property
    def _fleet(self) -> FleetScreen:
        return next(each for each in self.screen_stack if isinstance(each, FleetScreen))
