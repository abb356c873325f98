"""What is told and done when AWS takes the credentials of scopes no more, and once it takes others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ssmtui.diagnosis.asked import Asked
from ssmtui.diagnosis.events import Event, ScopeFailed, ScopeOpened, ScopeSettled
from ssmtui.diagnosis.opening import Opening
from ssmtui.diagnosis.outstanding import Outstanding
from ssmtui.evidence.wire.acceptance import Holder, Turn
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.credential_files import credential_files
from ssmtui.evidence.wire.scope_problems import scope_error
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.node import Node
from ssmtui.model.workstation import Credentials

WATCH_PAUSE = 1.0
"""Seconds between two looks at the files that credentials come from, while there are none that AWS takes."""


class CredentialsCare:
    """Hears of credentials that are lost and found. Lives on the evidence thread's loop; `tell` is called there.

    While a scope's credentials are lost what is known of it stands, and what runs of it ends: it is begun again once
    there are others. A read that somebody waits for waits with them, or fails, in a run that waits for nobody.
    """

    def __init__(
        self, asked: Asked, clients: Clients, opening: Opening, outstanding: Outstanding, tell: Callable[[Event], None]
    ) -> None:
        self._asked = asked
        self._clients = clients
        self._opening = opening
        self._outstanding = outstanding
        self._tell = tell
        self._works: set[asyncio.Task[None]] = set()
        clients.hear = self._hear

    def _hear(self, holder: Holder, turn: Turn, why: Unreadable | None) -> None:
        """Tell it of each scope once, and go on with it where that is possible."""
        for name, diagnosis in list(self._opening.scopes.items()):
            if Holder(name.profile, name.role) != holder:
                continue
            if why is not None:
                self._tell(ScopeFailed(scope_error(name, why, say("go on reading"))))
            if turn is Turn.LOST:
                # It would wait where others could have their turn; what is on its way for its facts goes on then.
                self._outstanding.end(name)
                self._tell(ScopeSettled(name))
            elif turn is Turn.BACK:
                self._tell(ScopeOpened(diagnosis.scope))
                # What they were is told by facts of its own; what could not be read meanwhile is asked again with it.
                self._begin(self._outstanding.watched(name, diagnosis.recheck((Credentials, Node))))
            elif turn is Turn.OTHER:
                self._begin(self._opening.open_anew(name))

    async def try_again(self) -> None:
        """Come by credentials anew, and open what could not be opened: somebody may have logged in."""
        for lost in self._clients.lost:
            await lost.try_again()
        again = [self._outstanding.watched(name, self._opening.try_again(name)) for name in self._opening.unopened]
        await asyncio.gather(*again, *self._works)

    async def watch(self) -> None:
        """Try again whenever a file has changed that credentials come from: by a login, or by who writes them there."""
        before = credential_files(self._asked.environment)
        while True:
            await self._clients.sleep(WATCH_PAUSE)
            now = credential_files(self._asked.environment)
            if now != before and (self._clients.lost or self._opening.unopened):
                async with self._outstanding.under_way():
                    await self.try_again()
            before = now

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._done(work))
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        async with self._outstanding.under_way():
            await work
