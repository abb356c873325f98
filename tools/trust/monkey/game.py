"""A game: deeds done to the app one after another, and the first thing that is lost by them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from random import Random

from ssmtui.model.internal_error import describe_internal_error
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.dialogs import ConfirmDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tools.trust.monkey.changing import changing
from tools.trust.monkey.deeds import Burst, Change, Deed, Size, Strike, events_in
from tools.trust.monkey.dice import size_of
from tools.trust.monkey.invariants import DEEPEST, broken
from tools.trust.monkey.keyboard import Looks, do, is_answered
from tools.trust.monkey.painting import Painting
from tools.trust.monkey.stage import Stage
from tools.trust.monkey.witness import WitnessedDesk

_SETTLES = 1_700
"""Looks in which what must hold may not yet hold: it is asked of an app at rest. Five seconds, where there is time."""

_HOME_EVERY = 60
"""Deeds between two ways back to the fleet."""


@dataclass(slots=True)
class Game:
    """How it went: the deeds done, their events, the starts of the app, and what was lost; empty where nothing was."""

    deeds: list[Deed] = field(default_factory=list)
    events: int = 0
    starts: int = 0
    lost: str = ""
    error: BaseException | None = None
    deepest: int = 0
    sizes: int = 0
    handed_in: int = 0
    """Changes that were confirmed, and those of them that were made, and taken back."""
    made: int = 0
    taken_back: int = 0


async def played(stage: Stage, seed: int, deeds: Sequence[Deed], painting: Painting | None = None) -> Game:
    """All deeds, or those up to the first loss. Where they leave the app, it is opened again."""
    game = Game()
    painting = painting or Painting(one_in=1)
    left = iter(deeds)
    size = size_of(Random(seed))  # noqa: S311 - a repeatable game
    try:
        while not game.lost and (first := next(left, None)) is not None:
            with painting.sparingly():
                await _one_run(stage, game, painting, (size.columns, size.rows), (first, left))
    finally:
        if isinstance(stage.desk, WitnessedDesk):
            desk = stage.desk
            game.handed_in, game.made, game.taken_back = desk.handed_in, desk.made, desk.taken_back
    return game


async def _one_run(
    stage: Stage, game: Game, painting: Painting, size: tuple[int, int], deeds: tuple[Deed, Iterator[Deed]]
) -> None:
    first, left = deeds
    game.starts += 1
    app = stage.app()
    witness = stage.desk.look if isinstance(stage.desk, WitnessedDesk) else None
    tasks = asyncio.all_tasks()
    try:
        async with app.run_test(size=size, notifications=True, message_hook=witness):
            deed: Deed | None = first
            while deed is not None and is_open(app) and not game.lost:
                game.deeds.append(deed)
                game.lost = await _done(stage, game, app, deed)
                painting.paint(app)
                game.lost = game.lost or _defects(app) or await _home(app, len(game.deeds))
                game.deepest = max(game.deepest, len(app.screen_stack))
                deed = next(left, None) if is_open(app) and not game.lost else None
            game.error = app._exception
    except Exception as error:
        if error is not app._exception:
            raise
        game.error = error
        game.lost = game.lost or _told(error)
    game.lost = game.lost or await _left_over(tasks)


def is_open(app: SsmtuiApp) -> bool:
    """Whether it has not been left."""
    return app.is_running and not app._exit


async def _done(stage: Stage, game: Game, app: SsmtuiApp, deed: Deed) -> str:
    """Do it, and say what is lost by it."""
    if isinstance(deed, Strike):
        stage.strike(deed)
        return ""
    if isinstance(deed, Change):
        async with aclosing(changing(app, deed)) as steps:
            async for each in steps:
                if lost := await _done(stage, game, app, each):
                    return lost
                if not is_open(app):
                    break
        return ""
    game.events += events_in(deed)
    game.sizes += isinstance(deed, Size)
    await do(app, deed)
    if not await is_answered(app):
        return f"keys are not answered on {type(app.screen).__name__}"
    if lost := _defects(app) or _unasked(stage):
        return lost
    looks = Looks(_SETTLES)
    while is_open(app) and (told := next(broken(app), "")):
        if looks.are_over:
            return told
        await looks.next()
    return _defects(app)


def _defects(app: SsmtuiApp) -> str:
    if app._exception is not None:
        return _told(app._exception)
    crashes = app.context.fleet_view.state.crashes
    return f"a defect in the diagnosis: {crashes[0].summary}" if crashes else ""


def _told(error: BaseException) -> str:
    return f"a defect: {describe_internal_error(error)}"


def _unasked(stage: Stage) -> str:
    written = stage.written()
    if written and stage.desk is None:
        return f"a write in read-only mode: {written[0]}"
    if isinstance(stage.desk, WitnessedDesk):
        if stage.desk.unasked:
            return stage.desk.unasked[0]
        if written and not stage.desk.handed_in:
            return f"a write that nobody handed in: {written[0]}"
    return ""


async def _home(app: SsmtuiApp, number: int) -> str:
    """Now and then, leave every screen by Esc, as far as the fleet."""
    if number % _HOME_EVERY or not is_open(app):
        return ""
    where = type(app.screen).__name__
    refused = False
    for _ in range(4 * DEEPEST):
        if not is_open(app) or (isinstance(app.screen, FleetScreen) and len(app.screen_stack) == 1):
            return ""
        # Esc is "no" to a question: who means to leave a form says so.
        is_question = isinstance(app.screen, ConfirmDialog)
        await do(app, Burst(("y" if is_question and refused else "escape",)))
        refused = refused or is_question
        if not await is_answered(app):
            return f"Esc is not answered on {where}"
        if lost := _defects(app):
            return lost
    return f"Esc does not lead from {where} to the fleet, but to {type(app.screen).__name__}"


async def _left_over(before: set[asyncio.Task[object]]) -> str:
    """Tasks and threads that the app has left behind: its diagnosis ends within seconds of it."""
    looks = Looks()
    while True:
        tasks = [each for each in asyncio.all_tasks() - before if each is not asyncio.current_task()]
        threads = [each.name for each in threading.enumerate() if each.name == "ssmtui-evidence"]
        if not tasks and not threads:
            return ""
        if looks.are_over:
            names = sorted(each.get_name().partition(" ")[0] for each in tasks) + threads
            return f"left behind: {', '.join(names)}"
        await looks.next()
