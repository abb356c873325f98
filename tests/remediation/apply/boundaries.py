"""What the next process finds out of a change whose process is killed: looked at before and after every single call."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ssmtui.model.plan import JSON
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import settle_open_changes
from ssmtui.remediation.apply.writer import Writer
from ssmtui.remediation.operations.write_operation import Response
from tests.remediation.apply.standing_still import StandingStill


@dataclass(frozen=True)
class Death:
    """A process killed when it had made so many calls: what the journal then says, once it has been settled."""

    made: int
    state: ChangeState


@dataclass
class WatchedWriter:
    """A writer beside which every moment is looked at as if the process had died there.

    The journal is copied as it lies on the disk, and settled as the next process would settle it. `sent` takes in what
    the change itself asks of AWS.
    """

    writer: Writer
    journal: Journal
    scope: Scope
    sent: set[tuple[str, str]]
    deaths: list[Death] = field(default_factory=list)
    made: int = 0

    def account(self) -> str:
        self.sent.add(("sts", "GetCallerIdentity"))
        return self.writer.account()

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        self.sent.add((service, operation))
        return self.writer.read(service, operation, parameters)

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        self.sent.add((service, operation))
        announced = self.journal.changes()[0]
        assert announced.state is ChangeState.PLANNED
        assert (service, operation) in {(call.service, call.operation) for call in announced.calls}
        self._die(announced.id)
        answer = self.writer.write(service, operation, parameters)
        self.made += 1
        self._die(announced.id)
        return answer

    def pause(self) -> None:
        self.writer.pause()

    def _die(self, change_id: str) -> None:
        folder = self.journal.file.parent
        copy = Path(f"{folder}-copy-{len(self.deaths)}-{change_id}")
        shutil.copytree(folder, copy)
        left = Journal(copy)
        assert settle_open_changes(self.scope, StandingStill(self.writer), left) is None
        (change,) = (each for each in left.changes() if each.id == change_id)
        self.deaths.append(Death(self.made, change.state))


def assert_the_journal_tells_the_truth(deaths: list[Death], *, calls: int, before: bool, after: bool) -> None:
    """Not made is what no call was made of, and applied what all were made of; in between it is open, and half made.

    `before` and `after` say whether AWS tells that it has not been made, and that it has.
    """
    for death in deaths:
        if not death.made:
            assert death.state is (ChangeState.FAILED if before else ChangeState.PLANNED)
        elif death.made >= calls:
            assert death.state is (ChangeState.APPLIED if after else ChangeState.PLANNED)
        else:
            assert death.state in (ChangeState.PLANNED, ChangeState.UNSURE)
    assert {death.made for death in deaths} >= set(range(calls + 1))
