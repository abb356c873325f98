"""Test full or read-only disks, homes without write permission, and two processes at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from ssmtui.remediation.apply.journal import Journal, JournalUnusable
from tests.session.emulator import Emulator
from tools.trust.interruption.ended_processes import damaged
from tools.trust.interruption.home import SWITCHED, WORLD, Home, ended, until
from tools.trust.interruption.terminals import left_sane, started

_PAGE = 4096
_ROOM = 96
"""Pages of a disk."""


@cache
def can_mount() -> bool:
    """Return whether this machine can mount a disk: as root, on Linux."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    with TemporaryDirectory() as folder:
        try:
            with _disk(Path(folder)):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    size = f"size={_ROOM * _PAGE}"
    _call("mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder))
    try:
        yield
    finally:
        _call("umount", "--lazy", str(folder))


def _call(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def _fill(folder: Path, left: int) -> Path:
    """Fill the disk except for some pages."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        told = os.statvfs(folder)
        for _ in range(max(told.f_bavail - left, 0)):
            file.write(b"\0" * _PAGE)
    return filler


def full_disk(home: Home, chance: Random) -> Iterator[str]:
    """Run with no or few free pages: failed writes are reported, no file is partial, and no AWS write is forgotten."""
    if not can_mount():
        return
    home.aws.load(WORLD)
    words, before = home.fix(), home.preferences()
    home.aws.journal.clear()
    with _disk(home.folder):
        filler = _fill(home.folder, left := chance.randrange(6))
        told = home.run(*words, "--log-file", str(home.folder / "log"))
        if not told.is_told:
            yield f"fix with {left} pages: {told}"
        yield from _known(home, f"with {left} pages")
        if not home.writes() and home.preferences() != before:
            yield "the preferences have changed without a write"
        for name, line in (("a.snapshot", ("snapshot",)), ("b.json", ("check", "--fail-on", "never", "--output"))):
            told = home.run(*line, str(home.folder / name))
            if told.code not in {0, 2} or not told.is_told or ((home.folder / name).exists() and told.code != 0):
                yield f"{line[0]} with {left} pages: {told}"
        filler.unlink()
        if home.writes():
            undone = home.run("undo", "--yes")
            if undone.code != 0 or home.preferences() != before:
                yield f"with room again it is not taken back: {undone}"
        if drafts := list(home.folder.glob(".[ab].*")):
            yield f"drafts were left: {drafts}"


def full_disk_in_app(home: Home, chance: Random) -> Iterator[str]:
    """Fill the disk under a running app: settings, report, snapshot and log may fail; changes are recorded."""
    if not can_mount():
        return
    home.aws.load(SWITCHED)
    before = home.preferences()
    home.aws.journal.clear()
    with _disk(home.folder):
        left = chance.randrange(4)
        if early := chance.random() < 0.5:
            _fill(home.folder, left)
        terminal = started(home, "--log-file", str(home.folder / "log"))
        try:
            terminal.read_for(2 + chance.random())
            if not early:
                _fill(home.folder, left)
            yield from _used(terminal, home, chance, f"with {left} pages")
        finally:
            terminal.close()
        yield from _known(home, f"in the app with {left} pages")
        (home.folder / "filler").unlink()
        if home.writes() and (undone := home.run("undo", "--yes")).code != 0:
            yield f"with room again it is not taken back: {undone}"
        if home.preferences() != before:
            yield "the preferences are not as before"


def read_only_home(home: Home, chance: Random) -> Iterator[str]:
    """Mount home read-only: reads work, failed writes are reported, and nothing is changed."""
    if not can_mount():
        return
    home.aws.load(WORLD)
    words = home.fix()
    with _disk(home.folder):
        if made := chance.random() < 0.5:
            home.run(*words)
        before = home.preferences()
        home.aws.journal.clear()
        _call("mount", "-o", "remount,ro", str(home.folder))
        refused = [home.run(*(("undo", "--yes") if made else words))]
        refused += [home.run(*line, str(home.folder / "x")) for line in (("snapshot",), ("check", "--output"))]
        if home.writes() or any(not each.is_told or each.code in {0, 1} for each in refused):
            yield f"read-only: {refused}, {home.writes()}"
        looked = [home.run("check", "--fail-on", "never"), home.run("undo", "--list")]
        if any(each.code != 0 for each in looked):
            yield f"looking, read-only: {looked}"
        terminal = started(home)
        try:
            yield from _used(terminal, home, chance, "read-only")
        finally:
            terminal.close()
        if home.writes() or home.preferences() != before:
            yield f"read-only, the app wrote {home.writes()}"


def _used(terminal: Emulator, home: Home, chance: Random, when: str) -> Iterator[str]:
    """Change a setting, save both files, look at changes and make one, in any order; then quit."""
    region = home.aws.regions[0].encode()
    deeds = [
        (b"@",),
        (b"W",),
        (b"\x13",),
        (b":", b"save snap", b"\r"),
        (b"Z", b"\x1b"),
        (b"w", b"", region, b"\r", b"", b"\x1b", b"\x1b"),
    ]
    chance.shuffle(deeds)
    for deed in deeds:
        for keys in deed:
            terminal.type(keys)
            terminal.read_for(0.2 + chance.random() * 0.5)
    terminal.read_for(2)
    terminal.type(b"\x1b")
    terminal.read_for(0.3)
    terminal.type(b"\x1b")
    terminal.read_for(0.3)
    for key in (b"q", b"y"):
        if terminal.process.poll() is None:
            terminal.type(key)
            terminal.read_for(2)
    yield from left_sane(terminal, f"{when}, after {[deed[0] for deed in deeds]}", {0})
    if b"defect in ssmtui" in terminal.shown:
        yield f"{when}: the app tells a defect"


def _known(home: Home, when: str) -> Iterator[str]:
    journal = home.journal
    if home.writes() and (journal is None or not journal.changes()):
        yield f"{when} it wrote what the journal does not know of"


def no_room(home: Home, chance: Random) -> Iterator[str]:
    """Limit the size of files: the request is refused with a message, and no file is partial."""
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
    """Forbid writes in home: reads work, and no change is made that cannot be recorded."""
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
    """Cut or garble a journal, or use one of a later version: it is reported, and nothing beyond it is undone."""
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
    """Make the same change twice at once: one succeeds, one is refused, and the journal is complete."""
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
    """Cut the network or reject the credentials at any moment: it is reported; afterwards everything works again."""
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
