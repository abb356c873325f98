"""How an operation is carried out, where there is more to it than one call; and how an unknown outcome is settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from ssmtui.changes.writing import Response, Writing
from ssmtui.model.plan import JSON

Parameters = Mapping[str, JSON]


class Settled(Enum):
    """What reading back says of a write without an answer, where it does not say that it was made."""

    NOT_MADE = "not made"
    UNKNOWN = "unknown"


Look = Callable[[Writing, Parameters], Response | Settled]
"""One look at whether a write was made: its answer, or as if it had been answered, where it was."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """`perform` makes the write and waits until it counts; `look` reads once whether the write has been made.

    `is_named_by_aws` says that AWS chooses the name of what the write makes. Somebody else can have made the like, so
    it is removed only if `look` is sure that it is the write's own.
    """

    perform: Callable[[Writing, Parameters], Response]
    look: Look
    is_named_by_aws: bool = False

    def settle(self, writer: Writing, parameters: Parameters) -> Response | Settled:
        """Read whether a write without answer was made; it may still be on its way, so more than once."""
        return with_patience(writer, lambda: self.look(writer, parameters))


_LOOKS = 20


def sent_once(service: str, operation: str, look: Look) -> Conduct:
    """The conduct of an operation that has done its work when AWS answers. `look` tells whether it was made."""

    def perform(writer: Writing, parameters: Parameters) -> Response:
        return writer.write(service, operation, parameters)

    return Conduct(perform, look)


def with_patience(writer: Writing, settled: Callable[[], Response | Settled]) -> Response | Settled:
    """A write whose answer was lost may still be on its way: it is looked for more than once."""
    found = settled()
    for _ in range(_LOOKS):
        if found is not Settled.NOT_MADE:
            break
        writer.pause()
        found = settled()
    return found
