"""Measure whether a run grows over hours of refreshes: `python -m tools.benchmarks.refresh [REFRESHES] [NODES]`.

A diagnosis of the benchmark server is refreshed repeatedly, on a clock that advances two minutes each time, so that
everything is read many times. Python's memory, the tasks and the connections are counted early and at the end.
"""

from __future__ import annotations

import gc
import os
import sys
import time
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live import LiveDiagnosis
from tools.benchmarks.paged_aws.process import PagedAws, paged_aws

REFRESHES = 200
NODES = 1_000
EARLY = 20
"""The refresh of the first count: by then everything has been read again."""

BETWEEN = timedelta(minutes=2)


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
        begun = time.perf_counter()
        for number in range(1, refreshes + 1):
            now += BETWEEN
            live.refresh_incrementally()
            follow(live, state)
            if number == min(EARLY, refreshes):
                early = _held()
        seconds = (time.perf_counter() - begun) / refreshes
        late = _held()
    finally:
        live.close()
    assert early is not None
    calls = sum(aws.counted()["answered"].values()) / refreshes
    return Growth(early, late, seconds, calls)


def _held() -> Held:
    gc.collect()
    kinds = [f"{type(each).__module__}.{type(each).__name__}" for each in gc.get_objects()]
    return Held(tracemalloc.get_traced_memory()[0] / 1e6, kinds.count("_asyncio.Task"), kinds.count("socket.socket"))


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
