from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.language import Language, set_language
from ssmtui.remediation.apply.change_service import ChangeService, open_change_service
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_aws import point_at
from tests.simulated_here import aws, simulated_aws
from tests.ui.replayed import Replayed, told_until_settled

__all__ = ["aws", "simulated_aws"]

StartDiagnosis = Callable[[], LiveDiagnosis]
Settled = tuple[LiveDiagnosis, tuple[Event, ...]]


def start_on(aws: SimulatedAws, patch: pytest.MonkeyPatch) -> LiveDiagnosis:
    """The real diagnosis of the demo's fleet, from the demo's computer."""
    point_at(aws, patch)
    asked = DiagnosisRequest(
        regions=aws.regions, endpoint_url=aws.endpoint_url, workstation=WorkstationDescription().workstation
    )
    return LiveDiagnosis.start(asked)


@pytest.fixture(autouse=True)
def notices_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice that was given is there to be read however long a test takes: Textual forgets it after some seconds."""
    monkeypatch.setattr("textual.notifications.time", lambda: 0.0)


@pytest.fixture(autouse=True)
def no_clipboard_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program of this computer changes its clipboard."""
    monkeypatch.setattr("ssmtui.ui.screens.screen_behaviour.copy_with_programs", lambda _text, _environment: False)


@pytest.fixture
def demo(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    """The demo's simulated AWS, where this process' environment points at it."""
    point_at(aws, monkeypatch)
    aws.load("demo")
    return aws


@pytest.fixture
def live(demo: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartDiagnosis]:
    """Starts the real diagnosis of the demo's fleet; ended with the test."""
    started: list[LiveDiagnosis] = []

    def start() -> LiveDiagnosis:
        started.append(start_on(demo, monkeypatch))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture(scope="module")
def settled(simulated_aws: SimulatedAws) -> Iterator[Settled]:
    """The real diagnosis of the demo's fleet, made once for the tests of a module that change nothing."""
    with pytest.MonkeyPatch.context() as patch:
        simulated_aws.load("demo")
        diagnosis = start_on(simulated_aws, patch)
        yield diagnosis, told_until_settled(diagnosis)
        diagnosis.close()


@pytest.fixture
def replayed(settled: Settled, demo: SimulatedAws) -> Replayed:
    """That diagnosis told to one app, on the demo's AWS as it was."""
    return Replayed(*settled)


@pytest.fixture
def desk(demo: SimulatedAws, tmp_path: Path) -> Iterator[ChangeService]:
    """The real desk, with a journal of its own."""
    desk = open_change_service(tmp_path / "journal", endpoint_url=demo.endpoint_url)
    yield desk
    desk.close()


@pytest.fixture
def in_french(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """French is spoken for as long as the test lasts."""
    monkeypatch.delenv("LANGUAGE", raising=False)
    set_language(Language.FRENCH)
    yield
    set_language(Language.ENGLISH)
