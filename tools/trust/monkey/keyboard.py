"""The monkey's hands: deeds as the messages that a terminal sends, and waiting until the app has done with them."""

from __future__ import annotations

import asyncio
import unicodedata
from contextlib import suppress

from textual import events
from textual.app import App
from textual.geometry import Size as Cells
from textual.keys import REPLACED_KEYS, _get_unicode_name_from_key

from ssmtui.ui.app.app import TICK_SECONDS, SsmtuiApp
from tools.trust.monkey.deeds import Burst, Click, Deed, Hover, Pasted, Rest, Size, Wheel

LOOK = 0.003
"""Seconds between two looks at whether it is done: what it waits for needs the processor more."""

PATIENCE = 10_000
"""Looks after which a key counts as unanswered: half a minute, and longer on a machine that has no time for this
process. Seconds would say of such a machine that the app hangs; between two looks the app has had its turn."""


class Looks:
    """Looks at the app, as many as there is patience for."""

    def __init__(self, patience: int = PATIENCE) -> None:
        self._left = patience

    @property
    def are_over(self) -> bool:
        """Whether there is no patience left."""
        return self._left <= 0

    async def next(self) -> None:
        """Let the app have its turn until the next look."""
        self._left -= 1
        await asyncio.sleep(LOOK)

    async def until_set(self, event: asyncio.Event) -> None:
        """The same, or until then."""
        self._left -= 1
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), LOOK)


_CHARACTERS = {"enter": "\r", "escape": "\x1b", "tab": "\t", "space": " ", "backspace": "\x7f"}


async def do(app: SsmtuiApp, deed: Deed) -> None:
    """Do it, at once and whole: keys of a burst are there before the app has seen the first."""
    match deed:
        case Burst():
            for name in deed.keys:
                _send(app, key(name))
        case Click():
            _click(app, deed)
        case Wheel():
            at = _cell(app, deed.across, deed.down)
            _send(app, _mouse(events.MouseMove, at))
            kind = events.MouseScrollDown if deed.by > 0 else events.MouseScrollUp
            for _ in range(abs(deed.by)):
                _send(app, _mouse(kind, at))
        case Hover():
            (x, y), (to_x, to_y) = deed.start, deed.end
            for step in range(1, deed.moves + 1):
                part = step / deed.moves
                at = _cell(app, round(x + (to_x - x) * part), round(y + (to_y - y) * part))
                _send(app, _mouse(events.MouseMove, at))
        case Pasted():
            _send(app, events.Paste(deed.text))
        case Size():
            size = Cells(deed.columns, deed.rows)
            if app._driver is not None:
                app._driver._size = size
            _send(app, events.Resize(size, size))
        case Rest():
            await asyncio.sleep(deed.ticks * TICK_SECONDS)


def key(name: str) -> events.Key:
    """A key as the terminal's parser makes it."""
    if name in _CHARACTERS:
        return events.Key(name, _CHARACTERS[name])
    try:
        character: str | None = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        character = name if len(name) == 1 else None
    return events.Key(name, character)


async def is_answered(app: SsmtuiApp) -> bool:
    """Wait until nothing that was sent is still to be done; False where that takes for ever."""
    looks = Looks()
    while app.is_running and (not app.key_queue.is_empty or not await _passes(app, looks)):
        if looks.are_over:
            return False
        await looks.next()
    return True


async def _passes(app: SsmtuiApp, looks: Looks) -> bool:
    """Whether a callback comes through the app, and then through whoever has the keys; False where they change."""
    for pump in (app, app.screen, app.focused or app.screen):
        passed = asyncio.Event()
        if not pump.call_later(passed.set):
            return False
        while not passed.is_set() and pump.is_running:
            if looks.are_over:
                return False
            await looks.until_set(passed)
    return app.key_queue.is_empty


def _click(app: SsmtuiApp, deed: Click) -> None:
    at = _cell(app, deed.across, deed.down)
    for _ in range(deed.times):
        _send(app, _mouse(events.MouseDown, at, deed.button))
        end = at
        if deed.to is not None:
            end = _cell(app, *deed.to)
            _send(app, _mouse(events.MouseMove, end, deed.button))
        _send(app, _mouse(events.MouseUp, end, deed.button))


def _send(app: App[None], event: events.Event) -> None:
    if app._driver is not None and app.is_running:
        app._driver.process_message(event)


def _cell(app: App[None], across: int, down: int) -> tuple[int, int]:
    return app.size.width * across // 1000, app.size.height * down // 1000


def _mouse(kind: type[events.MouseEvent], at: tuple[int, int], button: int = 0) -> events.MouseEvent:
    x, y = at
    return kind(None, x, y, 0, 0, button, False, False, False, x, y, None)
