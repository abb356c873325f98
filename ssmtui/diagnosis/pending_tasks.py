"""The pending tasks of a diagnosis, with their count and their internal errors."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from ssmtui.diagnosis.events import AllSettled, Event, ScopeCrashed
from ssmtui.evidence.aws.limits import is_being_cancelled
from ssmtui.model.fact import describe_internal_error
from ssmtui.model.scope import ScopeName

_log = logging.getLogger(__name__)


class PendingTasks:
    """The pending tasks, with their count. Runs on the event loop of the evidence thread, which calls `emit`."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._count = 0
        self._works: defaultdict[ScopeName, set[asyncio.Task[None]]] = defaultdict(set)

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Publish when the last pending work has ended in any way."""
        self._count += 1
        try:
            yield
        except asyncio.CancelledError as cancelled:
            if is_being_cancelled():
                raise
            self._crashed(ScopeName(None, ""), cancelled)
        except Exception as error:  # noqa: BLE001 - the edge: a defect is told, and the screen stays
            self._crashed(ScopeName(None, ""), error)
        finally:
            self._count -= 1
            if not self._count:
                self._emit(AllSettled())

    async def watched(self, scope: ScopeName, work: Coroutine[Any, Any, None]) -> None:
        """Run the work of one scope: an internal error is published, and does not end the other scopes.

        `end` ends it.
        """
        task = asyncio.create_task(work)
        self._works[scope].add(task)
        try:
            await task
        except asyncio.CancelledError as cancelled:
            if not task.cancelled() or is_being_cancelled():
                raise
            if task in self._works[scope]:
                # Nobody ended it: a cancelled inner task has ended it without notice.
                self._crashed(scope, cancelled)
        except Exception as error:  # noqa: BLE001 - the edge: whatever it is, it is told, and the others go on
            self._crashed(scope, error)
        finally:
            self._works[scope].discard(task)

    def end(self, scope: ScopeName) -> None:
        """Cancel the work of one scope."""
        for task in self._works.pop(scope, set()):
            task.cancel()

    def _crashed(self, scope: ScopeName, error: BaseException) -> None:
        _log.exception("a defect ended the diagnosis of %s", scope.region, exc_info=error)
        self._emit(ScopeCrashed(scope, describe_internal_error(error)))
