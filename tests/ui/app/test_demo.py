"""The whole way on the simulated AWS: red, why, one key, green, undo, red again."""

from __future__ import annotations

import pytest

from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.ui.conftest import StartDiagnosis
from tests.ui.opened import CHANGE, NODE, opened
from tests.ui.scenes import NODES, SETTLED

REGION = "eu-central-1"


def writes(aws: SimulatedAws) -> list[str]:
    """The writes that AWS carried out. It refuses a text that it had before, so an undo asks twice."""
    return [entry.operation for entry in aws.journal.entries if entry.write and entry.status < 400]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
async def test_filter_drill_down_toggle_apply_green_undo_red_again(
    size: tuple[int, int], demo: SimulatedAws, live: StartDiagnosis, desk: ChangeService
) -> None:
    async with opened(live(), desk, size=size) as shown:
        await shown.until_said(SETTLED)
        await shown.press("slash")
        await shown.write("region:eu-central-1 verdict:fail")
        await shown.press("enter")
        await shown.until_said(f"8 of {NODES}")
        assert all(name.startswith(("checkout", "ledger", "mail", "report", "search")) for name in shown.names)

        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.until_said("has no kmsKeyId")

        await shown.press("w")
        await shown.until_screen(CHANGE)
        await shown.until_said("8 nodes change to ok")
        assert writes(demo) == []

        await shown.write(REGION)
        await shown.press("enter")
        await shown.until_said("8 of 8 ok")
        assert writes(demo) == ["UpdateDocument", "UpdateDocumentDefaultVersion"]

        await shown.press("z")
        await shown.until_said("Undo: ")
        await shown.write(REGION)
        await shown.press("enter")
        await shown.until_said("0 of 8 ok")
        assert writes(demo) == ["UpdateDocument", "UpdateDocumentDefaultVersion"] * 2

        await shown.press("escape", "escape")
        await shown.until_screen(FleetScreen)
        await shown.until_said(f"8 of {NODES}")


async def test_nothing_is_written_by_looking(demo: SimulatedAws, live: StartDiagnosis, desk: ChangeService) -> None:
    async with opened(live(), desk) as shown:
        await shown.until_said(SETTLED)
        for key in ("p", "escape", "tab", "enter", "escape", "tab", "enter", "y", "escape", "escape", "w"):
            await shown.press(key)
        await shown.until_screen(CHANGE)
        await shown.press("escape")
        await shown.until_screen(FleetScreen)
    assert writes(demo) == []


async def test_keys_are_answered_while_aws_does_not(
    demo: SimulatedAws, live: StartDiagnosis, desk: ChangeService
) -> None:
    demo.fault("timeout", "ec2")
    async with opened(live(), desk) as shown:
        await shown.until_said("listing")
        await shown.press("question_mark")
        await shown.until_said("Keys")
        await shown.press("escape")
        await shown.press("slash")
        await shown.write("pos")
        await shown.until_said("/ pos")
        demo.clear_faults()
