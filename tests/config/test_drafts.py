"""Where a file is written until it is whole: nothing of it outlasts its writer, and nobody else's is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ssmtui.config.private_files import draft_beside

KILLED = """
import os, signal, sys
from pathlib import Path
from ssmtui.config.private_files import draft_beside

with draft_beside(Path(sys.argv[1])) as draft:
    draft.write_text("half of it")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def left_by_a_killed(file: Path) -> Path:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    assert ended.returncode == -signal.SIGKILL
    (left,) = file.parent.iterdir()
    return left


def test_a_draft_is_its_owners_alone_and_gone_whether_or_not_it_took_the_files_place(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    with draft_beside(file) as draft:
        assert (draft.parent, draft.stat().st_mode & 0o777) == (tmp_path, 0o600)
        draft.write_text("all of it")
        draft.replace(file)
    with draft_beside(file):
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text() == "all of it"


@pytest.mark.skipif(sys.platform == "win32", reason="there nothing is taken up")
def test_what_a_killed_writer_left_is_taken_away_by_whoever_writes_there_next(tmp_path: Path) -> None:
    left = left_by_a_killed(tmp_path / "report.json")
    with draft_beside(tmp_path / "another.json") as draft:
        assert not left.exists()
        assert list(tmp_path.iterdir()) == [draft]


@pytest.mark.skipif(sys.platform == "win32", reason="there nothing is taken up")
def test_what_is_somebodys_at_work_another_machines_or_no_draft_of_ours_stays(tmp_path: Path) -> None:
    left = left_by_a_killed(tmp_path / "report.json")
    elsewhere = left.rename(left.with_name(left.name.replace(".ssmtui-", ".ssmtui-0")))
    others = [tmp_path / ".report.json.k3j4h5g6", tmp_path / ".ssmtui", tmp_path / left.name[1:], elsewhere]
    for each in others:
        each.touch()
    (tmp_path / f"{left.name}1").symlink_to(elsewhere)
    os.mkfifo(tmp_path / f"{left.name}2")
    (tmp_path / f"{left.name}3").mkdir()
    before = {each.name for each in tmp_path.iterdir()}
    file = tmp_path / "report.json"
    with draft_beside(file) as one, draft_beside(file) as other:
        assert {each.name for each in tmp_path.iterdir()} == {*before, one.name, other.name}
    assert {each.name for each in tmp_path.iterdir()} == before


def test_the_longest_name_of_a_file_has_a_draft(tmp_path: Path) -> None:
    with draft_beside(tmp_path / ("é" * 127)) as draft:
        draft.replace(tmp_path / ("é" * 127))


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such locks")
def test_where_the_disk_knows_no_locks_it_is_drafted_and_nothing_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def refused(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    left = left_by_a_killed(tmp_path / "report.json")
    monkeypatch.setattr(fcntl, "flock", refused)
    with draft_beside(tmp_path / "report.json") as draft:
        assert draft.exists()
    assert list(tmp_path.iterdir()) == [left]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such locks")
def test_one_that_was_seen_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    takes, held, flock = ["before", "meanwhile"], list[int](), fcntl.flock

    def late(file: int, how: int) -> None:
        """Somebody has locked it, or has locked it and taken it away, by the time that its maker would."""
        found = sorted(tmp_path.iterdir())[-1]
        if takes and takes.pop() == "before":
            found.unlink()
        elif len(held) < 1:
            held.append(os.open(found, os.O_RDWR))
            flock(held[0], how)
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with draft_beside(tmp_path / "report.json") as draft:
        assert draft.exists()
        assert not os.path.samestat(draft.stat(), os.fstat(held[0]))
    os.close(held[0])
