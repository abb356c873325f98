"""ssmtui as it is started from a shell, watched: which screen is up and what is under its cursor goes to a file.

    python -m tests.walks.watched_app FILE demo

What is on the terminal is read there. This tells what a person knows without reading: that another screen is up, and
that nothing is outstanding. Nothing of the app is otherwise than in `ssmtui`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, Any

from rich.console import RenderableType
from textual.screen import Screen

from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.fleet_screen import FleetScreen


def watch(told: IO[str]) -> None:
    """Have a line written whenever what is told is otherwise than before: of a screen, once it has been painted."""
    tick, display, last = SsmtuiApp._tick, SsmtuiApp._display, [""]
    painted: list[Screen[Any] | None] = [None]

    def displayed(app: SsmtuiApp, screen: Screen[Any], renderable: RenderableType | None) -> None:
        display(app, screen, renderable)
        if renderable is not None and not app._batch_count:
            painted[0] = screen

    def watched(app: SsmtuiApp) -> None:
        tick(app)
        line = json.dumps(state_of(app))
        if line != last[0] and painted[0] is app.screen:
            last[0] = line
            told.write(line + "\n")
            told.flush()

    SsmtuiApp._tick = watched  # type: ignore[method-assign, assignment]
    SsmtuiApp._display = displayed  # type: ignore[method-assign, assignment]


def state_of(app: SsmtuiApp) -> dict[str, object]:
    fleet_view, handle, screen = app.context.fleet_view, app.context.handle, app.screen
    causes = screen.causes if isinstance(screen, FleetScreen) and screen.shows_causes else None
    held = fleet_view.state.findings.get(causes.cursor or "") if causes else None
    return {
        "screens": [type(each).__name__ for each in app.screen_stack if each.is_mounted],
        "focus": type(screen.focused).__name__,
        "settled": bool(fleet_view.state.scopes)
        and not fleet_view.pending
        and handle is not None
        and handle.events.empty(),
        "offers": list(held.finding.fixes) if held else [],
        "cause": causes.cursor if causes else None,
        "last": bool(causes) and causes.cursor == causes.keys[-1] if causes and causes.keys else True,
        "rows": len(causes.keys) if causes else 0,
        "line": causes.keys.index(causes.cursor) if causes and causes.cursor in causes.keys else None,
        "dim": sorted(key for key, each in screen.active_bindings.items() if not each.enabled),
        "writing": app.context.writing,
        "failing": sum(app.context.fleet_view.verdict(key).status.value == "fail" for key in fleet_view.state.nodes),
    }


if __name__ == "__main__":
    file = Path(sys.argv.pop(1))
    with file.open("w", encoding="utf-8") as told:
        watch(told)
        from ssmtui.cli import main

        main()
