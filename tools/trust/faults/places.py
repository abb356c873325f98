"""List the kinds of failures, and the places where an operation is called: a world, and a way to diagnose it."""

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
"""An operation in botocore: service and operation."""


def _always(_operation: Operation) -> bool:
    return True


def _paged(operation: Operation) -> bool:
    return pages_of(*operation) is not None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of failure. If it `passes`, every response is correct in the end: the results must be equal."""

    name: str
    fault: FaultKind
    times: int | None = None
    milliseconds: int = 0
    passes: bool = False
    befalls: Callable[[Operation], bool] = _always

    @property
    def details(self) -> Mapping[str, Any]:
        """The description for the simulated AWS."""
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
"""The kinds by name. All others are compared with the first."""


FOUND = Path(__file__).with_name("places.json")
"""The result of `python -m tools.trust.faults --survey`."""


class Way(StrEnum):
    """A way to diagnose a world."""

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
"""Operations that are always refused there: some reads are only made instead of others."""


@dataclass(frozen=True, slots=True)
class Place:
    """A world, diagnosed in one way."""

    world: str
    way: Way = Way.CHECK

    @property
    def line(self) -> tuple[str, ...]:
        """The arguments of the command."""
        return tuple(LINES[self.way](world(self.world)))

    def __str__(self) -> str:
        return self.world if self.way is Way.CHECK else f"{self.world} ({self.way.value})"


@dataclass(frozen=True, slots=True)
class Asked:
    """The places where an operation is called; first those where its responses are evidence of a problem."""

    operation: str
    places: tuple[Place, ...]


def reads() -> tuple[str, ...]:
    """Return every operation that the readers in the code can call."""
    return tuple(sorted(":".join(each) for each in all_reads()))


def found(file: Path = FOUND) -> Mapping[str, Asked]:
    """Return the known places of operations; none for a new operation."""
    told = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    worlds = set(names())
    return {
        operation: Asked(operation, tuple(Place(name, Way(way)) for name, way in places if name in worlds))
        for operation, places in told.items()
    }


def write(asked: Mapping[str, Asked], file: Path = FOUND) -> None:
    """Store the places."""
    lines = (
        f"{json.dumps(operation)}: {json.dumps([[place.world, place.way.value] for place in each.places])}"
        for operation, each in sorted(asked.items())
    )
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
