"""A disk that is really full, and a home that is mounted read-only: small disks in memory, mounted for a trial."""

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

from tests.session.emulator import Emulator
from tools.trust.interruption.home import SWITCHED, WORLD, Home
from tools.trust.interruption.terminals import left_sane, started

_PAGE = 4096
_ROOM = 96
"""Pages of a disk."""


@cache
def can_mount() -> bool:
    """Whether this machine lets us mount a disk: as root, on Linux."""
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
    """Leave no more than some pages."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        told = os.statvfs(folder)
        for _ in range(max(told.f_bavail - left, 0)):
            file.write(b"\0" * _PAGE)
    return filler


def full_disk(home: Home, chance: Random) -> Iterator[str]:
    """No page is left, or a few: what cannot be written is told, nothing is there in part, no write goes unknown."""
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
    """The disk is full while the app runs: it goes on with settings, a report, a snapshot, a log; changes are known."""
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
    """Home is mounted read-only: looking works, what would be written is told, and nothing is changed."""
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
    """Choose something that is kept, save both files, look at changes and make one, in any order; then leave."""
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
