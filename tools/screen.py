"""Show one screen at one size: `make screen SCENE=node SIZE=100x30` prints it, and saves it as a picture."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.remediation.apply.change_service import ChangeService, open_change_service
from ssmtui.simulator.in_thread import serving
from ssmtui.simulator.process import without_aws_variables
from tests.ui.played import played
from tests.ui.scenes import SCENES, Scene


def main(name: str, size: str, picture: Path) -> int:
    """Play the scene of that name at `WIDTHxHEIGHT`, or at its own size; return 2 if there is none."""
    scene = next((each for each in SCENES if each.name == name), None)
    if scene is None:
        print(f"There is no scene {name}; there are {', '.join(each.name for each in SCENES)}.", file=sys.stderr)
        return 2
    if size:
        columns, _, lines = size.partition("x")
        scene = replace(scene, size=(int(columns), int(lines)))
    with tempfile.TemporaryDirectory() as folder, what_it_shows(scene, Path(folder)) as (handle, desk):
        text, drawn = asyncio.run(taken(scene, handle, desk))
    picture.write_text(drawn, encoding="utf-8")
    print(text)
    print(f"The picture: {picture}")
    return 0


@contextmanager
def what_it_shows(scene: Scene, folder: Path) -> Iterator[tuple[DiagnosisHandle, ChangeService | None]]:
    """Yield the scene's own diagnosis, or that of the demo's fleet, and the service for changes."""
    if scene.world is not None:
        yield scene.world(), scene.desk(folder) if scene.desk else None
        return
    with serving() as aws:
        aws.load("demo")
        os.environ.update(without_aws_variables({}, aws.environment))
        asked = DiagnosisRequest(
            regions=aws.regions, endpoint_url=aws.endpoint_url, workstation=WorkstationDescription().workstation
        )
        diagnosis, desk = (
            LiveDiagnosis.start(asked),
            open_change_service(folder / "journal", endpoint_url=aws.endpoint_url),
        )
        try:
            yield diagnosis, desk
        finally:
            desk.close()
            diagnosis.close()


async def taken(scene: Scene, handle: DiagnosisHandle, desk: ChangeService | None) -> tuple[str, str]:
    """Return the screen as text and as a picture."""
    async with played(scene, handle, desk) as shown:
        return shown.painted, shown.app.export_screenshot()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "", Path("screen.svg")))
