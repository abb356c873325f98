"""The quick part: a journal that is damaged anywhere. Processes are killed by `make interruption`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ssmtui.remediation.apply.journal import Journal
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle
from tools.trust.interruption.__main__ import TRIALS, trial
from tools.trust.interruption.ended_processes import damaged


@pytest.mark.parametrize("seed", range(3))
def test_a_journal_damaged_anywhere_is_told_of_or_holds_what_it_held(seed: int, tmp_path: Path) -> None:
    journal, chance = Journal(tmp_path), Random(seed)  # noqa: S311 - nobody is to be kept from guessing it
    made = journal.applied(journal.plan(bucket_toggle(FakeAws([ON]))), {}, ())
    journal.plan(bucket_toggle(FakeAws([ON])), undoes=made.id)
    whole, states = journal.file.read_bytes(), {each.id: each.state for each in journal.changes()}
    for _ in range(100):
        journal.file.write_bytes(damaged(whole, chance))
        read = Journal(tmp_path).read()
        assert read.damaged or {each.id for each in read.changes} <= states.keys()
        assert {each.id for each in read.changes if not read.damaged} in ({*states}, {made.id}, set())


def test_a_seed_names_its_trial() -> None:
    assert [trial(seed) for seed in range(len(TRIALS))] == list(TRIALS)
