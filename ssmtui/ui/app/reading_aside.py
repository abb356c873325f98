"""What is read beside what goes on, in a dialog above the screen: what was read of a node, scopes, API calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import App

from ssmtui.language import say
from ssmtui.ui.screens.dialog import TextDialog, YesOrNo
from ssmtui.ui.screens.wishes import OpenRaw
from ssmtui.ui.words.prose import paragraph

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench
    from ssmtui.ui.state.board import Board
    from ssmtui.ui.words.prose import Prose


class ReadingAside(App[None]):
    """The part of the app that shows them."""

    bench: Bench

    @on(OpenRaw)
    def _open_raw(self, wish: OpenRaw) -> None:
        reading = TextDialog(say("Read for this node"), (paragraph(say("Reading…")),))
        self.push_screen(reading)
        self.run_worker(self._read_raw(wish, reading), exclusive=True, group="raw", exit_on_error=False)

    async def _read_raw(self, wish: OpenRaw, reading: TextDialog) -> None:
        if self.bench.inquiry is not None:
            from ssmtui.ui.words.raw_facts import raw_prose

            facts = await asyncio.wrap_future(self.bench.inquiry.facts_of(wish.key))
            reading.show(raw_prose(facts))

    def action_show_scopes(self) -> None:
        """Show whose nodes these are, and what has been asked of AWS."""
        from ssmtui.ui.words.scopes_text import scopes_prose

        self._show(say("Accounts and Regions"), scopes_prose)

    def action_show_calls(self) -> None:
        """Show what has been asked of AWS."""
        from ssmtui.ui.words.scopes_text import calls_prose

        self._show(say("API calls"), calls_prose)

    def _show(self, title: str, told: Callable[[Board], Prose]) -> None:
        if not isinstance(self.screen, TextDialog | YesOrNo):
            self.push_screen(TextDialog(title, told(self.bench.board)))
