"""A change handed over from its preview: one format after the other, each to be copied; where one has no words, why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from ssmtui.model.plan import Plan
from ssmtui.remediation.export.format import ExportFormat, all_formats
from ssmtui.ui.screens import export_screen
from ssmtui.ui.screens.export_screen import ExportScreen
from tests.ui.builders import FRANKFURT
from tests.ui.demo_fleet import demo_inquiry, switch_plan
from tests.ui.opened import CHANGE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until


def with_one_key(handle: ScriptedInquiry) -> ScriptedInquiry:
    plan = switch_plan(FRANKFURT)
    assert isinstance(plan, Plan)
    handle.plans["toggle-cloudwatch-encryption"] = replace(plan, confirmation="")
    return handle


async def handed_over(shown: Opened) -> ExportScreen:
    shown.fleet.narrow("eu-worker")
    await until(shown.pilot, lambda: len(shown.names) == 8)
    await shown.press("w")
    await shown.until_screen(CHANGE)
    await shown.until_said("8 nodes change to ok")
    await shown.press("h")
    await shown.until_screen(ExportScreen)
    screen = shown.app.screen
    assert isinstance(screen, ExportScreen)
    return screen


@pytest.mark.parametrize("key", ["escape", "backspace", "h"])
async def test_three_keys_lead_back_and_the_key_bar_names_esc(tmp_path: Path, key: str) -> None:
    async with opened(with_one_key(demo_inquiry()), StoredDocument().desk(tmp_path)) as shown:
        await handed_over(shown)
        await shown.until_said("Tab Format c Copy Esc Back : Commands")
        await shown.press(key)
        await shown.until_screen(CHANGE)


async def choose(shown: Opened, name: str) -> None:
    await shown.press(*("tab",) * list(all_formats()).index(name))


async def test_tab_shows_one_format_after_the_other_and_c_copies_the_one_shown(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(with_one_key(demo_inquiry()), document.desk(tmp_path)) as shown:
        screen = await handed_over(shown)
        for label, words in (
            ("AWS CLI (bash)", "#!/usr/bin/env bash"),
            ("AWS CLI (PowerShell)", "$ErrorActionPreference"),
            ("Terraform", 'resource "aws_ssm_document"'),
        ):
            await shown.until_said(f"{label}  ")
            await until(shown.pilot, lambda words=words: words in screen.to_copy)  # type: ignore[misc]
            assert words in shown.said
            await shown.press("c")
            assert shown.app.clipboard == screen.to_copy
            await shown.press("tab")
        await shown.press("shift+tab")
        await shown.until_said("Terraform  ")
        await shown.press("escape")
        await shown.until_screen(CHANGE)
    assert document.calls == []


async def test_a_format_without_words_for_it_says_why_and_copies_nothing(tmp_path: Path) -> None:
    async with opened(with_one_key(demo_inquiry()), StoredDocument().desk(tmp_path)) as shown:
        await handed_over(shown)
        await choose(shown, "iam")
        await shown.until_said("does not write exactly one IAM policy")
        await shown.press("c")
        assert shown.app.clipboard == ""


async def test_a_change_request_names_the_nodes_and_why(tmp_path: Path) -> None:
    async with opened(with_one_key(demo_inquiry()), StoredDocument().desk(tmp_path)) as shown:
        screen = await handed_over(shown)
        await choose(shown, "markdown")
        await until(shown.pilot, lambda: "eu-worker-1" in screen.to_copy)
        assert "/ssm/sessions" in screen.to_copy


async def test_a_format_can_be_chosen_while_they_are_still_being_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = Event()

    def late() -> tuple[ExportFormat, ...]:
        loading.wait()
        return tuple(all_formats().values())

    monkeypatch.setattr(export_screen, "_load_formats", late)
    async with opened(with_one_key(demo_inquiry()), StoredDocument().desk(tmp_path)) as shown:
        screen = await handed_over(shown)
        screen.action_format(1)
        loading.set()
        await shown.until_said("AWS CLI (PowerShell)  ")


async def test_what_is_taken_back_is_not_handed_over(tmp_path: Path) -> None:
    async with opened(with_one_key(demo_inquiry()), StoredDocument().desk(tmp_path)) as shown:
        await handed_over(shown)
        await shown.press("h")
        await shown.until_screen(CHANGE)
        await shown.press("A")
        await shown.until_said("of 8 ok")
        await shown.press("z")
        await shown.until_said("Undo: ")
        await shown.press("tab")
        assert shown.app.screen.active_bindings["h"].enabled is False
