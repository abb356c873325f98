"""A defect is told on the screen, and never ends the app: in a key, a message, a timer, a worker, a paint."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import ComposeResult

from ssmtui.cli.app_launch import run_app
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.textual_workarounds import HardenedApp
from ssmtui.ui.widgets.line_table import LineTable
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until


def broken(*_arguments: object) -> None:
    raise KeyError("a secret")


async def broken_worker() -> None:
    raise LookupError("a secret")


def broken_compose(_self: object) -> ComposeResult:
    raise ValueError("a secret")


def forget(shown: Opened) -> None:
    """Whoever drives the app fails by what it met, at the end, unless that was expected."""
    shown.app._exception = None
    shown.app._exception_event.clear()


@asynccontextmanager
async def told(shown: Opened, kind: type[Exception]) -> AsyncIterator[None]:
    """Something fails meanwhile: a notice says so, once, and the keys that follow are answered."""
    before = len(shown.app._notifications)
    yield
    app = shown.app
    await until(shown.pilot, lambda: app._exception is not None)
    assert isinstance(app._exception, kind)
    (notice,) = list(app._notifications)[before:]
    assert (notice.title, notice.severity) == ("Error in ssmtui", "error")
    assert notice.message.startswith(kind.__name__)
    assert notice.message.endswith("ssmtui continues. To report the error, run ssmtui report-bug.")
    assert "secret" not in notice.message
    forget(shown)
    at = shown.nodes.cursor
    await shown.press("j")
    await until(shown.pilot, lambda: isinstance(app.screen, FleetScreen) and shown.nodes.cursor != at)


async def test_whatever_fails_is_told_once_and_the_next_key_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(demo_inquiry()) as shown:
        with monkeypatch.context() as patch:
            patch.setattr(FleetScreen, "action_mark", broken)
            async with told(shown, KeyError):
                await shown.press("space", "space")
        with monkeypatch.context() as patch:
            patch.setattr(LineTable, "on_mouse_move", broken)
            shown.app._reported_errors.clear()
            async with told(shown, KeyError):
                await shown.pilot.hover("#nodes", offset=(4, 4))
        shown.app._reported_errors.clear()
        async with told(shown, KeyError):
            shown.app.set_timer(0.001, broken)
        async with told(shown, LookupError):
            shown.app.run_worker(broken_worker(), exit_on_error=False)
        with monkeypatch.context() as patch:
            patch.setattr(HelpDialog, "compose", broken_compose)
            async with told(shown, ValueError):
                await shown.press("question_mark")
                await shown.until_screen(FleetScreen)


async def test_what_cannot_be_painted_is_blank_and_the_rest_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(demo_inquiry()) as shown:
        name = shown.names[0]
        assert name in shown.painted
        with monkeypatch.context() as patch:
            patch.setattr(LineTable, "render_line", broken)
            async with told(shown, KeyError):
                shown.nodes.touch_all()
            assert name not in shown.painted
            assert "nodes" in shown.painted
            assert "Quit" in shown.painted
        shown.nodes.touch_all()
        forget(shown)
        await until(shown.pilot, lambda: name in shown.painted)


async def test_the_log_has_all_of_it(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(demo_inquiry()) as shown:
        monkeypatch.setattr(FleetScreen, "action_mark", broken)
        async with told(shown, KeyError):
            await shown.press("space")
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert "a defect in the app: KeyError" in record.getMessage()


async def test_without_a_first_screen_the_app_ends_and_whoever_started_it_hears_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(FleetScreen, "compose", broken_compose)
    app = SsmtuiApp(demo_inquiry())
    with pytest.raises(ValueError, match="a secret"):
        async with app.run_test():
            pass
    assert isinstance(app.fatal_error, ValueError)
    assert capsys.readouterr() == ("", "")


def test_what_ended_the_app_is_a_defect_of_the_command() -> None:
    class Ended(HardenedApp):
        def run(self, *_arguments: object, **_others: object) -> None:
            self.fatal_error = ValueError("why")

    with pytest.raises(ValueError, match="why"):
        run_app(Ended())
