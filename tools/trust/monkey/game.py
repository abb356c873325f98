"""Play a game: actions on the app one after another, its requirements, and the shortest sequence that fails."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from unittest.mock import patch
from weakref import WeakSet

from textual._compositor import Compositor
from textual.app import App
from textual.geometry import Region
from textual.widget import Widget

from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.model.fact import describe_internal_error
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Plan
from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageResult
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import OpenedSession, SessionEnding, SessionRequest, Tunnel, TunnelState
from ssmtui.remediation.apply.change import AppliedOutcome
from ssmtui.remediation.apply.change_service import ChangeService, open_change_service
from ssmtui.session.calls import SessionProblem
from ssmtui.session.session_service import SessionService
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.change_screen import ChangeScreen, ChangeSetScreen
from ssmtui.ui.screens.dialogs import ConfirmDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.state.changes import ChangePhase
from ssmtui.ui.text.styled_text import sign_of
from ssmtui.ui.widgets.line_table import LineTable
from tests.builders.probes import opened, stopped
from tests.ui.tunnelled_sessions import TunnelledSessions
from tools.trust.monkey.actions import Burst, Change, Deed, Looks, Size, Strike, do, events_in, is_answered, size_of
from tools.trust.monkey.changing import changing

if TYPE_CHECKING:
    from ssmtui.remediation.apply.change import ChangeOutcome


DEEPEST = 12
"""The most screens on the stack: fleet, cause, node, form, preview, export, steps, palette, help, and some more."""

_WIDE = 100
"""The width in which all counts fit."""


def broken(app: SsmtuiApp) -> Iterator[str]:
    """Yield a sentence for each violated requirement, without parts that vary between runs."""
    yield from _of_the_stack(app)
    yield from _of_the_focus(app)
    yield from _of_the_tables(app)
    if isinstance(app.screen, FleetScreen):
        yield from _of_the_fleet(app, app.screen)


def _of_the_stack(app: SsmtuiApp) -> Iterator[str]:
    if len(app.screen_stack) > DEEPEST:
        yield f"screens are put up without bound: {type(app.screen).__name__} at {DEEPEST + 1}"
    if not isinstance(app.screen_stack[0], FleetScreen):
        yield "the fleet is not the first screen"
    if any(not screen.is_attached or not screen.is_running for screen in app.screen_stack):
        yield "a screen that has ended is up"


def _of_the_focus(app: SsmtuiApp) -> Iterator[str]:
    focused = app.screen.focused
    if focused is None:
        if app.screen.focus_chain:
            yield f"nothing has the keys on {type(app.screen).__name__}"
    elif isinstance(focused, LineTable) and not focused.keys:
        return  # the screen says instead why there are no rows
    elif not (focused.is_attached and _is_displayed(focused)):
        yield f"what has the keys on {type(app.screen).__name__} is not there: {focused.id or type(focused).__name__}"


def _is_displayed(widget: Widget) -> bool:
    return all(each.display for each in widget.ancestors_with_self if isinstance(each, Widget))


def _of_the_tables(app: SsmtuiApp) -> Iterator[str]:
    for table in app.screen.query(LineTable):
        keys, cursor = table.keys, table.cursor
        if bool(keys) != (cursor is not None) or (cursor is not None and cursor not in keys):
            yield f"no row is selected in {table.id} on {type(app.screen).__name__}"


def _of_the_fleet(app: SsmtuiApp, fleet: FleetScreen) -> Iterator[str]:
    fleet_view = app.context.fleet_view
    counted = Counter(sign_of(fleet_view.verdict(key)) for key in fleet_view.state.nodes)
    if not fleet.filter_line.text and not fleet._moved._waits and set(fleet.nodes.keys) != set(fleet_view.state.nodes):
        yield "without a filter, the rows are not the nodes"
    if len(set(fleet.nodes.keys)) != len(fleet.nodes.keys) or len(set(fleet.causes.keys)) != len(fleet.causes.keys):
        yield "a row is there twice"
    summary = fleet.summary
    if summary.size.width >= _WIDE and summary.size.height == 2:
        told = "".join(strip.text for strip in summary.render_lines(Region(0, 1, summary.size.width, 1)))
        if any(f" {sign.glyph} {count} " not in f" {told}" for sign, count in counted.items()):
            yield "the header does not count the rows"


class Painting:
    """The frequency of painting between two actions: once per this many requests.

    The rest stays pending: the whole screen is painted after each action.
    """

    def __init__(self, one_in: int) -> None:
        self._one_in = one_in
        self._asked = 0

    @contextmanager
    def sparingly(self) -> Iterator[None]:
        """Reduce painting while the context lasts."""
        if self._one_in == 1:
            yield
            return
        render = Compositor.render_update

        def rendered(compositor: Compositor, *args: Any, **details: Any) -> object:
            self._asked += 1
            return None if self._asked % self._one_in else render(compositor, *args, **details)

        with patch.object(Compositor, "render_update", rendered):
            yield

    def paint(self, app: App[None]) -> None:
        """Paint the whole current screen."""
        if self._one_in > 1 and app.is_running and app.screen_stack:
            app.screen._compositor.render_full_update()


_READABLE_ROWS = 5
"""On terminals with fewer rows, nobody reads anything."""


class WitnessedDesk(ChangeService):
    """The real change service, on the simulated AWS. `unasked` are the writes without a confirmation."""

    def __init__(self, journal: Path, aws: SimulatedAws) -> None:
        real = open_change_service(journal, endpoint_url=aws.endpoint_url)
        super().__init__(real.journal, real._writer_for)
        real.close()
        self.app: SsmtuiApp | None = None
        self.unasked: list[str] = []
        self.handed_in = self.made = self.taken_back = 0
        self._shown: WeakSet[ChangeScreen | ChangeSetScreen] = WeakSet()

    def look(self, _message: object = None) -> None:
        """Look at the screen before each message of the app, as a person does before a key."""
        app = self.app
        screen = app.screen_stack[-1] if app is not None and app.screen_stack else None
        if (
            not isinstance(screen, ChangeScreen | ChangeSetScreen)
            or not screen.is_mounted
            or screen.confirmation.phase is not ChangePhase.PREVIEW
        ):
            return
        if screen.confirmation.line.display and (
            screen.confirmation.line.region.height or screen.size.height < _READABLE_ROWS
        ):
            self._shown.add(screen)

    def apply(self, plan: Plan) -> Future[ChangeOutcome]:
        """Make the change, and record whether it was confirmed."""
        self._note(f"apply {plan.fix}")
        attempt = self._watched(super().apply(plan))
        attempt.add_done_callback(self._note_made)
        return attempt

    def undo(self, change_id: str | None = None, scope: Scope | None = None) -> Future[ChangeOutcome]:
        """Undo the change, and record whether that was confirmed."""
        self._note("undo")
        attempt = self._watched(super().undo(change_id, scope))
        attempt.add_done_callback(self._note_taken_back)
        return attempt

    def _watched(self, attempt: Future[ChangeOutcome]) -> Future[ChangeOutcome]:
        """Record an error in the service's thread, which appears only as an outcome."""
        attempt.add_done_callback(self._note_defect)
        return attempt

    def _note_defect(self, attempt: Future[ChangeOutcome]) -> None:
        from ssmtui.remediation.apply.change import DefectOutcome

        if not attempt.cancelled() and isinstance(outcome := attempt.result(), DefectOutcome):
            self.unasked.append(f"a defect while a change was made: {outcome.why}")

    def _note_made(self, attempt: Future[ChangeOutcome]) -> None:
        self.made += _is_made(attempt)

    def _note_taken_back(self, attempt: Future[ChangeOutcome]) -> None:
        self.taken_back += _is_made(attempt)

    def _note(self, what: str) -> None:
        self.handed_in += 1
        screen = self.app.screen if self.app is not None else None
        if not isinstance(screen, ChangeScreen | ChangeSetScreen) or screen not in self._shown:
            self.unasked.append(f"a write without a confirmation on the screen before it: {what}")
        elif (
            screen.confirmation.line.asks
            and screen.confirmation.line._input.value.strip() != screen.confirmation.line._word
        ):
            self.unasked.append(f"a write whose word was not typed: {what}")


def _is_made(future: Future[ChangeOutcome]) -> bool:
    return not future.cancelled() and future.exception() is None and isinstance(future.result(), AppliedOutcome)


class DicedSessions(TunnelledSessions):
    """Sessions whose result is random: opened, refused, pending or broken."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = Random(seed)  # noqa: S311 - a repeatable game

    def start(self, request: SessionRequest) -> Future[OpenedSession]:
        match self._dice.randrange(4):
            case 0:
                self._starts = [SessionProblem("TargetNotConnected: it is not connected.", "TargetNotConnected")]
            case 1:
                self._starts = [Future()]
        return super().start(request)

    def hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool = False) -> SessionEnding:
        self.ending = self._dice.choice(
            (
                SessionEnding("ada-1", over=True),
                SessionEnding("ada-1", "Fetching data key failed", over=True),
                OSError("the plugin cannot be run"),
            )
        )
        return super().hold(request, opened, builtin=builtin)

    def probe(
        self, scope: Scope, node: NodeKey, kind: ProbeKind, told: Callable[[StageResult], None]
    ) -> Future[ProbeOutcome]:
        outcomes: dict[int, Callable[[NodeKey], ProbeOutcome]] = {
            0: lambda key: opened(kind, node=key),
            1: lambda key: stopped("kms-node-denied", kind=kind, node=key, text="Fetching data key failed"),
        }
        chosen = outcomes.get(self._dice.randrange(3))
        if chosen is None:
            self.script.pop(kind, None)
        else:
            self.script[kind] = chosen
        return super().probe(scope, node, kind, told)

    def tunnels(self) -> Sequence[Tunnel]:
        for number, each in list(self.present.items()):
            if each.state in (TunnelState.OPENING, TunnelState.REOPENING):
                self.now_is(number, self._dice.choice((TunnelState.OPEN, TunnelState.FAILED)), why="")
        return super().tunnels()


@dataclass(frozen=True, slots=True)
class Stage:
    """The world of the app. `written` returns the writes requested from AWS so far."""

    handle: Callable[[], DiagnosisHandle]
    desk: ChangeService | None
    sessions: SessionService | None
    written: Callable[[], tuple[str, ...]]
    strike: Callable[[Strike], None]
    folder: Path

    def app(self) -> SsmtuiApp:
        """Return the app on it: it saves into the folder, and starts no program."""
        app = SsmtuiApp(self.handle, self.desk, mode="demo", sessions=self.sessions)
        app.saving.write_report = lambda *_shown: self.folder / "report.html"
        app.saving.write_snapshot = lambda: ("saved",)
        app.animation_level = "none"
        if isinstance(self.desk, WitnessedDesk):
            self.desk.app = app
        return app


@contextmanager
def simulated(aws: SimulatedAws, seed: int, *, writing: bool) -> Iterator[Stage]:
    """Yield the demo's world, freshly built, without faults; in read-only mode without changes and sessions."""
    aws.load("demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # Over SSH no browser is opened, whatever display there is.
    environment |= aws.environment | {"SSH_TTY": "/dev/null"}
    with (
        TemporaryDirectory(prefix="monkey-") as folder,
        patch.dict(os.environ, environment, clear=True),
        no_programs(),
    ):

        def start() -> LiveDiagnosis:
            asked = DiagnosisRequest(
                regions=aws.regions, endpoint_url=aws.endpoint_url, workstation=WorkstationDescription().workstation
            )
            return LiveDiagnosis.start(asked)

        desk = WitnessedDesk(Path(folder) / "journal", aws) if writing else None
        try:
            yield Stage(
                start,
                desk,
                DicedSessions(seed) if writing else None,
                lambda: tuple(f"{each.service}:{each.operation}" for each in aws.journal.writes),
                lambda strike: aws.fault(strike.kind, strike.service, times=strike.times),
                Path(folder),
            )
        finally:
            aws.clear_faults()  # held timeouts would be waited for
            if desk is not None:
                desk.close()


@contextmanager
def no_programs() -> Iterator[None]:
    """Lend the terminal to no program, and start no login."""

    @contextmanager
    def aside(_app: SsmtuiApp) -> Iterator[None]:
        yield

    with patch.object(SsmtuiApp, "suspend", aside), patch("ssmtui.ui.app.scope_switching.run_login", lambda *_words: 0):
        yield


_SETTLES = 1_700
"""Checks during which requirements may still be violated: they apply to an app at rest (about five seconds)."""

_HOME_EVERY = 60
"""Actions between two returns to the fleet."""


@dataclass(slots=True)
class Game:
    """The result of a game: actions, events, starts of the app, and the failure; empty if there is none."""

    deeds: list[Deed] = field(default_factory=list)
    events: int = 0
    starts: int = 0
    lost: str = ""
    error: BaseException | None = None
    deepest: int = 0
    sizes: int = 0
    handed_in: int = 0
    """Changes that were confirmed, and those that were made and undone."""
    made: int = 0
    taken_back: int = 0


async def played(stage: Stage, seed: int, deeds: Sequence[Deed], painting: Painting | None = None) -> Game:
    """Play all actions, or until the first failure. If they quit the app, open it again."""
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
    """Return whether the app is still open."""
    return app.is_running and not app._exit


async def _done(stage: Stage, game: Game, app: SsmtuiApp, deed: Deed) -> str:
    """Do an action, and return the failure that it causes."""
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
    """Now and then, leave every screen with Esc, back to the fleet."""
    if number % _HOME_EVERY or not is_open(app):
        return ""
    where = type(app.screen).__name__
    refused = False
    for _ in range(4 * DEEPEST):
        if not is_open(app) or (isinstance(app.screen, FleetScreen) and len(app.screen_stack) == 1):
            return ""
        # Esc is "no" to a question: to leave a form, answer yes.
        is_question = isinstance(app.screen, ConfirmDialog)
        await do(app, Burst(("y" if is_question and refused else "escape",)))
        refused = refused or is_question
        if not await is_answered(app):
            return f"Esc is not answered on {where}"
        if lost := _defects(app):
            return lost
    return f"Esc does not lead from {where} to the fleet, but to {type(app.screen).__name__}"


async def _left_over(before: set[asyncio.Task[object]]) -> str:
    """Return the tasks and threads that stay after the app: its diagnosis ends within seconds."""
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


T = TypeVar("T")


async def shortest(sequence: Sequence[T], loses: Callable[[Sequence[T]], Awaitable[bool]]) -> Sequence[T]:
    """Return a part of the sequence from which no item can be removed. The complete `sequence` must fail."""
    for length in (1, 2, 4, 8, 16, 32, 64):
        if length < len(sequence) and await loses(sequence[-length:]):
            sequence = sequence[-length:]
            break
    parts = 2
    while len(sequence) > 1:
        size = -(-len(sequence) // parts)
        chunks = [sequence[start : start + size] for start in range(0, len(sequence), size)]
        for number in range(len(chunks)):
            rest = [each for place, chunk in enumerate(chunks) if place != number for each in chunk]
            if await loses(rest):
                sequence, parts = rest, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(sequence), parts * 2)
    return sequence
