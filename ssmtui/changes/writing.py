"""What applying a change asks of whoever can write: a narrow thing, so that tests can stand in for AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ssmtui.model.plan import JSON

Answer = Mapping[str, JSON]


class Writing(Protocol):
    """One scope's way to change AWS, one call at a time.

    Raises:
        ChangeRefused: AWS does not permit the call.
        ChangeFailed: an error, after which nothing is changed.
        ChangedMeanwhile: only of a write: the version that it names is not the newest.
        OutcomeUnknown: only of a write: it may have been carried out.

    """

    def account(self) -> str:
        """The account that the credentials belong to, now."""

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Answer | None:
        """The answer to a read; None where AWS says that there is no such thing."""

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Answer:
        """The answer to a write, which is sent once."""

    def pause(self) -> None:
        """Wait a moment, until AWS may have got further."""


def value_at(answer: JSON, path: str) -> str | None:
    """The text, or number as text, where `path` leads in an answer (`Document.LatestVersion`)."""
    for name in path.split("."):
        if not isinstance(answer, Mapping):
            return None
        answer = answer.get(name)
    if isinstance(answer, str):
        return answer
    return str(answer) if isinstance(answer, int) and not isinstance(answer, bool) else None
