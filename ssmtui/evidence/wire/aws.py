"""What a reader may ask of AWS, and how AWS can refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable


class AwsError(Exception):
    """AWS answered with an error that says something about the thing asked for (`NoSuchEntity`).

    `source` is the call that it answered.
    """

    def __init__(self, code: str, message: str, source: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.source = source


class ReadFailed(Exception):
    """A read that was refused, throttled beyond patience, or had no answer. Carries what stands in the fact's place."""

    def __init__(self, unreadable: Unreadable) -> None:
        super().__init__(unreadable.why)
        self.unreadable = unreadable


class MalformedAnswer(Exception):
    """An answer of AWS that has not its documented form."""


class Aws(Protocol):
    """One scope's way to AWS: named read operations only.

    Raises:
        AwsError: AWS's answer is an error about the thing asked for.
        ReadFailed: there is no answer.

    """

    async def call(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        """The answer to one operation."""

    def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Mapping[str, Any]]:
        """The answers to one operation, page after page."""


def malformed(action: str) -> Unreadable:
    """What stands for a fact whose answer could not be understood: no permission would settle it."""
    return Unreadable(
        "", say("the answer to {action} is not of its documented form", action=action), Obstacle.MALFORMED, action
    )
