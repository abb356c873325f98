"""One screen at one size, to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.scenes import SCENES
from tools.screen import main


def test_a_scene_is_printed_at_the_size_asked_for_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "screen.svg"
    assert main("fleet-checking", "90x20", picture) == 0
    told = capsys.readouterr().out
    *screen, where = told.splitlines()
    assert (len(screen), {len(line) for line in screen}) == (20, {90})
    assert "checking…" in told
    assert where == f"The picture: {picture}"
    assert "<svg" in picture.read_text(encoding="utf-8")


def test_a_scene_that_is_not_there_is_told_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("flet", "", Path("never.svg")) == 2
    told = capsys.readouterr().err
    assert told.startswith("There is no scene flet; there are ")
    assert all(each.name in told for each in SCENES)
