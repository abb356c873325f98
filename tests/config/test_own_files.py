"""What is ours is its owner's alone, whoever made it before, and no pipe keeps anybody waiting."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ssmtui.changes.journal import Journal, JournalUnusable
from ssmtui.cli.completing.remembered import nodes_file, remembered_nodes
from ssmtui.cli.run import Run
from ssmtui.config.own_files import make_own_folder, open_own, read_own
from ssmtui.session.ledger import Ledger, LedgerUnusable
from ssmtui.ui.state.habits_file import HabitsFile, HabitsUnusable
from tests.changes.fake_aws import FakeAws
from tests.changes.plans import ON, bucket_toggle

if not hasattr(os, "mkfifo"):
    pytest.skip("there are no named pipes here, and no modes", allow_module_level=True)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_and_a_file_that_others_could_read_are_taken_from_them(tmp_path: Path) -> None:
    folder, file = tmp_path / "ours", tmp_path / "ours" / "file"
    folder.mkdir(mode=0o755)
    file.write_bytes(b"old")
    file.chmod(0o644)
    make_own_folder(folder)
    os.close(open_own(file, os.O_WRONLY | os.O_APPEND))
    assert (mode(folder), mode(file), read_own(file), read_own(file, last=2)) == (0o700, 0o600, b"old", b"ld")


def test_an_older_journal_and_an_older_log_are_its_owners_alone_from_the_next_line_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("ssmtui"), "handlers", [])
    journal, log = Journal(tmp_path / "state"), tmp_path / "log"
    (tmp_path / "state").mkdir()
    for file in (journal.file, log):
        file.touch(mode=0o644)
        file.chmod(0o644)
    journal.plan(bucket_toggle(FakeAws([ON])))
    Run.of((), {"no_color": False, "log_file": log})
    logging.getLogger("ssmtui").warning("one line")
    (handler,) = logging.getLogger("ssmtui").handlers
    handler.close()
    assert [mode(each) for each in (journal.file, log)] == [0o600, 0o600]
    assert log.read_text().endswith("WARNING ssmtui: one line\n")


@pytest.mark.parametrize(
    ("name", "read", "told"),
    [
        ("changes.jsonl", lambda folder: Journal(folder).read(), JournalUnusable),
        ("sessions.jsonl", lambda folder: Ledger(folder).left_open(), LedgerUnusable),
        ("habits.json", lambda folder: HabitsFile(folder).read(), HabitsUnusable),
    ],
)
def test_a_pipe_in_the_place_of_a_file_is_told_of_and_not_waited_for(
    name: str, read: Callable[[Path], object], told: type[OSError], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(told, match="it is no file"):
        read(tmp_path)


def test_a_pipe_in_the_place_of_what_is_remembered_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    nodes_file().parent.mkdir(parents=True)
    os.mkfifo(nodes_file())
    assert remembered_nodes((), (), None, {}) == ()
