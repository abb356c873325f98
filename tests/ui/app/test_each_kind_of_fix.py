"""A fix of each kind that the demo offers, by its keys: previewed, made, green as forecast, taken back, red again.

That each fix of all does what its preview says, and is taken back, is told in tests/changes/test_every_fix.py, and that
each is offered and previewed on a terminal in tests/walks; here the screens are followed through what becomes of one.
Of what differs to them (`Kind`) each has its fix. Nothing is pressed but what the screens announce, nothing waited for
but what they show; AWS's own delays pass at once.
"""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from ssmtui.changes.desk import open_desk
from ssmtui.diagnosis.asked import Asked
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.evidence.workstation.described_machine import MachineDescription
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, NotApplicable, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.screens.choice_dialog import ChoiceDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.node_screen import NodeScreen
from ssmtui.ui.screens.steps_dialog import StepsDialog
from ssmtui.ui.state.delays import LOOK_EVERY
from ssmtui.ui.state.phase import Phase
from tests.simulated_aws import point_at
from tests.ui.opened import Opened
from tests.ui.waiting import until

_TELLING = 9
"""Characters of an id that tell it from the others."""

_GREEN = frozenset({VerdictStatus.OK})
_GOOD = frozenset({VerdictStatus.OK, VerdictStatus.WARN})
_BAD = frozenset({VerdictStatus.FAIL})


@dataclass(frozen=True)
class Offered:
    """A fix of a finding, and a node on which it was found."""

    cause: str
    fix: str
    number: int
    finding_id: str
    node: NodeKey
    scope: ScopeName


@dataclass(frozen=True)
class Kind:
    """What is otherwise on the screens for one fix than for another."""

    asks_first: bool = False
    typed: bool = False
    waits: bool = False
    goes_back: bool = False
    calls: bool = False


def kind_of(answer: Plan | NotApplicable) -> Kind:
    if isinstance(answer, NotApplicable):
        return Kind(asks_first=answer.steps is None)
    return Kind(
        typed=bool(answer.confirmation),
        waits=answer.settles_within is not None,
        goes_back=bool(answer.way_back.calls),
        calls=len(answer.calls) > 1,
    )


class Hands:
    """Somebody at the keyboard of the app, and the clock on the wall."""

    def __init__(self, shown: Opened, aws: SimulatedAws) -> None:
        self.shown = shown
        self._aws = aws

    @property
    def board_is_settled(self) -> bool:
        bench = self.shown.app.bench
        return not bench.board.pending and bench.inquiry is not None and bench.inquiry.events.empty()

    async def offers(self) -> list[Offered]:
        """A fix of each kind, as the findings offer them. What cannot be taken back comes last."""
        bench = self.shown.app.bench
        found: dict[Kind, Offered] = {}
        for held in sorted(bench.board.state.findings.values(), key=lambda each: each.id):
            for number, fix in enumerate(held.finding.fixes, start=1):
                answer = await wrap_future(bench.plan(held.scope.name, fix, held.id))
                found.setdefault(kind_of(answer), _offered(held, fix, number))
        return [found[kind] for kind in sorted(found, key=lambda kind: kind.calls and not kind.goes_back)]

    async def press(self, key: str) -> None:
        """Press a key that the screen announces, and that is not dim."""
        bound = self.shown.app.screen.active_bindings.get(key)
        assert bound is not None, f"{type(self.shown.app.screen).__name__} announces no {key}"
        assert bound.enabled, f"{key} is dim on {type(self.shown.app.screen).__name__}"
        await self.shown.press(key)

    async def settled(self) -> None:
        await until(self.shown.pilot, lambda: self.board_is_settled)

    async def wait_a_minute(self) -> None:
        """Let a minute pass, and what is looked at again in it come in."""
        await self.settled()
        self._aws.pass_time(LOOK_EVERY)
        for _ in range(3):
            await self.shown.pilot.pause(0.06)
            await self.settled()

    async def to_the_finding(self, offered: Offered) -> NodeScreen:
        """From the fleet to the node, and down its path to what was found."""
        await self.press("slash")
        await self.shown.write(offered.node.id[:_TELLING])
        await self.shown.press("enter")
        await until(self.shown.pilot, lambda: list(self.shown.nodes.keys) == [offered.node])
        await self.press("enter")
        await self.shown.until_screen(NodeScreen)
        screen = self.shown.app.screen
        assert isinstance(screen, NodeScreen)
        await self.press("home")
        for _ in screen.path.keys:
            if screen.path.cursor == offered.finding_id:
                break
            await self.press("down")
        assert screen.path.cursor == offered.finding_id
        await until(self.shown.pilot, lambda: offered.fix in screen.pane._offers)
        return screen

    async def back_to_the_fleet(self) -> None:
        while not isinstance(self.shown.app.screen, FleetScreen):
            await self.press("escape")
            await self.shown.pilot.pause()
        await self.press("escape")

    async def to_the_preview(self) -> ChangeScreen | None:
        """Through what is asked first to the preview; None where a person follows steps."""
        shown = self.shown
        while True:
            await until(shown.pilot, lambda: isinstance(shown.app.screen, ChangeScreen | ChoiceDialog | StepsDialog))
            match shown.app.screen:
                case StepsDialog():
                    await self.press("escape")
                    return None
                case ChangeScreen() as preview:
                    await until(shown.pilot, lambda preview=preview: preview._forecast is not None)  # type: ignore[misc]
                    return preview
                case ChoiceDialog() as dialog:
                    await self.choose(dialog)

    async def choose(self, dialog: ChoiceDialog) -> None:
        """Take the first value that will do."""
        usable = [each.value for each in dialog._choice.candidates if not each.why_not]
        assert usable
        while dialog.offered.cursor not in usable:
            await self.press("down")
        await self.press("enter")
        await until(self.shown.pilot, lambda: self.shown.app.screen is not dialog)

    async def confirm(self, screen: ChangeScreen) -> None:
        if screen.confirm.asks:
            await self.shown.write(screen.undertaking.confirmation)
            await self.shown.press("enter")
        else:
            await self.press("A")
        await until(self.shown.pilot, lambda: screen.phase not in (Phase.PREVIEW, Phase.MAKING))
        assert screen.phase is Phase.MADE, self.shown.said
        await self.settled()


def _offered(held: FleetFinding, fix: str, number: int) -> Offered:
    node = min(held.nodes, key=lambda each: each.id)
    return Offered(held.finding.cause, fix, number, held.id, node, held.scope.name)


async def test_a_fix_of_each_kind_by_its_keys(
    aws: SimulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(aws, monkeypatch)
    aws.load("demo")
    machine = MachineDescription().machine
    asked = Asked(regions=aws.regions, endpoint_url=aws.endpoint_url, machine=machine, clock=aws.now)
    live = LiveDiagnosis.start(asked)
    desk = open_desk(tmp_path, endpoint_url=aws.endpoint_url)
    app = SsmtuiApp(lambda: live, desk, mode="demo", now=aws.now)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            hands = Hands(Opened(app, pilot), aws)
            await until(pilot, lambda: bool(app.bench.board.state.scopes))
            await hands.settled()
            offers = await hands.offers()
            assert len(offers) > 5
            for offered in offers:
                await to_green_and_back(hands, offered)
    finally:
        desk.close()


async def to_green_and_back(hands: Hands, offered: Offered) -> None:
    node_screen = await hands.to_the_finding(offered)
    preview = None
    if not node_screen.why_not("fix", (offered.number,)):
        await hands.press(str(offered.number))
        preview = await hands.to_the_preview()
    if preview is not None:
        before = stands(hands)
        plan, forecast = preview.undertaking.plan, preview._forecast
        assert plan is not None
        assert forecast is not None
        await hands.confirm(preview)
        looks = int((plan.settles_within or timedelta()) / LOOK_EVERY) + 1
        await within(hands, looks, lambda: not_as_forecast(hands, plan, forecast), f"{offered}: {forecast}")
        if plan.way_back.calls:
            await hands.press("z")
            await until(hands.shown.pilot, lambda: hands.shown.app.screen is not preview)
            way_back = hands.shown.app.screen
            assert isinstance(way_back, ChangeScreen)
            await hands.confirm(way_back)
            await within(hands, looks, lambda: stands(hands).items() - before.items(), f"{offered} taken back")
        else:
            assert preview.why_not("undo", ()) or plan.undo in hands.shown.said
    await hands.back_to_the_fleet()


async def within(hands: Hands, looks: int, left: Callable[[], object], what: str) -> None:
    """Let AWS's documented delay pass, a look at a time, until nothing is left."""
    for _ in range(looks):
        if not left():
            return
        await hands.wait_a_minute()
    assert not left(), f"{what}: {left()}\n{hands.shown.said}"


def stands(hands: Hands) -> dict[NodeKey, VerdictStatus]:
    board = hands.shown.app.bench.board
    return {key: board.verdict(key).status for key in board.state.nodes}


def not_as_forecast(hands: Hands, plan: Plan, forecast: Forecast) -> list[str]:
    """The nodes that do not stand yet as the preview said."""
    wanted = {
        **dict.fromkeys(forecast.turn_green, _GREEN),
        **dict.fromkeys((*forecast.await_agent, *forecast.turn_warn), _GOOD),
        **dict.fromkeys((*forecast.stay_red, *forecast.turn_worse), _BAD),
    }
    board = hands.shown.app.bench.board
    late = []
    for id_, statuses in wanted.items():
        key = NodeKey(plan.scope.account, plan.scope.region, id_)
        waits = any(held.finding.until is not None for held in board.findings_of(key))
        if not board.verdict(key).settled or board.verdict(key).status not in statuses or waits:
            late.append(id_)
    return late
