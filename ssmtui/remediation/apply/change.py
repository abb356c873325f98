"""A change as the journal knows it, and the result of an attempt to apply or undo one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from ssmtui.language import say
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.finding import Subject
from ssmtui.model.plan import Call, Guard, Plan, UndoPlan
from ssmtui.model.scope import Scope


class ChangeState(Enum):
    """What is known of a change. `PLANNED`: its process is still running or was killed."""

    PLANNED = "planned"
    APPLIED = "applied"
    FAILED = "failed"
    UNSURE = "unsure"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Change:
    """A change. `id` begins with the time and sorts by it; `at` is when it was planned (UTC).

    `undoes` is the ID of the change that this change undoes. `results` are values from AWS's answers by path (the new
    version of a document); `notes` and `why` describe the result. `settles_within` is the longest documented delay, and
    `awaited_by` are the IDs of the nodes on which the effect must still show. `finding_id` and `choices` are those of
    the plan, with which a redo plans the change again.
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
    finding_id: str = ""
    choices: Choices = NOTHING_CHOSEN

    @property
    def is_open(self) -> bool:
        """Return whether it is unknown if the change was made."""
        return self.state in (ChangeState.PLANNED, ChangeState.UNSURE)

    @property
    def can_be_undone(self) -> bool:
        """Return whether the change was made, perhaps in part, and can be undone."""
        return not self.why_it_stays

    @property
    def why_it_stays(self) -> str:
        """Return why the change cannot be undone; empty if it can."""
        match self.state:
            case ChangeState.UNDONE:
                return say("the change is already undone")
            case ChangeState.FAILED:
                return say("the change was never applied, so there is nothing to undo")
        if self.way_back.calls:
            return ""
        if self.undoes and self.is_open:
            return say("the undo of {change} was interrupted: undo {change} again", change=self.undoes)
        if self.undoes:
            return say("an undo cannot be undone: apply the original change again")
        return say("the change cannot be undone. {undo}", undo=self.undo)

    @property
    def why_not_redone(self) -> str:
        """Return why the change cannot be redone; empty if it can."""
        if self.state is not ChangeState.UNDONE:
            return say("the change is not undone, so there is nothing to redo")
        return ""

    def is_same_as(self, other: Change | Plan) -> bool:
        """Return whether a plan, or another change, changes the same resource from the same state to the same state.

        A text can end in more newlines: AWS refuses a text that it had before.
        """
        return (self.fix, self.title, self.subject, self.before.rstrip(), self.after.rstrip()) == (
            *(other.fix, other.title, other.subject),
            *(other.before.rstrip(), other.after.rstrip()),
        )

    def is_of(self, scope: Scope) -> bool:
        """Return whether the change was made in the same account and Region."""
        return (self.scope.account, self.scope.region) == (scope.account, scope.region)


@dataclass(frozen=True, slots=True)
class ChangeEnding:
    """The end of a change, as a separate journal entry."""

    change_id: str
    state: ChangeState
    results: Mapping[str, str]
    notes: tuple[str, ...]
    why: str

    def of(self, change: Change) -> Change:
        """Return the change with this end."""
        return replace(change, state=self.state, results=self.results, notes=self.notes, why=self.why)


@dataclass(frozen=True, slots=True)
class EditConflict:
    """The three texts of a resource that somebody else changed: the expected, the planned, and the current text."""

    expected: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class AppliedOutcome:
    """The change was made. `notes` are sentences about deviations."""

    change: Change
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedOutcome:
    """Nothing was changed.

    Somebody else made an edit, AWS refused (`action`, if AWS named it), or the change makes no sense.
    """

    why: str
    edit_conflict: EditConflict | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class FailedOutcome:
    """Nothing was changed: AWS answered with an error, or could not be reached."""

    why: str


@dataclass(frozen=True, slots=True)
class NodeFailureOutcome:
    """A node received the command, but the command failed: its effects until the failure remain."""

    why: str


@dataclass(frozen=True, slots=True)
class UnsureOutcome:
    """A call was sent, but its result is unknown. The journal has the change; the next undo reads the current state.

    `in_part`: some calls were made, and the next call was certainly not made.
    """

    why: str
    change: Change
    in_part: bool = False


@dataclass(frozen=True, slots=True)
class DefectOutcome:
    """An internal error ended the attempt; `why` names the place.

    `change` is open in the journal; None: nothing was sent.
    """

    why: str
    change: Change | None


ChangeOutcome = AppliedOutcome | RefusedOutcome | FailedOutcome | NodeFailureOutcome | UnsureOutcome | DefectOutcome
