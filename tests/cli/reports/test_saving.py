"""`Ctrl+S` in the app: the report of what is shown, as `check --format json` would write it, or why it is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ssmtui.cli.report_writing import save_report
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until


async def saving(shown: Opened, title: str) -> None:
    """Press the key, and wait for what is said of it."""
    shown.app.clear_notifications()
    await shown.press("ctrl+s")
    await until(shown.pilot, lambda: title in [each.title for each in shown.app._notifications])


def the_only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


async def test_what_is_shown_is_saved_whole_or_it_is_said_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(demo_inquiry()) as shown:
        await saving(shown, "Not saved")  # it is a report that is shown
        shown.app.saving.write_report = save_report
        await saving(shown, "Saved")
        file = the_only_file(tmp_path)
        told = [each.message for each in shown.app._notifications]
        assert told == [f"ssmtui-20261124T120000Z.json\nin {tmp_path}: ssmtui report open shows it again."]
        report = json.loads(file.read_text(encoding="utf-8"))
        assert file.name == "ssmtui-20261124T120000Z.json"
        assert (report["schema"], len(report["nodes"])) == ("ssmtui.report/1", 45)
        monkeypatch.setattr(Path, "cwd", lambda: tmp_path / "gone")
        await saving(shown, "Not saved")
