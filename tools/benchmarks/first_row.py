"""Measure the time until the first node is printed."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import Any

from tools.benchmarks.against_cli import first_page
from tools.benchmarks.figures import Figure
from tools.benchmarks.measuring import Bench, suspect
from tools.benchmarks.one_check import PROGRAM

_SIZE = 10_000
_LATENCY = 0.05
_LISTINGS = ("ec2:DescribeInstances", "ssm:DescribeInstanceProperties")


def figures(bench: Bench) -> Iterator[Figure]:
    """Yield the time from the first request of a listing to the first node line, with `--format ndjson` on a pipe."""
    told = statistics.median(_first_row(bench) for _ in range(bench.runs))
    page = first_page(bench, _SIZE)
    formula = f"{told:.2f} s from the first request of a listing to the first line of an instance ÷ "
    yield Figure(
        "first row ÷ one page",
        told / page,
        "×",
        f"{formula}{page:.2f} s until aiobotocore alone has its first page of 1,000 instances, medians",
        3,
    )
    yield Figure("first row ÷ the latency of a call", told / _LATENCY, "×", f"{formula}{_LATENCY:g} s, without parsing")


def _of_an_instance(line: Mapping[str, Any]) -> bool:
    """Return whether the line is about an instance: a hybrid node needs only Systems Manager's page."""
    return "ec2" in (line.get("kind"), line.get("node", {}).get("kind"))


def _first_row(bench: Bench) -> float:
    bench.say(f"first row of {_SIZE:,} nodes")
    bench.aws.begin(nodes=_SIZE, latency=_LATENCY)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [*PROGRAM, "check", "--format", "ndjson", *suspect()]
    environment = kept | bench.aws.environment | {"HOME": str(bench.folder)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        try:
            for line in running.stdout:
                if _of_an_instance(json.loads(line)):
                    break
            told = time.monotonic()
        finally:
            running.kill()
    begun = min(when for when, operation in bench.aws.counted()["timeline"] if operation in _LISTINGS)
    return told - float(begun)
