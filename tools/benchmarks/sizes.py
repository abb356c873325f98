"""Measure calls, verdicts, memory and growth by the size of the fleet."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from tools.benchmarks.figures import Figure
from tools.benchmarks.measuring import Bench, median
from tools.benchmarks.one_check import Check
from tools.benchmarks.paged_aws.fleet import fleet
from tools.benchmarks.paged_aws.ground import ROLES, VPCS
from tools.benchmarks.verdicts import wrong

SUBJECTS = len(ROLES) + len(VPCS) + 1
"""Roles, VPCs and the document; subnets, groups, endpoints, keys and buckets are counted with them."""

_CALLS = f"answered calls without GetConnectionStatus; target 2 ⌈N/1000⌉ + 12 × {SUBJECTS} subjects"
_WRONG = "nodes with another result or root cause than prepared; {ok:,} healthy nodes reported as ok"


def figures(bench: Bench) -> Iterator[Figure]:
    """Yield the figures for 1,000, 10,000 and 50,000 nodes."""
    thousand, many, most = bench.of_a_thousand, bench.of_ten_thousand, bench.of_fifty_thousand
    for size, done in ((1000, thousand), (10_000, many[-1]), (50_000, most)):
        yield _calls(size, done)
        yield _asked(size, done)
        yield _mistakes(size, done)
    ten, fifty = median([each.took for each in many]), median([most.took])
    yield Figure("peak memory, 10,000 nodes", ten.memory / 1e6, "MB", "largest resident set of the process", 120)
    yield Figure("peak memory, 50,000 nodes", fifty.memory / 1e6, "MB", "the same", 250)
    grown = "of a check of 50,000 nodes ÷ of 10,000"
    yield Figure("growth of CPU", fifty.cpu / ten.cpu, "×", f"user + system time {grown}", 5.5)
    yield Figure("growth of memory", fifty.memory / ten.memory, "×", f"largest resident set {grown}", 5.5)
    yield Figure("wall, 50,000 nodes", fifty.wall, "s", "start to exit")
    yield Figure("CPU, 50,000 nodes", fifty.cpu, "s", "user + system")


def _calls(size: int, done: Check) -> Figure:
    calls = done.calls - done.calls_of("ssm:GetConnectionStatus")
    formula = f"{_CALLS}; most: {_most(done)}"
    return Figure(f"calls, {size:,} nodes", calls, "", formula, 2 * ceil(size / 1000) + 12 * SUBJECTS)


def _most(done: Check) -> str:
    by_number = sorted(done.counted["answered"].items(), key=lambda each: -each[1])
    others = [each for each in by_number if each[0] != "ssm:GetConnectionStatus"]
    return ", ".join(f"{name} {number}" for name, number in others[:4])


def _asked(size: int, done: Check) -> Figure:
    return Figure(
        f"GetConnectionStatus, {size:,} nodes", done.calls_of("ssm:GetConnectionStatus"), "", "answered calls"
    )


def _mistakes(size: int, done: Check) -> Figure:
    nodes = fleet(size)
    mistakes = wrong(done.report, nodes, unasked="unknown")
    formula = _WRONG.format(ok=done.report["summary"]["ok"])
    return Figure(f"wrong results, {size:,} nodes", len(mistakes), "", "; ".join([formula, *mistakes[:3]]), 0)
