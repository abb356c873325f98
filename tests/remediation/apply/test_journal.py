from __future__ import annotations

import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import AppliedOutcome, ChangeState, RefusedOutcome
from ssmtui.remediation.apply.journal import Journal, JournalUnusable, damage_message
from ssmtui.remediation.apply.journal_entries import MalformedEntryError, planned_line, read_line
from ssmtui.remediation.apply.undo import undo
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle, creation, log_group_toggle

PLAN = bucket_toggle(FakeAws([ON]))
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_change_comes_back_as_it_was_written_down(journal: Journal) -> None:
    planned = [journal.plan(PLAN), journal.plan(creation(ON), undoes="another")]
    assert Journal(journal.file.parent).changes() == tuple(reversed(planned))
    assert (planned[0].calls, planned[0].guards, planned[0].way_back) == (PLAN.calls, PLAN.guards, PLAN.way_back)


def test_an_id_begins_with_the_time_and_sorts_by_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path, now=lambda: NOON)
    change = journal.plan(PLAN)
    assert change.id.startswith("20261124T120000.000000Z-")
    assert change.at == NOON


def test_what_became_of_a_change_replaces_what_was_known(journal: Journal) -> None:
    applied, failed, unsure, planned = (journal.plan(PLAN) for _ in range(4))
    journal.unsure(applied, {}, "no answer")
    made = journal.applied(applied, {"DocumentDescription.DocumentVersion": "2"}, ("the default stays",))
    not_made = journal.failed(failed, "refused")
    open_still = journal.unsure(unsure, {}, "no answer")
    assert journal.changes() == (planned, open_still, not_made, made)
    assert [change.state for change in journal.changes()] == [
        ChangeState.PLANNED,
        ChangeState.UNSURE,
        ChangeState.FAILED,
        ChangeState.APPLIED,
    ]


def test_a_change_is_undone_when_its_undo_was_applied_and_not_before(journal: Journal) -> None:
    change = journal.plan(PLAN)
    journal.applied(change, {}, ())
    undoing = journal.plan(PLAN, undoes=change.id)
    assert journal.changes()[1].state is ChangeState.APPLIED
    journal.applied(undoing, {}, ())
    assert journal.changes()[1].state is ChangeState.UNDONE


def test_without_a_file_there_are_no_changes_and_reading_makes_none(journal: Journal) -> None:
    assert journal.changes() == ()
    assert not journal.file.parent.exists()


def test_only_the_owner_can_read_it(journal: Journal) -> None:
    journal.plan(PLAN)
    assert stat.S_IMODE(journal.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.file.parent.stat().st_mode) == 0o700


def test_a_folder_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    Journal(tmp_path).plan(PLAN)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_link_in_the_journals_place_is_not_followed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.file.parent.mkdir()
    journal.file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalUnusable):
        journal.plan(PLAN)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("kept", [1, 20, 400, -2])
def test_a_torn_last_line_is_told_of_and_loses_no_other(journal: Journal, kept: int) -> None:
    first = journal.plan(PLAN)
    whole = journal.file.read_bytes()
    journal.plan(PLAN)
    second = journal.file.read_bytes()[len(whole) :]
    journal.file.write_bytes(whole + second[:kept])
    assert (journal.read().changes, journal.read().damaged) == ((first,), (2,))
    third = journal.plan(PLAN)
    assert (journal.read().changes, journal.read().damaged) == ((third, first), (2,))


def test_a_line_that_only_lacks_its_end_still_counts(journal: Journal) -> None:
    first = journal.plan(PLAN)
    journal.file.write_bytes(journal.file.read_bytes()[:-1])
    second = journal.plan(PLAN)
    assert (journal.read().changes, journal.read().damaged) == ((second, first), ())


def test_what_is_no_entry_is_told_of_by_its_line(journal: Journal) -> None:
    change = journal.plan(PLAN)
    with journal.file.open("ab") as file:
        file.write(b'\xff\n[]\n{"schema": "ssmtui.journal/1", "state": "applied"}\n')
        file.write(
            b'{"schema": "ssmtui.journal/1", "id": "?", "state": "failed", "results": {}, "notes": [], "why": ""}\n'
        )
    assert (journal.read().changes, journal.read().damaged) == ((change,), (2, 3, 4, 5))


def test_a_journal_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.file.mkdir()
    with pytest.raises(JournalUnusable, match="cannot be read"):
        journal.changes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_journals_place_keeps_nobody_waiting(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    os.mkfifo(journal.file)
    with pytest.raises(JournalUnusable, match="cannot be read: this is not a file"):
        journal.changes()
    with pytest.raises(JournalUnusable, match="cannot be written: this is not a file"):
        journal.plan(PLAN)


def test_a_full_disk_leaves_no_torn_line(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    first, write = journal.plan(PLAN), os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, data: write(file, data[:100]))
        with pytest.raises(JournalUnusable, match="full"):
            journal.plan(PLAN)
    second = journal.plan(PLAN)
    assert (journal.read().changes, journal.read().damaged) == ((second, first), ())


_LATER = b'{"schema": "ssmtui.journal/2", "id": "x", "kind": "new"}'


@pytest.mark.parametrize("spoilt", ["garbled", "cut", "later", "operation", "read", "answer", "guard"])
def test_nothing_is_taken_back_past_a_line_that_is_not_understood(spoilt: str, aws: FakeAws, journal: Journal) -> None:
    outcome = apply(bucket_toggle(aws), aws, journal)
    assert isinstance(outcome, AppliedOutcome)
    change = outcome.change
    whole = planned_line(replace(change, id="other")).encode()
    line = {
        "garbled": whole.replace(b"calls", b"\xffalls"),
        "cut": whole[: len(whole) // 2],
        "later": _LATER,
        "operation": whole.replace(b'"UpdateDocument"', b'"DeleteEverything"'),
        "read": whole.replace(b'"DescribeDocument"', b'"DescribeEverything"'),
        "answer": whole.replace(b'{"$answer": [0,', b'{"$answer": [7,'),
        "guard": whole.replace(b'{"$guard": [0,', b'{"$guard": [-1,'),
    }[spoilt]
    assert line != whole
    with journal.file.open("ab") as file:
        file.write(line + b"\n")
    reading = journal.read()
    assert (reading.changes, reading.damaged) == ((change,), (3,))
    assert reading.later == ((3,) if spoilt == "later" else ())
    aws.written.clear()
    refused = undo(change, aws, journal)
    assert isinstance(refused, RefusedOutcome)
    assert "later lines of the journal cannot be read (3)" in refused.why
    assert aws.written == []
    # What came after such a line is known whole.
    later = apply(log_group_toggle(aws), aws, journal)
    assert isinstance(later, AppliedOutcome)
    assert isinstance(undo(later.change, aws, journal), AppliedOutcome)
    assert damage_message(reading).startswith("1 line of the journal cannot be read: line 3")


@given(st.text())
def test_any_line_is_an_entry_or_malformed(line: str) -> None:
    with pytest.raises(MalformedEntryError):
        read_line(line)


@pytest.mark.long
@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json_is_an_entry_or_malformed(data: object) -> None:
    for state in ("planned", "applied"):
        with pytest.raises(MalformedEntryError):
            read_line(json.dumps({"schema": "ssmtui.journal/1", "state": state, "id": data, "results": data}))


def _write_some(folder: Path) -> None:
    journal = Journal(folder)
    for _ in range(20):
        journal.applied(journal.plan(PLAN), {}, ())


@pytest.mark.long
def test_several_processes_write_without_mixing(journal: Journal) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_some, args=(journal.file.parent,)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    reading = journal.read()
    assert reading.damaged == ()
    assert [change.state for change in reading.changes] == [ChangeState.APPLIED] * 40


def test_a_process_killed_at_the_call_leaves_the_change_known_as_planned(journal: Journal) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from ssmtui.remediation.apply.apply_plan import apply; from ssmtui.remediation.apply.journal import Journal\n"
        "from tests.remediation.apply.fake_aws import FakeAws\n"
        "from tests.remediation.apply.plans import ON, bucket_toggle\n"
        "aws = FakeAws([ON]); plan = bucket_toggle(aws)\n"
        "aws.at_write = lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
        "apply(plan, aws, Journal(Path(sys.argv[1])))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(journal.file.parent)], check=False, cwd=_root())
    assert done.returncode == -signal.SIGKILL
    assert [(change.title, change.state) for change in journal.changes()] == [(PLAN.title, ChangeState.PLANNED)]
    assert journal.read().damaged == ()


def _root() -> str:
    return os.fspath(Path(__file__).parents[3])
