"""Keys that come in one write, given one at a time: each acts on the screen and the row that the one before has left.

Textual gives every key that has come to whoever has the focus then. What a key brings about (a row opened, a screen put
up, a line to type in) takes several messages more, so that the keys behind it would act on what is about to be left.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.widgets import Input

_PATIENCE = 1.0
"""Seconds that a key waits at most for what the one before brings about."""

LONGEST_LINE = 4_000
"""Characters of what is typed on one line: twice the longest ARN."""

_MOST = 20_000
"""Keys that wait for their turn; what is pasted as keys is let go beyond."""

_LOOKS = 100
"""Looks at whether it is done, one a turn of the loop, before they become rarer."""


class KeysInTurn(App[None]):
    """The part of the app that gives keys."""

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[events.Key | events.Paste] = deque()
        self._giving: asyncio.Task[None] | None = None
        self._given_at = -_PATIENCE

    async def on_event(self, event: events.Event) -> None:
        """Give a key at once where nothing goes on, else in its turn; nobody gets what comes after the last screen."""
        if isinstance(event, events.InputEvent | events.Paste) and not self.screen_stack:
            return
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if isinstance(event, events.Key) and event.key == "ctrl+c":
            self._held.clear()  # what was typed before is not what somebody who wants to get out waits for
        elif len(self._held) >= _MOST:
            return
        if not self._goes_on:
            await self._give_now(event)
            return
        self._held.append(event)
        if self._giving is None:
            self._giving = asyncio.create_task(self._give_in_turn())

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
    def _goes_on(self) -> bool:
        """Whether a key has yet to be given, or one that was has yet to bring something about."""
        if self._giving is not None:
            return True
        return _now() - self._given_at < _PATIENCE and any(map(_has_mail, self._concerned()))

    async def _give_in_turn(self) -> None:
        try:
            while self._held and not _is_gone(self):
                await self._done()
                self.call_later(self._give)
        finally:
            self._giving = None

    async def _give(self) -> None:
        if self._held:
            await self._give_now(self._held.popleft())

    async def _give_now(self, event: events.Key | events.Paste) -> None:
        self._given_at = _now()
        if self._fits(event):
            await super().on_event(event)

    def _concerned(self) -> Sequence[MessagePump]:
        """Whom a key passes, from whoever has the focus up to the app."""
        if not self.screen_stack:
            return (self,)
        return tuple((self.focused or self.screen).ancestors_with_self)

    async def _done(self) -> None:
        """Wait until what a key has brought about is done: nobody whom it passed has anything left to do."""
        until = _now() + _PATIENCE
        while True:
            concerned = self._concerned()
            for each in concerned:
                await _caught_up(each, until)
            settled = concerned == self._concerned() and not any(map(_has_mail, concerned))
            if settled or _now() > until:
                return


async def _caught_up(pump: MessagePump, until: float) -> None:
    """Wait until somebody has done what had been asked of it by now."""
    passed = asyncio.Event()
    if not pump.call_later(passed.set):
        return
    looks = 0
    while not passed.is_set() and not _is_gone(pump) and _now() <= until:  # noqa: ASYNC110
        # Who ends before it is done says nothing to anybody: there is no event to wait for.
        await asyncio.sleep(0 if (looks := looks + 1) < _LOOKS else 0.001)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _has_mail(pump: MessagePump) -> bool:
    return pump._pending_message is not None or not pump._message_queue.empty()


def _is_gone(pump: MessagePump) -> bool:
    return pump._closing or pump._closed
