"""A change as the journal knows it, and the result of an attempt to apply or undo one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from ssmtui.language import say
from ssmtui.model.finding import Subject
from ssmtui.model.plan import Call, Guard, UndoPlan
from ssmtui.model.scope import Scope


class ChangeState(Enum):
    """What is known of a change. `PLANNED` is one whose process ended, or is still at it."""

    PLANNED = "planned"
    APPLIED = "applied"
    FAILED = "failed"
    UNSURE = "unsure"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `id` begins with the time and sorts by it; `at` is when it was planned (UTC).

    `undoes` names the change that this one takes back. `results` are values of AWS's answers by their path (the new
    version of a document); `notes` and `why` say how it went. `settles_within` is the longest documented delay, and
    `awaited_by` are the ids of the nodes that it has yet to show on until then.
    """

    id: str
    at: datetime
    fix: str
    title: str
    scope: Scope
    subject: Subject
    guards: tuple[Guard, ...]
    calls: tuple[Call, ...]
    before: str
    after: str
    way_back: UndoPlan
    undo: str
    undoes: str
    state: ChangeState = ChangeState.PLANNED
    results: Mapping[str, str] | None = None
    notes: tuple[str, ...] = ()
    why: str = ""
    settles_within: timedelta | None = None
    awaited_by: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is not known whether the change was made."""
        return self.state in (ChangeState.PLANNED, ChangeState.UNSURE)

    @property
    def can_be_undone(self) -> bool:
        """Whether it was, or may have been, made, and has a way back."""
        return not self.why_it_stays

    @property
    def why_it_stays(self) -> str:
        """Why it cannot be taken back; empty where it can."""
        match self.state:
            case ChangeState.UNDONE:
                return say("it has been taken back already")
            case ChangeState.FAILED:
                return say("it was never made, so there is nothing to take back")
        if self.way_back.calls:
            return ""
        if self.undoes and self.is_open:
            return say("it was to take back {change}, and was interrupted: take that back again", change=self.undoes)
        if self.undoes:
            return say("it took another change back: make that change again instead")
        return say("it cannot be taken back. {undo}", undo=self.undo)

    def is_of(self, scope: Scope) -> bool:
        """Whether it was made in the same Region of the same account."""
        return (self.scope.account, self.scope.region) == (scope.account, scope.region)


@dataclass(frozen=True, slots=True)
class ChangeEnding:
    """What became of a change, as an entry of its own."""

    change_id: str
    state: ChangeState
    results: Mapping[str, str]
    notes: tuple[str, ...]
    why: str

    def of(self, change: Change) -> Change:
        """The change, now that this is known."""
        return replace(change, state=self.state, results=self.results, notes=self.notes, why=self.why)


@dataclass(frozen=True, slots=True)
class EditConflict:
    """Three texts of one thing that somebody else has changed: as it was expected, as it was to be, as it is now."""

    expected: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class AppliedOutcome:
    """Made. `notes` are sentences about what went otherwise."""

    change: Change
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedOutcome:
    """Nothing was changed: somebody was here before, AWS refused (`action`, if it said which), or it makes no sense."""

    why: str
    edit_conflict: EditConflict | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class FailedOutcome:
    """Nothing was changed: AWS answered with an error, or could not be reached."""

    why: str


@dataclass(frozen=True, slots=True)
class NodeFailureOutcome:
    """A node took the command, and it ended otherwise than well: what it did before that stays done."""

    why: str


@dataclass(frozen=True, slots=True)
class UnsureOutcome:
    """Sent, and not known whether it was carried out. The journal knows it; the next undo reads back what it became.

    `in_part` says that some of its calls were made, and that the next one is known not to be.
    """

    why: str
    change: Change
    in_part: bool = False


@dataclass(frozen=True, slots=True)
class DefectOutcome:
    """A defect of ours ended it; `why` names the place. `change` stands open in the journal; None: nothing was sent."""

    why: str
    change: Change | None


ChangeOutcome = AppliedOutcome | RefusedOutcome | FailedOutcome | NodeFailureOutcome | UnsureOutcome | DefectOutcome
