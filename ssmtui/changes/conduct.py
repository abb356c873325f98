"""How an operation is carried out, where there is more to it than one call; and how an unknown outcome is settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from ssmtui.changes.writing import Answer, Writing
from ssmtui.model.plan import JSON

Parameters = Mapping[str, JSON]


class Settled(Enum):
    """What reading back says of a write without an answer, where it does not say that it was made."""

    NOT_MADE = "not made"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Conduct:
    """`perform` makes the write and waits until it counts; `settle` reads whether a write without answer was made."""

    perform: Callable[[Writing, Parameters], Answer]
    settle: Callable[[Writing, Parameters], Answer | Settled]
