"""The app on a snapshot: checks are run again on it, changes are looked at, and what needs AWS says why it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.node_screen import NodeScreen
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.notices import OfflineSnapshot
from tests.builders.fleet import NOON, a_node, a_scope
from tests.evidence.snapshots.snapshots import a_record, a_snapshot
from tests.ui.opened import Opened
from tests.ui.screens.test_report_shown import reasons
from tests.ui.waiting import until

WHY_NOT = "snapshot, recorded at 2026-11-25 12:00 UTC: AWS is not contacted"


def shown(*looked_at_hours_ago: float, redacted: bool = False) -> OfflineSnapshot:
    looked_at = tuple(NOON - timedelta(hours=hours) for hours in looked_at_hours_ago)
    return OfflineSnapshot(NOON, looked_at, WHY_NOT, lambda: NOON + timedelta(hours=3), redacted)


def header(snapshot: OfflineSnapshot) -> str:
    return "".join(text for text, _ in snapshot.pieces(NOON))


def test_the_header_says_that_it_is_a_snapshot_and_how_old() -> None:
    assert header(shown(0)) == "snapshot of 2026-11-25 12:00 UTC  3 h 00 old"
    assert header(shown(0, 0.1)) == "snapshot of 2026-11-25 12:00 UTC  3 h 06 old"
    assert header(shown(0, 5)) == "snapshot of 2026-11-25 12:00 UTC  8 h 00 old in part"
    assert header(shown(redacted=True)).startswith("redacted snapshot")


def test_while_it_is_read_nobody_is_asked_for_credentials() -> None:
    notice = shown().notice(Fleet())
    assert notice is not None
    assert notice.title == "Reading the snapshot…"


def test_evidence_that_does_not_fit_together_is_an_error_of_its_scope_and_no_defect() -> None:
    nobody = replace(a_scope(), principal="nobody", caller="nobody")
    record = a_record()
    replay = ReplayedDiagnosis(a_snapshot(replace(record, head=replace(record.head, scope=nobody))), WHY_NOT)
    try:
        state = follow(replay)
    finally:
        replay.close()
    assert state.crashes == []
    assert [error.message.partition(":")[0] for error in state.errors.values()] == ["Cannot evaluate the evidence"]


async def test_what_was_not_read_is_unknown_and_what_needs_aws_says_why_it_cannot() -> None:
    replay = ReplayedDiagnosis(a_snapshot(a_record(a_node(), a_node("i-2", "web-2"))), WHY_NOT)
    app = SsmtuiApp(lambda: replay, now=lambda: NOON)
    app.context.snapshot = shown(0)
    async with app.run_test(size=(120, 40)) as pilot:
        opened = Opened(app, pilot)
        await until(pilot, lambda: app.context.handle is not None and len(app.context.fleet_view.state.settled) == 1)
        await until(pilot, lambda: len(opened.nodes.keys) == 2)
        await opened.until_said("snapshot of 2026-11-25 12:00 UTC  3 h 00 old")
        verdicts = {app.context.fleet_view.verdict(key).status.value for key in opened.nodes.keys}
        assert verdicts == {"unknown"}
        for number, key in enumerate(("r", "ctrl+r", "z", "s", "t", "v", "S", "T", "a", "L"), 1):
            await opened.press(key)
            assert reasons(opened) == [WHY_NOT] * number, key
        await opened.press("enter")
        await opened.until_screen(NodeScreen)
        await opened.until_said("not in the snapshot")
        await opened.press("y")
        await opened.until_said("not in the snapshot")
