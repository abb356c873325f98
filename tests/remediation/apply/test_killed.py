"""Real processes, killed with SIGKILL while a call of theirs is held: the journal tells the truth of what was sent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.apply.follow_up import interrupted_changes
from ssmtui.remediation.apply.journal import FILE_NAME, Journal
from ssmtui.remediation.apply.undo import settle_open_changes
from ssmtui.remediation.apply.writer import Writer
from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.request_control import JournalEntry
from ssmtui.simulator.scenario import Scenario
from tests.remediation.apply import faulty_worlds as worlds
from tests.remediation.apply.test_every_fix import diagnosed

LONGER_THAN_THE_TEST = 600_000
"""Milliseconds for which a call is held, unless it is let go."""


class Held:
    """Says when a call is held by a fault, when it has been let go, and when it has been answered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
        self.held = threading.Event()
        self.let_go = threading.Event()
        self.answered = threading.Event()
        hold, add = state.faults.hold, state.journal.add

        def holding(seconds: float | None = None) -> None:
            self.held.set()
            hold(seconds)
            self.let_go.set()

        def adding(entry: JournalEntry) -> None:
            add(entry)
            if entry.operation == operation:
                self.answered.set()

        monkeypatch.setattr(state.faults, "hold", holding)
        monkeypatch.setattr(state.journal, "add", adding)


@pytest.mark.parametrize(
    ("world", "fix", "held", "fault", "then"),
    [
        # Held and dropped: AWS never carries it out. Held and let go: it arrives after its process has died.
        ("log-group-unreadable", "grant-node-log-lookup", "PutRolePolicy", "timeout", ChangeState.FAILED),
        ("log-group-unreadable", "grant-node-log-lookup", "PutRolePolicy", "latency", ChangeState.APPLIED),
        # The second of two calls.
        ("key-missing", "clear-session-key", "UpdateDocumentDefaultVersion", "timeout", ChangeState.UNSURE),
        (worlds.dns_off, "enable-vpc-dns", "ModifyVpcAttribute", "timeout", ChangeState.FAILED),
        ("key-pending-deletion", "cancel-key-deletion", "EnableKey", "timeout", ChangeState.UNSURE),
    ],
    ids=["not-sent", "sent-and-late", "second-call-not-sent", "first-of-two-not-sent", "between-two-calls"],
)
def test_a_process_killed_while_a_call_is_held(
    world: str | Callable[[], Scenario],
    fix: str,
    held: str,
    fault: str,
    then: ChangeState,
    simulated: SimulatedAws,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    simulated.load(world if isinstance(world, str) else world())
    for name, value in simulated.environment.items():
        monkeypatch.setenv(name, value)
    with diagnosed(simulated) as (_, fleet):
        found = next(each.finding for each in fleet.findings.values() if fix in each.finding.fixes)
    watched = Held(monkeypatch, held)
    simulated.journal.clear()
    simulated.fault(fault, operation=held, milliseconds=LONGER_THAN_THE_TEST)
    process = subprocess.Popen(
        [sys.executable, "-m", "ssmtui", "fix", found.cause, "--subject", found.subject.id, "--with", fix, "--yes"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", **simulated.environment},
        cwd=Path(__file__).parents[3],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert watched.held.wait(60)
        (file,) = tmp_path.rglob(FILE_NAME)
        beside = Journal(file.parent)
        assert [beside.is_made_elsewhere(each) for each in beside.changes()] == [True]
        assert interrupted_changes(beside) == ()
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL

    journal = Journal(file.parent)
    (change,) = journal.changes()
    assert interrupted_changes(journal) == (change,)
    assert (change.fix, change.state) == (fix, ChangeState.PLANNED)
    simulated.clear_faults()
    assert (watched.let_go if fault == "timeout" else watched.answered).wait(30)
    sent = [entry.operation for entry in simulated.journal.writes if entry.status == 200]
    planned = [call.operation for call in change.calls]
    assert sent == planned[: len(sent)]
    writer = Writer(ClientAccess.to(change.scope, None), sleep=lambda _: None)
    assert settle_open_changes(change.scope, writer, journal) is None
    (settled,) = journal.changes()
    assert settled.state is then
