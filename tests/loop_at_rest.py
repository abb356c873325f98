"""When an app under test has done what a key set going: when its loop has nothing left to do, not after so much time.

Textual's own wait lasts until the process has used next to no CPU for a fiftieth of a second: forty milliseconds and
more a key, and two seconds where anything else works beside it: a simulated AWS, or what an earlier test has left.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from time import thread_time

from textual._context import active_app
from textual.app import ScreenStackError
from textual.screen import Screen

_SOON = 0.02
"""Seconds: what a timer brings so soon belongs to what was set going."""

_PASSES = 3
"""Rounds of the loop in which nobody had anything to do: a message goes from one pump to the next in one of them."""


async def until_the_loop_rests(_min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Wait for callbacks, for the frame that they ask for and for timers that are due.

    For so many seconds at most of what this thread computes: beside others, a frame of a big screen takes several.
    """
    loop = asyncio.get_running_loop()
    ends, timers_end = thread_time() + max_sleep, loop.time() + _SOON
    quiet = 0
    while thread_time() < ends:
        await asyncio.sleep(0)
        quiet = 0 if _has_work(loop) or _painted() else quiet + 1
        if quiet < _PASSES:
            continue
        due = _next_timer(loop)
        if due is None or due > timers_end:
            return
        await asyncio.sleep(max(0.0, due - loop.time()))
        quiet = 0


def _has_work(loop: AbstractEventLoop) -> bool:
    """Whether anybody but who asks is called in the next round."""
    return bool(vars(loop)["_ready"])


def _next_timer(loop: AbstractEventLoop) -> float | None:
    """When the next timer is due, by the loop's clock."""
    return min((each.when() for each in vars(loop)["_scheduled"] if not each.cancelled()), default=None)


def _painted() -> bool:
    """Whether the screen had a frame to paint, which is painted now instead of when its timer comes."""
    try:
        screen: Screen[object] = active_app.get().screen
    except (LookupError, ScreenStackError):
        return False
    if not screen.is_running or not screen.is_mounted:
        return False
    wants = bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._dirty_widgets
        or screen._recompose_required
        or screen._callbacks
    )
    if wants:
        screen._on_timer_update()
    return wants
