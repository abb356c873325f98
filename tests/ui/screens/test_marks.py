"""Marked rows, and the fixes that they take together: chosen, reckoned together, made one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ssmtui.diagnosis.events import Event, FindingGone, NodeGone
from ssmtui.model.choice import Candidate, Choice
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.plan import Call, FixNotApplicable, Guard, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.model.storage import Key
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.remediation.apply.journal import Journal
from ssmtui.ui.screens.change_screen import ChangeSetScreen
from ssmtui.ui.screens.fixes_screen import FixesScreen
from ssmtui.ui.state.changes import ChangePhase
from tests.ui.builders import ACCOUNT, FRANKFURT, PARIS, log_group_unencrypted
from tests.ui.demo_fleet import demo_inquiry, frankfurt, frankfurt_events
from tests.ui.opened import CAUSE, CHANGE, NODE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until


class TwoThings(StoredDocument):
    """The preferences document, and a role's inline policy beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.policy: str | None = None
        self.somebody_was_here = False

    def read(self, service: str, operation: str, parameters: object) -> dict[str, object] | None:  # type: ignore[override]
        if service == "iam":
            if self.somebody_was_here:
                return {"PolicyDocument": "theirs"}
            return {"PolicyDocument": self.policy} if self.policy else None
        return super().read(service, operation, parameters)  # type: ignore[arg-type, return-value]

    def write(self, service: str, operation: str, parameters: object) -> dict[str, object]:  # type: ignore[override]
        if service == "iam":
            self.calls.append(operation)
            self.policy = "allow"
            return {}
        return super().write(service, operation, parameters)  # type: ignore[arg-type, return-value]


def grant(where: Scope = PARIS) -> Plan:
    which = {"RoleName": "batch-node", "PolicyName": "ssmtui"}
    call = Call("iam", "PutRolePolicy", {**which, "PolicyDocument": "allow"}, "iam:PutRolePolicy", "role/batch-node")
    return Plan(
        fix="grant-node-key-access",
        title="Allow the role batch-node to use the key",
        scope=where,
        subject=Subject(SubjectKind.ROLE, f"arn:aws:iam::{ACCOUNT}:role/batch-node"),
        calls=(call,),
        before="",
        after="allow",
        guards=(Guard("the policy", "iam", "GetRolePolicy", which, "PolicyDocument", None),),
        way_back=UndoPlan((), (call,)),
        reach=Reach.SUBJECT,
        undo="The policy is deleted again.",
        facts_after=(),
        stale=(Key,),
    )


def inquiry_with_both() -> ScriptedInquiry:
    handle = demo_inquiry()
    handle.plans["grant-node-key-access"] = grant()
    handle.plans["encrypt-log-group"] = FixNotApplicable(
        "encrypt-log-group", "no key of the Region admits CloudWatch Logs"
    )

    def rechecked(scope: ScopeName) -> Sequence[Event]:
        gone = FindingGone(log_group_unencrypted(frankfurt(), FRANKFURT).id)
        return (gone, *frankfurt_events(broken=False)) if scope == FRANKFURT.name else ()

    handle.on_recheck = rechecked
    return handle


async def only(shown: Opened, text: str, count: int) -> None:
    shown.fleet.narrow(text)
    await until(shown.pilot, lambda: len(shown.names) == count)


async def fixes(shown: Opened) -> FixesScreen:
    await shown.press("F")
    await shown.until_screen(FixesScreen)
    screen = shown.app.screen
    assert isinstance(screen, FixesScreen)
    await until(shown.pilot, lambda: all(offer.answer is not None for offer in screen.offers))
    return screen


async def both_chosen(shown: Opened) -> ChangeSetScreen:
    """A node of each kind marked, the grant and the switch chosen, and previewed."""
    await only(shown, "batch-1", 1)
    await shown.press("space")
    await only(shown, "eu-worker-1", 1)
    await shown.press("space")
    await shown.until_said("2 marked")
    screen = await fixes(shown)
    for fix in ("grant-node-key-access", "toggle-cloudwatch-encryption"):
        screen.rows.go_to(next(key for key in screen.offers.keys if key[1] == fix))
        await shown.press("space")
    await shown.until_said("2 fixes are selected")
    await shown.press("enter")
    await shown.until_screen(ChangeSetScreen)
    preview = shown.app.screen
    assert isinstance(preview, ChangeSetScreen)
    return preview


async def test_rows_are_marked_inverted_and_cleared_and_stay_marked_while_hidden() -> None:
    async with opened(demo_inquiry()) as shown:
        await only(shown, "eu-worker", 8)
        await shown.press("space", "down", "space")
        await shown.until_said("2 marked")
        assert shown.painted.count("◆") == 3
        await shown.press("^")
        await shown.until_said("6 marked")
        await only(shown, "batch", 4)
        assert len(shown.fleet.marks) == 6
        await shown.press("*")
        await shown.until_said("10 marked")
        await shown.press("*")
        await shown.until_said("6 marked")
        await shown.press("backslash")
        assert len(shown.fleet.marks) == 0
        await until(shown.pilot, lambda: "marked" not in shown.painted)


@pytest.mark.parametrize(
    ("keys", "marked", "here"),
    [
        ("V", "1", "1"),
        ("V down down", "123", "3"),
        ("V down down up", "12", "2"),
        ("down down V up up", "123", "1"),
        ("V down V down", "12", "3"),
        ("V down space down", "12", "3"),
        ("V G", "12345678", "8"),
        ("space down down V down escape", "1", "4"),
        ("space down down V down escape escape", "1", "4"),
        ("space down down V down V escape escape", "", "4"),
        ("V down backslash down", "", "3"),
        ("V down * down", "12345678", "3"),
        ("V down ^ down", "345678", "3"),
        ("shift+down shift+down", "123", "3"),
        ("shift+down shift+down shift+up", "12", "2"),
        ("down down shift+up", "23", "2"),
        ("shift+down down down shift+down", "1245", "5"),
        ("shift+down space", "1", "2"),
        ("V shift+down down", "123", "3"),
        ("ctrl+@", "1", "1"),
        ("space down down down ctrl+@", "1234", "4"),
        ("down space down down down space up up up up ctrl+@", "12345", "1"),
        ("V tab tab down", "1", "2"),
    ],
)
async def test_a_range_of_rows_is_marked_from_the_row_where_it_starts(keys: str, marked: str, here: str) -> None:
    async with opened(demo_inquiry()) as shown:
        await only(shown, "eu-worker", 8)
        await shown.press("g", *keys.split())
        state = shown.app.context.fleet_view.state
        await until(shown.pilot, lambda: shown.name_here == f"eu-worker-{here}")
        assert "".join(sorted(state.nodes[key].name[-1] for key in shown.fleet.marked_nodes)) == marked


async def test_the_header_shows_the_range_and_a_filter_that_hides_its_start_ends_it() -> None:
    async with opened(demo_inquiry()) as shown:
        await only(shown, "eu-worker", 8)
        await shown.press("g", "V", "down")
        await shown.until_said("2 marked (range)")
        await only(shown, "eu-worker-5", 1)
        await until(shown.pilot, lambda: "marked (range)" not in shown.painted)
        await only(shown, "eu-worker", 8)
        await shown.press("down", "down")
        await shown.until_said("2 marked")
        assert not shown.fleet.marks.is_in_range


async def test_escape_takes_away_the_filter_first_and_then_the_marks() -> None:
    async with opened(demo_inquiry()) as shown:
        await only(shown, "eu-worker", 8)
        await shown.press("space", "escape")
        await until(shown.pilot, lambda: len(shown.names) > 8)
        assert len(shown.fleet.marks) == 1
        await shown.press("escape")
        assert len(shown.fleet.marks) == 0


async def test_marked_nodes_are_offered_the_fixes_behind_them(tmp_path: Path) -> None:
    async with opened(inquiry_with_both(), StoredDocument().desk(tmp_path)) as shown:
        await only(shown, "eu-worker", 8)
        await shown.press("*")
        screen = await fixes(shown)
        await shown.until_said("Fixes for 8 nodes")
        assert [key[1] for key in screen.offers.keys] == ["encrypt-log-group", "toggle-cloudwatch-encryption"]
        await shown.until_said("no key of the Region admits CloudWatch Logs")
        await shown.press("space")
        assert screen.offers.plans == ()
        await shown.press("j", "space")
        await shown.until_said("1 fix is selected")
        await shown.press("enter")
        await shown.until_screen(CHANGE)


async def test_what_must_be_chosen_first_or_is_done_by_hand_is_opened_alone(tmp_path: Path) -> None:
    handle = inquiry_with_both()
    handle.plans["encrypt-log-group"] = FixNotApplicable(
        "encrypt-log-group", "which key?", (Choice("key", "the key", (Candidate("alias/logs"),)),)
    )
    async with opened(handle, StoredDocument().desk(tmp_path)) as shown:
        await only(shown, "eu-worker-1", 1)
        screen = await fixes(shown)
        await shown.until_said("this fix needs a choice")
        await shown.press("space")
        assert screen.offers.plans == ()
        await shown.press("enter")
        await until(shown.pilot, lambda: shown.app.screen is not screen)
        await shown.until_said("alias/logs")


async def test_one_fix_serves_every_node_behind_a_cause_by_its_number(tmp_path: Path) -> None:
    async with opened(inquiry_with_both(), StoredDocument().desk(tmp_path)) as shown:
        await shown.press("tab")
        shown.fleet.causes.go_to(log_group_unencrypted(frankfurt(), FRANKFURT).id)
        await shown.press("2")
        await shown.until_screen(CHANGE)
        await shown.until_said("8 nodes change to ok")
        await shown.press("escape", "enter")
        await shown.until_screen(CAUSE)
        await shown.until_said("2 Turn off")
        await shown.press("2")
        await shown.until_screen(CHANGE)


async def test_two_changes_are_reckoned_together_made_in_turn_and_journalled_each(tmp_path: Path) -> None:
    things, handle = TwoThings(), inquiry_with_both()
    desk = ChangeService(Journal(tmp_path), lambda _scope: things)  # type: ignore[arg-type, return-value]
    async with opened(handle, desk) as shown:
        preview = await both_chosen(shown)
        await shown.until_said("2 changes")
        for words in (
            "What changes after all changes",
            "8 nodes change to ok",
            "iam PutRolePolicy",
            "ssm UpdateDocument",
        ):
            await shown.until_said(words)
        assert {frozenset(plan.fix for plan in plans) for plans in handle.forecasted} == {
            frozenset({"grant-node-key-access"}),
            frozenset({"toggle-cloudwatch-encryption"}),
        }
        await shown.press("A", "backspace")
        assert preview.confirmation.phase is ChangePhase.PREVIEW
        assert things.calls == []
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("2 of 2 applied")
        assert things.calls == ["PutRolePolicy", "UpdateDocument", "UpdateDocumentDefaultVersion"]
        assert [change.state for change in desk.journal.changes()] == [ChangeState.APPLIED] * 2
        assert {scope for scope, _ in handle.rechecked} == {PARIS.name, FRANKFURT.name}


async def test_the_first_that_is_not_made_ends_it_and_what_was_made_is_told(tmp_path: Path) -> None:
    things, handle = TwoThings(), inquiry_with_both()
    things.refuses = True
    desk = ChangeService(Journal(tmp_path), lambda _scope: things)  # type: ignore[arg-type, return-value]
    async with opened(handle, desk) as shown:
        preview = await both_chosen(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("1 of 2 applied")
        await shown.until_said("The remaining changes were not applied")
        await shown.until_said("needs ssm:UpdateDocument")
        assert preview.confirmation.phase is ChangePhase.NOT_MADE
    assert [change.state for change in desk.journal.changes()] == [ChangeState.FAILED, ChangeState.APPLIED]


async def test_nothing_is_sent_after_the_first_that_was_refused(tmp_path: Path) -> None:
    things = TwoThings()
    things.somebody_was_here = True
    desk = ChangeService(Journal(tmp_path), lambda _scope: things)  # type: ignore[arg-type, return-value]
    async with opened(inquiry_with_both(), desk) as shown:
        await both_chosen(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("0 of 2 applied")
    assert things.calls == []


async def test_made_before_they_are_reckoned_they_are_waited_for_by_the_nodes_that_they_are_about(
    tmp_path: Path,
) -> None:
    handle = inquiry_with_both()
    plan = handle.plans["toggle-cloudwatch-encryption"]
    assert isinstance(plan, Plan)
    # The log group is what its nodes have a finding about; the plan of the real toggle is about the document.
    group = log_group_unencrypted(frankfurt(), FRANKFURT).finding.subject
    handle.plans["toggle-cloudwatch-encryption"] = replace(plan, subject=group, settles_within=timedelta(minutes=30))
    handle.on_recheck = lambda _scope: ()
    things = TwoThings()
    desk = ChangeService(Journal(tmp_path), lambda _scope: things)  # type: ignore[arg-type, return-value]
    async with opened(handle, desk) as shown:
        handle.forecast = lambda *_plans: Future()  # type: ignore[method-assign]
        await both_chosen(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("2 of 2 applied")
        [(scope, nodes, _)] = handle.expected
    assert (scope, set(nodes)) == (FRANKFURT.name, {each.key for each in frankfurt()})
    assert set(desk.journal.changes()[0].awaited_by) == {each.id for each in frankfurt()}


async def test_read_only_previews_several_changes_together_and_does_not_make_them() -> None:
    async with opened(inquiry_with_both(), desk=None) as shown:
        await both_chosen(shown)
        await shown.until_said("Read-only: changes cannot be applied. h exports the change")
        await shown.press("A")
        await until(shown.pilot, lambda: any("read-only" in each.message for each in shown.app._notifications))
        assert isinstance(shown.app.screen, ChangeSetScreen)
        assert shown.app.screen.confirmation.phase is ChangePhase.PREVIEW


async def test_the_last_of_several_changes_is_taken_back_from_where_they_were_made(tmp_path: Path) -> None:
    things = TwoThings()
    desk = ChangeService(Journal(tmp_path), lambda _scope: things)  # type: ignore[arg-type, return-value]
    async with opened(inquiry_with_both(), desk) as shown:
        await both_chosen(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("2 of 2 applied")
        await shown.press("z")
        await shown.until_screen(CHANGE)
        await shown.until_said("Undo: Turn off")


async def test_on_a_node_the_fixes_of_everything_found_on_it_are_chosen_among(tmp_path: Path) -> None:
    async with opened(inquiry_with_both(), StoredDocument().desk(tmp_path)) as shown:
        await only(shown, "eu-worker-1", 1)
        await shown.press("enter")
        await shown.until_screen(NODE)
        screen = await fixes(shown)
        await shown.until_said("Fixes for eu-worker-1")
        assert [key[1] for key in screen.offers.keys] == ["encrypt-log-group", "toggle-cloudwatch-encryption"]


@pytest.mark.parametrize("view", [(), ("tab",)])
async def test_a_row_that_is_gone_is_not_marked_any_more(view: tuple[str, ...]) -> None:
    handle = demo_inquiry()
    async with opened(handle) as shown:
        await shown.press(*view, "space")
        await shown.until_said("◆ 1 marked")
        (gone,) = shown.fleet.marks
        handle.tell(FindingGone(gone) if isinstance(gone, str) else NodeGone(gone))
        await until(shown.pilot, lambda: "marked" not in shown.painted)
        assert shown.fleet.affected_nodes
        assert gone not in shown.fleet.affected_nodes
