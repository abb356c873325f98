"""Write the snapshots that later versions must read: `python -m tools.released_files`, before a release.

They are written to `tests/released/VERSION/`. The journal and the UI state of a version are added by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ssmtui import __version__
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.snapshots.snapshot_file import write_snapshot
from ssmtui.simulator.in_thread import SimulatedAws, serving
from tests.simulated_aws import point_at

FOLDER = Path(__file__).parents[1] / "tests" / "released"
WORLDS = ("agent-asleep", "key-missing", "log-group-unreadable")
"""Simulated accounts with few nodes, whose diagnosis needs many types of facts."""


def record(aws: SimulatedAws, world: str, file: Path) -> None:
    """Write a snapshot of a simulated world."""
    aws.load(world)
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url))
    try:
        follow(live)
        snapshot = live.snapshot(with_fixes=True).result()
    finally:
        live.close()
    with file.open("wb") as opened:
        write_snapshot(snapshot, opened)


def main() -> int:
    """Record each world with this version."""
    folder = FOLDER / __version__
    folder.mkdir(parents=True, exist_ok=True)
    with serving() as aws, pytest.MonkeyPatch.context() as patch:
        point_at(aws, patch)
        for world in WORLDS:
            record(aws, world, folder / f"{world}.snapshot")
    return 0


if __name__ == "__main__":
    sys.exit(main())
