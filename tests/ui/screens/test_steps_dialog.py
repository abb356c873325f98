"""Steps to follow by hand, over the screen: read, and copied one after the other."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.diagnosis.events import FindingChanged, ScopeOpened, VerdictChanged
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.plan import FixNotApplicable, Form, Step, Steps
from ssmtui.ui.screens.dialogs import StepsDialog
from ssmtui.ui.screens.node_screen import NodeScreen
from tests.ui.builders import PARIS, log_group_unencrypted, node, told, verdict
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
    handle.plans[SLUG] = FixNotApplicable(SLUG, "it is done by hand: the steps say how", steps=STEPS)
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
        for words in ("1. Ask for this.", "2. Wait for [b]it[/b] \\x1b[31m.", "ssmtui carries out none of these"):
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
        await until(shown.pilot, lambda: any("nothing to copy" in each.message for each in shown.app._notifications))
