"""A terminal of one to three columns or rows, as while a window is dragged: every screen stands it."""

from __future__ import annotations

from pathlib import Path

from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import opened
from tests.ui.past_changes import desk_with_a_past
from tests.ui.tunnelled_sessions import some_tunnels
from tests.ui.waiting import until
from tools.trust.monkey.actions import Burst, Deed, Hover, Size, Wheel, do, is_answered

_USUAL = Size(110, 34)
_FEW = ((1, 1), (2, 34), (3, 3), (110, 1))
_SCREENS = {
    "": "FleetScreen",
    "tab": "FleetScreen",
    "enter": "NodeScreen",
    "enter y": "TextDialog",
    "tab enter": "FindingScreen",
    "p": "PreferencesScreen",
    "w": "ChangeScreen",
    "tab F": "FixesScreen",
    "Z": "ChangeHistoryScreen",
    "S": "SessionsScreen",
    "T": "TunnelsScreen",
    "home t": "KeyDialog",
    "slash w e b minus 2 enter t": "TunnelForm",
    "v": "ProbeScreen",
    "W": "ColumnsDialog",
    "a": "ScopesDialog",
    "tilde": "OverviewScreen",
    "x": "ExplainScreen",
    "question_mark": "HelpDialog",
    "colon": "PaletteDialog",
    "slash w e b": "FleetScreen",
}
"""What is pressed on the fleet, and the screen that it leads to."""

_THERE = (Burst(("down", "end", "pageup")), Hover((0, 0), (999, 999), 2), Wheel(0, 0, 1))
"""What is done at each size: nothing of it may need a cell that is not there."""


async def test_every_screen_stands_a_terminal_of_a_few_cells(tmp_path: Path) -> None:
    desk = desk_with_a_past(tmp_path)
    async with opened(demo_inquiry(), desk, size=(_USUAL.columns, _USUAL.rows), sessions=some_tunnels()) as shown:
        app = shown.app
        await shown.until_screen(FleetScreen)
        for keys, expected in _SCREENS.items():
            for key in keys.split():
                await done(app, Burst((key,)))
            await until(shown.pilot, lambda name=expected: type(app.screen).__name__ == name)  # type: ignore[misc]
            for columns, rows in _FEW:
                await done(app, Size(columns, rows))
                await until(shown.pilot, lambda wanted=(columns, rows): painted(app) == wanted)  # type: ignore[misc]
                for each in _THERE:
                    await done(app, each)
            await done(app, _USUAL)
            await until(shown.pilot, lambda: painted(app) == (_USUAL.columns, _USUAL.rows))
            assert type(app.screen).__name__ == expected
            while len(app.screen_stack) > 1:
                await done(app, Burst(("escape",)))
            await done(app, Burst(("escape", *(("tab",) if shown.fleet.shows_causes else ()))))
    desk.close()


async def done(app: SsmtuiApp, deed: Deed) -> None:
    """Do it, and wait until nothing of it is left to do."""
    await do(app, deed)
    assert await is_answered(app)
    assert app._exception is None, (type(app.screen), app.size, deed)


def painted(app: SsmtuiApp) -> tuple[int, int]:
    """How many columns and rows are painted."""
    strips = app.screen._compositor.render_strips()
    return max((strip.cell_length for strip in strips), default=0), len(strips)
