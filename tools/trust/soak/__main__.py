"""Refresh 2,000 nodes for an hour in the diagnosis, and fewer for an hour in the app (`make soak`)."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
import tracemalloc
from dataclasses import asdict
from pathlib import Path

from tools.benchmarks.paged_aws.process import PagedAws, paged_aws
from tools.trust.soak.trials import Held, Hour, grown, kept_fresh, kept_fresh_in_app
from tools.trust.tally import Tally, keep

_ASKED = (
    "Refreshes for one simulated hour, once a minute; AWS throttles or fails in two of five refreshes. At the end, "
    "allocated memory, objects, resident memory, tasks, sockets, handles and threads must not be higher than after "
    "half an hour."
)


_PARTS = ("diagnosis", "app")
_KEPT = Path("build") / "soak"
"""The result files of the parts, which can run in parallel."""


def main() -> int:
    """Run the test, and store the counts."""
    asked = argparse.ArgumentParser(prog="make soak")
    asked.add_argument("--nodes", type=int, default=2_000, help="of the diagnosis")
    asked.add_argument("--rows", type=int, default=100, help="of the app")
    asked.add_argument("--refreshes", type=int, default=60, help="of each")
    asked.add_argument("--seed", type=int, default=13)
    asked.add_argument("--parts", nargs="*", choices=_PARTS, default=_PARTS, help="of others counts what was kept")
    options = asked.parse_args()
    hours = {
        "diagnosis": Hour(options.nodes, options.refreshes, seed=options.seed),
        "app": Hour(options.rows, options.refreshes, seed=options.seed),
    }
    for part in options.parts:
        _soaked(part, hours[part])
    lost: list[str] = []
    notes: list[str] = []
    seconds = 0.0
    for part, hour in hours.items():
        if not (_KEPT / f"{part}.json").exists():
            lost.append(f"the {part} was not soaked")
            continue
        told = json.loads((_KEPT / f"{part}.json").read_text(encoding="utf-8"))
        looks = [Held(**each) for each in told["looks"]]
        seconds += told["seconds"]
        lost.extend(f"the {part}: {each}" for each in grown(looks))
        first, last = looks[0], looks[-1]
        notes.append(f"the {part}, {hour.nodes:,} nodes: {_told(first)} after half an hour, {_told(last)} at its end")
        print(notes[-1], flush=True)
    return keep(
        Tally("soak", _ASKED, 2 * options.refreshes, "refreshes", tuple(lost), (options.seed,), seconds, tuple(notes))
    )


def _soaked(part: str, hour: Hour) -> None:
    begun = time.monotonic()
    with paged_aws(0) as aws:
        os.environ.update(aws.environment)
        looks = _diagnosed(aws, hour) if part == "diagnosis" else _shown(aws, hour)
    _KEPT.mkdir(parents=True, exist_ok=True)
    told = {"looks": [asdict(each) for each in looks], "seconds": time.monotonic() - begun}
    (_KEPT / f"{part}.json").write_text(json.dumps(told), encoding="utf-8")


def _diagnosed(aws: PagedAws, hour: Hour) -> list[Held]:
    looks: list[Held] = []
    for look in kept_fresh(aws, hour):
        looks.append(look)
        _say(hour, len(looks), look)
    return looks


def _shown(aws: PagedAws, hour: Hour) -> list[Held]:
    tracemalloc.start()
    try:
        return asyncio.run(_in_app(aws, hour))
    finally:
        tracemalloc.stop()


async def _in_app(aws: PagedAws, hour: Hour) -> list[Held]:
    looks: list[Held] = []
    async for look in kept_fresh_in_app(aws, hour):
        looks.append(look)
        _say(hour, len(looks), look)
    return looks


def _say(hour: Hour, number: int, look: Held) -> None:
    if number % 3 == 1:
        print(f"  {hour.nodes:,} nodes, look {number}: {_told(look)}", flush=True)


def _told(look: Held) -> str:
    return (
        f"{look.objects:,} objects, {look.resident / 1e6:.0f} MB resident, {look.tasks} tasks, "
        f"{look.sockets} sockets, {look.files} handles, {look.threads} threads"
    )


if __name__ == "__main__":
    sys.exit(main())
