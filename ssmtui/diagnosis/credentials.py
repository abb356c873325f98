"""Wait for new credentials when AWS rejects them, and share credentials without a diagnosis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event, ScopeFailed, ScopeOpened, ScopeSettled
from ssmtui.diagnosis.scheduling import PendingTasks
from ssmtui.diagnosis.scope_opening import ScopeOpener
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.credentials import CredentialChange, CredentialHolder
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.aws.profiles import credential_files
from ssmtui.evidence.aws.scope_errors import scope_error
from ssmtui.evidence.aws.scopes import open_scope
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.language import say
from ssmtui.model.fact import Unreadable
from ssmtui.model.node import Node
from ssmtui.model.scope import CredentialsUnavailable, ScopeError, ScopeName, SharedCredentials
from ssmtui.model.workstation import Credentials


class OnDemandCredentials:
    """Takes credentials as a diagnosis does, when they are first asked for. May be called from any thread."""

    def __init__(self, request: DiagnosisRequest, thread: EvidenceThread | None = None) -> None:
        self._request = request
        self._clients: Clients | None = None
        self._thread = thread or EvidenceThread()
        self._thread.start()

    def credentials(self, scope: ScopeName, refused: SharedCredentials | None = None) -> Future[SharedCredentials]:
        """The credentials of a scope; others, where AWS did not take those. `CannotLend` where there are none."""
        return self._thread.submit(self._lend(scope, refused))

    def close(self) -> None:
        """End it, and close every connection."""
        self._thread.stop()

    async def _lend(self, scope: ScopeName, refused: SharedCredentials | None) -> SharedCredentials:
        if self._clients is None:
            self._clients = Clients(self._request.clients, clock=asyncio.get_running_loop().time)
            self._thread.at_stop(self._clients.close)
        with Deadline(self._request.timeout).in_force():
            opened = await open_scope(self._clients, scope)
            if isinstance(opened, ScopeError):
                raise CredentialsUnavailable(f"{opened.message} {opened.advice}".rstrip())
            return await self._clients.lend(scope, refused)


WATCH_PAUSE = 1.0
"""Seconds between two looks at the files that credentials come from, while there are none that AWS takes."""


class CredentialWatch:
    """Hears of credentials that are lost and found. Lives on the evidence thread's loop; `tell` is called there.

    While a scope's credentials are lost what is known of it stands, and what runs of it ends: it is begun again once
    there are others. A read that somebody waits for waits with them, or fails, in a run that waits for nobody.
    """

    def __init__(
        self,
        request: DiagnosisRequest,
        clients: Clients,
        opening: ScopeOpener,
        pending: PendingTasks,
        tell: Callable[[Event], None],
    ) -> None:
        self._request = request
        self._clients = clients
        self._scope_opener = opening
        self._pending = pending
        self._tell = tell
        self._works: set[asyncio.Task[None]] = set()
        clients.hear = self._hear

    def _hear(self, holder: CredentialHolder, turn: CredentialChange, why: Unreadable | None) -> None:
        """Tell it of each scope once, and go on with it where that is possible."""
        for name, diagnosis in list(self._scope_opener.scopes.items()):
            if CredentialHolder(name.profile, name.role) != holder:
                continue
            if why is not None:
                self._tell(ScopeFailed(scope_error(name, why, say("go on reading"))))
            if turn is CredentialChange.LOST:
                # It would wait where others could have their turn; what is on its way for its facts goes on then.
                self._pending.end(name)
                self._tell(ScopeSettled(name))
            elif turn is CredentialChange.BACK:
                self._tell(ScopeOpened(diagnosis.scope))
                # What they were is told by facts of its own; what could not be read meanwhile is asked again with it.
                self._begin(self._pending.watched(name, diagnosis.recheck((Credentials, Node))))
            elif turn is CredentialChange.OTHER:
                self._begin(self._scope_opener.open_anew(name))

    async def retry(self) -> None:
        """Come by credentials anew, and open what could not be opened: somebody may have logged in."""
        for lost in self._clients.lost:
            await lost.retry()
        again = [self._pending.watched(name, self._scope_opener.retry(name)) for name in self._scope_opener.unopened]
        await asyncio.gather(*again, *self._works)

    async def watch(self) -> None:
        """Try again whenever a file has changed that credentials come from: by a login, or by who writes them there."""
        before = credential_files(self._request.environment)
        while True:
            await self._clients.sleep(WATCH_PAUSE)
            now = credential_files(self._request.environment)
            if now != before and (self._clients.lost or self._scope_opener.unopened):
                async with self._pending.under_way():
                    await self.retry()
            before = now

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._done(work))
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        async with self._pending.under_way():
            await work
