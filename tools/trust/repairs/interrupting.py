"""Ways in which a change is interrupted at one of its calls, and a writer that is interrupted so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ssmtui.model.plan import JSON
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    ChangeWriter,
    OutcomeUnknownError,
    Response,
)


class Killed(BaseException):
    """The process ends here: nothing catches it, and nothing is written down after it."""


class Kind(Enum):
    """How a change is interrupted at a call. Where an answer is lost, AWS cannot be reached any more either."""

    REFUSED = "refused by AWS"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    LOST_BEFORE = "lost on its way"
    LOST_AFTER = "made, and its answer lost"


@dataclass
class InterruptedWriter:
    """A writer whose call at a place, counted from 0, is interrupted."""

    writer: ChangeWriter
    at: int
    kind: Kind
    calls: int = 0
    is_cut_off: bool = False

    def account(self) -> str:
        self._reach()
        return self.writer.account()

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        self._reach()
        return self.writer.read(service, operation, parameters)

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        self._reach()
        at, self.calls = self.calls, self.calls + 1
        if at != self.at:
            return self.writer.write(service, operation, parameters)
        match self.kind:
            case Kind.REFUSED:
                raise ChangeRefusedError(f"{service}:{operation}", "not authorized to perform it")
            case Kind.KILLED_BEFORE:
                raise Killed
            case Kind.KILLED_AFTER:
                self.writer.write(service, operation, parameters)
                raise Killed
            case Kind.LOST_BEFORE | Kind.LOST_AFTER as kind:
                if kind is Kind.LOST_AFTER:
                    self.writer.write(service, operation, parameters)
                self.is_cut_off = True
                raise OutcomeUnknownError("no answer came")

    def pause(self) -> None:
        """No time passes."""

    def _reach(self) -> None:
        if self.is_cut_off:
            raise ChangeFailedError("", "AWS cannot be reached")
