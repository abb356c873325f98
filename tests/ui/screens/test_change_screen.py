"""A change on its screen: preview, confirmation, delays, and the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ssmtui.diagnosis.events import Event, FindingGone
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import ScopeName
from ssmtui.remediation.plans.registry import stale_after
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.screens.dialogs import ConfirmDialog
from ssmtui.ui.screens.export_screen import ExportScreen
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.state.changes import ChangePhase
from tests.ui.builders import FRANKFURT, NOON, STOPPED, log_group_unencrypted, node, told
from tests.ui.demo_fleet import demo_inquiry, frankfurt, frankfurt_events, switch_plan
from tests.ui.opened import CHANGE, PREFERENCES, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until

SWITCHED_ON = '"cloudWatchEncryptionEnabled": true'
STALE = stale_after("toggle-cloudwatch-encryption")
SWITCHED_OFF = '"cloudWatchEncryptionEnabled": false'


def inquiry_of(document: StoredDocument) -> ScriptedInquiry:
    """A diagnosis whose rechecks tell what the stored document makes of Frankfurt."""

    def rechecked(scope: ScopeName) -> Sequence[Event]:
        broken = SWITCHED_ON in document.content
        gone = () if broken else (FindingGone(log_group_unencrypted(frankfurt(), FRANKFURT).id),)
        return (*gone, *frankfurt_events(broken=broken)) if scope == FRANKFURT.name else ()

    handle = demo_inquiry()
    handle.on_recheck = rechecked
    return handle


async def preview_from_preferences(shown: Opened) -> ChangeScreen:
    shown.fleet.narrow("eu-worker")
    await until(shown.pilot, lambda: len(shown.names) == 8)
    await shown.press("p")
    await shown.until_screen(PREFERENCES)
    await shown.press("w")
    return await change_screen(shown)


async def change_screen(shown: Opened) -> ChangeScreen:
    await shown.until_screen(CHANGE)
    screen = shown.app.screen
    assert isinstance(screen, ChangeScreen)
    return screen


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_filter_toggle_apply_green_undo_red_again(size: tuple[int, int], tmp_path: Path) -> None:
    document = StoredDocument()
    handle = inquiry_of(document)
    async with opened(handle, document.desk(tmp_path), size=size) as shown:
        screen = await preview_from_preferences(shown)
        for words in ("8 nodes change to ok", "+", "ssm UpdateDocument", "undo", "Trade-offs", "eu-worker-1"):
            await shown.until_said(words)

        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("8 of 8 ok")
        assert SWITCHED_OFF in document.content
        assert document.default == document.latest == 5
        assert handle.rechecked[-1][0] == FRANKFURT.name
        assert handle.rechecked[-1][1]

        handle.forecasts = Forecast((), (), tuple(each.id for each in frankfurt()), (), ())
        await shown.press("z")
        await until(shown.pilot, lambda: shown.app.screen is not screen and shown.app.screen.is_mounted)
        await shown.until_said("Undo: ")
        await shown.until_said("8 nodes get worse: eu-worker-1, eu-worker-2")
        [restored] = [each.value for each in handle.forecasted[-1][0].facts_after if each.kind is PreferencesDocument]
        assert isinstance(restored, PreferencesDocument)
        assert SWITCHED_ON in restored.content.text
        await shown.write(FRANKFURT.region)
        await shown.press("enter")
        await shown.until_said("0 of 8 ok")
        assert SWITCHED_ON in document.content
        await shown.press("escape")
        await shown.until_screen(PREFERENCES)
        await shown.press("escape")
        await shown.until_said("Log group is not encrypted")
        assert len(shown.names) == 8


async def test_what_is_confirmed_can_be_read_to_its_end_while_the_word_is_typed(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(inquiry_of(document), document.desk(tmp_path), size=(80, 16)) as shown:
        screen = await preview_from_preferences(shown)
        await shown.until_said("8 nodes change to ok")
        assert "undo" not in shown.painted
        await shown.press("e", "u", *["pagedown"] * 6)
        await until(shown.pilot, lambda: "undo" in shown.painted)
        end = screen.confirmation.text.scroll_y
        await shown.press("up", "pageup")
        assert screen.confirmation.text.scroll_y < end - 1
        await shown.press("down")
        await shown.write("-central-1")
        await shown.press("enter")
        await shown.until_said("8 of 8 ok")


async def test_what_is_taken_back_is_followed_up_on_the_nodes_that_it_touches(tmp_path: Path) -> None:
    document = StoredDocument()
    handle = inquiry_of(document)
    asleep = node("eu-asleep", 300, FRANKFURT)
    handle.tell(*told(FRANKFURT, [asleep], verdicts=STOPPED))
    async with opened(handle, document.desk(tmp_path)) as shown:
        await preview_from_preferences(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("8 of 8 ok")
        handle.on_recheck = lambda _scope: ()
        await shown.press("z")
        await shown.until_said("Undo: ")
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("re-checking…")
        handle.tell(*frankfurt_events(broken=True))
        await shown.until_said("0 of 8 ok")
        assert "eu-asleep" not in shown.painted


async def test_the_wrong_word_writes_nothing(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(inquiry_of(document), document.desk(tmp_path)) as shown:
        screen = await preview_from_preferences(shown)
        await shown.write("eu-west-3")
        await shown.press("enter")
        await shown.press("enter")
        assert screen.confirmation.phase is ChangePhase.PREVIEW
        assert screen.query_one("#confirm").has_class("-wrong")
        await shown.press("escape")
        await shown.until_screen(PREFERENCES)
    assert document.calls == []


async def test_what_aws_refuses_is_named_with_its_action(tmp_path: Path) -> None:
    document = StoredDocument()
    document.refuses = True
    handle = inquiry_of(document)
    async with opened(handle, document.desk(tmp_path)) as shown:
        await preview_from_preferences(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("AWS denied the change. Nothing was changed.")
        await shown.until_said("ssm:UpdateDocument")
        assert handle.rechecked == []
        await shown.press("r")
        assert handle.rechecked == [(FRANKFURT.name, STALE)]
    assert SWITCHED_ON in document.content


async def test_an_edit_by_somebody_else_is_shown_and_not_written_over(tmp_path: Path) -> None:
    document = StoredDocument()
    handle = inquiry_of(document)
    async with opened(handle, document.desk(tmp_path)) as shown:
        await preview_from_preferences(shown)
        document.versions[5] = document.content.replace('"20"', '"45"')
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("The resource has changed since the preview")
        await shown.until_said('+    "idleSessionTimeout": "45"')
        # What the screen says to do next, previewing it against what is there now, takes reading that.
        assert handle.rechecked == [(FRANKFURT.name, STALE)]
    assert document.calls == []


async def test_a_smaller_reach_is_confirmed_with_a_deliberate_key(tmp_path: Path) -> None:
    document = StoredDocument()
    handle = inquiry_of(document)
    plan = switch_plan(FRANKFURT)
    assert isinstance(plan, Plan)
    handle.plans["toggle-cloudwatch-encryption"] = replace(plan, confirmation="")
    async with opened(handle, document.desk(tmp_path)) as shown:
        screen = await preview_from_preferences(shown)
        await shown.press("a", "enter", "y")
        assert screen.confirmation.phase is ChangePhase.PREVIEW
        await shown.press("A")
        await shown.until_said("8 of 8 ok")


async def test_a_switch_without_a_bucket_is_dimmed_and_says_why(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(inquiry_of(document), document.desk(tmp_path)) as shown:
        assert shown.app.active_bindings["e"].enabled is False
        assert shown.app.active_bindings["w"].enabled is True
        await shown.press("e")
        assert [each.message for each in shown.app._notifications] == ["no S3 bucket is configured"]
        assert shown.app.screen is shown.fleet


async def test_undo_is_dimmed_until_something_was_changed(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(inquiry_of(document), document.desk(tmp_path)) as shown:
        await shown.press("z")
        assert "there is no change to undo" in "".join(each.message for each in shown.app._notifications)


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_leaving_while_a_change_is_written_asks_first(key: str, tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(inquiry_of(document), document.desk(tmp_path)) as shown:
        shown.app.context.writing = True
        await shown.press(key)
        await shown.until_screen(ConfirmDialog)
        await shown.press("n")
        assert shown.app.screen is shown.fleet
        shown.app.context.writing = False


async def test_tab_shows_the_preferences_of_the_next_region() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("p")
        await shown.until_screen(PREFERENCES)
        await shown.until_said("The preferences block sessions on 8 of the 8 nodes in the Region.")
        await shown.until_said("the log group is not encrypted: sessions do not start")
        await shown.press("tab")
        await shown.until_said("The preferences block sessions on 4")


async def test_a_defect_while_a_change_is_written_says_what_may_be_written_and_lets_go(tmp_path: Path) -> None:
    document = StoredDocument()
    document.breaks = ZeroDivisionError("a defect")
    handle = inquiry_of(document)
    async with opened(handle, document.desk(tmp_path)) as shown:
        screen = await preview_from_preferences(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("An error in ssmtui stopped the change during the write")
        await shown.until_said("Press z to determine the state")
        assert screen.confirmation.phase is ChangePhase.NOT_MADE
        assert handle.rechecked == [(FRANKFURT.name, STALE)]
        assert shown.app.context.writing is False
        await shown.press("escape")
        await shown.until_screen(PREFERENCES)


async def test_a_defect_in_what_follows_a_change_does_not_hide_how_it_ended(tmp_path: Path) -> None:
    def broken(_scope: ScopeName) -> Sequence[Event]:
        raise ZeroDivisionError

    document = StoredDocument()
    handle = demo_inquiry()
    handle.on_recheck = broken
    async with opened(handle, document.desk(tmp_path)) as shown:
        screen = await preview_from_preferences(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said(": done")
        assert screen.confirmation.phase is ChangePhase.MADE
        shown.app._exception = None  # it has been told, which is what is looked at here
        await shown.press("escape")
        await shown.until_screen(PREFERENCES)


def last_lines(shown: Opened) -> list[str]:
    return [line.strip() for line in shown.painted.split("\n")[-2:]]


async def test_the_word_is_asked_for_in_words_and_wrong_input_is_answered(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(demo_inquiry(), document.desk(tmp_path), size=(80, 24)) as shown:
        shown.fleet.narrow("eu-worker")
        await until(shown.pilot, lambda: len(shown.names) == 8)
        await shown.press("w")
        await shown.until_screen(CHANGE)
        await shown.until_said("Type eu-central-1 and press Enter to apply: confirmation")
        assert "h Export" in last_lines(shown)[1]
        assert "? Help" in last_lines(shown)[1]
        await shown.press("enter")
        await shown.until_said("Type eu-central-1, then Enter")
        await shown.write("eu-west-3h")
        await shown.until_said("Type eu-central-1 and press Enter to apply: eu-west-3h")
        await until(shown.pilot, lambda: "h Export" not in last_lines(shown)[1])
        await shown.press("enter")
        await shown.until_said("“eu-west-3h” does not match. Type eu-central-1, then Enter")
        assert isinstance(shown.app.screen, CHANGE)
        assert document.calls == []
        await shown.press("question_mark")
        await shown.until_screen(HelpDialog)
        await shown.press("escape", *["backspace"] * 10, "h")
        await shown.until_screen(ExportScreen)


DELAY = "SSM Agent asks for credentials again within 30 minutes."


class LateAws:
    """Nodes that turn green only when it says so, however often they are checked."""

    def __init__(self) -> None:
        self.shows = False
        self.handle = self._inquiry()

    def _inquiry(self) -> ScriptedInquiry:
        handle = demo_inquiry()
        plan = switch_plan(FRANKFURT)
        assert isinstance(plan, Plan)
        late = replace(plan, confirmation="", delay=DELAY, settles_within=timedelta(minutes=30))
        handle.plans["toggle-cloudwatch-encryption"] = late
        handle.on_recheck = self._rechecked
        return handle

    def _rechecked(self, scope: ScopeName) -> Sequence[Event]:
        gone = (FindingGone(log_group_unencrypted(frankfurt(), FRANKFURT).id),) if self.shows else ()
        return (*gone, *frankfurt_events(broken=not self.shows)) if scope == FRANKFURT.name else ()


def at(shown: Opened, minutes: float) -> None:
    shown.app.context.now = lambda: NOON + timedelta(minutes=minutes)


async def made(shown: Opened, forecast: str = "8 nodes change to ok", of: int = 8) -> None:
    shown.fleet.narrow("eu-worker")
    await until(shown.pilot, lambda: len(shown.names) == 8)
    await shown.press("w")
    await shown.until_screen(CHANGE)
    await shown.until_said(forecast)
    await shown.press("A")
    await shown.until_said(f"0 of {of} ok")


async def test_red_is_counted_down_and_looked_at_quietly_until_it_is_green(tmp_path: Path) -> None:
    aws = LateAws()
    async with opened(aws.handle, StoredDocument().desk(tmp_path)) as shown:
        await made(shown)
        await shown.until_said("Failing nodes are expected for now: up to 30 min 00 s left")
        await shown.until_said(DELAY)
        [(expecting, expected, delay)] = aws.handle.expected
        assert (expecting, set(expected)) == (FRANKFURT.name, {each.key for each in frankfurt()})
        assert delay.until - delay.made == timedelta(minutes=30)

        at(shown, 1)
        await until(shown.pilot, lambda: len(aws.handle.looked_again) == 1)
        scope, nodes = aws.handle.looked_again[0]
        assert (scope, set(nodes)) == (FRANKFURT.name, {each.key for each in frankfurt()})
        await shown.until_said("up to 29 min 00 s left")

        aws.shows = True
        at(shown, 2)
        await shown.until_said("8 of 8 ok")
        assert "expected for now" not in shown.said
        at(shown, 5)
        await shown.pilot.pause()
        assert len(aws.handle.looked_again) == 2


async def test_what_stays_red_for_another_reason_is_not_waited_for(tmp_path: Path) -> None:
    aws = LateAws()
    green, red = frankfurt()[0].id, frankfurt()[1].id
    aws.handle.forecasts = Forecast((), (), (), (red,), (), await_agent=(green,))
    async with opened(aws.handle, StoredDocument().desk(tmp_path)) as shown:
        await made(shown, "1 node fails only until SSM Agent reconnects", of=2)
        at(shown, 1)
        await until(shown.pilot, lambda: len(aws.handle.looked_again) == 1)
        [(_, nodes)] = aws.handle.looked_again
        assert [key.id for key in nodes] == [green]


async def test_when_the_delay_has_passed_red_is_red(tmp_path: Path) -> None:
    aws = LateAws()
    async with opened(aws.handle, StoredDocument().desk(tmp_path)) as shown:
        await made(shown)
        at(shown, 30)
        await shown.until_said("The longest documented delay has passed")
        looks = len(aws.handle.looked_again)
        at(shown, 45)
        await shown.pilot.pause()
        assert len(aws.handle.looked_again) == looks == 1
        rechecks = len(aws.handle.rechecked)
        await shown.press("r")
        assert len(aws.handle.rechecked) == rechecks + 1


async def test_it_goes_on_when_the_screen_is_left(tmp_path: Path) -> None:
    aws = LateAws()
    async with opened(aws.handle, StoredDocument().desk(tmp_path)) as shown:
        await made(shown)
        await shown.press("escape")
        at(shown, 1)
        await until(shown.pilot, lambda: len(aws.handle.looked_again) == 1)
