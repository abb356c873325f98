from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.evidence.snapshots.snapshot_file import read_snapshot, write_snapshot
from ssmtui.model.access_denied import LOOKUP_ACTION
from ssmtui.model.finding import JOURNAL, WORKSTATION
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_aws import point_at
from tests.simulated_here import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]

Diagnose = Callable[..., FleetState]


@pytest.fixture
def at_simulator(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    """The simulated AWS, where this process' environment points at it and at nothing of the person's own."""
    point_at(aws, monkeypatch)
    return aws


def diagnosed(aws: SimulatedAws, *nodes: str) -> FleetState:
    """A simulated AWS as it stands, that the environment points at, diagnosed in all its Regions to the end."""
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url, nodes=nodes))
    try:
        return follow(live)
    finally:
        live.close()


def diagnosed_twice(aws: SimulatedAws) -> tuple[FleetState, FleetState]:
    """A simulated AWS diagnosed to the end, and diagnosed again by what was read then, as a snapshot holds it."""
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url))
    try:
        state, snapshot = follow(live), live.snapshot(with_fixes=False).result()
    finally:
        live.close()
    file = io.BytesIO()
    write_snapshot(snapshot, file)
    replay = ReplayedDiagnosis(read_snapshot(io.BytesIO(file.getvalue())).snapshot, "it is a snapshot")
    try:
        return state, follow(replay)
    finally:
        replay.close()


SOURCES = {":".join(each) for each in all_reads()} | {LOOKUP_ACTION, WORKSTATION, JOURNAL}
"""What evidence of a diagnosis comes from: a call by its operation, AWS's own word for a refusal, or no call at all."""


def without_source(told: FleetState) -> list[str]:
    """The findings with evidence that does not say by which call, or from what else, it came; with what it says."""
    return [
        f"{held.id}: {each.source!r}"
        for held in told.findings.values()
        for each in held.finding.evidence
        if not SOURCES.issuperset(each.source.split(", "))
    ]


@pytest.fixture
def diagnose(at_simulator: SimulatedAws) -> Diagnose:
    """Diagnoses a simulated AWS as it stands, in all its Regions, to the end."""
    return partial(diagnosed, at_simulator)
