"""Every fix by its keys: from the node to the finding, what it asks first, the preview, made, green as forecast, back.

That each does what its preview says is tested in tests/remediation/apply/test_every_fix.py, and by the command line in
tests/cli/changes/test_every_fix_by_command.py; here a person makes it. Nothing is pressed but what the screens
announce, nothing waited for but what they show; AWS's own delays pass at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.model.finding import FleetFinding, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.remediation.apply.change_service import open_change_service
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.screens.input_dialogs import ChoiceDialog, MultilineDialog
from ssmtui.ui.screens.node_screen import NodeScreen
from ssmtui.ui.screens.preferences_screen import PreferencesScreen
from ssmtui.ui.state.changes import ChangePhase
from ssmtui.ui.state.scheduling import REFRESH_INTERVAL
from tests.remediation.apply.fix_cases import CASES, Case
from tests.simulated_aws import point_at
from tests.ui.opened import Opened
from tests.ui.waiting import until

_TELLING = 9
"""Characters of an id that tell it from the others."""

_GREEN = frozenset({VerdictStatus.OK})
_GOOD = frozenset({VerdictStatus.OK, VerdictStatus.WARN})
_BAD = frozenset({VerdictStatus.FAIL})


class Hands:
    """Somebody at the keyboard of the app, and the clock on the wall."""

    def __init__(self, shown: Opened, aws: SimulatedAws) -> None:
        self.shown = shown
        self._aws = aws

    @property
    def board_is_settled(self) -> bool:
        context = self.shown.app.context
        return not context.fleet_view.pending and context.handle is not None and context.handle.events.empty()

    def found(self, cause: str, fix: str) -> FleetFinding:
        """The finding of a cause that offers a fix."""
        findings = self.shown.app.context.fleet_view.state.findings.values()
        held = [each for each in findings if each.finding.cause == cause and fix in each.finding.fixes]
        assert held, f"nothing of {cause} offers {fix}: {[each.finding.cause for each in findings]}"
        return min(held, key=lambda each: each.id)

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
        self._aws.pass_time(REFRESH_INTERVAL)
        for _ in range(3):
            await self.shown.pilot.pause(0.06)
            await self.settled()

    async def to_the_finding(self, held: FleetFinding, fix: str) -> NodeScreen:
        """From the fleet to the node, and down its path to what was found."""
        await self.press("slash")
        node = min(held.nodes, key=lambda each: each.id)
        await self.shown.write(node.id[:_TELLING])
        await self.shown.press("enter")
        await until(self.shown.pilot, lambda: list(self.shown.nodes.keys) == [node])
        await self.press("enter")
        await self.shown.until_screen(NodeScreen)
        screen = self.shown.app.screen
        assert isinstance(screen, NodeScreen)
        await self.press("home")
        for _ in screen.path.keys:
            if screen.path.cursor == held.id:
                break
            await self.press("down")
        assert screen.path.cursor == held.id
        await until(self.shown.pilot, lambda: fix in screen.pane._offers)
        return screen

    async def to_the_preview(self, told: dict[str, str]) -> ChangeScreen:
        """Through what is asked first to the preview."""
        shown, screens = self.shown, (ChangeScreen, ChoiceDialog, PreferencesScreen)
        while True:
            await until(shown.pilot, lambda: isinstance(shown.app.screen, screens))
            match shown.app.screen:
                case ChangeScreen() as preview:
                    await until(shown.pilot, lambda preview=preview: preview._forecast is not None)  # type: ignore[misc]
                    return preview
                case ChoiceDialog() as dialog:
                    await self.answer(dialog, told[dialog._choice.name])
                case PreferencesScreen() as form:
                    await self.fill(form, told)

    async def answer(self, dialog: ChoiceDialog, value: str) -> None:
        """Pick what is offered, or type what is not."""
        candidate = dialog._choice.candidate(value)
        if candidate is not None:
            while dialog.offered.cursor != candidate.value:
                await self.press("down")
        else:
            if not dialog.typed.has_focus:
                await self.press("tab")
            await self.shown.press("end", *["backspace"] * len(dialog.typed.value))
            await self.shown.write(value)
        await self.press("enter")
        await until(self.shown.pilot, lambda: self.shown.app.screen is not dialog)

    async def fill(self, form: PreferencesScreen, told: dict[str, str]) -> None:
        """Change the settings, and have them saved."""
        for setting, value in told.items():
            await until(self.shown.pilot, lambda setting=setting: setting in form.form.keys)  # type: ignore[misc]
            await self.press("home")
            while form.form.cursor != setting:
                await self.press("down")
            await self.press("enter")
            await until(self.shown.pilot, lambda: self.shown.app.screen is not form)
            match self.shown.app.screen:
                case ChoiceDialog() as dialog:
                    await self.answer(dialog, value)
                case MultilineDialog():
                    await self.shown.write(value)
                    await self.press("ctrl+s")
            await until(self.shown.pilot, lambda: self.shown.app.screen is form)
        await self.press("s")
        await until(self.shown.pilot, lambda: self.shown.app.screen is not form)

    async def confirm(self, screen: ChangeScreen) -> None:
        if screen.confirmation.line.asks:
            await self.shown.write(screen.pending_change.confirmation)
            await self.shown.press("enter")
        else:
            await self.press("A")
        await until(
            self.shown.pilot, lambda: screen.confirmation.phase not in (ChangePhase.PREVIEW, ChangePhase.MAKING)
        )
        assert screen.confirmation.phase is ChangePhase.MADE, self.shown.said
        await self.settled()


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_red_fix_green_undo_red_by_keys(
    case: Case, aws: SimulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(aws, monkeypatch)
    aws.load(case.scenario)
    workstation = WorkstationDescription().workstation
    asked = DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url, workstation=workstation, clock=aws.now)
    live = LiveDiagnosis.start(asked)
    desk = open_change_service(tmp_path, endpoint_url=aws.endpoint_url)
    app = SsmtuiApp(lambda: live, desk, mode="", now=aws.now)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            hands = Hands(Opened(app, pilot), aws)
            await until(pilot, lambda: bool(app.context.fleet_view.state.scopes))
            await hands.settled()
            await to_green_and_back(hands, case)
    finally:
        desk.close()


async def to_green_and_back(hands: Hands, case: Case) -> None:
    held = hands.found(case.cause, case.fix)
    await hands.to_the_finding(held, case.fix)
    await hands.press(str(held.finding.fixes.index(case.fix) + 1))
    preview = await hands.to_the_preview(dict(case.chosen))
    before = stands(hands)
    plan, forecast = preview.pending_change.plan, preview._forecast
    assert plan is not None
    assert plan.fix == case.fix
    assert forecast is not None
    await hands.confirm(preview)
    looks = int((plan.settles_within or timedelta()) / REFRESH_INTERVAL) + 1
    await within(hands, looks, lambda: not_as_forecast(hands, plan, forecast), f"{case}: {forecast}")
    if case.stays:
        assert preview.why_not("undo", ()) or plan.undo in hands.shown.said
        return
    await hands.press("z")
    await until(hands.shown.pilot, lambda: hands.shown.app.screen is not preview)
    way_back = hands.shown.app.screen
    assert isinstance(way_back, ChangeScreen)
    await hands.confirm(way_back)
    await within(hands, looks, lambda: stands(hands).items() - before.items(), f"{case} taken back")
    await hands.press("ctrl+y")
    if case.after_undo:
        # The undo leads to another state than before: it is not the same change any more.
        notices = hands.shown.app._notifications
        await until(hands.shown.pilot, lambda: any(each.title == "Cannot redo" for each in notices))
        return
    await until(hands.shown.pilot, lambda: hands.shown.app.screen is not way_back)
    again = await hands.to_the_preview({})
    assert again.pending_change.plan is not None
    assert (again.pending_change.plan.title, again.pending_change.plan.choices) == (plan.title, plan.choices)


async def within(hands: Hands, looks: int, left: Callable[[], object], what: str) -> None:
    """Let AWS's documented delay pass, a look at a time, until nothing is left."""
    for _ in range(looks):
        if not left():
            return
        await hands.wait_a_minute()
    assert not left(), f"{what}: {left()}\n{hands.shown.said}"


def stands(hands: Hands) -> dict[NodeKey, VerdictStatus]:
    fleet_view = hands.shown.app.context.fleet_view
    return {key: fleet_view.verdict(key).status for key in fleet_view.state.nodes}


def not_as_forecast(hands: Hands, plan: Plan, forecast: Forecast) -> list[str]:
    """The nodes that do not stand yet as the preview said."""
    wanted = {
        **dict.fromkeys(forecast.turn_green, _GREEN),
        **dict.fromkeys((*forecast.await_agent, *forecast.turn_warn), _GOOD),
        **dict.fromkeys((*forecast.stay_red, *forecast.turn_worse), _BAD),
    }
    fleet_view = hands.shown.app.context.fleet_view
    late = []
    for id_, statuses in wanted.items():
        key = NodeKey(plan.scope.account, plan.scope.region, id_)
        waits = any(held.finding.until is not None for held in fleet_view.findings_of(key))
        if not fleet_view.verdict(key).settled or fleet_view.verdict(key).status not in statuses or waits:
            late.append(id_)
    return late
