"""Waiting for a state of the app, never for a time."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

_LOOKS = 4_000
"""Many more than any state takes on a busy machine: they are only used up where a test fails."""


async def until(pilot: Pilot[None], condition: Callable[[], bool], looks: int = _LOOKS) -> None:
    """Let the app go on until the condition holds; it fails when the app has had every chance."""
    for _ in range(looks):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.005)
    raise AssertionError("the app never came to that state")
