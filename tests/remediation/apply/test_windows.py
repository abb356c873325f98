"""AWS's delays after changes of ours outlive the process that made them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ssmtui.model.node import NodeKey
from ssmtui.model.plan import ChangeDelay
from ssmtui.remediation.apply.follow_up import running_delays
from ssmtui.remediation.apply.journal import Journal
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
PLAN = replace(bucket_toggle(FakeAws([ON])), settles_within=HALF_AN_HOUR, awaited_by=("i-1", "i-2"))
SCOPE = PLAN.scope


def running(folder: Path, minutes: float = 10) -> list[str]:
    found = running_delays(Journal(folder), SCOPE, NOON + timedelta(minutes=minutes))
    return [each.delay.change for each in found]


def test_a_change_is_awaited_by_its_nodes_until_its_delay_has_passed(tmp_path: Path) -> None:
    journal = Journal(tmp_path, now=lambda: NOON)
    change = journal.applied(journal.plan(PLAN), {}, ())
    [expected] = running_delays(Journal(tmp_path), SCOPE, NOON + timedelta(minutes=29))
    assert expected.delay == ChangeDelay(PLAN.fix, PLAN.title, NOON, NOON + HALF_AN_HOUR, change.id)
    assert expected.nodes == tuple(NodeKey(SCOPE.account, SCOPE.region, id_) for id_ in ("i-1", "i-2"))
    assert running(tmp_path, minutes=30) == []
    elsewhere = replace(SCOPE, region="us-east-1")
    assert running_delays(Journal(tmp_path), elsewhere, NOON) == ()


def test_what_was_not_made_or_was_taken_back_is_not_awaited(tmp_path: Path) -> None:
    journal = Journal(tmp_path, now=lambda: NOON)
    unsure = journal.unsure(journal.plan(PLAN), {}, "no answer")
    journal.failed(journal.plan(PLAN), "refused")
    undone = journal.applied(journal.plan(PLAN), {}, ())
    journal.applied(journal.plan(replace(PLAN, settles_within=None), undoes=undone.id), {}, ())
    assert running(tmp_path) == [unsure.id]


def test_an_entry_of_an_older_version_is_awaited_by_nobody(tmp_path: Path) -> None:
    journal = Journal(tmp_path, now=lambda: NOON)
    journal.applied(journal.plan(PLAN), {}, ())
    entries = [json.loads(line) for line in journal.file.read_text().splitlines()]
    for entry in entries:
        entry.pop("settles_within", None)
        entry.pop("awaited_by", None)
    journal.file.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    assert len(Journal(tmp_path).changes()) == 1
    assert running(tmp_path) == []


def test_a_journal_that_cannot_be_read_keeps_nobody_from_looking(tmp_path: Path) -> None:
    (tmp_path / "changes.jsonl").mkdir()
    assert running(tmp_path) == []


def test_one_that_a_clock_that_was_wrong_has_made_in_the_future_is_not_awaited_till_then(tmp_path: Path) -> None:
    journal = Journal(tmp_path, now=lambda: NOON + timedelta(days=1))
    journal.applied(journal.plan(PLAN), {}, ())
    assert running(tmp_path) == []
