"""What `ssmtui policy --read --fixes` prints is enough to make and take back every change, and all of it is used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.changes.apply import apply
from ssmtui.changes.journal import Journal
from ssmtui.changes.operations import READS, WRITES
from ssmtui.changes.outcome import Applied
from ssmtui.changes.undo import last_undoable, undo
from ssmtui.model.plan import Plan
from ssmtui.report.policy import Purpose, policy_document
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import InlinePolicy, Role
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.callers import ENGINEER
from ssmtui.simulator.worlds.permissions import allow
from tests.changes.fix_cases import CASES
from tests.changes.test_every_fix import diagnosed, planned, writer_for

POLICY = json.loads(json.dumps(policy_document([Purpose.READ, Purpose.FIXES])))
# Whoever may not start sessions is told that, and not that an agent lost its channel.
SESSIONS = allow(("ssm:StartSession", "ssmmessages:OpenDataChannel", "kms:GenerateDataKey"))
FIXER = Role(
    ENGINEER.name,
    trusted=ENGINEER.trusted,
    inline=(InlinePolicy("ssmtui", tuple(POLICY["Statement"])), InlinePolicy("sessions", (SESSIONS,))),
)
ONE_A_FIX = {case.fix: case for case in reversed(CASES)}


@pytest.fixture
def there(simulated: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    for name, value in simulated.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return simulated


def plans(there: SimulatedAws) -> Iterator[Plan]:
    """A plan of each fix, each in its world as it stands."""
    for case in ONE_A_FIX.values():
        there.load(replace(world(case.world) if isinstance(case.world, str) else case.world(), caller=FIXER))
        with diagnosed(there) as (live, state):
            yield planned(live, state, case)


def test_whoever_has_exactly_the_policy_makes_every_change_and_takes_it_back(
    there: SimulatedAws, tmp_path: Path
) -> None:
    sent = set[tuple[str, str]]()
    for number, plan in enumerate(plans(there)):
        there.journal.clear()
        journal, writer = Journal(tmp_path / str(number)), writer_for(plan)
        assert isinstance(apply(plan, writer, journal), Applied), plan.fix
        assert plan.lacks == (), plan.fix
        if plan.way_back.calls:
            change = last_undoable(journal, plan.scope)
            assert change is not None, plan.fix
            assert isinstance(undo(change, writer, journal), Applied), plan.fix
        sent |= {(entry.service, entry.operation) for entry in there.journal.entries}
    assert sent == WRITES | READS
