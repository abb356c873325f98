"""The quick part: some trials of each kind of plan with several calls. All of them are tried by `make repairs`."""

from __future__ import annotations

from itertools import islice

import pytest

from ssmtui.remediation.apply.change import RefusedOutcome
from ssmtui.remediation.operations import write_operation
from ssmtui.simulator.in_thread import SimulatedAws
from tests.remediation.apply.fix_cases import CASES, Case
from tests.simulated_aws import point_at
from tools.trust.repairs.matrix import (
    as_of_earlier_versions,
    ends_of,
    lost_beside,
    lost_in,
    named_by_aws,
    offers_of_cases,
    refused_where_nothing_tells,
    trials_of,
)

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
    monkeypatch.setattr(write_operation, "_LOOKS", 1)
    offer = next(iter(offers_of_cases(aws, (case,))))
    assert len(offer.plan.calls) > 1
    ends = ends_of(aws, offer.plan)
    trials = list(trials_of(offer.plan))
    for trial in islice(trials, 0, None, len(trials) // _TRIED + 1):
        assert (str(trial), lost_in(aws, offer.plan, ends, trial)) == (str(trial), [])


def test_what_somebody_else_made_is_never_taken_back(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(aws, monkeypatch)
    monkeypatch.setattr(write_operation, "_LOOKS", 1)
    offer = next(iter(offers_of_cases(aws, (_UNLIKE["create-endpoint"],))))
    places = named_by_aws(offer.plan)
    assert len(places) > 1
    assert {at: lost_beside(aws, offer.plan, at) for at in places} == {at: [] for at in places}


def test_what_an_earlier_version_began_is_not_deleted_where_nothing_tells_whose_it_is(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(aws, monkeypatch)
    monkeypatch.setattr(write_operation, "_LOOKS", 1)
    offer = next(iter(offers_of_cases(aws, (_UNLIKE["create-endpoint"],))))
    plan = as_of_earlier_versions(offer.plan)
    why = (
        "the resource of ec2:CreateVpcEndpoint exists, but it is not known whether this change created the resource. "
        "If you do not need it, delete it by hand"
    )
    assert [refused_where_nothing_tells(aws, plan, at) for at in (1, len(plan.calls) - 1)] == [
        (RefusedOutcome(why), [])
    ] * 2
