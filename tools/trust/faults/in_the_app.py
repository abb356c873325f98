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

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest as Wanted
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.evidence.aws.credentials import RejectionPolicy
from ssmtui.evidence.aws.scopes import EVERY_REGION
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.model.scope import OtherAccounts
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.report.whole_document import report_document
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until
from tools.trust.faults.judging import Cell, losses, undetermined
from tools.trust.faults.kinds import Kind
from tools.trust.faults.matrix import Row, as_operation, deciding, refused, where_asked
from tools.trust.faults.places import Asked, Place, Way
from tools.trust.faults.runs import Bench, Told

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


def row_in_app(context: Bench, asked: Asked, kinds: Sequence[Kind]) -> Row:
    """An operation's row in the app, at one place."""
    begun = time.monotonic()
    decides = deciding(context, asked)
    cells = [
        Cell(asked.operation, kind, place)
        for place in islice(chain(decides, where_asked(context, asked)), 1)
        for kind in kinds
        if kind.befalls(as_operation(asked.operation))
    ]
    lost: list[str] = []
    for cell, told in zip(cells, _told(context, cells), strict=True):
        truth = context.truth(cell.place)
        hindered = undetermined(refused(context, cell.place, cell.operation), truth)
        lost += [] if told.struck else [f"in the app, {cell}: the call was never asked"]
        lost += [f"in the app, {cell}: {loss}" for loss in losses(cell, truth, told, hindered)]
    return Row(in_app_named(asked.operation), len(cells), tuple(lost), bool(decides), time.monotonic() - begun)


def in_app_named(operation: str) -> str:
    """What an operation's row in the app is called."""
    return f"{operation} in the app"


def _told(context: Bench, cells: Sequence[Cell]) -> Iterator[Told]:
    """What the app shows in each of the cells, which are of one operation and one place."""
    left = list(cells)
    while left:
        told: list[Told] = []
        try:
            asyncio.run(_show(context, left, told))
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            told.append(Told(1, {}, "", 0.0, context.crashed() or traceback.format_exc()))
        finally:
            context.aws.clear_faults()
        # Of all that this app was shown, the last was in force when it ended.
        told[-1] = replace(told[-1], ending=context.loops[-1].ending, crash=told[-1].crash or context.crashed())
        left = left[len(told) :]
        yield from told


async def _show(context: Bench, cells: Iterable[Cell], told: list[Told]) -> None:
    """Tell what one app shows in the first of the cells, and in those after it that a new look meets."""
    first, *others = cells
    context.load(first.place)
    _strike(context, first)
    async with _app(context, first.place) as (app, diagnosis):
        told.append(await _looked_on(context, app, diagnosis, first, [key for keys in KEYS for key in keys]))
        for cell, keys in zip(others, cycle(KEYS), strict=False):
            context.calm(cell.place)
            _strike(context, cell)
            context.loops[-1].look_again()
            await app.press("ctrl+r")
            shown = await _looked_on(context, app, diagnosis, cell, keys)
            if not shown.struck:
                break
            told.append(shown)


def _strike(context: Bench, cell: Cell) -> None:
    context.aws.fault(cell.kind.fault, *as_operation(cell.operation), **cell.kind.details)


@asynccontextmanager
async def _app(context: Bench, place: Place) -> AsyncIterator[tuple[Opened, LiveDiagnosis]]:
    """The app on the world that stands."""
    wanted = Wanted(
        regions=context.aws.regions,
        endpoint_url=context.aws.endpoint_url,
        workstation=WorkstationDescription().workstation,
        on_rejection=RejectionPolicy.WAIT,
        unhurried=True,
    )
    diagnosis = LiveDiagnosis.start(OTHERWISE[place.way](wanted, place) if place.way in OTHERWISE else wanted)
    try:
        async with opened(diagnosis) as app:
            yield app, diagnosis
    finally:
        diagnosis.close()


async def _looked_on(context: Bench, app: Opened, diagnosis: LiveDiagnosis, cell: Cell, keys: Iterable[str]) -> Told:
    """What the app shows once it has come to its end, and keys were pressed."""
    loop, fleet_view = context.loops[-1], app.app.context.fleet_view
    await until(app.pilot, lambda: loop.settled is not None and _is_at_rest(app))
    report = report_document(fleet_view.state, datetime.now(UTC))
    seconds = loop.taken
    if cell.place.way is Way.SNAPSHOT:
        await asyncio.wrap_future(diagnosis.snapshot())
    for key in keys:
        await app.press(key)
    await app.until_screen(FleetScreen)
    crashes = [str(each) for each in fleet_view.state.crashes]
    defect = f"defect {crashes}" if crashes else ""
    return Told(0, report, defect, seconds, context.crashed(), struck=context.has_struck(as_operation(cell.operation)))


def _is_at_rest(app: Opened) -> bool:
    """Whether nothing is to come any more."""
    state, handle = app.app.context.fleet_view.state, app.app.context.handle
    told = handle is not None and handle.events.empty()
    return told and {*state.settled, *state.errors} >= {each.name for each in state.scopes.values()}
