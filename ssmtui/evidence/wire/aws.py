"""What a reader may ask of AWS, and how AWS can refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from ssmtui.evidence.wire.answer import Answer
from ssmtui.model.answers import Unreadable


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


class Aws(Protocol):
    """One scope's way to AWS: named read operations only.

    Raises:
        AwsError: AWS's answer is an error about the thing asked for.
        ReadFailed: there is no answer.
        MalformedAnswer: the answer is not even a structure, or its pages have no end.

    """

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """The answer to one operation."""

    def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        """The answers to one operation, page after page."""


class ScopeWay(Aws, Protocol):
    """A scope's way to AWS for whoever diagnoses it: what it took, and whether somebody is waited for."""

    @property
    def calls(self) -> Mapping[str, int]:
        """How many requests have been sent, by `service:Operation`."""

    @property
    def throttled(self) -> bool:
        """Whether reads are being held back because AWS asked to slow down."""

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The calls that have been waited for long, as `service:Operation`, the longest first."""

    async def let_go(self) -> None:
        """Close the connections; the next read opens them again."""
