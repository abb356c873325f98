"""The quick part: some trials of each kind of plan with several calls. All of them are tried by `make repairs`."""

from __future__ import annotations

from itertools import islice

import pytest

from ssmtui.changes import conduct
from ssmtui.simulator.in_thread import SimulatedAws
from tests.changes.fix_cases import CASES, Case
from tests.simulated_aws import point_at
from tests.trust.repairs.matrix import ends_of, lost_in, offers_of_cases, trials_of

_TRIED = 4
_UNLIKE = {
    case.fix: case
    for case in CASES
    if case.fix
    in {
        *("create-endpoint", "enable-host-management", "enable-vpc-dns", "cancel-key-deletion"),
        *("terminate-stale-session", "clear-session-key"),
    }
}


@pytest.mark.parametrize("case", _UNLIKE.values(), ids=str)
def test_an_interrupted_change_is_taken_back_and_completed(
    case: Case, aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(aws, monkeypatch)
    monkeypatch.setattr(conduct, "_LOOKS", 1)
    offer = next(iter(offers_of_cases(aws, (case,))))
    assert len(offer.plan.calls) > 1
    ends = ends_of(aws, offer.plan)
    trials = list(trials_of(offer.plan))
    for trial in islice(trials, 0, None, len(trials) // _TRIED + 1):
        assert (str(trial), lost_in(aws, offer.plan, ends, trial)) == (str(trial), [])
