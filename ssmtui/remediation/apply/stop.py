"""Stop a change between two calls if the process is told to end; the call that is under way is finished first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from ssmtui.language import say
from ssmtui.model.plan import JSON
from ssmtui.remediation.operations.write_operation import ChangeWriter, Interrupted, OutcomeUnknownError, Response

FINISH_SECONDS = 10.0
"""How long a change goes on after the process was told to end: most are made by then."""


class Stop:
    """Says until when calls may be made. Asked from any thread."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._until: float | None = None

    def ask(self, seconds: float) -> None:
        """Have no call begun any more after so many seconds, or earlier, where that was asked for before."""
        until = self._now() + seconds
        self._until = until if self._until is None else min(until, self._until)

    @property
    def is_asked(self) -> bool:
        """Whether it was asked for."""
        return self._until is not None

    @property
    def is_over(self) -> bool:
        """Whether no call may be made any more."""
        return self._until is not None and self._now() >= self._until


class StoppableWriter:
    """Writes by another writer (see `Writing`) until it is stopped: then nothing is sent, and nothing waited for."""

    def __init__(self, writer: ChangeWriter, stop: Stop) -> None:
        self._writer = writer
        self._stop = stop

    def account(self) -> str:
        """The account that the credentials belong to, now."""
        return self._writer.account()

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """The answer to a read; None where AWS says that there is no such thing."""
        return self._writer.read(service, operation, parameters)

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """The answer to a write.

        Raises:
            Interrupted: it was stopped, and nothing was sent.

        """
        if self._stop.is_over:
            raise Interrupted
        return self._writer.write(service, operation, parameters)

    def pause(self) -> None:
        """Wait a moment, until AWS may have got further.

        Raises:
            OutcomeUnknown: it was stopped: what AWS is at is not waited for.

        """
        if self._stop.is_over:
            raise OutcomeUnknownError(say("ssmtui was told to end while AWS was still at it"))
        self._writer.pause()
