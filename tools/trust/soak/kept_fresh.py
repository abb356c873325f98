"""A diagnosis that is kept fresh, on a clock that is put on; AWS fails for a while, and is well again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live import LiveDiagnosis
from tools.benchmarks.paged_aws.process import PagedAws
from tools.trust.soak.held import Held, held
from tools.trust.soak.pressed_time import PressedTime

FAULTS = {"throttled": 0.05, "failing": 0.05}
"""Of calls, while AWS is unwell."""

STORM = {"throttled": 0.5, "failing": 0.05}
"""The same in the warm-up: what was ever throttled keeps a client of its own, made then and not later."""


@dataclass(frozen=True, slots=True)
class Hour:
    """How much is pressed together: so many refreshes of so many nodes, so far apart; each so many held is counted."""

    nodes: int
    refreshes: int
    between: timedelta = timedelta(minutes=1)
    waited: timedelta = timedelta(minutes=1)
    """How much of that passes for who waits on the diagnosis' loop as well: pauses, deadlines."""
    warm: timedelta = timedelta(minutes=30)
    """What is counted begins then: by then everything has been read anew, each node's connection last."""
    every: int = 3
    """Of so many refreshes one is counted then: looking at all objects takes longer than refreshing."""
    seed: int = 13

    def is_unwell(self, number: int) -> bool:
        """Whether AWS is, at that refresh: two of each five, and neither the first nor the last ones."""
        return number % 5 in {1, 2} and number < self.refreshes - 2

    def is_counted(self, number: int) -> bool:
        """Whether what is held is counted after that refresh."""
        return number * self.between >= self.warm and number % self.every == 0

    def conduct(self, number: int) -> dict[str, float]:
        """How AWS behaves at that refresh."""
        unwell = STORM if number * self.between <= self.warm / 3 else FAULTS
        return {"nodes": self.nodes, "latency": 0, "seed": self.seed + number} | (
            unwell if self.is_unwell(number) else {}
        )


def kept_fresh(aws: PagedAws, hour: Hour) -> Iterator[Held]:
    """What is held after each refresh that counts."""
    aws.begin(**hour.conduct(0))
    now = datetime.now(UTC)
    asked = DiagnosisRequest(
        environment=aws.environment, endpoint_url=aws.environment["AWS_ENDPOINT_URL"], clock=lambda: now
    )
    time = PressedTime()
    live = LiveDiagnosis.start(asked, time.thread)
    try:
        state = follow(live)
        for number in range(1, hour.refreshes + 1):
            time.pass_on(hour.waited.total_seconds())
            now += hour.between
            aws.begin(**hour.conduct(number))
            live.refresh_incrementally()
            follow(live, state)
            assert state.crashes == []
            if hour.is_counted(number):
                yield held()
        assert len(state.nodes) == hour.nodes
    finally:
        live.close()
