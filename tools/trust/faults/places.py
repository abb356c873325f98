"""How a read may fail, and the places where an operation is called: a world, and the way to diagnose it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ssmtui.evidence.facts.sources import all_reads
from ssmtui.simulator.fault_answers import pages_of
from ssmtui.simulator.request_control import FaultKind
from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.worlds import names, world

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


FOUND = Path(__file__).with_name("places.json")
"""What was found by `python -m tools.trust.faults --survey`."""


class Way(StrEnum):
    """How a world is looked at."""

    CHECK = "check"
    NAMED = "check its nodes by name"
    EVERY_REGION = "check --region all"
    ORGANIZATION = "check --organization"
    FOR_USER = "check --for a user"
    SNAPSHOT = "snapshot, with every fix planned"
    BUCKET_UNSEEN = "check, s3:HeadBucket being refused"


def _by_name(scenario: Scenario) -> Sequence[str]:
    return sorted({node.name for node in scenario.nodes})


LINES: Mapping[Way, Callable[[Scenario], Sequence[str]]] = {
    Way.CHECK: lambda _scenario: (),
    Way.NAMED: _by_name,
    Way.EVERY_REGION: lambda _scenario: ("--region", "all"),
    Way.ORGANIZATION: lambda _scenario: ("--organization", "OrganizationAccountAccessRole"),
    Way.FOR_USER: lambda _scenario: ("--for", "arn:aws:iam::123456789012:user/alex"),
    Way.SNAPSHOT: lambda _scenario: (),
    Way.BUCKET_UNSEEN: lambda _scenario: (),
}


REFUSED: Mapping[Way, tuple[str, str]] = {Way.BUCKET_UNSEEN: ("s3", "HeadBucket")}
"""What is refused all the time, whatever fails besides: there are reads that are made instead of others alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """A world, looked at in a way."""

    world: str
    way: Way = Way.CHECK

    @property
    def line(self) -> tuple[str, ...]:
        """What stands behind the command."""
        return tuple(LINES[self.way](world(self.world)))

    def __str__(self) -> str:
        return self.world if self.way is Way.CHECK else f"{self.world} ({self.way.value})"


@dataclass(frozen=True, slots=True)
class Asked:
    """Where an operation is asked: the places first in which its answers are evidence of what is wrong."""

    operation: str
    places: tuple[Place, ...]


def reads() -> tuple[str, ...]:
    """Return every operation that a reader may ask, of the code."""
    return tuple(sorted(":".join(each) for each in all_reads()))


def found(file: Path = FOUND) -> Mapping[str, Asked]:
    """Return what is known of where operations are asked; of one that is new, nothing."""
    told = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    worlds = set(names())
    return {
        operation: Asked(operation, tuple(Place(name, Way(way)) for name, way in places if name in worlds))
        for operation, places in told.items()
    }


def write(asked: Mapping[str, Asked], file: Path = FOUND) -> None:
    """Keep what was found."""
    lines = (
        f"{json.dumps(operation)}: {json.dumps([[place.world, place.way.value] for place in each.places])}"
        for operation, each in sorted(asked.items())
    )
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
