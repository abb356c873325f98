"""The same failures in the app: it comes to an end in its time, says what `check` says, and answers its keys.

An app is opened while the first failure is in force, and looks again (Ctrl+R) under each of the others, as somebody's
would in whose account one thing fails after another. Where a new look does not ask the operation it is opened anew.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, cycle, islice

from ssmtui.diagnosis.asked import Asked as Wanted
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.evidence.wire.acceptance import WhenLost
from ssmtui.evidence.wire.asked_scopes import EVERY_REGION
from ssmtui.evidence.workstation.described_machine import MachineDescription
from ssmtui.model.other_accounts import OtherAccounts
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.report.whole_document import report_document
from tests.trust.faults.judging import Cell, losses, undetermined
from tests.trust.faults.kinds import Kind
from tests.trust.faults.matrix import Row, as_operation, deciding, refused, where_asked
from tests.trust.faults.places import Asked, Place, Way
from tests.trust.faults.runs import Bench, Told
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until

KEYS = (
    ("enter", "y", "escape", "escape"),
    ("p", "escape", "question_mark", "escape"),
    ("tab", "enter", "escape", "tab"),
)
"""Pressed at the end, by turns: a node, and what was read of it; the preferences, and the help; the causes."""

OTHERWISE: Mapping[Way, Callable[[Wanted, Place], Wanted]] = {
    Way.NAMED: lambda wanted, place: replace(wanted, nodes=place.line),
    Way.EVERY_REGION: lambda wanted, _: replace(wanted, regions=(EVERY_REGION,)),
    Way.ORGANIZATION: lambda wanted, place: replace(wanted, others=OtherAccounts(organization=place.line[-1])),
    Way.FOR_USER: lambda wanted, place: replace(wanted, judged=place.line[-1]),
}
"""What is wanted of the app where it does not merely look."""


def row_in_app(bench: Bench, asked: Asked, kinds: Sequence[Kind]) -> Row:
    """An operation's row in the app, at one place."""
    begun = time.monotonic()
    decides = deciding(bench, asked)
    cells = [
        Cell(asked.operation, kind, place)
        for place in islice(chain(decides, where_asked(bench, asked)), 1)
        for kind in kinds
        if kind.befalls(as_operation(asked.operation))
    ]
    lost: list[str] = []
    for cell, told in zip(cells, _told(bench, cells), strict=True):
        truth = bench.truth(cell.place)
        hindered = undetermined(refused(bench, cell.place, cell.operation), truth)
        lost += [] if told.struck else [f"in the app, {cell}: the call was never asked"]
        lost += [f"in the app, {cell}: {loss}" for loss in losses(cell, truth, told, hindered)]
    return Row(in_app_named(asked.operation), len(cells), tuple(lost), bool(decides), time.monotonic() - begun)


def in_app_named(operation: str) -> str:
    """What an operation's row in the app is called."""
    return f"{operation} in the app"


def _told(bench: Bench, cells: Sequence[Cell]) -> Iterator[Told]:
    """What the app shows in each of the cells, which are of one operation and one place."""
    left = list(cells)
    while left:
        told: list[Told] = []
        try:
            asyncio.run(_show(bench, left, told))
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            told.append(Told(1, {}, "", 0.0, bench.crashed() or traceback.format_exc()))
        finally:
            bench.aws.clear_faults()
        # Of all that this app was shown, the last was in force when it ended.
        told[-1] = replace(told[-1], ending=bench.loops[-1].ending, crash=told[-1].crash or bench.crashed())
        left = left[len(told) :]
        yield from told


async def _show(bench: Bench, cells: Iterable[Cell], told: list[Told]) -> None:
    """Tell what one app shows in the first of the cells, and in those after it that a new look meets."""
    first, *others = cells
    bench.load(first.place)
    _strike(bench, first)
    async with _app(bench, first.place) as (app, diagnosis):
        told.append(await _looked_on(bench, app, diagnosis, first, [key for keys in KEYS for key in keys]))
        for cell, keys in zip(others, cycle(KEYS), strict=False):
            bench.calm(cell.place)
            _strike(bench, cell)
            bench.loops[-1].look_again()
            await app.press("ctrl+r")
            shown = await _looked_on(bench, app, diagnosis, cell, keys)
            if not shown.struck:
                break
            told.append(shown)


def _strike(bench: Bench, cell: Cell) -> None:
    bench.aws.fault(cell.kind.fault, *as_operation(cell.operation), **cell.kind.details)


@asynccontextmanager
async def _app(bench: Bench, place: Place) -> AsyncIterator[tuple[Opened, LiveDiagnosis]]:
    """The app on the world that stands."""
    wanted = Wanted(
        regions=bench.aws.regions,
        endpoint_url=bench.aws.endpoint_url,
        machine=MachineDescription().machine,
        when_lost=WhenLost.WAIT,
        unhurried=True,
    )
    diagnosis = LiveDiagnosis.start(OTHERWISE[place.way](wanted, place) if place.way in OTHERWISE else wanted)
    try:
        async with opened(diagnosis) as app:
            yield app, diagnosis
    finally:
        diagnosis.close()


async def _looked_on(bench: Bench, app: Opened, diagnosis: LiveDiagnosis, cell: Cell, keys: Iterable[str]) -> Told:
    """What the app shows once it has come to its end, and keys were pressed."""
    loop, board = bench.loops[-1], app.app.bench.board
    await until(app.pilot, lambda: loop.settled is not None and _is_at_rest(app))
    report = report_document(board.state, datetime.now(UTC))
    seconds = loop.taken
    if cell.place.way is Way.SNAPSHOT:
        await asyncio.wrap_future(diagnosis.snapshot())
    for key in keys:
        await app.press(key)
    await app.until_screen(FleetScreen)
    crashes = [str(each) for each in board.state.crashes]
    defect = f"defect {crashes}" if crashes else ""
    return Told(0, report, defect, seconds, bench.crashed(), struck=bench.has_struck(as_operation(cell.operation)))


def _is_at_rest(app: Opened) -> bool:
    """Whether nothing is to come any more."""
    state, inquiry = app.app.bench.board.state, app.app.bench.inquiry
    told = inquiry is not None and inquiry.events.empty()
    return told and {*state.settled, *state.errors} >= {each.name for each in state.scopes.values()}
