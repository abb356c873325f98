"""Work around limits of Textual: late timers, cached styles of closed screens, keys that arrive together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from textual import events
from textual._styles_cache import StylesCache
from textual._types import CallbackType
from textual.app import App
from textual.color import Color
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input


class TimerWorkaround(App[None]):
    """The part of the app that sees to its own timers and to every widget's."""

    def set_timer(
        self, delay: float, callback: CallbackType | None = None, *, name: str | None = None, pause: bool = False
    ) -> Timer:
        """Call a function once after so many seconds, at once where these are over."""
        return _without_skip(super().set_timer(delay, callback, name=name, pause=pause))

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        members = vars(child)
        if "set_timer" not in members:
            members["set_timer"] = partial(_set_timer, child.set_timer)
        super()._register_child(parent, child, before, after)


def _set_timer(set_timer: Callable[..., Timer], *when: object, **what: object) -> Timer:
    return _without_skip(set_timer(*when, **what))


def _without_skip(timer: Timer) -> Timer:
    """A timer whose task has yet to begin, which goes by the time that is left and not by whether it has passed."""
    timer._skip = False
    return timer


class StyleCacheWorkaround(App[None]):
    """The part of the app that keeps nothing of widgets that are gone."""

    def __init__(self) -> None:
        # Of the class: screens and scroll bars come in by no door of the app's.
        StylesCache.get_inner_outer = _inner_outer_styles  # type: ignore[method-assign, assignment]
        super().__init__()

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        super()._register_child(parent, child, before, after)
        for watchers in getattr(self, "__watchers", {}).values():
            watchers[:] = [each for each in watchers if not each[0]._closing]


def _inner_outer_styles(_cache: StylesCache, base_background: Color, background: Color) -> tuple[Style, Style]:
    return _cached_styles(base_background, background)


@lru_cache(1024)
def _cached_styles(base_background: Color, background: Color) -> tuple[Style, Style]:
    return Style(background=base_background + background), Style(background=base_background)


_MAX_WAIT = 1.0
"""Seconds that a key waits at most for what the one before brings about."""

LONGEST_LINE = 4_000
"""Characters of what is typed on one line: twice the longest ARN."""

_MOST = 20_000
"""Keys that wait for their turn; what is pasted as keys is let go beyond."""

_QUICK_POLLS = 100
"""Looks at whether it is done, one a turn of the loop, before they become rarer."""


class KeySequencer(App[None]):
    """The part of the app that gives keys."""

    def __init__(self) -> None:
        super().__init__()
        self._queued_keys: deque[events.Key | events.Paste] = deque()
        self._delivery: asyncio.Task[None] | None = None
        self._delivered_at = -_MAX_WAIT

    async def on_event(self, event: events.Event) -> None:
        """Give a key at once where nothing goes on, else in its turn; nobody gets what comes after the last screen."""
        if isinstance(event, events.InputEvent | events.Paste) and not self.screen_stack:
            return
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if isinstance(event, events.Key) and event.key == "ctrl+c":
            self._queued_keys.clear()  # what was typed before is not what somebody who wants to get out waits for
        elif len(self._queued_keys) >= _MOST:
            return
        if not self._is_delivering:
            await self._give_now(event)
            return
        self._queued_keys.append(event)
        if self._delivery is None:
            self._delivery = asyncio.create_task(self._deliver_in_order())

    def _fits(self, event: events.Key | events.Paste) -> bool:
        """Whether a line has room for what is typed in it; of what is pasted its first line is left, as far as it fits.

        A line is looked at as a whole after each key (painted, understood as a filter): a longer one holds the screen.
        """
        line = self.focused
        if not isinstance(line, Input):
            return True
        room = LONGEST_LINE - len(line.value)
        if isinstance(event, events.Paste):
            event.text = next(iter(event.text[:LONGEST_LINE].splitlines()), "")[: max(room, 0)]
            return bool(event.text)
        return room > 0 or not event.is_printable

    @property
    def _is_delivering(self) -> bool:
        """Whether a key has yet to be given, or one that was has yet to bring something about."""
        if self._delivery is not None:
            return True
        return _now() - self._delivered_at < _MAX_WAIT and any(map(_has_messages, self._receivers()))

    async def _deliver_in_order(self) -> None:
        try:
            while self._queued_keys and not _is_closed(self):
                await self._wait_until_handled()
                self.call_later(self._deliver)
        finally:
            self._delivery = None

    async def _deliver(self) -> None:
        if self._queued_keys:
            await self._give_now(self._queued_keys.popleft())

    async def _give_now(self, event: events.Key | events.Paste) -> None:
        self._delivered_at = _now()
        if self._fits(event):
            await super().on_event(event)

    def _receivers(self) -> Sequence[MessagePump]:
        """Whom a key passes, from whoever has the focus up to the app."""
        if not self.screen_stack:
            return (self,)
        return tuple((self.focused or self.screen).ancestors_with_self)

    async def _wait_until_handled(self) -> None:
        """Wait until what a key has brought about is done: nobody whom it passed has anything left to do."""
        until = _now() + _MAX_WAIT
        while True:
            concerned = self._receivers()
            for each in concerned:
                await _wait_until_idle(each, until)
            settled = concerned == self._receivers() and not any(map(_has_messages, concerned))
            if settled or _now() > until:
                return


async def _wait_until_idle(pump: MessagePump, until: float) -> None:
    """Wait until somebody has done what had been asked of it by now."""
    passed = asyncio.Event()
    if not pump.call_later(passed.set):
        return
    looks = 0
    while not passed.is_set() and not _is_closed(pump) and _now() <= until:  # noqa: ASYNC110
        # Who ends before it is done says nothing to anybody: there is no event to wait for.
        await asyncio.sleep(0 if (looks := looks + 1) < _QUICK_POLLS else 0.001)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _has_messages(pump: MessagePump) -> bool:
    return pump._pending_message is not None or not pump._message_queue.empty()


def _is_closed(pump: MessagePump) -> bool:
    return pump._closing or pump._closed
