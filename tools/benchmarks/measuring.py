"""Share the server, a folder, and cached checks between the benchmarks."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tools.benchmarks.one_check import PROGRAM, Check, check
from tools.benchmarks.paged_aws.process import PagedAws
from tools.benchmarks.runs import Run, run

SUSPECT = ("--connection", "suspect")
_PRINTED = "printed"


@cache
def has_connection_option() -> bool:
    """Return whether `check` has an option for which nodes to query the connection."""
    said = subprocess.run([*PROGRAM, "check", "--help"], capture_output=True, text=True, check=True)
    return "--connection" in said.stdout


def suspect() -> Sequence[str]:
    """Return the options that query only suspicious nodes, if `check` has them."""
    return SUSPECT if has_connection_option() else ()


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of wall time and CPU, and bytes of peak memory: medians of several runs."""

    wall: float
    cpu: float
    memory: float


def median(runs: Sequence[Run]) -> Spent:
    """Return the median of each figure separately."""
    return Spent(*(statistics.median(getattr(each, name) for each in runs) for name in ("wall", "cpu", "memory")))


@dataclass
class Bench:
    """One round of measurements."""

    aws: PagedAws
    folder: Path
    say: Callable[[str], None]
    runs: int = 3

    def check(self, size: int, *options: str, **conduct: float) -> Check:
        """Return one check of a fleet; the server behaves as configured."""
        self.say(f"check {' '.join(options)} on {size:,} nodes {conduct or ''}")
        self.aws.begin(nodes=size, **conduct)
        return check(self.aws, *options, folder=self.folder)

    def python(self, *words: str, size: int) -> tuple[Run, str]:
        """Return a run of a module by this interpreter on a fleet, and its output."""
        return self.program(sys.executable, "-m", *words, size=size), (self.folder / _PRINTED).read_text()

    def program(self, *line: str, size: int) -> Run:
        """Return a run of a program on a fleet."""
        self.say(f"{' '.join(line)} on {size:,} nodes")
        self.aws.begin(nodes=size)
        took = run(line, self.aws.environment | {"HOME": str(self.folder)}, self.folder / _PRINTED)
        if took.code:
            raise RuntimeError(f"{line}: exit code {took.code}: {took.said[-1000:]}")
        return took

    @cached_property
    def of_none(self) -> Spent:
        """A check of a fleet without nodes: the start, and the calls for any Region."""
        return median([self.check(0, *suspect()).took for _ in range(self.runs)])

    @cached_property
    def of_a_thousand(self) -> Check:
        """A check of 1,000 nodes."""
        return self.check(1000, *suspect())

    @cached_property
    def of_ten_thousand(self) -> tuple[Check, ...]:
        """Several checks of 10,000 nodes."""
        return tuple(self.check(10_000, *suspect()) for _ in range(self.runs))

    @cached_property
    def of_fifty_thousand(self) -> Check:
        """A check of 50,000 nodes."""
        return self.check(50_000, *suspect())
