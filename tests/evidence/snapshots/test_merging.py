from __future__ import annotations

from datetime import timedelta

from ssmtui.evidence.snapshots.snapshot_file import filter_snapshot, merge_snapshots
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from tests.builders.fleet import NOON, a_node
from tests.evidence.snapshots.snapshots import a_record, a_snapshot

LATER = NOON + timedelta(hours=1)
OTHER = "210987654321"


def test_one_alone_is_as_it_was() -> None:
    snapshot = a_snapshot(a_record(profile="prod"))
    assert merge_snapshots([snapshot]) is snapshot


def test_of_one_region_the_newest_counts_whatever_the_order() -> None:
    old, new = a_snapshot(a_record()), a_snapshot(a_record(a_node("web-2"), at=LATER), made=LATER)
    for given in ([old, new], [new, old]):
        both = merge_snapshots(given)
        assert both.made == LATER
        assert [node.id for scope in both.scopes for node in scope.nodes] == ["web-2"]


def test_accounts_that_were_looked_at_by_the_same_name_are_told_apart() -> None:
    both = merge_snapshots([a_snapshot(a_record()), a_snapshot(a_record(account=OTHER))])
    assert [each.head.scope.name for each in both.scopes] == [
        ScopeName(None, "eu-west-3"),
        ScopeName(OTHER, "eu-west-3"),
    ]


def test_an_error_of_what_another_snapshot_could_look_at_is_none() -> None:
    failed = ScopeError(ScopeName(None, "eu-west-3"), ScopeProblem.UNREACHABLE, "It could not be reached.", "")
    elsewhere = ScopeError(ScopeName("prod", "eu-west-1"), ScopeProblem.REFUSED, "It was refused.", "")
    without = a_snapshot()
    assert merge_snapshots([without, type(without)(NOON, (), (failed, elsewhere))]).errors == (elsewhere,)


def test_profiles_and_regions_are_picked_by_name_and_pattern() -> None:
    snapshot = a_snapshot(a_record(profile="prod"), a_record(region="eu-west-1"), a_record(region="us-east-1"))

    def picked(profiles: tuple[str, ...], regions: tuple[str, ...]) -> list[tuple[str | None, str]]:
        names = [each.head.scope.name for each in filter_snapshot(snapshot, profiles, regions).scopes]
        return [(name.profile, name.region) for name in names]

    assert picked((), ()) == picked((), ("all",)) == [("prod", "eu-west-3"), (None, "eu-west-1"), (None, "us-east-1")]
    assert picked((), ("eu-*",)) == [("prod", "eu-west-3"), (None, "eu-west-1")]
    assert picked(("prod",), ()) == [("prod", "eu-west-3")]
    assert picked(("prod",), ("us-east-1",)) == []
