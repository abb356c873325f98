"""Make changes by hand: from the fleet to a preview, through it in some way, and back, from any screen."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator

from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.change_screen import ChangeScreen, ChangeSetScreen
from ssmtui.ui.screens.dialogs import ConfirmDialog, StepsDialog
from ssmtui.ui.screens.fixes_screen import FixesScreen
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.input_dialogs import ChoiceDialog
from ssmtui.ui.state.changes import ChangePhase
from tools.trust.monkey.actions import Burst, Change, Click, Deed, Pasted, Rest, Route, Size, Way, written

_PATIENCE = 60
"""Turns of the app's clock to wait for a plan, or for AWS's answer; after that the change is abandoned."""

_AT_LEAST = 3
"""Turns to wait for a plan of which nothing is visible yet."""

_BACK = 24
"""Presses of Esc after which the way back to the fleet is abandoned."""

_TINY = Size(3, 2)


async def changing(app: SsmtuiApp, change: Change) -> AsyncGenerator[Deed, None]:
    """Yield the actions one after another; each is done before the next is requested."""
    async for deed in _home(app):
        yield deed
    if not isinstance(app.screen, FleetScreen):
        return
    for deed in _asked(app, app.screen, change):
        yield deed
    async for deed in _previewed(app, change):
        yield deed
    for ways in (change.ways, change.back):
        preview = app.screen
        if not isinstance(preview, ChangeScreen | ChangeSetScreen):
            return
        for way in ways:
            for deed in _gone(app, preview, way):
                yield deed
        for _ in range(_PATIENCE):
            if preview.confirmation.phase is not ChangePhase.MAKING or app.screen is not preview:
                break
            yield Rest(1)
        if preview.confirmation.phase is ChangePhase.MADE and change.back:
            yield Burst(("z",))
    yield Burst(("escape",))


async def _home(app: SsmtuiApp) -> AsyncIterator[Deed]:
    asked = False
    for _ in range(_BACK):
        screen = app.screen
        if isinstance(screen, FleetScreen):
            yield Burst(("escape", "escape"))
            return
        if app.context.writing:
            yield Rest(1)
        # Esc is "no" to a question: to leave a form, answer yes.
        yield Burst(("y" if asked and isinstance(screen, ConfirmDialog) else "escape",))
        asked = asked or isinstance(screen, ConfirmDialog)


def _asked(app: SsmtuiApp, fleet: FleetScreen, change: Change) -> Iterator[Deed]:
    """Yield the keys that open a preview."""
    match change.route:
        case Route.BACK:
            yield Burst(("z",))
            return
        case Route.SWITCH:
            yield _on_nodes(fleet, change.row)
            yield Burst((("e", "w")[change.fix % 2],))
            return
        case Route.TOGETHER:
            yield _on_nodes(fleet, change.row)
            yield Burst(("space", "down", "space", "F"))
            return
        case Route.NODE:
            yield _on_nodes(fleet, change.row)
            yield Burst(("enter",))
        case Route.CAUSE:
            yield Burst((*(() if fleet.shows_causes else ("tab",)), "home", *["down"] * change.row))
    offered = [key for key, each in app.screen.active_bindings.items() if key.isdigit() and each.enabled]
    if offered:
        yield Burst((offered[change.fix % len(offered)],))


def _on_nodes(fleet: FleetScreen, row: int) -> Deed:
    return Burst((*(("tab",) if fleet.shows_causes else ()), "home", *["down"] * row))


async def _previewed(app: SsmtuiApp, change: Change) -> AsyncIterator[Deed]:
    """Wait for a preview as long as one is being made; if a choice comes first, make it."""
    for turn in range(_PATIENCE):
        match app.screen:
            case ChoiceDialog():
                yield Burst((*["down"] * (change.fix % 3), "enter"))
            case FixesScreen():
                yield Burst(("asterisk", "enter"))
            case ChangeScreen() | ChangeSetScreen() | StepsDialog():
                return
        if turn > _AT_LEAST and all(worker.is_finished for worker in app.workers):
            return
        yield Rest(1)


def _gone(app: SsmtuiApp, preview: ChangeScreen | ChangeSetScreen, way: Way) -> Iterator[Deed]:
    if app.screen is not preview or preview.confirmation.phase is not ChangePhase.PREVIEW:
        return
    word = preview.confirmation._word
    size = Size(app.size.width, app.size.height)
    match way:
        case Way.CONFIRM:
            yield Burst(("ctrl+u", *written(word), "enter") if word else ("A",))
        case Way.WRONG:
            yield Burst((*written(word.upper() or "yes"), "enter"))
        case Way.HALF:
            yield Burst((*written(word[: len(word) // 2]), "enter"))
        case Way.PASTE:
            yield Pasted(f" {word}\n")
            yield Burst(("enter",))
        case Way.ENTER:
            yield Burst(("enter",))
        case Way.KEY:
            yield Burst(("tab", "A", "tab"))
        case Way.CLICK:
            yield from (Click(across, 999) for across in range(0, 1000, 250))
        case Way.SIZE:
            yield Size(max(size.columns // 2, 20), max(size.rows - 7, 5))
            yield Rest(1)
            yield size
        case Way.TINY:
            yield _TINY
            yield Burst(("A", "enter"))
            yield size
        case Way.LOOK:
            yield Burst(("tab", "pagedown", "tab", "question_mark", "escape", "tab", "h", "escape"))
        case Way.ESCAPE:
            yield Burst(("escape",))
