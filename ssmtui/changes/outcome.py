"""How an attempt to change something ended, as a value: all that the screen and the command line need to say."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.changes.change import Change


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Three texts of one thing that somebody else has changed: as it was expected, as it was to be, as it is now."""

    expected: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class Applied:
    """Made. `notes` are sentences about what went otherwise."""

    change: Change
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed: somebody was here before, AWS refused (`action`, if it said which), or it makes no sense."""

    why: str
    disagreement: Disagreement | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was changed: AWS answered with an error, or could not be reached."""

    why: str


@dataclass(frozen=True, slots=True)
class FailedOnNode:
    """A node took the command, and it ended otherwise than well: what it did before that stays done."""

    why: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """Sent, and not known whether it was carried out. The journal knows it; the next undo reads back what it became.

    `in_part` says that some of its calls were made, and that the next one is known not to be.
    """

    why: str
    change: Change
    in_part: bool = False


@dataclass(frozen=True, slots=True)
class Defective:
    """A defect of ours ended it; `why` names the place. `change` stands open in the journal; None: nothing was sent."""

    why: str
    change: Change | None


ChangeOutcome = Applied | Refused | Failed | FailedOnNode | Unsure | Defective
