"""`Ctrl+S` in the app asks for a name, and saves the report of what is shown as `check` writes it, or says why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ssmtui.cli.report_writing import save_report
from ssmtui.ui.screens.input_dialogs import ChoiceDialog
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until


async def asked(shown: Opened, name: str = "") -> None:
    """Press the key, and give a name instead of the one that stands there."""
    shown.app.clear_notifications()
    await shown.press("ctrl+s")
    await shown.until_screen(ChoiceDialog)
    if name:
        await shown.press("ctrl+u", *("full_stop" if each == "." else each for each in name))


async def told(shown: Opened, title: str) -> list[str]:
    await until(shown.pilot, lambda: title in [each.title for each in shown.app._notifications])
    return [each.message for each in shown.app._notifications]


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


@pytest.mark.long
async def test_what_is_shown_is_saved_whole_or_it_is_said_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(demo_inquiry()) as shown:
        await shown.press("ctrl+s")
        assert await told(shown, "Not saved") == ["You are viewing a saved file."]
        shown.app.saving.write_report = save_report

        await asked(shown)
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        await asked(shown)
        await shown.press("ctrl+u", "enter")
        await shown.until_said("a name must have at least one character")
        await shown.press("escape")
        assert files(tmp_path) == set()

        await asked(shown)
        await shown.press("enter")
        assert await told(shown, "Saved") == [
            f"ssmtui-20261124T120000Z.json\nin {tmp_path}. To open it, run ssmtui report open."
        ]
        report = json.loads((tmp_path / "ssmtui-20261124T120000Z.json").read_text(encoding="utf-8"))
        assert (report["schema"], len(report["nodes"])) == ("ssmtui.report/1", 45)

        await asked(shown)
        await shown.press("enter")
        await shown.until_said("there is a file of this name already")
        await shown.press("escape")

        await asked(shown, "fleet.html")
        await shown.press("enter")
        assert await told(shown, "Saved") == [f"fleet.html\nin {tmp_path}"]
        assert "<html" in (tmp_path / "fleet.html").read_text(encoding="utf-8")
        assert files(tmp_path) == {"fleet.html", "ssmtui-20261124T120000Z.json"}

        await asked(shown, "fleet.csv")
        monkeypatch.setattr(Path, "cwd", lambda: tmp_path / "gone")
        await shown.press("enter")
        await told(shown, "Not saved")
