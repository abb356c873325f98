"""The session preferences as a form, and the edits of it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import Absent, NotApplicable
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences, parse_preferences
from ssmtui.model.scope import ScopeName
from ssmtui.model.storage import (
    AccountBuckets,
    AccountKey,
    AccountKeys,
    AccountLogGroups,
    Bucket,
    Key,
    LogGroup,
    WantedBucket,
    WantedKey,
)
from ssmtui.remediation.plans.preferences.edit_preferences import choose_session_key, edit_preferences
from ssmtui.remediation.plans.preferences.fields import FIELD, FIELDS, FieldKind
from ssmtui.ui.screens.dialogs import ConfirmDialog
from ssmtui.ui.screens.input_dialogs import ChoiceDialog, MultilineDialog
from ssmtui.ui.screens.preferences_screen import PreferenceEdits, PreferencesScreen, toggled_value
from tests.remediation.plans.facts import caller, stored, text_of
from tests.ui.builders import FRANKFURT, PARIS
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CHANGE, PREFERENCES, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry, answered
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until

NOTHING = NotApplicable("nothing was chosen")
ROWS = (
    "document",
    "kmsKeyId",
    "s3BucketName",
    "s3KeyPrefix",
    "s3EncryptionEnabled",
    "cloudWatchLogGroupName",
    "cloudWatchEncryptionEnabled",
    "cloudWatchStreamingEnabled",
    "idleSessionTimeout",
    "maxSessionDuration",
    "runAsEnabled",
    "runAsDefaultUser",
    "shellProfile.linux",
    "shellProfile.windows",
)


def key(name: str, state: str = "Enabled") -> AccountKey:
    arn = f"arn:aws:kms:{PARIS.region}:{PARIS.account}:key/{name}"
    return AccountKey(Key(arn, state, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"), (f"alias/{name}",), of_aws=False)


KEYS = AccountKeys((key("asleep", "Disabled"), key("sessions")), unlooked=0)

BUCKETS = AccountBuckets(("audit",), more=False)
GROUPS = AccountLogGroups((LogGroup("arn:a", "/audit", "arn:k"),), more=False)


class Account(ScriptedInquiry):
    """A diagnosis whose fixes of the preferences are the real ones; the account has one bucket, and two keys."""

    may: CallerPreferencesPermissions = caller()

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        facts = self.regions[scope]
        document, preferences = facts.document, facts.preferences
        assert isinstance(document, PreferencesDocument)
        assert isinstance(preferences, SessionPreferences)
        wanted = next((each.key for each in KEYS.keys if each.key.arn == choices.get("kmsKeyId")), None)
        found_key = WantedKey(wanted) if wanted else Absent("the key", "kms:DescribeKey")
        if fix == "choose-session-key":
            return answered(choose_session_key(facts.scope, document, self.may, NOTHING, KEYS, found_key, choices))
        if fix != "edit-preferences":
            return super().plan(scope, fix, finding_id, choices)
        bucket = WantedBucket(Bucket("arn:aws:s3:::audit", "audit", facts.scope.region))
        named = bucket if choices.get("s3BucketName") == "audit" else Absent("the bucket", "s3:HeadBucket")
        return answered(
            edit_preferences(
                facts.scope, document, preferences, self.may, found_key, named, NOTHING, GROUPS, BUCKETS, choices
            )
        )


def account() -> Account:
    demo = demo_inquiry()
    handle = Account()
    handle.regions = demo.regions
    while not demo.events.empty():
        handle.tell(demo.events.get())
    return handle


def screen_of(shown: Opened) -> PreferencesScreen:
    screen = shown.app.screen
    assert isinstance(screen, PreferencesScreen)
    return screen


async def form_of(shown: Opened, at: str) -> PreferencesScreen:
    """The form of the Region whose keys and facts the account has, the cursor on a setting."""
    shown.fleet.narrow(f"region:{PARIS.region}")
    await shown.press("p")
    await shown.until_screen(PREFERENCES)
    await shown.until_said("maximum duration")
    screen = screen_of(shown)
    screen.form.go_to(at)
    await shown.pilot.pause()
    return screen


async def clear(shown: Opened, text: str) -> None:
    await shown.press("end", *["backspace"] * len(text))


async def test_every_setting_is_a_row_of_the_form() -> None:
    async with opened(account()) as shown:
        screen = await form_of(shown, "document")
        assert tuple(screen.form.keys) == ROWS


async def test_several_edits_are_judged_gathered_and_previewed_as_one_change(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        screen = await form_of(shown, "idleSessionTimeout")
        stored = screen.stored
        assert stored is not None
        await shown.press("enter")
        await shown.until_screen(ChoiceDialog)
        await clear(shown, stored.idle_timeout)
        await shown.press(*"90", "enter")
        await shown.until_said("the value must be a number of minutes from 1 to 60")
        await clear(shown, "90")
        await shown.press(*"45", "enter")
        await shown.until_said("1 edit is not saved")
        assert screen.edits.values == {"idleSessionTimeout": "45"}

        screen.form.go_to("cloudWatchStreamingEnabled")
        await shown.press("enter")
        await shown.until_said("2 edits are not saved")

        screen.form.go_to("shellProfile.linux")
        await shown.press("enter")
        await shown.until_screen(MultilineDialog)
        await shown.press("l", "s", "enter", "w", "ctrl+s")
        await shown.until_said("3 edits are not saved")
        await shown.until_said("ls ⏎ w")

        await shown.press("s")
        await shown.until_screen(CHANGE)
        await shown.until_said("Change 3 session preferences")
        await shown.until_said('"idleSessionTimeout": "45"')
    desk.close()


async def test_a_bucket_that_is_not_there_is_refused_where_it_is_typed(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        screen = await form_of(shown, "s3BucketName")
        stored = screen.stored
        assert stored is not None
        await shown.press("enter")
        await shown.until_screen(ChoiceDialog)
        await clear(shown, stored.s3_bucket)
        await shown.press(*"nobody", "enter")
        await shown.until_said("s3BucketName cannot be nobody: this bucket does not exist")
        await clear(shown, "nobody")
        await shown.press(*"audit", "enter")
        await shown.until_screen(PREFERENCES)
        assert screen.edits.values == {"s3BucketName": "audit"}
    desk.close()


async def test_a_key_is_picked_from_those_of_the_account_and_one_that_will_not_do_says_why(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        screen = await form_of(shown, "kmsKeyId")
        await shown.press("enter")
        await shown.until_said("alias/sessions")
        dialog = shown.app.screen
        assert isinstance(dialog, ChoiceDialog)
        assert [each.rpartition("/")[2] for each in dialog.offered.keys] == ["sessions", "asleep"]
        await shown.press("down", "enter")
        await shown.until_said("Cannot be used: the state of the key is Disabled.")
        await shown.press("up", "enter")
        await shown.until_screen(PREFERENCES)
        assert screen.edits.values == {"kmsKeyId": KEYS.keys[1].key.arn}
    desk.close()


async def test_an_edit_is_dropped_and_a_switch_turned_back_is_none(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        screen = await form_of(shown, "runAsEnabled")
        await shown.press("enter", "d")
        assert screen.edits.values == {}
        await shown.press("enter", "enter")
        assert screen.edits.values == {}
        assert screen.why_not("save", ()) == "there are no edits"
        assert screen.why_not("drop", ()) == "this setting has no edit"
    desk.close()


async def test_keys_that_come_faster_than_the_screen_edit_the_rows_they_were_meant_for(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        screen = await form_of(shown, "cloudWatchEncryptionEnabled")
        for key in ("enter", "down", "enter"):
            shown.app.simulate_key(key)
        await shown.until_said("2 edits are not saved")
        assert set(screen.edits.values) == {"cloudWatchEncryptionEnabled", "cloudWatchStreamingEnabled"}
    desk.close()


async def test_a_value_that_is_there_is_edited_and_not_replaced_by_the_first_that_was_found(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        screen = await form_of(shown, "kmsKeyId")
        stored = screen.stored
        assert stored is not None
        screen.edits.put("kmsKeyId", KEYS.keys[0].key.arn, stored)
        await shown.press("enter")
        await shown.until_screen(ChoiceDialog)
        dialog = shown.app.screen
        assert isinstance(dialog, ChoiceDialog)
        assert dialog.typed.has_focus
        assert dialog.offered.cursor == KEYS.keys[0].key.arn
        await shown.press("down")
        assert dialog.offered.has_focus
        for each in "XYZ":
            shown.app.simulate_key(each)
        await until(shown.pilot, lambda: dialog.typed.value == f"{KEYS.keys[0].key.arn}XYZ")
    desk.close()


async def test_edits_are_not_lost_without_a_question(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        screen = await form_of(shown, "runAsEnabled")
        await shown.press("enter", "escape")
        await shown.until_screen(ConfirmDialog)
        await shown.until_said("1 edit is not saved.")
        await shown.press("n")
        assert shown.app.screen is screen
        assert screen.edits.values == {"runAsEnabled": "true"}
        await shown.press("tab")
        await shown.until_screen(ConfirmDialog)
        await shown.press("y")
        await shown.until_said(FRANKFURT.region)
        assert not screen.edits
    desk.close()


async def test_saved_edits_are_edits_no_more() -> None:
    handle = account()
    async with opened(handle) as shown:
        screen = await form_of(shown, "runAsEnabled")
        stored = screen.stored
        assert stored is not None
        screen.edits.put("runAsEnabled", "true", stored)
        facts = handle.regions[PARIS.name]
        handle.regions[PARIS.name] = replace(facts, preferences=replace(stored, run_as=True))
        screen._read()
        await shown.until_said("sessions run as a user other than ssm-user")
        assert not screen.edits


async def test_where_nothing_can_be_written_no_setting_can_be_edited_and_the_key_says_why(tmp_path: Path) -> None:
    closed = account()
    closed.may = caller("ssm:UpdateDocument")
    desk = StoredDocument().desk(tmp_path)
    async with opened(closed, desk) as shown:
        screen = await form_of(shown, "runAsEnabled")
        await shown.until_said("you are not allowed to use ssm:UpdateDocument")
        await shown.press("enter")
        assert screen.edits.values == {}
        screen.form.go_to("document")
        assert screen.why_not("open", ()) == "this row is not a setting"
    desk.close()


@pytest.mark.parametrize(("key", "code"), [("ctrl+q", 0), ("ctrl+c", 130)])
async def test_whoever_leaves_the_app_is_asked_about_edits_too(key: str, code: int, tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        screen = await form_of(shown, "cloudWatchStreamingEnabled")
        await shown.press("enter")
        await shown.until_said("1 edit is not saved")
        await shown.press(key)
        await shown.until_said("Discard the edits?")
        await shown.press("n")
        await until(shown.pilot, lambda: shown.app.screen is screen)
        assert screen.edits
        await shown.press("question_mark", key)
        await shown.until_said("Discard the edits?")
        await shown.press("y")
    desk.close()
    assert shown.app.return_code == code


async def test_q_asks_about_edits_before_it_goes_back(tmp_path: Path) -> None:
    desk = StoredDocument().desk(tmp_path)
    async with opened(account(), desk) as shown:
        await form_of(shown, "cloudWatchStreamingEnabled")
        await shown.press("enter")
        await shown.until_said("1 edit is not saved")
        await shown.press("q")
        await shown.until_said("Discard the edits?")
        await shown.press("y")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
    desk.close()


NAMES = [each.name for each in FIELDS]
SWITCHES = [each.name for each in FIELDS if each.kind is FieldKind.SWITCH]
STORED = [
    parse_preferences(stored(text))
    for text in (
        text_of(),
        text_of(s3EncryptionEnabled=False, s3KeyPrefix="theirs"),
        text_of(idleSessionTimeout="30", runAsEnabled=True, runAsDefaultUser="ops"),
    )
]
VALUES = st.one_of(st.sampled_from(["", "true", "false", "30", "theirs", "ops"]), st.text(max_size=6))


class Form(RuleBasedStateMachine):
    """The edits beside a plain mapping of what was typed and is not stored."""

    def __init__(self) -> None:
        super().__init__()
        self.stored = STORED[0]
        self.edits = PreferenceEdits()
        self.typed: dict[str, str] = {}

    def _now(self, name: str) -> str:
        return self.typed.get(name, FIELD[name].of(self.stored))

    def _forget_what_is_stored(self) -> None:
        self.typed = {name: value for name, value in self.typed.items() if FIELD[name].of(self.stored) != value}

    @rule(name=st.sampled_from(NAMES), value=VALUES)
    def edit(self, name: str, value: str) -> None:
        told = dict(self.edits.with_(name, value).values)
        assert told == {**self.edits.values, name: value}
        self.edits.put(name, value, self.stored)
        self.typed[name] = value
        self._forget_what_is_stored()

    @rule(name=st.sampled_from(NAMES))
    def drop(self, name: str) -> None:
        self.edits.drop(name)
        self.typed.pop(name, None)

    @rule(name=st.sampled_from(SWITCHES))
    def turn_twice(self, name: str) -> None:
        before = self._now(name)
        for expected in ("false", "true") if before == "true" else ("true", "false"):
            turned = toggled_value(name, self.stored, self.edits.values)
            assert turned == expected
            self.edits.put(name, turned, self.stored)
            self.typed[name] = turned
            self._forget_what_is_stored()
        assert self._now(name) == ("true" if before == "true" else "false")

    @rule(preferences=st.sampled_from(STORED))
    def somebody_stores(self, preferences: object) -> None:
        self.stored = next(each for each in STORED if each == preferences)
        self.edits.forget_what_is_so(self.stored)
        self._forget_what_is_stored()

    @invariant()
    def is_what_was_typed_and_is_not_stored(self) -> None:
        assert dict(self.edits.choices.values) == self.edits.values == self.typed
        assert bool(self.edits) == bool(self.typed)
        assert all(FIELD[name].of(self.stored) != value for name, value in self.edits.values.items())


TestForm = Form.TestCase
TestForm.settings = settings(max_examples=20, stateful_step_count=15)
