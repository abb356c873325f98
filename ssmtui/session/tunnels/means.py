"""What tunnels are made with: sessions, the plugin, clocks. Given, so that tests have neither AWS nor time to wait."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ssmtui.model.session_opening import OpenedSession, SessionRequest
from ssmtui.session.plugin.invocation import Invocation


@dataclass(frozen=True, slots=True)
class Means:
    """Ways to open and end sessions, and what the plugin is started with. All of them block.

    `open` has the session in the ledger; `end` raises nothing; `invocation` raises `SessionProblem` or `CannotLend`
    where there is no plugin, or no credentials for it. `carried` is told a session's id and the number of the plugin's
    process; it raises nothing.
    """

    open: Callable[[SessionRequest], OpenedSession]
    end: Callable[[str], None]
    invocation: Callable[[SessionRequest, OpenedSession], Invocation]
    carried: Callable[[str, int], None] = lambda _id, _pid: None


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Timing:
    """Clocks and chance. `steady` does not jump; `opening` is the seconds that a session's port may take to open."""

    now: Callable[[], datetime] = _utc_now
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    opening: float = 60.0
    look: float = 5.0
