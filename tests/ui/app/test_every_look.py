"""Every screen at three sizes, dark and light, and each state that the screens are designed for, as it was.

One file a picture in `tests/ui/looks`: its text at each size, and of each theme four digits a line that stand for the
colours. `SSMTUI_UPDATE_SCREENSHOTS=1` writes them anew; `SSMTUI_DRAW=FOLDER` draws each as SVG, to be looked at.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from hashlib import blake2b
from pathlib import Path

import pytest
from textual.strip import Strip

from ssmtui.session.session_service import SessionService
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.app.themes import DARK, LIGHT
from ssmtui.ui.screens.dialogs import ColumnsDialog, StepsDialog, TextDialog, ThemeDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.node_screen import NodeScreen
from tests.ui.app.test_announced_keys import WAYS, Way, go
from tests.ui.app.test_screenshots import UPDATE
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.designed_states import STATES
from tests.ui.fake_sessions import FakeSessions, opening_ports_only
from tests.ui.listed_sessions import with_sessions
from tests.ui.opened import Opened, opened, painted_strips
from tests.ui.past_changes import desk_with_a_past
from tests.ui.screens.test_dialogs import with_steps
from tests.ui.screens.test_marks import both_chosen, inquiry_with_both
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.several_accounts import several_accounts
from tests.ui.tunnelled_sessions import some_tunnels
from tests.ui.waiting import until
from tests.walks.screens import screens

FOLDER = Path(__file__).parents[1] / "looks"
DRAW = "SSMTUI_DRAW"
SIZES = ((80, 24), (120, 40), (200, 60))
THEMES = (DARK.name, LIGHT.name)

STATE_WAYS = {
    "nodes": (),
    "causes": ("tab",),
    "pulse": ("tilde",),
    "preferences": ("p",),
    "sessions": ("S",),
    "changes": ("Z",),
    "tunnels": ("T",),
    "explain": ("x",),
    "accounts": ("a",),
}
"""Screens that are there whatever the state, by their keys."""


async def commands_by_name(shown: Opened) -> None:
    await go(shown, "colon", until_said="type to search commands and screens")


async def themes(shown: Opened) -> None:
    shown.app.action_change_theme()
    await shown.until_screen(ThemeDialog)


async def columns(shown: Opened) -> None:
    await shown.press("W")
    await shown.until_screen(ColumnsDialog)


async def together(shown: Opened) -> None:
    await both_chosen(shown)


async def by_hand(shown: Opened) -> None:
    await shown.press("enter")
    await shown.until_screen(NodeScreen)
    screen = shown.app.screen
    assert isinstance(screen, NodeScreen)
    await until(shown.pilot, lambda: screen.pane.why_not_fix(1) == "")
    await shown.press("1")
    await shown.until_screen(StepsDialog)


async def broken_shell(shown: Opened) -> None:
    shown.fleet.narrow("batch-1")
    await until(shown.pilot, lambda: len(shown.names) == 1)
    await go(shown, "s", until_said="has a known failure")


async def waiting_shell(shown: Opened) -> None:
    shown.fleet.narrow("web-2")
    await until(shown.pilot, lambda: len(shown.names) == 1)
    await go(shown, "s", until_said="Opening a shell on web-2")


async def probed(shown: Opened) -> None:
    shown.fleet.narrow("batch-1")
    await until(shown.pilot, lambda: len(shown.names) == 1)
    await go(shown, "v", until_said="log group")
    await go(shown, "enter", until_said="all sessions have ended")


async def listed_sessions(shown: Opened) -> None:
    await go(shown, "S", until_said="17 sessions are open")


async def scopes_and_calls(shown: Opened) -> None:
    await shown.press("i")
    await shown.until_screen(TextDialog)


async def accounts(shown: Opened) -> None:
    await go(shown, "a", until_said="28 rows")


_OF_THE_DEMO = (commands_by_name, themes, columns, broken_shell, waiting_shell, probed, scopes_and_calls)

SHOWN: tuple[tuple[Way, Callable[[], ScriptedInquiry]], ...] = (
    *((way, handle) for way, handle in WAYS if way.__name__ not in ("fleet", "causes", "typed_change")),
    *((way, demo_inquiry) for way in _OF_THE_DEMO),
    (together, inquiry_with_both),
    (by_hand, with_steps),
    (listed_sessions, with_sessions),
    (accounts, several_accounts),
)
"""Every other screen, by the way there."""

_SESSIONS: Mapping[str, Callable[[], SessionService]] = {
    "tunnels": some_tunnels,
    "tunnel_form": some_tunnels,
    "probed": opening_ports_only,
    "waiting_shell": lambda: FakeSessions(Future()),
}


@pytest.mark.parametrize("state", STATES)
async def test_every_state_looks_as_it_did(state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    desk = desk_with_a_past(tmp_path) if state in ("partial", "ten_thousand") else None
    async with opened(STATES[state](), desk, size=SIZES[0], sessions=FakeSessions()) as shown:
        shown.app.animation_level = "none"
        for name, keys in STATE_WAYS.items():
            await shown.press(*keys)
            await shown.pilot.pause()
            await as_it_was(shown, f"{state}/{name}")
            while not isinstance(shown.app.screen, FleetScreen):
                shown.app.pop_screen()
                await shown.pilot.pause()
            if name == "causes":
                await shown.press("tab")
    if desk is not None:
        desk.close()


@pytest.mark.parametrize(("way", "handle"), SHOWN, ids=lambda each: getattr(each, "__name__", ""))
async def test_every_screen_looks_as_it_did(
    way: Way, handle: Callable[[], ScriptedInquiry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    desk = desk_with_a_past(tmp_path)
    sessions = _SESSIONS.get(way.__name__, FakeSessions)()
    async with opened(handle(), desk, sessions=sessions) as shown:
        shown.app.animation_level = "none"
        await way(shown)
        await shown.pilot.pause()
        await as_it_was(shown, f"screens/{way.__name__.strip('_')}")
    desk.close()


def test_no_screen_is_left_out_and_none_is_kept_that_is_no_more() -> None:
    files = {file.relative_to(FOLDER).with_suffix("").as_posix(): file for file in FOLDER.rglob("*.txt")}
    ways = {f"{state}/{name}" for state in STATES for name in STATE_WAYS}
    assert files.keys() == ways | {f"screens/{way.__name__.strip('_')}" for way, _ in SHOWN}
    looked_at = {file.read_text(encoding="utf-8").partition("\n")[0] for file in files.values()}
    # The letters of the jump mode go away when the terminal is resized: tests/ui/screens/test_panel_jump.py has them.
    assert looked_at == screens() - {"PanelJump"}


async def as_it_was(shown: Opened, name: str) -> None:
    """Compare what is on the screen that is up, at each size and in each theme, with the file of that name."""
    told = "\n".join([type(shown.app.screen).__name__, *[line async for line in looked_at(shown, name)], ""])
    golden = FOLDER / f"{name}.txt"
    if os.environ.get(UPDATE):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(told, encoding="utf-8")
    assert golden.exists(), f"nothing is known of {name} yet: {UPDATE}=1"
    assert told == golden.read_text(encoding="utf-8"), f"{name} looks different: {UPDATE}=1, and look"


async def looked_at(shown: Opened, name: str) -> AsyncIterator[str]:
    app, themes = shown.app, list(THEMES)
    for columns, rows in SIZES:
        await shown.pilot.resize_terminal(columns, rows)
        await shown.pilot.pause()
        colours: dict[str, str] = {}
        texts: list[str] = []
        for theme in themes:
            if app.theme != theme:
                app.theme = theme
                await shown.pilot.pause()
            strips = await strips_that_stand(shown)
            texts = [strip.text.rstrip() for strip in strips]
            colours[theme] = " ".join(digits(strip) for strip in strips)
            draw(app, f"{name}-{columns}x{rows}-{theme}")
        themes.reverse()  # each change of theme is dear: the next size begins with the one that is worn
        yield f"== {columns}x{rows}"
        for text in texts:
            yield text
        for theme in THEMES:
            yield f"-- {theme} {colours[theme]}"
    await shown.pilot.resize_terminal(*SIZES[0])


async def strips_that_stand(shown: Opened) -> list[Strip]:
    """What is painted once two looks see the same: on a busy machine colours come after what they colour."""
    before: list[Strip] = []
    for _ in range(50):
        now = painted_strips(shown.app)
        if now == before:
            return now
        before = now
        await everything_heard(shown.app)
        await shown.pilot.pause()
    raise AssertionError("it never stands still")


async def everything_heard(app: SsmtuiApp) -> None:
    """Wait until every part of the screen heard what it was sent: on a busy machine, late looks like idle."""
    for pump in (app, app.screen, *app.screen.walk_children()):
        heard = asyncio.Event()
        if pump.call_later(heard.set):
            await heard.wait()


def digits(strip: Strip) -> str:
    styles = "".join(f"{len(segment.text)}{segment.style}" for segment in strip)
    return blake2b(styles.encode(), digest_size=2).hexdigest()


def draw(app: SsmtuiApp, name: str) -> None:
    if folder := os.environ.get(DRAW):
        file = Path(folder) / f"{name.replace('/', '-')}.svg"
        file.write_text(app.export_screenshot(), encoding="utf-8")
