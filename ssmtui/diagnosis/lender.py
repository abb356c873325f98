"""Credentials lent without a diagnosis: those of a role that a change is taken back in."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

from ssmtui.diagnosis.asked import Asked
from ssmtui.evidence.gathering.thread import EvidenceThread
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.deadline import Deadline
from ssmtui.evidence.wire.scopes import open_scope
from ssmtui.model.lending import CannotLend, LentCredentials
from ssmtui.model.scope import ScopeError, ScopeName


class Lender:
    """Takes credentials as a diagnosis does, when they are first asked for. May be called from any thread."""

    def __init__(self, asked: Asked, thread: EvidenceThread | None = None) -> None:
        self._asked = asked
        self._clients: Clients | None = None
        self._thread = thread or EvidenceThread()
        self._thread.start()

    def credentials(self, scope: ScopeName, refused: LentCredentials | None = None) -> Future[LentCredentials]:
        """The credentials of a scope; others, where AWS did not take those. `CannotLend` where there are none."""
        return self._thread.submit(self._lend(scope, refused))

    def close(self) -> None:
        """End it, and close every connection."""
        self._thread.stop()

    async def _lend(self, scope: ScopeName, refused: LentCredentials | None) -> LentCredentials:
        if self._clients is None:
            self._clients = Clients(self._asked.clients, clock=asyncio.get_running_loop().time)
            self._thread.at_stop(self._clients.close)
        with Deadline(self._asked.timeout).in_force():
            opened = await open_scope(self._clients, scope)
            if isinstance(opened, ScopeError):
                raise CannotLend(f"{opened.message} {opened.advice}".rstrip())
            return await self._clients.lend(scope, refused)
