"""The same failures in the app: it comes to an end in its time, says what `check` says, and answers its keys."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime

from ssmtui.diagnosis.asked import Asked as Wanted
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.evidence.wire.acceptance import WhenLost
from ssmtui.evidence.workstation.described_machine import MachineDescription
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.report.whole_document import report_document
from tests.trust.faults.judging import Cell, losses, undetermined
from tests.trust.faults.kinds import Kind
from tests.trust.faults.matrix import Row, as_operation, refused
from tests.trust.faults.places import Asked, Place, Way
from tests.trust.faults.runs import Bench, Told
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until

KEYS = (
    "enter",
    "y",
    "escape",
    "escape",
    "p",
    "escape",
    "tab",
    "enter",
    "escape",
    "tab",
    "question_mark",
    "escape",
    "r",
)
"""Pressed at the end: a node, what was read of it, the preferences, the causes, the help; and a look again."""


def share(asked: Asked, number: int, kinds: Sequence[Kind]) -> Sequence[Cell]:
    """The share of an operation's cells that is tried in the app: one of them, another one with each operation."""
    possible = [each for each in kinds if each.befalls(as_operation(asked.operation))]
    places = [each for each in asked.places if each.way in {Way.CHECK, Way.NAMED}]
    return [Cell(asked.operation, possible[number % len(possible)], places[0])] if places and possible else []


def row_in_app(bench: Bench, asked: Asked, number: int, kinds: Sequence[Kind]) -> Row:
    """An operation's row in the app."""
    lost: list[str] = []
    cells = share(asked, number, kinds)
    for cell in cells:
        truth = bench.truth(cell.place)
        hindered = undetermined(refused(bench, cell.place, cell.operation), truth)
        bench.load(cell.place.world)
        bench.aws.fault(cell.kind.fault, *as_operation(cell.operation), **cell.kind.details)
        told = shown(bench, cell.place)
        bench.aws.clear_faults()
        lost += [f"in the app, {cell}: {loss}" for loss in losses(cell, truth, told, hindered)]
    return Row(f"{asked.operation} in the app", len(cells), tuple(lost), decides=True)


def shown(bench: Bench, place: Place) -> Told:
    """What the app shows of the world that stands, once it has come to its end, and keys were pressed."""
    diagnosis = LiveDiagnosis.start(
        Wanted(
            regions=bench.aws.regions,
            endpoint_url=bench.aws.endpoint_url,
            nodes=() if place.way is Way.CHECK else place.line,
            machine=MachineDescription().machine,
            when_lost=WhenLost.WAIT,
            unhurried=True,
        )
    )
    try:
        return asyncio.run(_looked_on(bench, diagnosis))
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return Told(1, {}, "", 0.0, traceback.format_exc())
    finally:
        diagnosis.close()


async def _looked_on(bench: Bench, diagnosis: LiveDiagnosis) -> Told:
    loop = bench.loops[-1]
    async with opened(diagnosis) as app:
        board = app.app.bench.board
        await until(app.pilot, lambda: _is_at_rest(app, len(bench.aws.regions)))
        seconds = loop.lived
        report = report_document(board.state, datetime.now(UTC))
        for key in KEYS:
            await app.press(key)
        await app.until_screen(FleetScreen)
        crashes = [str(each) for each in board.state.crashes]
    return Told(0, report, f"defect {crashes}" if crashes else "", seconds)


def _is_at_rest(app: Opened, regions: int) -> bool:
    """Whether nothing is to come any more."""
    state = app.app.bench.board.state
    ended = {*state.settled, *state.errors}
    return len(ended) == regions and ended >= {each.name for each in state.scopes.values()}
