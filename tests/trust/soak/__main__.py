"""`make soak`: an hour of refreshes of 2,000 nodes by the diagnosis, and an hour of fewer in the app."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
import tracemalloc

from tests.benchmarks.paged_aws.process import PagedAws, paged_aws
from tests.trust.soak.held import Held, grown
from tests.trust.soak.in_app import kept_fresh_in_app
from tests.trust.soak.kept_fresh import Hour, kept_fresh
from tests.trust.tally import Tally, keep

_ASKED = (
    "An hour of refreshes, a minute apart on a clock that is put on, two of five while AWS throttles and fails: what "
    "Python has allocated, its objects, resident memory, tasks, sockets, handles and threads are no more at the end "
    "than after half of it."
)


def main() -> int:
    """Soak it, and keep what was counted."""
    asked = argparse.ArgumentParser(prog="make soak")
    asked.add_argument("--nodes", type=int, default=2_000, help="of the diagnosis")
    asked.add_argument("--rows", type=int, default=300, help="of the app")
    asked.add_argument("--refreshes", type=int, default=60, help="of each")
    asked.add_argument("--seed", type=int, default=13)
    options = asked.parse_args()
    begun = time.monotonic()
    hours = [Hour(nodes, options.refreshes, seed=options.seed) for nodes in (options.nodes, options.rows)]
    lost: list[str] = []
    notes: list[str] = []
    with paged_aws(0) as aws:
        os.environ.update(aws.environment)
        diagnosed = _diagnosed(aws, hours[0])
        tracemalloc.start()
        shown = asyncio.run(_in_app(aws, hours[1]))
    for name, hour, looks in (("the diagnosis", hours[0], diagnosed), ("the app", hours[1], shown)):
        lost.extend(f"{name}: {each}" for each in grown(looks))
        first, last = looks[0], looks[-1]
        notes.append(f"{name}, {hour.nodes:,} nodes: {_told(first)} after half an hour, {_told(last)} at its end")
        print(notes[-1], flush=True)
    tried = 2 * options.refreshes
    seconds = time.monotonic() - begun
    return keep(Tally("soak", _ASKED, tried, "refreshes", tuple(lost), (options.seed,), seconds, tuple(notes)))


def _diagnosed(aws: PagedAws, hour: Hour) -> list[Held]:
    looks: list[Held] = []
    for look in kept_fresh(aws, hour):
        looks.append(look)
        _say(hour, len(looks), look)
    return looks


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
