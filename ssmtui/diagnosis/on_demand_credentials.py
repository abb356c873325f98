"""Obtain credentials of scopes without a diagnosis."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.aws.scopes import open_scope
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.model.scope import CredentialsUnavailable, ScopeError, ScopeName, SharedCredentials


class OnDemandCredentials:
    """Obtains credentials like a diagnosis, at the first request. It can be called from any thread."""

    def __init__(self, request: DiagnosisRequest, thread: EvidenceThread | None = None) -> None:
        self._request = request
        self._clients: Clients | None = None
        self._thread = thread or EvidenceThread()
        self._thread.start()

    def credentials(self, scope: ScopeName, refused: SharedCredentials | None = None) -> Future[SharedCredentials]:
        """Return the credentials of a scope, or others if AWS rejected the given ones.

        The future raises CredentialsUnavailable if there are none.
        """
        return self._thread.submit(self._lend(scope, refused))

    def close(self) -> None:
        """Close all connections."""
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
