"""The lines below the fleet's tables: at 80 columns they tell what the columns cut off, of the row under the cursor."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.diagnosis.events import FindingChanged, FindingGone, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.model.finding import Status, VerdictStatus
from tests.ui.builders import HEALTHY, PARIS, log_group_unencrypted, node, told, verdict
from tests.ui.opened import opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

WEB, MAIL, FINE = node("web-1", 1), node("mail-1", 2), node("fine-1", 3)
GROUP = log_group_unencrypted([WEB])
ACTIONS = ("iam:SimulatePrincipalPolicy", "kms:DescribeKey", "logs:DescribeLogGroups", "s3:GetEncryptionConfiguration")
UNSURE = log_group_unencrypted([MAIL])
UNSURE = replace(
    UNSURE, id="x@y", finding=replace(UNSURE.finding, cause="x", status=Status.UNKNOWN, needs=ACTIONS, fixes=())
)


def fleet() -> ScriptedInquiry:
    return ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB, MAIL]),
        *told(PARIS, [FINE], verdicts=HEALTHY),
        FindingChanged(GROUP),
        FindingChanged(UNSURE),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, GROUP)),
        VerdictChanged(MAIL.key, verdict(VerdictStatus.UNKNOWN, UNSURE)),
        ScopeSettled(PARIS.name),
    )


async def test_the_row_is_told_whole_and_follows_the_cursor_the_view_and_what_is_found() -> None:
    handle = fleet()
    async with opened(handle, size=(80, 24)) as shown:
        line = shown.fleet.details.line

        async def tells(*words: str) -> None:
            await until(shown.pilot, lambda: all(each in line.text for each in words))
            assert all(each.rstrip() in shown.painted for each in line.text.split("\n"))

        await tells("log group is not encrypted with a KMS key", f"{WEB.id}  F Encrypt the log group")
        assert line.size.height == 2
        await shown.press("j")
        await tells(*ACTIONS, MAIL.id)
        assert line.size.height == 3
        await shown.press("j")
        await tells(" ok", FINE.id)
        assert line.size.height == 2
        await shown.press("tab")
        await tells("log group is not encrypted", GROUP.finding.subject.id, "1 Encrypt the log group")
        await shown.press("tab", "g")
        await tells(WEB.id)
        handle.tell(FindingGone(GROUP.id), VerdictChanged(WEB.key, HEALTHY))
        await until(shown.pilot, lambda: "log group" not in line.text)
        await shown.pilot.resize_terminal(80, 12)
        await until(shown.pilot, lambda: line.region.height == 0)


async def test_a_terminal_made_wider_explains_the_row_beside_the_table_before_the_cursor_moves() -> None:
    async with opened(fleet(), size=(120, 40)) as shown:
        await until(shown.pilot, lambda: "log group" in shown.fleet.details.line.text)
        await shown.pilot.resize_terminal(200, 40)
        await until(shown.pilot, lambda: "What is wrong" in shown.painted)
        assert shown.fleet.details.pane.region.right == 200
