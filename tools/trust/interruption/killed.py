"""SIGKILL at random moments: of a fix, of its undo, of a report and a snapshot being written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from time import sleep

from ssmtui.cli.output_file import open_output_file
from ssmtui.remediation.apply.change import ChangeState
from tools.trust.interruption.home import WORLD, Home, until

_LATENCY = 25
"""Milliseconds that each answer takes, so that there is time between two."""


def fix_killed(home: Home, chance: Random) -> Iterator[str]:
    """Killed at any request; whatever was made is known, told, and taken back whole."""
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
    """A change that was made, whose undo is killed: it is never called undone until it is, and can be finished."""
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
    """A report or a snapshot killed while it is made: the file is there whole, as it was before, or not at all."""
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
    # Most kills near the writes, where there is something to lose.
    if chance.random() < 0.8:
        at = chance.randrange(1, 4)
        until(lambda: sum(each.write for each in home.aws.journal.entries) >= at - 1 and _reads_again(home), process)
    else:
        at = chance.randrange(1, 60)
        until(lambda: len(home.aws.journal.entries) >= at, process)
    sleep(chance.random() * 4 * _LATENCY / 1000)
    process.kill()
    process.communicate()
    sleep(3 * _LATENCY / 1000)  # what was sent arrives


def _reads_again(home: Home) -> bool:
    return any(each.operation == "GetCallerIdentity" for each in home.aws.journal.entries)


def _accounted_for(home: Home, what: str) -> Iterator[str]:
    journal = home.journal
    if home.writes() and (journal is None or not journal.changes()):
        yield f"a {what} has written what the journal does not know of"
    if journal is not None and journal.read().damaged:
        yield f"a {what} that was killed has left lines that cannot be understood"


def taken_back(home: Home, before: str, what: str) -> Iterator[str]:
    """Two undos at most, as a person would: one settles what is open, and takes back what was made."""
    said = [home.run("undo", "--yes") for _ in range(2)]
    if not all(each.is_told for each in said):
        yield f"{what}: the undo ended otherwise than promised: {said}"
    if not _same(home.preferences(), before):
        yield f"{what} is not taken back: {said}"


def _same(one: str, other: str) -> bool:
    return bool(json.loads(one) == json.loads(other))
