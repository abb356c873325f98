from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssmtui.changes.desk import ChangeDesk, open_desk
from ssmtui.diagnosis.live import Asked, LiveDiagnosis
from ssmtui.evidence.described_machine import MachineDescription
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]

StartDiagnosis = Callable[[], LiveDiagnosis]


@pytest.fixture
def demo(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    """The demo's simulated AWS, where this process' environment points at it."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    aws.load("demo")
    return aws


@pytest.fixture
def live(demo: SimulatedAws) -> Iterator[StartDiagnosis]:
    """Starts the real diagnosis of the demo's fleet, from the demo's computer; ended with the test."""
    started: list[LiveDiagnosis] = []

    def start() -> LiveDiagnosis:
        machine = MachineDescription().machine
        asked = Asked(regions=demo.regions, endpoint_url=demo.endpoint_url, machine=machine)
        started.append(LiveDiagnosis.start(asked))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def desk(demo: SimulatedAws, tmp_path: Path) -> Iterator[ChangeDesk]:
    """The real desk, with a journal of its own."""
    desk = open_desk(tmp_path / "journal", endpoint_url=demo.endpoint_url)
    yield desk
    desk.close()
