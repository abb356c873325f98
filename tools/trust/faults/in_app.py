"""Test the same faults in the app, and an AWS that throttles and fails at random."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, cycle, islice
from typing import Any

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest as Wanted
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.aws.credentials import RejectionPolicy
from ssmtui.evidence.aws.scopes import EVERY_REGION
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.model.scope_request import OtherAccounts
from ssmtui.simulator.request_control import FaultKind
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.report.whole_document import report_document
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until
from tools.trust.faults.judging import Cell, losses, undetermined
from tools.trust.faults.matrix import Row, as_operation, deciding, refused, where_asked
from tools.trust.faults.places import Asked, Kind, Place, Way
from tools.trust.faults.runs import Bench, Told

KEYS = (
    ("enter", "y", "escape", "escape"),
    ("p", "escape", "question_mark", "escape"),
    ("tab", "enter", "escape", "tab"),
)
"""Keys pressed at the end, in turn: a node and its facts; the preferences and the help; the causes."""


OTHERWISE: Mapping[Way, Callable[[Wanted, Place], Wanted]] = {
    Way.NAMED: lambda wanted, place: replace(wanted, nodes=place.line),
    Way.EVERY_REGION: lambda wanted, _: replace(wanted, regions=(EVERY_REGION,)),
    Way.ORGANIZATION: lambda wanted, place: replace(wanted, others=OtherAccounts(organization=place.line[-1])),
    Way.FOR_USER: lambda wanted, place: replace(wanted, judged=place.line[-1]),
}
"""How the app's request differs at places that are more than a plain view."""


def row_in_app(context: Bench, asked: Asked, kinds: Sequence[Kind]) -> Row:
    """Return an operation's row in the app, at one place."""
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
    """Return the name of an operation's row in the app."""
    return f"{operation} in the app"


def _told(context: Bench, cells: Sequence[Cell]) -> Iterator[Told]:
    """Yield what the app shows in each of the cells, which share one operation and one place."""
    left = list(cells)
    while left:
        told: list[Told] = []
        try:
            asyncio.run(_show(context, left, told))
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            told.append(Told(1, {}, "", 0.0, context.crashed() or traceback.format_exc()))
        finally:
            context.aws.clear_faults()
        # The last state of this app was active when it ended.
        told[-1] = replace(told[-1], ending=context.loops[-1].ending, crash=told[-1].crash or context.crashed())
        left = left[len(told) :]
        yield from told


async def _show(context: Bench, cells: Iterable[Cell], told: list[Told]) -> None:
    """Yield what one app shows in the first cell, and in the later cells that a refresh reaches."""
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
    """Yield the app on the loaded world."""
    wanted = Wanted(
        regions=context.aws.regions,
        endpoint_url=context.aws.endpoint_url,
        workstation=WorkstationDescription().workstation,
        on_rejection=RejectionPolicy.WAIT,
        without_limit=True,
    )
    diagnosis = LiveDiagnosis.start(OTHERWISE[place.way](wanted, place) if place.way in OTHERWISE else wanted)
    try:
        async with opened(diagnosis) as app:
            yield app, diagnosis
    finally:
        diagnosis.close()


async def _looked_on(context: Bench, app: Opened, diagnosis: LiveDiagnosis, cell: Cell, keys: Iterable[str]) -> Told:
    """Return what the app shows after it has settled, and after the keys."""
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
    """Return whether nothing is pending."""
    state, handle = app.app.context.fleet_view.state, app.app.context.handle
    told = handle is not None and handle.events.empty()
    return told and {*state.settled, *state.errors} >= {each.name for each in state.scopes.values()}


THROTTLED, FAILING = 0.5, 0.05


TIME = "600"
"""Seconds for a Region: enough for slow machines, because this test is about the results.

The demo's hundred and fifty simulations, which AWS accepts only one by one, take longer than two minutes on a busy
machine.
"""


STORMS = (
    "healthy-small",
    "log-group-unreadable",
    "endpoint-policy-denies",
    "bucket-policy-denies",
    "key-missing",
    "policies-read",
    "host-management-off",
    "demo",
)
"""The worlds for tests with random failures."""


def stormed(bench: Bench, world: str) -> Row:
    """Return a world's row: one cell, with every operation at once."""
    begun = time.monotonic()
    place = Place(world)
    truth = bench.truth(place)
    bench.load(place)
    bench.aws.fault(FaultKind.THROTTLING, share=THROTTLED)
    bench.aws.fault(FaultKind.INTERNAL, share=FAILING / (1 - THROTTLED))
    told = bench.look(place, "--timeout", TIME)
    bench.aws.clear_faults()
    lost: list[str] = []
    if told.crash or told.code != truth.code:
        lost.append(f"exit code {told.code}, was {truth.code}: {told.crash[-300:]}{told.complaints[-300:]}")
    before, after = _words(truth), _words(told)
    lost += [f"no more told: {each}" for each in before if each not in after]
    lost += [f"told in a storm alone: {each}, {after[each]}" for each in after if each not in before]
    name = storm_named(world)
    return Row(name, 1, tuple(f"{name}: {each}" for each in lost), True, time.monotonic() - begun)


def storm_named(world: str) -> str:
    """Return the name of a world's row."""
    return f"half throttled, a twentieth failing, {world}"


def _words(told: Told) -> Mapping[str, Any]:
    """Return the findings with their status, and the nodes with their verdict."""
    findings = {
        f"{id_} {each['status']}": [words["source"] for words in each["evidence"]]
        for id_, each in told.findings.items()
    }
    nodes = {f"{each['name']} {each['verdict']} {each['root_cause']}": "" for each in told.nodes.values()}
    return {**findings, **nodes}
