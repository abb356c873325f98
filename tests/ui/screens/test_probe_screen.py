"""Probes from the app: what they leave behind is said first, then each stage as it is gone through."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

from ssmtui.diagnosis.events import ProbesChanged
from ssmtui.model.fact import Unreadable
from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, Probes, ProbeStage, StageResult, StageState
from ssmtui.session.calls import SessionProblem
from ssmtui.ui.screens.dialogs import ConfirmDialog
from ssmtui.ui.screens.explain_screen import ExplainScreen
from ssmtui.ui.screens.probe_screen import ProbeScreen
from ssmtui.ui.widgets.line_table import LineTable
from tests.builders.probes import opened as opened_by
from tests.builders.probes import stopped
from tests.ui.builders import NOON, PARIS
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.fake_sessions import FakeSessions
from tests.ui.opened import NODE, Opened, opened
from tests.ui.waiting import until

KEY_DENIED = "Fetching data key failed: Unable to retrieve data key, Error when decrypting data key AccessDenied"


async def on(shown: Opened, name: str) -> NodeKey:
    """Put the cursor on a node that is shown."""
    key = next(key for key in shown.nodes.keys if shown.app.context.fleet_view.state.nodes[key].name == name)
    shown.nodes.go_to(key)
    await until(shown.pilot, lambda: shown.nodes.cursor == key)
    return key


async def begun(shown: Opened, sessions: FakeSessions) -> ProbeScreen:
    """The probe screen after its footprint was agreed to."""
    await shown.press("v")
    await shown.until_screen(ProbeScreen)
    await shown.until_said("Records that a probe leaves")
    assert sessions.probes == []
    await shown.press("enter")
    await until(shown.pilot, lambda: bool(sessions.probes))
    screen = shown.app.screen
    assert isinstance(screen, ProbeScreen)
    return screen


def probe_of(
    sessions: FakeSessions, kind: ProbeKind = ProbeKind.SHELL
) -> tuple[Callable[[StageResult], None], Future[ProbeOutcome]]:
    return next((told, future) for _, each, told, future in reversed(sessions.probes) if each is kind)


async def test_the_footprint_is_said_first_with_what_the_preferences_log() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("v")
        await shown.until_screen(ProbeScreen)
        await shown.until_said("StartSession and TerminateSession by you")
        await shown.until_said("A short entry in the log group /ssm/sessions")
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        assert sessions.probes == []


async def test_a_footprint_that_rests_on_unread_preferences_says_what_is_not_known() -> None:
    sessions, handle = FakeSessions(), demo_inquiry()
    facts = handle.regions[PARIS.name]
    handle.regions[PARIS.name] = replace(facts, preferences=Unreadable("ssm:GetDocument", "you may not"))
    async with opened(handle, sessions=sessions) as shown:
        await on(shown, "web-2")
        await shown.press("v")
        await shown.until_screen(ProbeScreen)
        await shown.until_said("Possibly logs and uses of a KMS key: the session preferences of eu-west-3 are unknown.")


async def test_stages_appear_with_their_times_until_the_end_and_the_diagnosis_is_told() -> None:
    sessions, handle = FakeSessions(), demo_inquiry()
    async with opened(handle, sessions=sessions) as shown:
        key = await on(shown, "batch-1")
        await begun(shown, sessions)
        told, future = probe_of(sessions)
        told(StageResult(ProbeStage.START, StageState.PASSED, 0.31))
        told(StageResult(ProbeStage.SOCKET, StageState.UNDER_WAY, 0.0))
        await shown.until_said("0.31 s")
        outcome = stopped("kms-node-denied", text=KEY_DENIED, node=key)
        future.set_result(outcome)
        await shown.until_said("Unable to retrieve data key")
        await shown.until_said("session key")
        await shown.until_said("The probe confirms the checks.")
        await shown.until_said("done: all sessions have ended")
        assert handle.probes == [(PARIS.name, outcome)]


async def test_a_probe_that_opens_where_the_checks_say_no_outranks_them() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        key = await on(shown, "batch-1")
        await begun(shown, sessions)
        probe_of(sessions)[1].set_result(opened_by(node=key))
        await shown.until_said("The probe opened a shell. Its result overrides the checks.")


async def test_of_the_causes_of_a_text_the_one_that_is_true_of_the_node_is_named() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        key = await on(shown, "ci-runner-1")
        await begun(shown, sessions)
        text = f"An error occurred (TargetNotConnected): {key.id} is not connected."
        others = ("instance-profile-missing", "connection-lost", "endpoint-security-group-closed")
        probe_of(sessions)[1].set_result(stopped("control-channel-down", *others, text=text, node=key))
        await shown.until_said("→ Endpoint's security group blocks the nodes")
        await shown.until_said("The probe confirms the checks.")
        [row] = [line for line in shown.painted.splitlines() if line.startswith("✖ ci-runner-1")]
        assert "Endpoint's security group blocks the nodes" in row


async def test_the_end_text_is_explained_with_the_node_filled_in() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        key = await on(shown, "batch-1")
        screen = await begun(shown, sessions)
        probe_of(sessions)[1].set_result(stopped("kms-node-denied", text=KEY_DENIED, node=key))
        await shown.until_said("done: all sessions")
        await shown.press("x")
        await shown.until_screen(ExplainScreen)
        await shown.until_said("checked on node batch-1")
        await shown.until_said("Unable to retrieve data key")
        await until(shown.pilot, lambda: isinstance(shown.app.focused, LineTable))
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is screen)
        await shown.press("o")
        await shown.until_screen(NODE)


async def test_marked_nodes_are_probed_together_a_few_at_a_time() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await shown.press("slash", *"web", "enter", "asterisk")
        screen = await begun(shown, sessions)
        assert screen.run is not None
        wanted = len(screen.run.nodes)
        assert wanted > 3
        assert len(sessions.probes) == 3
        node, _, _, future = sessions.probes[0]
        future.set_result(opened_by(node=node))
        await until(shown.pilot, lambda: len(sessions.probes) == 4)
        await shown.until_said(f"1 of {wanted} done")


async def test_esc_gives_up_and_ends_the_sessions_and_then_goes_back() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await begun(shown, sessions)
        await shown.press("escape")
        await until(shown.pilot, probe_of(sessions)[1].cancelled)
        await shown.until_said("canceled: its session is ending")
        await shown.until_said("canceled: ending the open sessions")
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)


async def test_leaving_the_app_while_a_probe_runs_asks_first() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await begun(shown, sessions)
        await shown.press("ctrl+q")
        await shown.until_screen(ConfirmDialog)
        await shown.until_said("A probe is running")
        await shown.press("n")
        await shown.until_screen(ProbeScreen)


async def test_a_probe_that_could_not_be_made_says_why() -> None:
    sessions = FakeSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await on(shown, "web-2")
        await begun(shown, sessions)
        probe_of(sessions)[1].set_exception(SessionProblem("the ledger cannot be written"))
        await shown.until_said("the ledger cannot be written")


async def test_a_shell_is_compared_with_a_port_at_one_key() -> None:
    sessions, handle = FakeSessions(), demo_inquiry()
    async with opened(handle, sessions=sessions) as shown:
        key = await on(shown, "batch-1")
        await begun(shown, sessions)
        probe_of(sessions)[1].set_result(stopped("kms-node-denied", text=KEY_DENIED, node=key))
        await shown.until_said("done: all sessions")
        await shown.press("m")
        await until(shown.pilot, lambda: len(sessions.probes) == 2)
        probe_of(sessions, ProbeKind.PORT)[1].set_result(opened_by(ProbeKind.PORT, node=key))
        await shown.until_said("Shell and port compared")
        await shown.until_said("the node is reachable")
        assert len(handle.probes) == 2


async def test_the_node_screen_says_how_long_ago_it_was_probed_and_how_that_ended() -> None:
    handle = demo_inquiry()
    async with opened(handle, sessions=FakeSessions()) as shown:
        key = await on(shown, "batch-1")
        await shown.press("enter")
        await shown.until_screen(NODE)
        at = NOON - timedelta(minutes=3)
        handle.tell(ProbesChanged(key, Probes(shell=stopped("kms-node-denied", node=key, at=at))))
        await shown.until_said("probed 3 min ago (shell): Role cannot use the session key")
