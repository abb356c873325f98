"""One node on screen: its path, what was found on it, and what can be done."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from ssmtui.diagnosis.events import FindingChanged, FindingGone, NodeGone, NodeInspected, ScopeOpened, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import InspectionResult, Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.screens.dialogs import TextDialog
from ssmtui.ui.screens.fixes_screen import FixesScreen
from ssmtui.ui.screens.node_screen import NodeScreen
from ssmtui.ui.state.changes import ChangePhase
from ssmtui.ui.text.node_path import PathExtra
from tests.ui.builders import HEALTHY, PARIS, finding, log_group_unencrypted, node, told, verdict
from tests.ui.demo_fleet import demo_inquiry, key_denied, switch_plan
from tests.ui.opened import CHANGE, NODE, PREFERENCES, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until

WEB = node("web-1", 1)
KEY, GROUP = key_denied([WEB]), log_group_unencrypted([WEB])


def twice_broken() -> ScriptedInquiry:
    return ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(KEY),
        FindingChanged(GROUP),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, KEY, GROUP)),
    )


async def open_first(shown: Opened) -> NodeScreen:
    await shown.press("enter")
    await shown.until_screen(NODE)
    screen = shown.app.screen
    assert isinstance(screen, NodeScreen)
    return screen


async def test_the_root_cause_is_selected_and_explained() -> None:
    async with opened(twice_broken()) as shown:
        screen = await open_first(shown)
        assert screen.path.cursor == KEY.id
        assert screen.path.keys == [*list(Link)[:7], KEY.id, GROUP.id, Link.SYSTEM]
        for words in (
            "Evidence",
            "iam:SimulatePrincipalPolicy",
            "Resolution in the AWS documentation",
            "Documentation",
            "https://docs.aws",
        ):
            await shown.until_said(words)
        assert "root cause" in shown.painted


async def test_a_node_that_is_gone_is_not_shown_as_if_it_were_there() -> None:
    handle = twice_broken()
    async with opened(handle) as shown:
        screen = await open_first(shown)
        await shown.until_said(" 1 2 F Fix ")
        handle.tell(NodeGone(WEB.key))
        await shown.until_said("This node no longer exists. Esc goes back.")
        assert screen.path.keys == []
        await until(shown.pilot, lambda: " 1 2 F Fix " not in shown.painted)
        await shown.press("r")
        assert [each.message for each in shown.app._notifications] == ["This node no longer exists."]
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        await shown.press("escape")
        await shown.until_screen(NODE)
        handle.tell(*told(PARIS, [WEB]), VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, KEY, GROUP)))
        await shown.until_said(" 1 2 F Fix ")
        assert KEY.id in screen.path.keys


async def test_the_commands_of_the_resolution_name_what_was_found() -> None:
    async with opened(twice_broken()) as shown:
        screen = await open_first(shown)
        await shown.press("down")
        assert screen.path.cursor == GROUP.id
        await shown.until_said("logs.eu-west-3.amazonaws.com")
        assert "aws logs associate-kms-key --log-group-name /ssm/sessions --kms-key-id KEY_ARN" in " ".join(
            screen.pane.text.split()
        )


async def test_the_fix_of_what_holds_a_node_down_is_offered_before_those_of_warnings() -> None:
    old = finding(
        "agent-outdated",
        Link.AGENT,
        Subject(SubjectKind.NODE, WEB.id),
        [WEB],
        status=Status.WARN,
        fixes=("update-agent",),
    )
    handle = ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(old),
        FindingChanged(KEY),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, old, KEY)),
    )
    async with opened(handle) as shown:
        await shown.press("F")
        await shown.until_screen(FixesScreen)
        screen = shown.app.screen
        assert isinstance(screen, FixesScreen)
        assert [key[1] for key in screen.offers.keys] == [*KEY.finding.fixes, "update-agent"]


async def test_moving_on_the_path_explains_the_other_finding_and_the_links() -> None:
    async with opened(twice_broken()) as shown:
        screen = await open_first(shown)
        await shown.press("j")
        await shown.until_said("kmsKeyId is not set")
        await shown.press("g", "j", "j")
        await shown.until_said("ami-0abcdef1234567890")
        assert screen.pane.finding is None


async def test_a_finding_that_goes_away_turns_the_link_green_while_it_is_looked_at() -> None:
    handle = twice_broken()
    async with opened(handle) as shown:
        screen = await open_first(shown)
        handle.tell(FindingGone(KEY.id), FindingGone(GROUP.id), VerdictChanged(WEB.key, HEALTHY))
        await until(shown.pilot, lambda: list(screen.path.keys) == list(Link))
        await until(shown.pilot, lambda: "failure" not in shown.painted)


async def test_the_fix_keys_work_on_every_row_of_the_node() -> None:
    handle = twice_broken()
    handle.plans = {fix: switch_plan(PARIS) for held in (KEY, GROUP) for fix in held.finding.fixes}
    async with opened(handle) as shown:
        screen = await open_first(shown)
        asked: dict[object, str] = {}
        for row in tuple(screen.path.keys):
            screen.path.go_to(row)
            await shown.press("1")
            await shown.until_screen(CHANGE)
            asked[row] = handle.chosen[-1][0]
            await shown.press("escape")
            await shown.until_screen(NODE)
    of_the_node: dict[object, str] = dict.fromkeys(Link, KEY.finding.fixes[0])
    assert asked == {**of_the_node, KEY.id: KEY.finding.fixes[0], GROUP.id: GROUP.finding.fixes[0]}


async def test_fixes_have_numbers_and_those_not_automated_say_so(tmp_path: object) -> None:
    async with opened(twice_broken(), StoredDocument().desk(tmp_path)) as shown:  # type: ignore[arg-type]
        await open_first(shown)
        await shown.until_said("not automated yet")
        await shown.press("1")
        await until(shown.pilot, lambda: any("not automated yet" in each.message for each in shown.app._notifications))
        assert isinstance(shown.app.screen, NodeScreen)


async def test_a_fix_with_a_plan_opens_the_change(tmp_path: object) -> None:
    handle = demo_inquiry()
    desk: ChangeService = StoredDocument().desk(tmp_path)  # type: ignore[arg-type]
    async with opened(handle, desk) as shown:
        shown.fleet.narrow("eu-worker-1")
        await until(shown.pilot, lambda: shown.names == ["eu-worker-1"])
        await open_first(shown)
        await shown.until_said("2 Turn off")
        await shown.press("2")
        await shown.until_screen(CHANGE)


async def test_raw_evidence_is_read_on_y() -> None:
    async with opened(demo_inquiry()) as shown:
        await open_first(shown)
        await shown.press("y")
        await shown.until_screen(TextDialog)
        await shown.until_said('"state": "running"')
        await shown.press("escape")
        assert isinstance(shown.app.screen, NodeScreen)


async def test_brackets_walk_through_the_broken_nodes_only() -> None:
    async with opened(demo_inquiry()) as shown:
        screen = await open_first(shown)
        seen = [screen.current_node]
        await shown.press("right_square_bracket")
        seen.append(screen.current_node)
        await shown.press("left_square_bracket")
        assert seen[0] == screen.current_node != seen[1]
        await shown.press("left_square_bracket")
        state = shown.app.context.fleet_view.state
        assert state.nodes[screen.current_node].name == "queue-4"


async def test_the_keys_do_not_look_at_every_node_of_a_long_list() -> None:
    nodes = [node(f"web-{number:03}", number) for number in range(300)]
    red = [log_group_unencrypted([each]) for each in nodes[:2]]
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    for fault, each in zip(red, nodes, strict=False):
        handle.tell(FindingChanged(fault), VerdictChanged(each.key, verdict(VerdictStatus.FAIL, fault)))
    async with opened(handle) as shown:
        await until(shown.pilot, lambda: len(shown.names) == 300)
        await shown.press("g")
        screen = await open_first(shown)
        with patch.object(FleetState, "verdict", autospec=True, side_effect=FleetState.verdict) as verdict_of:
            assert not screen.why_not("neighbour", (-1,))
            assert not screen.why_not("neighbour", (1,))
        assert verdict_of.call_count < 10
        handle.tell(VerdictChanged(nodes[1].key, HEALTHY))
        await until(shown.pilot, lambda: bool(screen.why_not("neighbour", (1,))))


async def test_an_unknown_says_what_would_settle_it() -> None:
    held = finding(
        "kms-key-disabled",
        Link.PREFERENCES,
        Subject(SubjectKind.KEY, PARIS.arn("kms", "key/1f0e")),
        [WEB],
        status=Status.UNKNOWN,
        needs=("kms:DescribeKey",),
    )
    handle = ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(held),
        VerdictChanged(WEB.key, verdict(VerdictStatus.UNKNOWN, held)),
    )
    async with opened(handle) as shown:
        await shown.until_said("unknown: needs kms:DescribeKey")
        await open_first(shown)
        await shown.until_said("To decide, ssmtui needs: kms:DescribeKey")


async def test_read_only_previews_a_fix_and_hands_it_over_and_does_not_make_it() -> None:
    handle = demo_inquiry()
    async with opened(handle, desk=None) as shown:
        shown.fleet.narrow("eu-worker-1")
        await until(shown.pilot, lambda: shown.names == ["eu-worker-1"])
        await open_first(shown)
        await shown.press("2")
        await shown.until_screen(CHANGE)
        await shown.until_said("Read-only: changes cannot be applied. h exports the change")
        await shown.press("A")
        await until(shown.pilot, lambda: any("read-only" in each.message for each in shown.app._notifications))
        assert isinstance(shown.app.screen, ChangeScreen)
        assert shown.app.screen.confirmation.phase is ChangePhase.PREVIEW
        await shown.press("h")
        await shown.until_said("aws ssm update-document")


async def test_a_green_link_says_what_was_asked_of_it() -> None:
    question = "Whether the disk has room for a session"
    asked = tuple((question,) if link is Link.INSTANCE else () for link in Link)
    healthy = replace(HEALTHY, passed=asked)
    async with opened(ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, [WEB], verdicts=healthy))) as shown:
        screen = await open_first(shown)
        screen.path.go_to(Link.INSTANCE)
        await shown.until_said("Checks that passed")
        assert question in shown.said
        screen.path.go_to(Link.NETWORK)
        await until(shown.pilot, lambda: question not in shown.said)


async def test_where_it_is_narrow_the_explanation_stands_below_the_path() -> None:
    async with opened(demo_inquiry(), size=(50, 30)) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        screen = shown.app.screen
        assert isinstance(screen, NodeScreen)
        await until(shown.pilot, lambda: screen.pane.region.y > screen.path.region.y)
        assert screen.pane.region.width == screen.path.region.width == 50
        await shown.pilot.resize_terminal(100, 30)
        await until(shown.pilot, lambda: screen.pane.region.y == screen.path.region.y)


async def test_opening_a_node_has_it_looked_at_more_closely_and_says_so_meanwhile_and_what_could_not_be_read() -> None:
    handle = twice_broken()
    async with opened(handle) as shown:
        screen = await open_first(shown)
        assert handle.looked_closer == [WEB.key]
        assert PathExtra.CLOSER_LOOK not in screen.path.keys

        handle.tell(NodeInspected(WEB.key, None))
        await shown.until_said("deep inspection  checking…")
        refused = Unreadable("ec2:GetConsoleOutput", "not authorized")
        console = InspectionResult("console output", "ec2:GetConsoleOutput", found="212 lines")
        trail = InspectionResult(
            "denied calls of the role", "cloudtrail:LookupEvents", found="none", limits="No data events."
        )
        handle.tell(NodeInspected(WEB.key, (console, trail)))
        await shown.until_said("deep inspection  2 read")

        screen.path.go_to(PathExtra.CLOSER_LOOK)
        for words in ("212 lines", "No data events."):
            await shown.until_said(words)
        handle.tell(NodeInspected(WEB.key, (replace(console, found="", unread=refused), trail)))
        await shown.until_said("deep inspection  1 not read")
        for words in ("Could not be read: not authorized", "needs  ec2:GetConsoleOutput"):
            await shown.until_said(words)


async def test_the_page_keys_scroll_the_text_and_the_finding_stays_chosen() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        shown.fleet.narrow("eu-worker-1")
        await until(shown.pilot, lambda: shown.names == ["eu-worker-1"])
        await shown.press("enter")
        await shown.until_screen(NODE)
        screen = shown.app.screen
        assert isinstance(screen, NODE)
        await shown.until_said("Evidence")
        chosen = screen.path.cursor
        await shown.press("pagedown", "pagedown")
        await until(shown.pilot, lambda: screen.pane.scroll_y > screen.pane.size.height)
        assert screen.path.cursor == chosen
        assert screen.path.has_focus
        await shown.press("pageup", "ctrl+d", "ctrl+u", "pageup")
        await until(shown.pilot, lambda: screen.pane.scroll_y == 0)
        assert screen.path.cursor == chosen
