"""Publish lost and renewed credentials of scopes, and continue the diagnosis when AWS accepts credentials again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event, ScopeFailed, ScopeOpened, ScopeSettled
from ssmtui.diagnosis.pending_tasks import PendingTasks
from ssmtui.diagnosis.scope_opening import ScopeOpener
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.credentials import CredentialChange, CredentialHolder
from ssmtui.evidence.aws.profiles import credential_files
from ssmtui.evidence.aws.scope_errors import scope_error
from ssmtui.language import say
from ssmtui.model.fact import Unreadable
from ssmtui.model.node import Node
from ssmtui.model.workstation import Credentials

WATCH_PAUSE = 1.0
"""Seconds between two checks of the credential files while AWS accepts no credentials."""


class CredentialWatch:
    """Handles lost and renewed credentials. Runs on the event loop of the evidence thread, which calls `emit`.

    While the credentials of a scope are lost, its results stay and its tasks end: they start again with new
    credentials. A read that a caller waits for waits for the credentials too, or fails in a run that does not wait.
    """

    def __init__(
        self,
        request: DiagnosisRequest,
        clients: Clients,
        scope_opener: ScopeOpener,
        pending: PendingTasks,
        emit: Callable[[Event], None],
    ) -> None:
        self._request = request
        self._clients = clients
        self._scope_opener = scope_opener
        self._pending = pending
        self._emit = emit
        self._works: set[asyncio.Task[None]] = set()
        clients.hear = self._on_change

    def _on_change(self, holder: CredentialHolder, change: CredentialChange, why: Unreadable | None) -> None:
        """Publish the change once for each scope, and continue with the scope if possible."""
        for name, diagnosis in list(self._scope_opener.scopes.items()):
            if CredentialHolder(name.profile, name.role) != holder:
                continue
            if why is not None:
                self._emit(ScopeFailed(scope_error(name, why, say("Could not continue to read"))))
            if change is CredentialChange.LOST:
                # The task would wait and block the others; reads in progress continue later.
                self._pending.end(name)
                self._emit(ScopeSettled(name))
            elif change is CredentialChange.BACK:
                self._emit(ScopeOpened(diagnosis.scope))
                # The credentials themselves are facts that must be read again; the recheck also repeats failed reads.
                self._begin(self._pending.watched(name, diagnosis.recheck((Credentials, Node))))
            elif change is CredentialChange.OTHER:
                self._begin(self._scope_opener.open_anew(name))

    async def retry(self) -> None:
        """Obtain credentials again, and open scopes that could not be opened: the user may have logged in."""
        for lost in self._clients.lost:
            await lost.retry()
        again = [self._pending.watched(name, self._scope_opener.retry(name)) for name in self._scope_opener.unopened]
        await asyncio.gather(*again, *self._works)

    async def watch(self) -> None:
        """Retry when a credential file changes, for example after a login."""
        before = credential_files(self._request.environment)
        while True:
            await self._clients.sleep(WATCH_PAUSE)
            now = credential_files(self._request.environment)
            if now != before and (self._clients.lost or self._scope_opener.unopened):
                async with self._pending.under_way():
                    await self.retry()
            before = now

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._run(work))
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        async with self._pending.under_way():
            await work
