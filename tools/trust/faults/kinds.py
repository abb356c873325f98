"""How a read may fail: the columns of the matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ssmtui.simulator.fault_answers import pages_of
from ssmtui.simulator.request_control import FaultKind

Operation = tuple[str, str]
"""Of botocore: service and operation."""


def _always(_operation: Operation) -> bool:
    return True


def _paged(operation: Operation) -> bool:
    return pages_of(*operation) is not None


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to fail. What `passes` leaves every answer as it was in the end: then nothing may be told otherwise."""

    name: str
    fault: FaultKind
    times: int | None = None
    milliseconds: int = 0
    passes: bool = False
    befalls: Callable[[Operation], bool] = _always

    @property
    def details(self) -> Mapping[str, Any]:
        """How the simulated AWS is told of it."""
        return {"times": self.times, "milliseconds": self.milliseconds}


KINDS: Mapping[str, Kind] = {
    each.name: each
    for each in (
        Kind("refused", FaultKind.REFUSED),
        Kind("throttled-a-while", FaultKind.THROTTLING, times=5, passes=True),
        Kind("throttled-for-ever", FaultKind.THROTTLING),
        Kind("500", FaultKind.INTERNAL),
        Kind("503", FaultKind.UNAVAILABLE),
        Kind("expired-token", FaultKind.EXPIRED),
        Kind("timeout", FaultKind.TIMEOUT),
        Kind("reset", FaultKind.RESET),
        Kind("truncated", FaultKind.TRUNCATED),
        Kind("garbage", FaultKind.GARBAGE),
        Kind("web-page", FaultKind.WEB_PAGE),
        Kind("wrong-types", FaultKind.WRONG_TYPES),
        Kind("empty-page", FaultKind.EMPTY_PAGE, passes=True, befalls=_paged),
        Kind("repeated-token", FaultKind.SAME_TOKEN, befalls=_paged),
        Kind("50-megabytes", FaultKind.HUGE),
        Kind("a-byte-a-second", FaultKind.TRICKLE, milliseconds=1_000),
        Kind("slow", FaultKind.LATENCY, milliseconds=3_000, passes=True),
    )
}
"""By name. The first is what all others are held against."""
