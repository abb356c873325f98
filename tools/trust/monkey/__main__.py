"""`make monkey`: games with new seeds for so many seconds, read-only and writing, with faults and without."""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import os
import sys
from collections.abc import Sequence
from itertools import count, islice
from pathlib import Path
from secrets import randbelow
from time import monotonic

from ssmtui.simulator.in_thread import SimulatedAws, serving
from tests.simulated_aws import one_sdk_for_all_sessions
from tools.trust.monkey.actions import Deed, Odds, deeds, events_in
from tools.trust.monkey.census import Census, census, leaks, outliving
from tools.trust.monkey.game import Game, Painting, played, shortest, simulated
from tools.trust.monkey.raw import rawly
from tools.trust.monkey.runs import Played, code, keep_game, kept_games, tally
from tools.trust.tally import KEPT, keep

_SECONDS = 120
_DEEDS = 500
"""Actions of one game, about 2,000 events."""

_HANGS = 1_800
"""Seconds after which a game counts as hanging: ten times its usual duration. This also detects a blocked Python."""

_RAW = 150
"""Actions of the last game, in raw bytes on a terminal: about 600 sequences."""

_PAINTED = 6
"""Every third game is painted as often as on a terminal; the others once in this many times between two actions."""

_ASKED = (
    "Sends random keys, chords, bursts, clicks, mouse moves, pastes and window sizes (20×5 to 300×100, rarely 1 to 8 "
    "columns or rows) to the demo, with and without read-only mode, with faults. Previews, confirms, cancels and "
    "undoes changes. There must be no internal error, no key without an effect or message, no write without a "
    "confirmation on the screen, and no write in read-only mode. The header must count the rows, one row and one "
    "widget must have the focus, and Esc must lead to the fleet. After the app closes, no task, thread or object "
    "must remain, and the number of objects of each class of ssmtui must not grow from game to game."
)


def main() -> int:
    """Play until the time is over, or until a failure; shrink the failure, and print it with its seed.

    Earlier games of the same code are added to the total.
    """
    asked = _asked()
    begun = monotonic()
    by = code()
    counts: list[Census] = []
    with one_sdk_for_all_sessions(), serving() as aws:
        for seed in asked.seeds or count(randbelow(1_000_000) * 100):
            at = monotonic()
            if not asked.seeds and at - begun > asked.seconds:
                break
            print(f"seed {seed} …", flush=True)
            faulthandler.dump_traceback_later(_HANGS, exit=True)
            game = play(aws, seed, list(islice(deeds(seed, _odds(seed)), asked.deeds)))
            counts.append(census())
            if left := outliving(counts[-1]):
                game.lost = game.lost or f"it outlives the app: {left}"
            told = Played.of(by, seed, game, monotonic() - at)
            keep_game(KEPT, told)
            print(f"{told}, {_resident():.0f} MB  {game.lost}", flush=True)
            if game.lost:
                _tell(aws, seed, game, shrinks=asked.shrinks)
                if not asked.goes_on:
                    break
    if not asked.seeds and asked.raw:
        at, seed = monotonic(), randbelow(1_000_000)
        raw = Played.rawly(by, seed, *rawly(seed, asked.raw), monotonic() - at)
        keep_game(KEPT, raw)
        print(f"{raw}, as raw bytes  {raw.lost}", flush=True)
    faulthandler.cancel_dump_traceback_later()
    grown = [f"instances grew from {was} to {now} in {len(counts)} games: {name}" for name, was, now in leaks(counts)]
    return keep(tally(_ASKED, kept_games(KEPT, {by, *asked.also}), grown))


def play(aws: SimulatedAws, seed: int, sequence: Sequence[Deed]) -> Game:
    """Play one game. Seeds alternate: even ones write, odd ones are read-only."""
    painting = Painting(1 if seed % 3 == 0 else _PAINTED)
    with simulated(aws, seed, writing=seed % 2 == 0) as stage:
        return asyncio.run(played(stage, seed, sequence, painting))


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
    """Return the process's megabytes, if the system reports them."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if pages.exists() else 0.0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make monkey", description=__doc__)
    parser.add_argument("seeds", type=int, nargs="*", help="these games only, in place of new ones")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("SECONDS") or _SECONDS))
    parser.add_argument("--deeds", type=int, default=_DEEDS, help="deeds of one game")
    parser.add_argument("--raw", type=int, default=_RAW, help="deeds of the game on a terminal; 0 for none")
    parser.add_argument("--also", nargs="*", default=(), metavar="CODE", help="add up games of this code, too")
    parser.add_argument("--goes-on", action="store_true", help="go on with other seeds after a loss")
    parser.add_argument("--no-shrinking", dest="shrinks", action="store_false", help="do not look for the shortest")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
