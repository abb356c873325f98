"""Run one `ssmtui check` of the fleet: `python -m tools.benchmarks.one_check NODES [options of check]`.

Print its cost, its calls, and every node with a wrong result.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.benchmarks.paged_aws.fleet import fleet
from tools.benchmarks.paged_aws.process import PagedAws, paged_aws
from tools.benchmarks.runs import Run, run
from tools.benchmarks.verdicts import wrong

PROGRAM = (sys.executable, "-c", "from ssmtui.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Check:
    """A completed check: its cost, its report, and the server's counters."""

    took: Run
    report: Mapping[str, Any]
    counted: Mapping[str, Any]

    @property
    def calls(self) -> int:
        """The number of answered calls."""
        return sum(self.counted["answered"].values())

    def calls_of(self, operation: str) -> int:
        """Return the number of answered calls of one operation."""
        return int(self.counted["answered"].get(operation, 0))


class Failed(Exception):
    """The check produced no report."""


def check(aws: PagedAws, *options: str, folder: Path) -> Check:
    """Run `ssmtui check` to its end. Its user files go into the folder."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    own = {name: str(folder) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    command = (*PROGRAM, "check", "--format", "json", "--output", str(report), "--timeout", "900", *options)
    took = run(command, aws.environment | own, folder / "said")
    if not report.exists():
        raise Failed(f"exit code {took.code}: {took.said[-2000:]}")
    return Check(took, json.loads(report.read_text()), aws.counted())


def main() -> None:
    """Run one check, and print the results."""
    size, options = int(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder, paged_aws(size) as aws:
        aws.begin()
        done = check(aws, *options, folder=Path(folder))
    took, counted = done.took, done.counted
    print(f"wall {took.wall:.2f} s, CPU {took.cpu:.2f} s, peak {took.memory / 1e6:.0f} MB, exit {took.code}")
    by_number = sorted(counted["answered"].items(), key=lambda each: -each[1])
    print(f"{done.calls} calls: " + ", ".join(f"{name} {number}" for name, number in by_number))
    print(f"refused {counted['refused']}, {counted['bytes'] / 1e6:.1f} MB, server's CPU {counted['cpu']:.2f} s")
    mistakes = wrong(done.report, fleet(size), unasked="unknown" if "none" in options else "ok")
    print(f"{len(mistakes)} nodes wrong", *mistakes[:30], sep="\n  ")


if __name__ == "__main__":
    main()
