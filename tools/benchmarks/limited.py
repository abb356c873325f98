"""Measure checks under AWS's limits and with errors: the time above the minimum, and whether findings change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.benchmarks.figures import Figure
from tools.benchmarks.measuring import Bench, has_connection_option, suspect
from tools.benchmarks.one_check import Check
from tools.benchmarks.paged_aws.limits import PUBLISHED

_ALL_SIZE = 2000
_TROUBLED_SIZE = 1000
_FLOOR = "start to exit ÷ the longest time that a published limit requires for these calls: (calls − burst) ÷ rate"


def figures(bench: Bench) -> Iterator[Figure]:
    """Yield the figures. With `--connection all` AWS's limit sets the pace; with `suspect`, start and simulations."""
    everybody = ("--connection", "all") if has_connection_option() else ()
    for size, options in ((_ALL_SIZE, everybody), (10_000, tuple(suspect()))):
        done = bench.check(size, *options, limits=1)
        floor, operation = floor_of(done)
        how = f"{size:,} nodes, {' '.join(options) or 'all asked'}"
        refused = sum(done.counted["refused"].values())
        formula = f"{_FLOOR}; {done.took.wall:.1f} s ÷ {floor:.1f} s by {operation}; {refused} calls refused"
        yield Figure(f"wall ÷ floor, {how}", done.took.wall / floor, "×", formula, 1.15 if size == _ALL_SIZE else None)
    yield from _troubled(bench, everybody)


def floor_of(done: Check) -> tuple[float, str]:
    """Return the seconds that the published limits require for the calls made, and the limit that requires them."""
    answered: Mapping[str, int] = done.counted["answered"]
    return max(
        ((answered[name] - rate.burst) / rate.refill, name) for name, rate in PUBLISHED.items() if name in answered
    )


def _troubled(bench: Bench, everybody: tuple[str, ...]) -> Iterator[Figure]:
    clean = bench.check(_TROUBLED_SIZE, *everybody)
    troubled = bench.check(_TROUBLED_SIZE, *everybody, throttled=0.3, failing=0.05, seed=1)
    other = differences(clean.report, troubled.report)
    refused = sum(troubled.counted["refused"].values())
    formula = (
        f"nodes and findings that differ between the two reports, {_TROUBLED_SIZE:,} nodes; {refused:,} of "
        f"{troubled.calls + refused:,} calls refused; "
        f"wall {clean.took.wall:.1f} s without, {troubled.took.wall:.1f} s with"
    )
    name = "different findings, with 30 % throttled and 5 % failed calls"
    yield Figure(name, len(other), "", "; ".join([formula, *other[:3]]), 0)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the ids of nodes and findings that differ between the reports."""
    found: list[str] = []
    for kind in ("nodes", "findings"):
        left, right = ({each["id"]: each for each in report[kind]} for report in (one, other))
        found += [id_ for id_ in sorted(left.keys() | right.keys()) if left.get(id_) != right.get(id_)]
    return found
