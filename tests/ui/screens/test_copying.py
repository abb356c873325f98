"""What `c` copies on each screen, and that nothing in it can move a terminal's cursor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ssmtui.diagnosis.events import FindingChanged, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.model.fleet import VerdictStatus
from ssmtui.ui.screens.dialog import TextDialog
from tests.ui.builders import PARIS, log_group_unencrypted, node, told, verdict
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CAUSE, CHANGE, NODE, PREFERENCES, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until

WEB = node("web-1\x1b[2J", 1)
GROUP = log_group_unencrypted([WEB])
GROUP = replace(GROUP, finding=replace(GROUP.finding, summary="two\nlines \x1b]0;owned\x07"))


def one_broken() -> ScriptedInquiry:
    return ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(GROUP),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, GROUP)),
        ScopeSettled(PARIS.name),
    )


async def copied(shown: Opened) -> str:
    await shown.press("c")
    await until(shown.pilot, lambda: bool(shown.app.clipboard))
    return shown.app.clipboard


async def test_the_fleet_copies_the_node_and_the_causes_copy_the_finding() -> None:
    async with opened(one_broken()) as shown:
        assert await copied(shown) == WEB.id
        await shown.press("tab")
        assert await copied(shown) == f"{GROUP.id}\n{GROUP.finding.subject.id}"
        assert any(each.title == "Copied" for each in shown.app._notifications)


async def test_a_node_copies_the_ids_of_what_was_found_on_it() -> None:
    async with opened(one_broken()) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        assert await copied(shown) == f"{GROUP.id}\n{GROUP.finding.subject.id}"
        await shown.press("g")
        assert await copied(shown) == WEB.id


async def test_a_cause_is_copied_as_a_statement_that_is_fit_to_print() -> None:
    async with opened(one_broken()) as shown:
        await shown.press("tab", "enter")
        await shown.until_screen(CAUSE)
        text = await copied(shown)
        assert all(line.isprintable() for line in text.splitlines())
        for words in (GROUP.id, "logs:DescribeLogGroups", "web-1", "https://docs.aws", "two\\x0alines"):
            assert words in text


async def test_a_change_copies_its_calls(tmp_path: Path) -> None:
    async with opened(demo_inquiry(), StoredDocument().desk(tmp_path)) as shown:
        shown.fleet.narrow("eu-worker")
        await until(shown.pilot, lambda: len(shown.names) == 8)
        await shown.press("w")
        await shown.until_screen(CHANGE)
        await shown.press("tab")
        text = await copied(shown)
        assert text.startswith("# Turn off")
        assert "ssm UpdateDocument" in text


async def test_where_there_is_nothing_to_copy_the_key_says_so() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        await shown.press("c")
        await until(
            shown.pilot,
            lambda: any("nothing to copy" in each.message for each in shown.app._notifications),
        )
        assert shown.app.clipboard == ""


async def test_what_is_read_over_the_screen_is_copied_whole_and_unwrapped() -> None:
    async with opened(demo_inquiry(), size=(50, 20)) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.press("y")
        await shown.until_screen(TextDialog)
        await shown.until_said("ec2:DescribeInstances")
        text = await copied(shown)
        assert "Instance  ec2:DescribeInstances" in text.splitlines()
        assert '    "state": "running"' in text.splitlines()
