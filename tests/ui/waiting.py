"""Waiting for a state of the app, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.pilot import Pilot

_LOOKS = 4_000
"""Many more than any state takes on a busy machine: they are only used up where a test fails."""

_SOON, _LATER = 0.005, 0.02
"""Seconds from one look to the next: at first, and where it takes longer."""


async def until(pilot: Pilot[None], condition: Callable[[], bool], looks: int = _LOOKS) -> None:
    """Let the app go on until the condition holds; it fails when the app has had every chance."""
    for look in range(looks):
        if condition():
            await pilot.pause()
            return
        await asyncio.sleep(_SOON if look < 10 else _LATER)
    raise AssertionError("the app never came to that state")
