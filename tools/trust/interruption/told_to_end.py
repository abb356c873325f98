"""A change is under way, and the process is told to end: it is finished or stopped, said, and named by the next one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from random import Random
from time import sleep

from tools.trust.interruption.home import SWITCHED, WORLD, Home, ended, until
from tools.trust.interruption.killed import taken_back
from tools.trust.interruption.terminals import left_sane, shown

_ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


def fix_told_to_end(home: Home, chance: Random) -> Iterator[str]:
    """A signal at any moment of a fix, while each write takes a while: the exit code is the signal's."""
    home.aws.load(WORLD)
    words, before, number = home.fix(), home.preferences(), chance.choice(_ENDING)
    home.aws.journal.clear()
    slow = chance.choice((300, 1_500, 12_000))
    home.aws.fault("latency", operation="UpdateDocument", milliseconds=slow)
    process = home.start(*words)
    until(lambda: any(each.operation == "GetCallerIdentity" for each in home.aws.journal.entries), process)
    sleep(chance.random() * min(slow, 2_000) / 1000)
    process.send_signal(number)
    told = ended(process)
    home.aws.clear_faults()
    made, journal = home.writes(), home.journal
    if told.code not in {128 + number, 0 if len(made) == 2 else 128 + number}:
        yield f"after {number.name} it ended as {told}"
    if "defect" in told.said or (made and "Done" not in told.said and "in part" not in told.said):
        yield f"after {number.name}, {len(made)} calls were made, and it said {told.said}"
    yield from _named(home)
    if made:
        yield from taken_back(home, before, f"a fix that was told to end ({told.code})")
    elif home.preferences() != before or (journal is not None and any(each.is_open for each in journal.changes())):
        yield "nothing was made, and something is left"


def app_told_to_end(home: Home, chance: Random) -> Iterator[str]:
    """The same in the app: its terminal is a shell's again, and says how the change ended."""
    home.aws.load(SWITCHED)
    before, number = home.preferences(), chance.choice((signal.SIGTERM, signal.SIGHUP))
    terminal = shown([sys.executable, "-m", "ssmtui"], home, home.environment)
    try:
        terminal.read_for(1)
        home.aws.journal.clear()
        home.aws.fault("latency", operation="UpdateDocument", milliseconds=chance.choice((1_000, 12_000)))
        terminal.type(b"w")
        terminal.read_for(1)
        terminal.type(home.aws.regions[0].encode())
        terminal.read_for(0.3)
        terminal.type(b"\r")
        terminal.read_for(0.3 + chance.random())
        terminal.send(number)
        yield from left_sane(terminal, f"after {number.name} amid a change", {128 + number})
        said = terminal.shown.rpartition(b"\x1b[?1049l")[2]
    finally:
        terminal.close()
    home.aws.clear_faults()
    if home.writes() and b"Done" not in said and b"in part" not in said:
        yield f"after {number.name} amid a change the terminal was told {said!r}"
    if home.journal is not None and any("defect" in each.why for each in home.journal.changes()):
        yield f"the journal tells of a defect: {home.journal.changes()}"
    yield from _named(home)
    if home.writes():
        yield from taken_back(home, before, "a change in an app that was told to end")


def _named(home: Home) -> Iterator[str]:
    """What stands open is named by what is started next, and standard output is as it would be."""
    journal = home.journal
    left = [each.id for each in journal.changes() if each.is_open] if journal is not None else []
    listed = home.run("undo", "--list").said
    for id_ in left:
        if f"ssmtui: change {id_} was interrupted" not in listed or f"ssmtui undo {id_} --yes" not in listed:
            yield f"{id_} is open, and not named: {listed}"
    if not left and "was interrupted" in listed:
        yield f"nothing is open, and something is named: {listed}"
