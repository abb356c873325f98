"""How far it has come, in the words that there is room for."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.diagnosis.events import ProgressChanged, ScopeOpened, ScopeQueued, ScopeSettled
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.notices import progress_pieces
from ssmtui.ui.text.styled_text import plain_text
from tests.ui.builders import FRANKFURT, PARIS

CALLS = (("ssm:GetConnectionStatus", 8_200),)


def fleet_view(*told: ProgressChanged) -> FleetView:
    shown = FleetView()
    for scope in (PARIS, FRANKFURT):
        shown.apply(ScopeOpened(scope))
    for each in told:
        shown.apply(each)
    return shown


def said(shown: FleetView, again: str = "") -> list[str]:
    return [plain_text(pieces).strip() for pieces in progress_pieces(shown, shown.calls, again)]


def test_it_tells_how_many_are_checked_and_how_long_asking_takes_at_the_pace_of_aws() -> None:
    paris = ProgressChanged(PARIS.name, 8_000, 9_000, False, CALLS, False, to_ask=1_000, seconds_of_asking=20.0)
    frankfurt = ProgressChanged(FRANKFURT.name, 200, 1_000, False, (), False, to_ask=800, seconds_of_asking=36.4)
    long, *_, short = said(fleet_view(paris, frankfurt))
    assert long == "━━━━━━━━━━━━ checking 8,200 of 10,000 · 36 s left · 8200 calls"
    assert short == "8,200 of 10,000 · 36 s left"


def test_without_anybody_left_to_ask_no_time_is_told() -> None:
    assert "left" not in said(fleet_view(ProgressChanged(PARIS.name, 5, 10, False, (), False)))[0]


def test_what_hinders_is_the_last_to_be_left_out() -> None:
    told = ProgressChanged(PARIS.name, 5, 10, True, CALLS, True, ("ssm:GetDocument",))
    for words in said(fleet_view(told))[:-2]:
        assert words.startswith("AWS throttles: slower  waits for ssm:GetDocument")


def test_regions_that_wait_their_turn_are_counted_until_it_has_come() -> None:
    shown = fleet_view(ProgressChanged(PARIS.name, 5, 10, False, CALLS, False))
    shown.apply(ScopeQueued(replace(PARIS.name, region="eu-north-1")))
    assert said(shown)[0].startswith("1 Region waits its turn")
    shown.apply(ScopeOpened(replace(PARIS, name=replace(PARIS.name, region="eu-north-1"))))
    assert not said(shown)[0].startswith("1 Region")


def test_each_has_fewer_words_than_the_one_before() -> None:
    told = ProgressChanged(PARIS.name, 5, 10, True, CALLS, True, ("ssm:GetDocument",), to_ask=5, seconds_of_asking=9)
    lengths = [len(words) for words in said(fleet_view(told))]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] <= 34
    assert said(fleet_view(told))[-1].startswith("throttled 5 of 10")


def test_at_rest_it_tells_when_all_is_looked_at_again() -> None:
    shown = fleet_view(ProgressChanged(PARIS.name, 10, 10, False, CALLS, False))
    for each in (PARIS, FRANKFURT):
        shown.apply(ScopeSettled(each.name))
    assert said(shown, "again in 42 s")[0] == "10 nodes · again in 42 s · 8200 calls"
    assert said(shown)[0] == "10 nodes · 8200 calls"
