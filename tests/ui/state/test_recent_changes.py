"""What has just changed, and for how long that is said."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.ui.state.fleet_view import MARK_DURATION, RecentChanges
from tests.ui.builders import NOON

SECOND = timedelta(seconds=1)


def test_a_change_is_marked_for_a_while_and_then_no_more() -> None:
    recent: RecentChanges[str] = RecentChanges()
    recent.look(NOON)
    recent.note("web", "ping")
    assert recent.look(NOON + MARK_DURATION - SECOND) == ()
    assert recent.columns_of("web") == {"ping"}
    assert recent.look(NOON + MARK_DURATION) == ("web",)
    assert recent.columns_of("web") == frozenset()
    assert len(recent) == 0


def test_what_changes_again_is_marked_anew_with_what_changed_before() -> None:
    recent: RecentChanges[str] = RecentChanges()
    recent.look(NOON)
    recent.note("web", "ping")
    recent.note("api", "state")
    recent.look(NOON + MARK_DURATION - SECOND)
    recent.note("web", "channel")
    assert recent.look(NOON + MARK_DURATION) == ("api",)
    assert recent.columns_of("web") == {"ping", "channel"}


def test_looking_costs_nothing_for_rows_whose_time_has_not_come() -> None:
    recent: RecentChanges[int] = RecentChanges()
    recent.look(NOON)
    for row in range(1_000):
        recent.note(row, "ping")
    recent.forget(7)
    assert recent.look(NOON + SECOND) == ()
    assert len(recent) == 999
