"""What a computer may refuse: room, a home, a journal that can be read; and two ssmtui at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

from ssmtui.remediation.apply.journal import Journal, JournalUnusable
from tools.trust.interruption.damage import damaged
from tools.trust.interruption.home import WORLD, Home, ended, until


def no_room(home: Home, chance: Random) -> Iterator[str]:
    """No file may grow beyond some bytes: what was asked for is refused in words, and nothing is there in part."""
    home.aws.load(WORLD)
    words, before = home.fix(), home.preferences()
    home.aws.journal.clear()
    room = chance.randrange(2_000)
    told = home.run(*words, room=room)
    if not told.is_told:
        yield f"fix with {room} bytes of room: {told}"
    journal = home.journal
    if home.writes() and (journal is None or not journal.changes()):
        yield f"with {room} bytes of room it wrote what the journal does not know of"
    if not home.writes() and home.preferences() != before:
        yield "the preferences have changed without a write"
    for words in (("snapshot", "there"), ("check", "--output", "there.json", "--fail-on", "never")):
        file = home.folder / words[-1 if words[0] == "snapshot" else 2]
        told = home.run(*(str(file) if each == file.name else each for each in words), room=room)
        if told.code not in {0, 2} or not told.is_told or (file.exists() and told.code != 0):
            yield f"{words[0]} with {room} bytes of room: {told}"
        file.unlink(missing_ok=True)
    if list(home.folder.glob(".there*")):
        yield "a draft was left"


def no_home(home: Home, chance: Random) -> Iterator[str]:
    """Nothing can be written at home: looking works, and no change is made that cannot be written down."""
    home.aws.load(WORLD)
    words = home.fix()
    blocked = home.folder / "file"
    blocked.touch()
    home.aws.journal.clear()
    seen = home.run("check", "--fail-on", "never", HOME=str(blocked))
    if seen.code != 0:
        yield f"check without a home: {seen}"
    refused = home.run(*words, HOME=str(blocked))
    if home.writes() or refused.code in {0, 1} or not refused.is_told:
        yield f"fix without a home: {refused}, {home.writes()}"
    if chance.random() < 0.5:
        listed = home.run("undo", "--list", HOME=str(blocked))
        if not listed.is_told:
            yield f"undo --list without a home: {listed}"


def damaged_journal(home: Home, chance: Random) -> Iterator[str]:
    """A journal that is cut or garbled anywhere, or written by a later version: told, and nothing undone past it."""
    home.aws.load(WORLD)
    home.run(*home.fix())
    journal = home.journal
    if journal is None:
        yield "the fix left no journal"
        return
    whole, known = journal.file.read_bytes(), {each.id for each in journal.changes()}
    for _ in range(300):
        journal.file.write_bytes(damaged(whole, chance))
        try:
            read = Journal(journal.file.parent).read()
        except JournalUnusable:
            continue
        if not read.damaged and {each.id for each in read.changes} not in (known, set()):
            yield "a damaged journal is taken for whole"
    journal.file.write_bytes(whole + b'{"schema": "ssmtui.journal/2", "id": "x"}\n')
    home.aws.journal.clear()
    for words in (("undo", "--list"), ("undo", "--yes")):
        told = home.run(*words)
        if told.code != 4 or not told.is_told or home.writes():
            yield f"{words} past a line of a later version: {told}, {home.writes()}"
    journal.file.unlink()
    os.mkfifo(journal.file)
    told = home.run("undo", "--list")
    if told.code != 4 or not told.is_told:
        yield f"a pipe as the journal: {told}"
    journal.file.unlink()


def two_at_once(home: Home, chance: Random) -> Iterator[str]:
    """Two make the same change at once: one does, one is told so, and the journal is whole."""
    home.aws.load(WORLD)
    words, before = home.fix(), home.preferences()
    home.aws.journal.clear()
    home.aws.fault("latency", milliseconds=chance.randrange(1, 40))
    first = home.start(*words)
    until(lambda: len(home.aws.journal.entries) >= chance.randrange(1, 40), first)
    second = home.start(*words)
    both = (ended(first), ended(second))
    home.aws.clear_faults()
    if not all(each.is_told for each in both) or sorted(each.code for each in both)[0] != 0:
        yield f"two at once: {both}"
    if home.writes().count("UpdateDocument") != 1:
        yield f"two at once wrote {home.writes()}"
    journal = home.journal
    if journal is None or journal.read().damaged:
        yield "two at once have left no journal that can be read"
    undone = home.run("undo", "--yes")
    if undone.code != 0 or home.preferences() != before:
        yield f"what two made at once is not taken back: {undone}"


def network_gone(home: Home, chance: Random) -> Iterator[str]:
    """AWS is not to be reached, or takes the credentials no more, at any moment: told; once it is back, all is well."""
    home.aws.load("healthy-small")
    home.aws.journal.clear()
    kind = chance.choice(("reset", "expired", "unavailable"))
    process = home.start("check", "--fail-on", "never", "--timeout", "20")
    until(lambda: len(home.aws.journal.entries) >= chance.randrange(40), process)
    home.aws.fault(kind)
    gone = ended(process)
    home.aws.clear_faults()
    if not gone.is_told:
        yield f"check with {kind}: {gone}"
    back = home.run("check", "--fail-on", "fail")
    if back.code != 0:
        yield f"check once it is back: {back}"
