"""What a game is played on: the demo's simulated AWS, diagnosed anew, with a desk that is witnessed or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.session.session_service import SessionService
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.ui.app.app import SsmtuiApp
from tools.trust.monkey.deeds import Strike
from tools.trust.monkey.sessions import DicedSessions
from tools.trust.monkey.witness import WitnessedDesk


@dataclass(frozen=True, slots=True)
class Stage:
    """What the app is opened on. `written` says which writes AWS has been asked for so far."""

    handle: Callable[[], DiagnosisHandle]
    desk: ChangeService | None
    sessions: SessionService | None
    written: Callable[[], tuple[str, ...]]
    strike: Callable[[Strike], None]
    folder: Path

    def app(self) -> SsmtuiApp:
        """The app on it: it saves into the folder, and starts no program."""
        app = SsmtuiApp(self.handle, self.desk, mode="demo", sessions=self.sessions)
        app.saving.write_report = lambda *_shown: self.folder / "report.html"
        app.saving.write_snapshot = lambda: ("saved",)
        app.animation_level = "none"
        if isinstance(self.desk, WitnessedDesk):
            self.desk.app = app
        return app


@contextmanager
def simulated(aws: SimulatedAws, seed: int, *, writing: bool) -> Iterator[Stage]:
    """The demo's world as it was built, without faults; in read-only mode there is neither desk nor sessions."""
    aws.load("demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # At the far end of SSH no browser is opened, whatever display there is.
    environment |= aws.environment | {"SSH_TTY": "/dev/null"}
    with (
        TemporaryDirectory(prefix="monkey-") as folder,
        patch.dict(os.environ, environment, clear=True),
        no_programs(),
    ):

        def start() -> LiveDiagnosis:
            asked = DiagnosisRequest(
                regions=aws.regions, endpoint_url=aws.endpoint_url, workstation=WorkstationDescription().workstation
            )
            return LiveDiagnosis.start(asked)

        desk = WitnessedDesk(Path(folder) / "journal", aws) if writing else None
        try:
            yield Stage(
                start,
                desk,
                DicedSessions(seed) if writing else None,
                lambda: tuple(f"{each.service}:{each.operation}" for each in aws.journal.writes),
                lambda strike: aws.fault(strike.kind, strike.service, times=strike.times),
                Path(folder),
            )
        finally:
            aws.clear_faults()  # what a timeout holds would be waited for
            if desk is not None:
                desk.close()


@contextmanager
def no_programs() -> Iterator[None]:
    """Lend the terminal to nobody, and start no login."""

    @contextmanager
    def aside(_app: SsmtuiApp) -> Iterator[None]:
        yield

    with patch.object(SsmtuiApp, "suspend", aside), patch("ssmtui.ui.app.scope_switching.run_login", lambda *_words: 0):
        yield
