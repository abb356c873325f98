"""A fix that must be told something: asked before the preview, refused with the reason, or a form."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ssmtui.diagnosis.events import Event, FindingChanged, ScopeOpened
from ssmtui.model.choice import NOTHING_CHOSEN, Candidate, Choice, Choices
from ssmtui.model.finding import Link, Subject, SubjectKind
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.input_dialogs import ChoiceDialog
from ssmtui.ui.screens.preferences_screen import PreferencesScreen
from tests.ui.builders import PARIS, finding, node, told
from tests.ui.demo_fleet import region_facts, switch_plan
from tests.ui.opened import CAUSE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry, answered
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until

WEB = node("web-1", 1)
DOCUMENT = Subject(SubjectKind.DOCUMENT, PARIS.arn("ssm", "document/SSM-SessionManagerRunShell"))
MENDED, EDITED = "attach-instance-profile", "edit-preferences"
PROFILES = (
    Candidate("web", "role web"),
    Candidate("empty", "", "it has no role", remedy='{"Effect": "Allow"}'),
)


class Asking(ScriptedInquiry):
    """Its one fix needs a profile and a reason; the reason must not be `no`."""

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        needs = (Choice("profile", "the instance profile", PROFILES), Choice("reason", "the reason", free=True))
        if fix == EDITED:
            optional = Choice("idleSessionTimeout", "minutes", free=True, optional=True)
            return answered(FixNotApplicable(fix, "say which settings", (optional,)))
        missing = next((each for each in needs if choices.get(each.name) is None), None)
        if missing is not None:
            return answered(FixNotApplicable(fix, f"which {missing.name}?", needs))
        if choices.get("reason") == "no":
            return answered(FixNotApplicable(fix, "no is no reason", needs))
        plan = switch_plan(PARIS)
        assert isinstance(plan, Plan)
        return answered(replace(plan, title=f"Attach {choices.get('profile')}: {choices.get('reason')}"))


Asked = TypeVar("Asked", bound=Asking)


def handle(kind: type[Asked]) -> Asked:
    held = finding("timeout-out-of-range", Link.PREFERENCES, DOCUMENT, [WEB], fixes=(MENDED, EDITED))
    asking = kind(ScopeOpened(PARIS), *told(PARIS, [WEB]), FindingChanged(held))
    asking.regions[PARIS.name] = region_facts(PARIS)
    return asking


async def at_the_cause(shown: Opened) -> None:
    await shown.press("tab", "enter")
    await shown.until_screen(CAUSE)
    await shown.until_said("Fixes")


async def test_what_a_fix_needs_is_asked_for_one_after_the_other_and_then_it_is_previewed(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(handle(Asking), desk) as shown:
        await at_the_cause(shown)
        await shown.press("1")
        await shown.until_said("the instance profile")
        await shown.press("down", "enter")
        await shown.until_said("Cannot be used: it has no role.")
        await shown.until_said('{"Effect": "Allow"}')
        await shown.press("up", "enter")
        await shown.until_said("the reason")
        await shown.press("n", "o", "enter")
        await shown.until_said("no is no reason")
        await shown.press("end", "w", "enter")
        await shown.until_screen(ChangeScreen)
        await shown.until_said("Attach web: now")
    desk.close()


class Slow(Asking):
    """Its plans are there when the test says so."""

    def __init__(self, *events: Event) -> None:
        super().__init__(*events)
        self.asked: list[Future[Plan | FixNotApplicable]] = []

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        self.asked.append(Future())
        return self.asked[-1]


async def test_turning_back_before_the_preview_is_there_puts_none_up(tmp_path: Path) -> None:
    desk, slow = StoredDocument().desk(tmp_path), handle(Slow)
    async with opened(slow, desk) as shown:
        await at_the_cause(shown)
        before = len(slow.asked)
        await shown.press("1")
        await until(shown.pilot, lambda: len(slow.asked) > before)
        asked = slow.asked[before]
        await shown.press("escape")
        await until(shown.pilot, asked.cancelled)
        await shown.until_screen(FleetScreen)
    desk.close()


async def test_an_empty_value_is_refused_before_anything_is_planned(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(handle(Asking), desk) as shown:
        await at_the_cause(shown)
        await shown.press("1")
        await shown.until_said("the instance profile")
        await shown.press("enter")
        await shown.until_said("the reason")
        dialog = shown.app.screen
        await shown.press("enter")
        await shown.until_said("a value is required")
        assert shown.app.screen is dialog
    desk.close()


async def test_turning_back_previews_nothing(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(handle(Asking), desk) as shown:
        await at_the_cause(shown)
        await shown.press("1")
        await shown.until_screen(ChoiceDialog)
        await shown.press("escape")
        await shown.until_screen(CAUSE)
    desk.close()


async def test_a_fix_whose_needs_are_all_optional_opens_the_form_at_what_was_found(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(handle(Asking), desk) as shown:
        await at_the_cause(shown)
        await shown.press("2")
        await shown.until_screen(PreferencesScreen)
        await shown.until_said("idle timeout")
        screen = shown.app.screen
        assert isinstance(screen, PreferencesScreen)
        assert screen.form.cursor == "idleSessionTimeout"
    desk.close()
