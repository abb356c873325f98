"""Dialogs: steps to follow by hand, and a wait."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.diagnosis.events import FindingChanged, ScopeOpened, VerdictChanged
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.plan import FixNotApplicable, Form, Step, Steps
from ssmtui.ui.screens.dialogs import KeyDialog, StepsDialog, WaitingDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.node_screen import NodeScreen
from tests.ui.builders import PARIS, log_group_unencrypted, node, told, verdict
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import NODE, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

WEB = node("web-1", 1)
SLUG = "steps-caller-policy"
HELD = log_group_unencrypted([WEB])
FOUND = replace(HELD, finding=replace(HELD.finding, fixes=(SLUG,)))
STEPS = Steps(
    SLUG,
    "Ask for what you lack",
    (
        Step("Ask for this.", '{"Effect": "Allow"}', Form.JSON),
        Step("Wait for [b]it[/b] \x1b[31m."),
        Step("See that it holds.", "aws sts get-caller-identity"),
    ),
)


def with_steps() -> ScriptedInquiry:
    handle = ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(FOUND),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, FOUND)),
    )
    handle.plans[SLUG] = FixNotApplicable(SLUG, "this fix is manual: follow the steps", steps=STEPS)
    return handle


async def test_steps_are_read_and_copied_one_after_the_other_even_where_nothing_may_be_changed() -> None:
    async with opened(with_steps()) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        screen = shown.app.screen
        assert isinstance(screen, NodeScreen)
        await until(shown.pilot, lambda: screen.pane.why_not_fix(1) == "")
        await shown.press("1")
        await shown.until_screen(StepsDialog)
        for words in ("1. Ask for this.", "2. Wait for [b]it[/b] \\x1b[31m.", "ssmtui does not run these steps"):
            await shown.until_said(words)
        copied = []
        for _ in range(3):
            await shown.press("c")
            copied.append(shown.app.clipboard)
        assert copied == [STEPS.steps[0].copy, STEPS.steps[2].copy, STEPS.steps[0].copy]
        await shown.press("escape")
        assert isinstance(shown.app.screen, NodeScreen)


async def test_steps_without_anything_to_copy_say_so() -> None:
    handle = with_steps()
    handle.plans[SLUG] = FixNotApplicable(SLUG, "by hand", steps=Steps(SLUG, "Wait", (Step("Wait."),)))
    async with opened(handle) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        screen = shown.app.screen
        assert isinstance(screen, NodeScreen)
        await until(shown.pilot, lambda: screen.pane.why_not_fix(1) == "")
        await shown.press("1")
        await shown.until_screen(StepsDialog)
        await shown.press("c")
        await until(shown.pilot, lambda: any("no command to copy" in each.message for each in shown.app._notifications))


@pytest.mark.parametrize("how", ["take_away", "action_give_up"])
async def test_a_dialog_above_it_stays_until_it_is_closed_itself(how: str) -> None:
    async with opened(demo_inquiry()) as shown:
        heard: list[None] = []
        waits, above = WaitingDialog("Opening", ()), KeyDialog("A question", (), ())
        await shown.app.push_screen(waits, heard.append)
        await shown.app.push_screen(above)
        getattr(waits, how)()
        await shown.pilot.pause()
        assert (shown.app.screen, heard) == (above, [])
        await shown.press("escape")
        await until(shown.pilot, lambda: isinstance(shown.app.screen, FleetScreen))
        assert heard == [None]
