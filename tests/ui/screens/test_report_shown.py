"""The app on a report: everything that it tells is there at once, and what would ask AWS says why it cannot."""

from __future__ import annotations

import io
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from ssmtui.causes.catalogue import catalogue
from ssmtui.report.merge import ReportSource, ReportStore, merge
from ssmtui.report.report_diagnosis import ReportDiagnosis
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.node_screen import FindingScreen, NodeScreen
from ssmtui.ui.text.notices import OfflineReport
from tests.report.written_reports import an_account, as_document
from tests.ui.builders import NOON
from tests.ui.opened import Opened

SHOWN = OfflineReport(NOON - timedelta(hours=3), NOON - timedelta(hours=5))
WHY_NOT = "this is a report of 2026-11-24 09:00 UTC: AWS is not called"


def reasons(opened: Opened) -> list[str]:
    """Why keys did nothing, each time."""
    return [each.message for each in opened.app._notifications]


@asynccontextmanager
async def the_report(size: int = 4, other: str = "") -> AsyncIterator[Opened]:
    with tempfile.TemporaryDirectory() as folder:
        spool = ReportStore(Path(folder))
        texts = [as_document(an_account(1, size)), *([other] if other else [])]
        handle = ReportDiagnosis(
            merge([ReportSource("one", partial(io.BytesIO, text.encode())) for text in texts], spool),
            catalogue(),
            SHOWN.why_not,
        )
        spool.close()
    app = SsmtuiApp(handle, report=SHOWN, now=lambda: NOON)
    app.context.fleet_view.causes, app.context.handle = catalogue(), handle
    app.context.tick()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        yield Opened(app, pilot)


async def test_its_rows_are_there_and_what_would_ask_aws_says_why_it_cannot() -> None:
    async with the_report() as opened:
        assert len(opened.nodes.keys) == 4
        assert "report of 2026-11-24 09:00 UTC  5 h 00 old in part" in opened.painted
        for number, key in enumerate(("r", "ctrl+r", "p", "e", "w", "z", "s", "t", "v", "S", "T", "F", "a", "L"), 1):
            await opened.press(key)
            assert reasons(opened) == [WHY_NOT] * number, key


async def test_node_and_cause_are_shown_as_far_as_they_are_told() -> None:
    async with the_report() as opened:
        await opened.press("enter")
        await opened.until_screen(NodeScreen)
        await opened.until_said("not checked")
        await opened.press("y", "end")
        await opened.until_said("The report has no result that says that this link is ok.")
        await opened.press("escape", "tab", "enter")
        await opened.until_screen(FindingScreen)
        await opened.press("1")
        assert reasons(opened) == [WHY_NOT] * 2


async def test_a_report_without_nodes_says_so() -> None:
    async with the_report(0) as opened:
        await opened.until_said("No nodes in this report")
        assert "000000000001 · eu-west-3" in opened.said


async def test_what_was_not_looked_at_stands_above_the_rows() -> None:
    async with the_report(other="# Notes") as opened:
        await opened.until_said("a scope: Not read, or read in part  press i for details")
