"""Futures that say that something is done, whoever does it and however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future


def fulfil(future: asyncio.Future[None] | Future[None]) -> None:
    """Say that it is done, unless somebody has."""
    if not future.done():
        future.set_result(None)


async def all_fulfilled(futures: Iterable[asyncio.Future[None]]) -> None:
    """Wait for all of them; at once where there is none."""
    waited_for = list(futures)
    if waited_for:
        await asyncio.wait(waited_for)
