"""Run every kind of interruption in turn, by seeds, for `SECONDS` (240) (`make interruption`)."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from random import Random, randrange
from time import monotonic

from ssmtui.simulator.in_thread import serving
from tools.trust.interruption import changing_times, disks, ended_processes, terminals
from tools.trust.interruption.home import Home
from tools.trust.tally import Tally, keep

Trial = Callable[[Home, Random], Iterator[str]]

TRIALS: tuple[Trial, ...] = (
    ended_processes.undo_killed,
    terminals.signals,
    changing_times.network_gone_amid_change,
    ended_processes.fix_killed,
    ended_processes.fix_told_to_end,
    terminals.keys,
    disks.full_disk,
    ended_processes.writing_killed,
    changing_times.rotated_in_app,
    ended_processes.app_told_to_end,
    disks.no_room,
    terminals.closed,
    disks.full_disk_in_app,
    disks.two_at_once,
    changing_times.clock_jumps,
    terminals.stopped,
    disks.network_gone,
    changing_times.rotated_amid_change,
    disks.read_only_home,
    disks.damaged_journal,
    changing_times.network_in_app,
    disks.no_home,
    terminals.session_left,
)

_ASKED = (
    "Kills fixes, undos, reports and snapshots at random moments. Sends signals during changes and in any order, "
    "closes windows, presses Ctrl-Z and impossible keys, pastes 40,000 characters, and presses Ctrl-C in sessions "
    "whose output is not read. Runs with a full disk, without a home folder, with a read-only home folder, with "
    "damaged journals, and with two processes at the same time. Rotates credentials, disconnects and reconnects AWS, "
    "and moves the clock in both directions, in the app and during changes. Every incomplete change must be "
    "reported, nothing must be lost, the terminal must be as before, and the exit codes must be those of the "
    "interface."
)


def trial(number: int) -> Trial:
    """Return the trial of a seed."""
    return TRIALS[number % len(TRIALS)]


def _tried(what: Trial, home: Home, chance: Random) -> Iterator[str]:
    """Yield the failures of a trial; a trial that cannot be completed is a failure, too."""
    try:
        yield from what(home, chance)
    except Exception as error:  # noqa: BLE001 - told with its seed, and the next ones are tried
        yield f"it could not be gone through: {error!r:.600}"


def main() -> int:
    """Run trials until the time is over, or the named seeds."""
    # In the background or under nohup, these signals are ignored, and child processes would inherit that.
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    seconds, begun = float(os.environ.get("SECONDS") or 240), monotonic()
    named = [int(word) for word in sys.argv[1:]]
    first = named[0] if named else randrange(1_000) * len(TRIALS)  # noqa: S311 - it is told
    lost: list[str] = []
    tried: Counter[str] = Counter()
    with serving() as aws, tempfile.TemporaryDirectory() as folder:
        for seed in named or islice(count(first), 10_000):
            if not named and monotonic() - begun > seconds and len(tried) == len(TRIALS):
                break
            what, since = trial(seed), monotonic()
            chance = Random(seed)  # noqa: S311 - repeatable
            found = list(_tried(what, Home(aws, Path(folder) / str(seed)), chance))
            aws.clear_faults()
            tried[what.__name__] += 1
            lost += [f"{what.__name__} (seed {seed}): {each}" for each in found]
            print(
                f"{seed} {what.__name__}: {monotonic() - since:.1f} s, {len(found)} lost",
                *found,
                sep="\n  ",
                flush=True,
            )
    kinds = ", ".join(f"`{name}` {number}" for name, number in sorted(tried.items()))
    notes = (
        f"Tried: {kinds}.",
        "A draft that SIGKILL leaves beside a file (`.NAME.ssmtui-…`) is removed by the next write to that file. It "
        "stays if the file system has no locks, and on Windows.",
        *(() if disks.can_mount() else ("No file system could be mounted here, so full disks were not tested.",)),
    )
    return keep(Tally("interruption", _ASKED, tried.total(), "runs", tuple(lost), (first,), monotonic() - begun, notes))


if __name__ == "__main__":
    sys.exit(main())
