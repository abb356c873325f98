"""`make monkey`: games with new seeds for so many seconds, read-only and writing, with faults and without."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from itertools import count, islice
from pathlib import Path
from secrets import randbelow
from time import monotonic

from ssmtui.simulator.in_thread import SimulatedAws, serving
from tests.simulated_aws import one_sdk_for_all_sessions
from tests.trust.monkey.deeds import Deed, events_in
from tests.trust.monkey.dice import Odds, deeds
from tests.trust.monkey.game import Game, played
from tests.trust.monkey.shrinking import shortest
from tests.trust.monkey.stage import simulated
from tests.trust.tally import Tally, keep

_SECONDS = 120
_DEEDS = 400
"""Deeds of one game, about 1,200 events."""

_WARM = 4
"""Games after which all is loaded that will be: memory is compared from there on."""

_GROWTH = 0.35
"""By how much memory may be more at the end: the allocator's share, and the journals of the simulator."""

_ASKED = (
    "Random keys, chords, bursts, clicks, pastes and sizes (20×5 to 300×100, rarely 1 to 8 columns or rows) on the "
    "demo, read-only and writing, with faults: no defect, no key unanswered, no write without a confirmation on the "
    "screen, none in read-only, the header counts the rows, a row and a focus are there, Esc leads to the fleet, "
    "no task or thread is left, memory is flat."
)


def main() -> int:
    """Play until the time is over, or until something is lost; that is shrunk, and printed with its seed."""
    asked = _asked()
    begun = monotonic()
    lost: list[str] = []
    seeds: list[int] = []
    events = starts = handed_in = deepest = 0
    memory: list[float] = []
    with one_sdk_for_all_sessions(), serving() as aws:
        for seed in asked.seeds or count(randbelow(1_000_000) * 100):
            if not asked.seeds and monotonic() - begun > asked.seconds:
                break
            game = play(aws, seed, list(islice(deeds(seed, _odds(seed)), asked.deeds)))
            seeds.append(seed)
            events, starts, handed_in = events + game.events, starts + game.starts, handed_in + game.handed_in
            deepest = max(deepest, game.deepest)
            gc.collect()
            memory.append(_resident())
            print(f"{seed}: {game.events} events, {game.starts} starts, {memory[-1]:.0f} MB  {game.lost}", flush=True)
            if game.lost:
                lost.append(f"{game.lost} (seed {seed})")
                _tell(aws, seed, game, shrinks=asked.shrinks)
                if not asked.goes_on:
                    break
    if len(memory) > 2 * _WARM and memory[-1] > memory[_WARM] * (1 + _GROWTH):
        lost.append(f"memory grew from {memory[_WARM]:.0f} to {memory[-1]:.0f} MB in {len(memory)} games")
    notes = (
        f"{starts:,} starts of the app, {handed_in:,} changes confirmed, at most {deepest} screens above each other; "
        f"sessions, logins and browsers are stand-ins: no program is started.",
    )
    told = (seeds[0], seeds[-1]) if seeds else ()
    return keep(Tally("monkey", _ASKED, events, "events", tuple(lost), told, monotonic() - begun, notes))


def play(aws: SimulatedAws, seed: int, sequence: Sequence[Deed]) -> Game:
    """One game. Seeds take turns: even ones write, odd ones are read-only."""
    with simulated(aws, seed, writing=seed % 2 == 0) as stage:
        return asyncio.run(played(stage, seed, sequence))


def _odds(seed: int) -> Odds:
    return Odds(faults=seed % 3 != 0)


def _tell(aws: SimulatedAws, seed: int, game: Game, *, shrinks: bool) -> None:
    if game.error is not None:
        import traceback

        traceback.print_exception(game.error)
    if not shrinks:
        return

    async def loses(part: Sequence[Deed]) -> bool:
        return (await asyncio.to_thread(play, aws, seed, part)).lost == game.lost

    again = play(aws, seed, game.deeds)
    if again.lost != game.lost:
        print(f"not repeated by the same deeds: {again.lost or 'nothing is lost'}; the last ten were:")
        print(*game.deeds[-10:], sep="\n")
        return
    least = asyncio.run(shortest(game.deeds, loses))
    print(f"seed {seed}: {len(least)} deeds, {sum(map(events_in, least))} events repeat it:")
    print(*least, sep="\n", flush=True)


def _resident() -> float:
    """Megabytes that the process holds, where the system tells it."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if pages.exists() else 0.0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make monkey", description=__doc__)
    parser.add_argument("seeds", type=int, nargs="*", help="these games only, in place of new ones")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("SECONDS") or _SECONDS))
    parser.add_argument("--deeds", type=int, default=_DEEDS, help="deeds of one game")
    parser.add_argument("--goes-on", action="store_true", help="go on with other seeds after a loss")
    parser.add_argument("--no-shrinking", dest="shrinks", action="store_false", help="do not look for the shortest")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
