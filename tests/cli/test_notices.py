"""Messages on standard error: names that no node has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.cli.notices import searched_regions
from ssmtui.diagnosis.events import ScopeFailed, ScopeOpened
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from tests.ui.builders import PARIS


def state_of(*regions: str, profiles: tuple[str, ...] = ("prod",)) -> FleetState:
    state = FleetState()
    for profile in profiles:
        for region in regions:
            state.apply(ScopeOpened(replace(PARIS, name=ScopeName(profile, region), region=region)))
    return state


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        ((), ""),
        (("eu-west-3",), "Region searched: eu-west-3."),
        (("us-east-1", "eu-west-3"), "Regions searched: eu-west-3, us-east-1."),
        (("a-1", "b-1", "c-1", "d-1"), "Regions searched: a-1, b-1, c-1, d-1."),
        (("a-1", "b-1", "c-1", "d-1", "e-1"), "Regions searched: a-1, b-1, c-1 and 2 more."),
    ],
)
def test_the_regions_in_which_nodes_were_looked_for_are_named(regions: tuple[str, ...], words: str) -> None:
    assert searched_regions(state_of(*regions)) == words
    assert searched_regions(state_of(*regions, profiles=("prod", "test"))) == words


def test_a_region_that_could_not_be_read_was_not_searched() -> None:
    state = state_of("eu-west-3", "us-east-1")
    state.apply(ScopeFailed(ScopeError(ScopeName("prod", "us-east-1"), ScopeProblem.EXPIRED_CREDENTIALS, "", "")))
    assert searched_regions(state) == "Region searched: eu-west-3."
