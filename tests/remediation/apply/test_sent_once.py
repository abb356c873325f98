"""A write whose answer never came is sent once, whatever the operation: it is read back before anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from ssmtui.model.plan import JSON
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.write_operation import OutcomeUnknownError, Response

PARAMETERS: Mapping[str, JSON] = {
    "Name": "SSM-SessionManagerRunShell",
    "Content": "{}",
    "DocumentFormat": "JSON",
    "DocumentVersion": "1",
    "InstanceIds": ["i-0123456789abcdef0"],
}


@dataclass
class Lost:
    """An AWS that takes writes and gives no answer to any."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def account(self) -> str:
        return "123456789012"

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        return {}

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        self.sent.append((service, operation))
        raise OutcomeUnknownError("no answer came")

    def pause(self) -> None:
        return


@pytest.mark.parametrize("operation", sorted(WRITE_OPERATIONS), ids=":".join)
def test_a_write_without_an_answer_is_not_sent_again(operation: tuple[str, str]) -> None:
    aws = Lost()
    with pytest.raises(OutcomeUnknownError, match="no answer came"):
        WRITE_OPERATIONS[operation].perform(aws, PARAMETERS)
    assert aws.sent == [operation]
