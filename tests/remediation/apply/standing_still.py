"""Reading of an AWS that nobody changes meanwhile: what is looked for again and again is asked once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ssmtui.model.plan import JSON
from ssmtui.remediation.operations.write_operation import ChangeWriter, Response


@dataclass
class StandingStill:
    """A writer that writes nothing: each of its reads is AWS's own answer, and the same whenever it is asked again."""

    writer: ChangeWriter
    answers: dict[str, Response | None] = field(default_factory=dict)

    def account(self) -> str:
        return self.writer.account()

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        asked = json.dumps([service, operation, parameters], sort_keys=True)
        if asked not in self.answers:
            self.answers[asked] = self.writer.read(service, operation, parameters)
        return self.answers[asked]

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        raise AssertionError(f"{service}:{operation} would be written where things are only looked at")

    def pause(self) -> None:
        """No time passes."""
