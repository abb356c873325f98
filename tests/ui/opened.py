"""The app opened on a scripted diagnosis, for tests: with what is on its screens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from textual._context import visible_screen_stack
from textual.pilot import Pilot
from textual.strip import Strip

from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.session.session_service import SessionService
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.node_screen import FindingScreen, NodeScreen
from ssmtui.ui.screens.preferences_screen import PreferencesScreen
from ssmtui.ui.state.ui_state import UiStateStore
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane
from tests.ui.builders import NOON
from tests.ui.waiting import until


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test puts it on."""

    seconds: float = 0

    def __call__(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


@dataclass(slots=True)
class Opened:
    """An app that runs, and the pilot that presses its keys."""

    app: SsmtuiApp
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        await self.pilot.press(*(_KEYS.get(each, each) for each in text))

    async def until_screen(self, kind: type) -> None:
        await until(self.pilot, lambda: isinstance(self.app.screen, kind) and self.app.screen.is_mounted)

    async def until_said(self, words: str) -> None:
        try:
            await until(self.pilot, lambda: words in self.said)
        except AssertionError:
            raise AssertionError(f"it never said {words!r}, but:\n{self.said}") from None

    async def until_it_stands(self) -> None:
        """Until two looks see the same: colours come after the words that they colour, and dim keys after answers."""
        await until(self.pilot, lambda: not self.app.context.awaits_switches)
        before = ""
        for _ in range(50):
            await self.pilot.pause()
            now = self.app.export_screenshot()
            if now == before:
                return
            before = now

    @property
    def fleet(self) -> FleetScreen:
        return next(each for each in self.app.screen_stack if isinstance(each, FleetScreen))

    @property
    def nodes(self) -> LineTable[NodeKey]:
        return self.fleet.nodes

    @property
    def names(self) -> list[str]:
        """The nodes shown, by name, in order."""
        state = self.app.context.fleet_view.state
        return [state.nodes[key].name for key in self.nodes.keys]

    @property
    def name_here(self) -> str:
        """The node under the cursor."""
        assert self.nodes.cursor is not None
        return self.app.context.fleet_view.state.nodes[self.nodes.cursor].name

    @property
    def said(self) -> str:
        """The texts of the screen that is up, and of its lines."""
        panes = [pane.text for pane in self.app.screen.query(TextPane) if pane.display]
        return "\n".join([*panes, self.painted])

    @property
    def painted(self) -> str:
        """What is on the terminal, as text."""
        return "\n".join(strip.text for strip in painted_strips(self.app))


def painted_strips(app: SsmtuiApp) -> list[Strip]:
    """Paint the lines of the terminal, as Textual paints them: a dialog with the screens behind it.

    Without those screens, Textual would paint the dialog's background empty and keep it for the next picture.
    """
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips(app.size)


_KEYS = {
    ":": "colon",
    "-": "minus",
    "=": "equals_sign",
    "!": "exclamation_mark",
    "*": "asterisk",
    " ": "space",
    "/": "slash",
}

NODE, CAUSE, CHANGE, PREFERENCES = NodeScreen, FindingScreen, ChangeScreen, PreferencesScreen


@asynccontextmanager
async def opened(
    handle: DiagnosisHandle,
    desk: ChangeService | None = None,
    *,
    size: tuple[int, int] = (120, 40),
    mode: str = "demo",
    notifications: bool = False,
    sessions: SessionService | None = None,
    now: Callable[[], datetime] = lambda: NOON,
    ui_state: UiStateStore | None = None,
    colour_of: Callable[[Scope], str] = lambda _scope: "",
    first_filter: str = "",
    terminal: bool = False,
) -> AsyncIterator[Opened]:
    """The app, once everything that the diagnosis has to tell is on the board; notices are shown where asked for.

    As its first paint finds them, its colours are many; those of the terminal, with what was chosen, where asked for.
    """
    app = SsmtuiApp(lambda: handle, desk, mode=mode, now=now, sessions=sessions)
    app.context.colour_of, app.context.first_filter = colour_of, first_filter
    app.context.ui_state = ui_state or app.context.ui_state
    if terminal:
        app.themes.apply(None, None)
    async with app.run_test(size=size, notifications=notifications) as pilot:
        shown = Opened(app, pilot)
        await until(pilot, lambda: app.context.handle is not None and handle.events.empty())
        await until(pilot, lambda: app.screen.focused is not None)
        yield shown


def filter_said(shown: Opened) -> str:
    """What the filter line says at its end."""
    return str(shown.fleet.filter_line.said.render())
