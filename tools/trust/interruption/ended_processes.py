"""Interrupt changes and reports: kill signals, a request to end, and damaged journals."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from random import Random
from time import sleep

from ssmtui.cli.output_file import open_output_file
from ssmtui.remediation.apply.change import ChangeState
from tools.trust.interruption.home import SWITCHED, WORLD, Home, ended, until
from tools.trust.interruption.terminals import left_sane, shown

_LATENCY = 25
"""Milliseconds of each response, so that there is time between two responses."""


def fix_killed(home: Home, chance: Random) -> Iterator[str]:
    """Kill at any request; every change that was made is recorded, reported, and undone completely."""
    home.aws.load(WORLD)
    words, before = home.fix(), home.preferences()
    home.aws.journal.clear()
    home.aws.fault("latency", milliseconds=_LATENCY)
    _kill(home, words, chance)
    home.aws.clear_faults()
    yield from _accounted_for(home, "fix")
    if home.writes():
        yield from taken_back(home, before, "a killed fix")
    elif home.preferences() != before:
        yield "the preferences have changed without a write"


def undo_killed(home: Home, chance: Random) -> Iterator[str]:
    """Kill an undo: the change is not called undone before it is, and the undo can be finished."""
    home.aws.load(WORLD)
    before = home.preferences()
    made = home.run(*home.fix())
    if made.code != 0:
        yield f"the fix was not made: {made}"
        return
    home.aws.journal.clear()
    home.aws.fault("latency", milliseconds=_LATENCY)
    _kill(home, ("undo", "--yes"), chance)
    home.aws.clear_faults()
    yield from _accounted_for(home, "undo")
    journal = home.journal
    states = {each.state for each in journal.changes() if not each.undoes} if journal else set()
    if ChangeState.UNDONE in states and not _same(home.preferences(), before):
        yield "a half-made undo is called undone"
    if not _same(home.preferences(), before) or ChangeState.UNDONE not in states:
        yield from taken_back(home, before, "a killed undo")


def writing_killed(home: Home, chance: Random) -> Iterator[str]:
    """Kill a process that writes a report or a snapshot: the file is complete, unchanged, or missing."""
    home.aws.load("healthy-small")
    kind = chance.choice(("snapshot", "check"))
    file = home.folder / f"{kind}.file"
    old = chance.choice((None, b"old"))
    if old is not None:
        file.write_bytes(old)
    words = ("snapshot", str(file)) if kind == "snapshot" else ("check", "--format", "json", "--output", str(file))
    process = home.start(*words)
    drafted = lambda: any(each.stat().st_size for each in home.folder.glob(f".{file.name}.*"))  # noqa: E731
    if chance.random() < 0.5:
        until(drafted, process)
    else:
        until(lambda: len(home.aws.journal.entries) > chance.randrange(40), process)
        sleep(chance.random() * 0.8)
    process.kill()
    process.communicate()
    with open_output_file(home.folder / "another.file"):
        pass
    if list(home.folder.glob(f".{file.name}.*")):
        yield "a draft of a killed writer stays where something is written again"
    now = file.read_bytes() if file.exists() else None
    file.unlink(missing_ok=True)
    if now == old:
        return
    if kind == "check" and now:
        try:
            json.loads(now)
        except ValueError:
            yield "a report is there in part"
    elif now:
        file.write_bytes(now)
        again = home.run("check", "--replay", str(file), "--fail-on", "never")
        if again.code != 0:
            yield f"a snapshot is there in part: {again}"


def _kill(home: Home, words: tuple[str, ...], chance: Random) -> None:
    process = home.start(*words)
    # Most kills are near the writes, where data can be lost.
    if chance.random() < 0.8:
        at = chance.randrange(1, 4)
        until(lambda: sum(each.write for each in home.aws.journal.entries) >= at - 1 and _reads_again(home), process)
    else:
        at = chance.randrange(1, 60)
        until(lambda: len(home.aws.journal.entries) >= at, process)
    sleep(chance.random() * 4 * _LATENCY / 1000)
    process.kill()
    process.communicate()
    sleep(3 * _LATENCY / 1000)  # the sent data arrives


def _reads_again(home: Home) -> bool:
    return any(each.operation == "GetCallerIdentity" for each in home.aws.journal.entries)


def _accounted_for(home: Home, what: str) -> Iterator[str]:
    journal = home.journal
    if home.writes() and (journal is None or not journal.changes()):
        yield f"a {what} has written what the journal does not know of"
    if journal is not None and journal.read().damaged:
        yield f"a {what} that was killed has left lines that cannot be understood"


def taken_back(home: Home, before: str, what: str) -> Iterator[str]:
    """Undo at most twice, as a person would: the first settles the open change, the second undoes it."""
    said = [home.run("undo", "--yes") for _ in range(2)]
    if not all(each.is_told for each in said):
        yield f"{what}: the undo ended otherwise than promised: {said}"
    if not _same(home.preferences(), before):
        yield f"{what} is not taken back: {said}"


def _same(one: str, other: str) -> bool:
    return bool(json.loads(one) == json.loads(other))


_ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


def fix_told_to_end(home: Home, chance: Random) -> Iterator[str]:
    """Send a signal at any moment of a fix, with slow writes: the exit code is the signal's."""
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
    """Do the same in the app: the terminal is restored, and shows how the change ended."""
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
    """Check that the next command names open changes, and that its standard output is the normal one."""
    journal = home.journal
    left = [each.id for each in journal.changes() if each.is_open] if journal is not None else []
    listed = home.run("undo", "--list").said
    for id_ in left:
        if f"ssmtui: change {id_} was interrupted" not in listed or f"ssmtui undo {id_} --yes" not in listed:
            yield f"{id_} is open, and not named: {listed}"
    if not left and "was interrupted" in listed:
        yield f"nothing is open, and something is named: {listed}"


def damaged(whole: bytes, chance: Random) -> bytes:
    """Return the bytes with one error at a random place."""
    at = chance.randrange(len(whole))
    match chance.randrange(3):
        case 0:
            return whole[:at]
        case 1:
            return whole[:at] + chance.randbytes(chance.randrange(1, 9)) + whole[at + chance.randrange(9) :]
        case _:
            return whole.replace(b"ssmtui.journal/1", b"ssmtui.journal/9", chance.randrange(1, 3))
