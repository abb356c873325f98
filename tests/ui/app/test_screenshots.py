"""The pictures of the README are the golden files of the screens: compared byte for byte.

`make screenshots` (SSMTUI_UPDATE_SCREENSHOTS=1) makes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.remediation.apply.change_service import ChangeService
from tests.ui.conftest import StartDiagnosis
from tests.ui.played import played
from tests.ui.scenes import SCENES, Scene

FOLDER = Path(__file__).parents[3] / "screenshots"
UPDATE = "SSMTUI_UPDATE_SCREENSHOTS"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_the_screen_is_as_it_was(
    scene: Scene, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without colour a picture is another one, and an animation is never twice the same.
    monkeypatch.delenv("NO_COLOR", raising=False)
    picture = await taken(scene, request)
    golden = FOLDER / f"{scene.name}.svg"
    if os.environ.get(UPDATE):
        FOLDER.mkdir(exist_ok=True)
        golden.write_text(picture, encoding="utf-8")
    assert golden.exists(), f"no picture of {scene.name} yet: make screenshots"
    assert picture == golden.read_text(encoding="utf-8"), f"{scene.name} looks different: make screenshots, and look"


def test_no_picture_is_of_a_scene_that_is_no_more() -> None:
    assert {file.stem for file in FOLDER.glob("*.svg")} <= {scene.name for scene in SCENES}


async def taken(scene: Scene, request: pytest.FixtureRequest) -> str:
    handle: DiagnosisHandle
    desk: ChangeService | None = None
    if scene.world is not None:
        handle = scene.world()
        desk = scene.desk(request.getfixturevalue("tmp_path")) if scene.desk else None
    else:
        handle, desk = _of_the_demo(scene, request), request.getfixturevalue("desk")
    async with played(scene, handle, desk) as shown:
        return shown.app.export_screenshot()


def _of_the_demo(scene: Scene, request: pytest.FixtureRequest) -> DiagnosisHandle:
    if not scene.changes:
        replayed: DiagnosisHandle = request.getfixturevalue("replayed")
        return replayed
    start: StartDiagnosis = request.getfixturevalue("live")
    return start()
