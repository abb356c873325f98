"""Measure checks of named nodes in an account of 10,000: time beside the AWS CLI, and calls by operation."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tools.benchmarks.aws_cli import NOT_FOUND, Cli, aws_clis
from tools.benchmarks.figures import Figure, Line, Unmeasured
from tools.benchmarks.measuring import Bench
from tools.benchmarks.one_check import PROGRAM, Failed
from tools.benchmarks.paged_aws.fleet import FleetNode, fleet

SIZE: Final = 10_000
BROKEN: Final = ("no profile", "role without permissions", "key denied", "endpoints closed", "connection lost")
"""Ways in which the named nodes are broken: their causes are at the start, in the middle and at the end of the path."""

_FURTHER: Final = 20
_SIMULATION: Final = "iam:SimulatePrincipalPolicy"


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """A check of named nodes: seconds to the root cause and to the end, CPU seconds, and the server's counters.

    `begun` is the start by the machine's monotonic clock.
    """

    told: float
    whole: float
    cpu: float
    begun: float
    counted: Mapping[str, Any]

    @property
    def calls(self) -> int:
        """The number of answered calls."""
        return sum(self.counted["answered"].values())

    @property
    def timeline(self) -> Iterator[tuple[float, str]]:
        """Yield the calls in order, each with its seconds since the start."""
        for at, name in self.counted["timeline"]:
            yield at - self.begun, name

    @property
    def by_operation(self) -> str:
        """The calls by operation, the most frequent first."""
        by_number = sorted(self.counted["answered"].items(), key=lambda each: (-each[1], each[0]))
        return f"`{', '.join(f'{name} {number}' for name, number in by_number)}`"


def figures(bench: Bench) -> Iterator[Line]:
    """Yield the ratios to the AWS CLI, and the calls."""
    nodes = fleet(SIZE)
    healthy = _first(nodes, "")
    broken = [_first(nodes, way) for way in BROKEN]
    for name, group in (("a healthy node", [healthy]), ("a broken node", broken)):
        yield from _beside_cli(bench, name, group)
    for name, group in (("a healthy node", [healthy]), ("a broken node", broken[2:3])):
        yield from _calls(name, check_named(bench, group), 35)
    alike = [node for node in nodes if (node.role, node.subnet, node.way) == (healthy.role, healthy.subnet, "")][:3]
    one, three = (check_named(bench, group) for group in (alike[:1], alike))
    further = f"(calls for three nodes {three.calls} − for one {one.calls}) ÷ 2, with the same role and subnet"
    yield Figure(
        "calls for each further node", (three.calls - one.calls) / 2, "", f"{further}; {three.by_operation}", 4
    )
    different = check_named(bench, [healthy, *broken[:2]])
    yield Figure("calls, three nodes with different roles", different.calls, "", different.by_operation)
    names = check_named(bench, nodes[:_FURTHER], by_name=True)
    yield Figure(f"calls, {_FURTHER} nodes by name", names.calls, "", names.by_operation)


def check_named(bench: Bench, nodes: Sequence[FleetNode], *, by_name: bool = False) -> NamedCheck:
    """Run `check NODE… --format ndjson`, and note when the result of the first node is known.

    That is its root cause, or the line of the node without a cause.
    """
    words = [node.name if by_name else node.id for node in nodes]
    bench.say(f"check of {len(words)} named nodes ({nodes[0].way or 'healthy'})")
    bench.aws.begin(nodes=SIZE)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = kept | bench.aws.environment | {"HOME": str(bench.folder)}
    command = [*PROGRAM, "check", *words, "--format", "ndjson"]
    begun, told = time.monotonic(), 0.0
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if not told and _is_result(json.loads(line), nodes[0]):
                told = time.monotonic() - begun
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    whole = time.monotonic() - begun
    if not told:
        raise Failed(f"no result of {words[0]}, exit code {running.returncode}")
    return NamedCheck(told, whole, used.ru_utime + used.ru_stime, begun, bench.aws.counted())


def _is_result(line: Mapping[str, Any], node: FleetNode) -> bool:
    if node.root_cause is None:
        return line.get("event") == "node" and line.get("verdict") == node.verdict
    return line.get("event") == "finding" and line.get("cause") == node.root_cause


def _first(nodes: Sequence[FleetNode], way: str) -> FleetNode:
    return next(node for node in nodes if node.way == way)


def _beside_cli(bench: Bench, name: str, group: Sequence[FleetNode]) -> Iterator[Line]:
    """Yield the ratios of medians; the programs run alternately."""
    if not aws_clis():
        yield Unmeasured(f"{name} ÷ AWS CLI", NOT_FOUND)
        return
    checks: list[NamedCheck] = []
    listings: dict[Cli, list[float]] = {cli: [] for cli in aws_clis()}
    for _ in range(max(1, bench.runs * 2 // len(group))):
        for node in group:
            for cli, times in listings.items():
                times.append(_listing(bench, cli, node))
            checks.append(check_named(bench, [node]))
    for cli, times in listings.items():
        listing = statistics.median(times)
        beside = f"{listing:.2f} s of `aws ssm describe-instance-information --filters` for that node"
        for what, seconds, most in (
            ("root cause", statistics.median(each.told for each in checks), 3),
            ("whole report", statistics.median(each.whole for each in checks), 4),
        ):
            formula = f"{seconds:.2f} s ÷ {beside}, medians, alternating"
            target = most if cli.major == 1 else None
            yield Figure(f"{name}: {what} ÷ {cli.name}", seconds / listing, "×", formula, target)


def _listing(bench: Bench, cli: Cli, node: FleetNode) -> float:
    filters = f"Key=InstanceIds,Values={node.id}"
    return bench.program(*cli.command, "ssm", "describe-instance-information", "--filters", filters, size=SIZE).wall


def _calls(name: str, done: NamedCheck, most: int) -> Iterator[Figure]:
    yield Figure(f"calls, {name}", done.calls, "", done.by_operation, most)
    unfiltered = "calls that list the nodes of the account: by ID, no other node is listed"
    yield Figure(f"calls that list all nodes, {name}", done.counted["unfiltered"], "", unfiltered, 0)
    simulations = done.counted["answered"].get(_SIMULATION, 0)
    yield Figure(f"simulations, {name}", simulations, "", f"{_SIMULATION} for the node and its caller", 6)
