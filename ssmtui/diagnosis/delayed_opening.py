"""A scope being opened, and what keeps it waiting told meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ssmtui.diagnosis.asked import Asked
from ssmtui.diagnosis.events import ScopeDelayed
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.scopes import OpenScope, open_scope
from ssmtui.model.scope import ScopeError, ScopeName

TELLING_PAUSE = 0.5
"""Seconds between two words on what an opening waits for."""


async def told_opening(
    asked: Asked, clients: Clients, name: ScopeName, tell: Callable[[ScopeDelayed], None]
) -> OpenScope | ScopeError:
    """Open a scope, and tell meanwhile which calls keep it waiting, and when none does any more."""
    nothing = ScopeDelayed(name, (), throttled=False)
    task, told = asyncio.ensure_future(open_scope(clients, name, asked.judged, asked.document)), nothing
    try:
        while not (await asyncio.wait({task}, timeout=TELLING_PAUSE))[0]:
            aws = clients.scope(name)
            waits = ScopeDelayed(name, aws.waiting_for, aws.throttled) if aws.waiting_for else nothing
            if waits != told:
                tell(told := waits)
        return task.result()
    finally:
        task.cancel()
        if told != nothing:
            tell(nothing)
