"""Measure whether a run grows over hours of refreshes: `python -m tools.benchmarks.refresh [REFRESHES] [NODES]`.

A diagnosis of the benchmark server is refreshed repeatedly, on a clock that advances two minutes each time, so that
everything is read many times. Python's memory, the tasks and the connections are counted early and at the end, each
time after idle connections are closed: how many there are depends on how many calls were once in flight together.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import time
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from tools.benchmarks.paged_aws.process import PagedAws, paged_aws

REFRESHES = 200
NODES = 1_000
EARLY = 20
"""The refresh of the first count: by then everything has been read again."""

BETWEEN = timedelta(minutes=2)

_IDLE_SECONDS = 26
"""Twice the time after which the SDK closes an idle connection. The clock that advances closes none of them."""


@dataclass(frozen=True, slots=True)
class Held:
    """The resources of a run at one moment."""

    megabytes: float
    tasks: int
    connections: int


@dataclass(frozen=True, slots=True)
class Growth:
    """The resources early and at the end, and the average cost of one refresh: seconds, and calls."""

    early: Held
    late: Held
    seconds: float
    calls: float

    @property
    def ratio(self) -> float:
        """The memory at the end divided by the early memory."""
        return self.late.megabytes / self.early.megabytes


def kept_fresh(aws: PagedAws, refreshes: int = REFRESHES, nodes: int = NODES) -> Growth:
    """Refresh a fleet of that size this many times; return the growth."""
    aws.begin(nodes=nodes)
    now = datetime.now(UTC)
    asked = DiagnosisRequest(
        environment=aws.environment, endpoint_url=aws.environment["AWS_ENDPOINT_URL"], clock=lambda: now
    )
    live = LiveDiagnosis.start(asked)
    early = late = None
    try:
        state = follow(live)
        aws.begin(nodes=nodes)
        seconds = 0.0
        for number in range(1, refreshes + 1):
            now += BETWEEN
            begun = time.perf_counter()
            live.refresh_incrementally()
            follow(live, state)
            seconds += (time.perf_counter() - begun) / refreshes
            if number == min(EARLY, refreshes):
                early = _held()
        late = _held()
    finally:
        live.close()
    assert early is not None
    calls = sum(aws.counted()["answered"].values()) / refreshes
    return Growth(early, late, seconds, calls)


def _held() -> Held:
    time.sleep(_IDLE_SECONDS)
    gc.collect()
    objects = gc.get_objects()
    tasks = sum(isinstance(each, asyncio.Task) for each in objects)
    connections = sum(isinstance(each, socket.socket) and each.fileno() >= 0 for each in objects)
    return Held(tracemalloc.get_traced_memory()[0] / 1e6, tasks, connections)


def main() -> None:
    """Print the counts."""
    refreshes, nodes = (int(word) for word in (*sys.argv[1:], *map(str, (REFRESHES, NODES)[len(sys.argv) - 1 :])))
    tracemalloc.start()
    with paged_aws(0) as aws:
        os.environ.update(aws.environment)
        grown = kept_fresh(aws, refreshes, nodes)
    print(f"after {min(EARLY, refreshes)} refreshes {grown.early}, after {refreshes} {grown.late}")
    print(f"{grown.ratio:.3f} times the memory; a refresh takes {grown.seconds:.2f} s and {grown.calls:.1f} calls")


if __name__ == "__main__":
    main()
