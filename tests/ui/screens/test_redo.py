"""Redo: an undone change is previewed again from the current facts, confirmed, journalled and undoable as any fix."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument, parse_preferences
from ssmtui.model.scope import ScopeName
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.plans.preferences.encryption import toggle_cloudwatch_encryption
from ssmtui.ui.screens.change_history_screen import ChangeHistoryScreen
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.state.changes import ChangePhase
from tests.ui.builders import FRANKFURT
from tests.ui.demo_fleet import demo_inquiry, region_facts
from tests.ui.opened import CHANGE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until


def plan_now(document: StoredDocument) -> Plan | FixNotApplicable:
    facts = region_facts(FRANKFURT)
    assert isinstance(facts.document, PreferencesDocument)
    seen = replace(
        facts.document,
        latest_version=str(document.latest),
        default_version=str(document.default),
        content=parse_document_text(document.content, DocumentFormat.JSON),
        default_content=document.content,
    )
    return toggle_cloudwatch_encryption(FRANKFURT, seen, parse_preferences(seen), facts.caller)


def inquiry_on(document: StoredDocument) -> ScriptedInquiry:
    """A diagnosis that plans the toggle from the document as it is now."""
    handle = demo_inquiry()

    def plan(
        scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        answer: Future[Plan | FixNotApplicable] = Future()
        answer.set_result(plan_now(document))
        return answer

    handle.plan = plan  # type: ignore[method-assign]
    return handle


async def confirmed(shown: Opened) -> ChangeScreen:
    """The change on the screen, confirmed and made."""
    await shown.until_screen(CHANGE)
    screen = shown.app.screen
    assert isinstance(screen, ChangeScreen)
    await shown.write(FRANKFURT.region)
    await shown.press("enter")
    await until(shown.pilot, lambda: screen.confirmation.phase in (ChangePhase.MADE, ChangePhase.NOT_MADE))
    return screen


async def made_and_undone(shown: Opened) -> None:
    shown.fleet.narrow("eu-worker")
    await until(shown.pilot, lambda: len(shown.names) == 8)
    await shown.press("w")
    made = await confirmed(shown)
    await shown.press("z")
    await until(shown.pilot, lambda: shown.app.screen is not made)
    await confirmed(shown)


async def test_an_undone_change_is_previewed_made_and_undone_again(tmp_path: Path) -> None:
    document = StoredDocument()
    before = document.content
    desk = document.desk(tmp_path)
    async with opened(inquiry_on(document), desk) as shown:
        await made_and_undone(shown)
        assert document.content == before
        await shown.press("ctrl+y")
        await until(shown.pilot, lambda: "Undo: " not in shown.painted and "8 nodes change to ok" in shown.said)
        assert len(document.calls) == 4
        await confirmed(shown)
        assert '"cloudWatchEncryptionEnabled": false' in document.content
        # The redone change takes the place of the undo: Esc leads back to where the change was requested.
        await shown.press("escape")
        assert shown.app.screen is shown.fleet
        await shown.press("ctrl+y")
        notices = [each.message for each in shown.app._notifications]
        assert "there is no undone change to redo" in notices
        await shown.press("z")
        await confirmed(shown)
        assert document.content == before
    states = [(change.title.startswith("Undo: "), change.state) for change in desk.journal.changes()]
    assert states == [(True, ChangeState.APPLIED), (False, ChangeState.UNDONE)] * 2


async def test_a_resource_that_was_edited_since_is_not_changed_again(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(inquiry_on(document), document.desk(tmp_path), notifications=True) as shown:
        await made_and_undone(shown)
        calls = len(document.calls)
        document.versions[document.latest + 1] = document.content.replace("/ssm/sessions", "/ssm/other")
        screen = shown.app.screen
        await shown.press("ctrl+y")
        await shown.until_said("Cannot redo")
        assert shown.app.screen is screen
        assert len(document.calls) == calls


async def test_the_selected_change_of_the_journal_is_redone_if_it_was_undone(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(inquiry_on(document), document.desk(tmp_path)) as shown:
        await made_and_undone(shown)
        await shown.press("Z")
        await shown.until_screen(ChangeHistoryScreen)
        await shown.press("g", "ctrl+y")
        notices = [each.message for each in shown.app._notifications]
        assert notices[-1] == "the change is not undone, so there is nothing to redo"
        await shown.press("j", "ctrl+y")
        await shown.until_screen(CHANGE)
        await shown.until_said("8 nodes change to ok")


async def test_read_only_redoes_nothing(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(inquiry_on(document), document.desk(tmp_path)) as shown:
        await made_and_undone(shown)
    async with opened(inquiry_on(document), desk=None) as shown:
        await shown.press("ctrl+y")
        assert "read-only: changes are disabled in this run" in [each.message for each in shown.app._notifications]
        assert shown.app.screen is shown.fleet
