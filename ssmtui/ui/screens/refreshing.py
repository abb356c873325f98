"""Looking at the fleet again: at a row, at all of it, or at all of it every so often."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from ssmtui.language import marked, say, say_many
from ssmtui.ui.screens.row_telling import RowTelling
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.words.durations import short_duration


class RefreshedScreen(BenchScreen):
    """A screen of the whole fleet, which is looked at again when a person says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+r", "refresh_all", marked("Refresh"), show=False, tooltip=marked("List and check everything anew")
        ),
        Binding(
            "R",
            "timed_refresh",
            marked("By itself"),
            show=False,
            tooltip=marked("Refresh by itself every so often, or no more"),
        ),
    ]

    def action_refresh_all(self) -> None:
        """List and check everything anew."""
        self.bench.refresh()
        self.notify(say("Listing and checking everything again"), timeout=3)

    def action_timed_refresh(self) -> None:
        """Look at everything again every so often, or no more."""
        self.bench.timed.switch()
        pause = self.bench.timed.pause
        if pause is not None:
            self.notify(say("Everything is looked at again every {time}", time=short_duration(pause)), timeout=3)
        else:
            self.notify(say("Nothing is looked at again by itself"), timeout=3)


class RefreshingScreen(RefreshedScreen, RowTelling):
    """A screen whose rows are looked at again when a person says so. They stay where they are meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r", "recheck", marked("Recheck"), show=False, tooltip=marked("Check this row again, or the marked ones")
        ),
    ]

    def action_recheck(self) -> None:
        """Check what the row is about again, or the marked rows."""
        rows = self.rows_chosen
        self.bench.look_again(rows)
        name = self.bench.board.name_of(rows[0])
        words = say_many("Checking {name} again", "Checking {count} nodes again", count=len(rows), name=name)
        self.notify(words, timeout=3, markup=False)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What is checked again is a node."""
        if action == "recheck" and not self.rows_chosen:
            return say("no node is chosen")
        return super().why_not(action, parameters)
