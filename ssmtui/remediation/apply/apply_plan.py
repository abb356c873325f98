"""Apply a plan: read the guards, write the journal, make the calls."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.fact import describe_internal_error
from ssmtui.model.plan import JSON, AnswerReference, Call, Guard, GuardReference, Parameter, Plan
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    Change,
    ChangeOutcome,
    DefectOutcome,
    EditConflict,
    FailedOutcome,
    NodeFailureOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.apply.journal import Journal, JournalUnusable
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.write_operation import (
    CallNotInPlan,
    ChangeFailedError,
    ChangeRefusedError,
    ChangeWriter,
    CommandFailedError,
    ConcurrentChangeError,
    Interrupted,
    OutcomeUnknownError,
    Response,
    Settlement,
    WriteOperation,
    value_at,
)

_CONTENT = "Content"


class SingleCallWriter:
    """A writer for a single call: sends the planned call once through another writer; again only if it had no effect.

    `parameters` are the parameters of the call, with the values from earlier answers.
    """

    def __init__(self, writer: ChangeWriter, call: Call, parameters: Mapping[str, JSON]) -> None:
        self._writer = writer
        self._call = call
        self._parameters = parameters
        self._is_made = False

    def account(self) -> str:
        """Return the account of the current credentials."""
        return self._writer.account()

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """Return the answer to a read; None if AWS says that the thing does not exist."""
        return self._writer.read(service, operation, parameters)

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """Send the call and return the answer.

        Raises:
            CallNotInPlan: the call is not the planned call, or was sent before.

        """
        planned = (self._call.service, self._call.operation) == (service, operation)
        if self._is_made or not planned or not self._says(parameters):
            raise CallNotInPlan(service, operation)
        self._is_made = True
        try:
            return self._writer.write(service, operation, parameters)
        except (ChangeFailedError, ChangeRefusedError, ConcurrentChangeError):
            self._is_made = False
            raise

    def pause(self) -> None:
        """Wait a moment."""
        self._writer.pause()

    def _says(self, parameters: Mapping[str, JSON]) -> bool:
        """Return whether the parameters are those of the plan.

        A text may end in more newlines: AWS refuses a text that it had before.
        """
        planned, given = self._parameters.get(_CONTENT), parameters.get(_CONTENT)
        if isinstance(planned, str) and isinstance(given, str) and given.startswith(planned):
            ended_alike = not given.removeprefix(planned).strip("\n")
            return ended_alike and {**parameters, _CONTENT: planned} == self._parameters
        return parameters == self._parameters


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GuardReading:
    """The result of reading a guard."""

    guard: Guard
    answer: Response | None

    @property
    def found(self) -> str | None:
        """Return the compared text."""
        return value_at(self.answer, self.guard.path)

    @property
    def holds(self) -> bool:
        """Return whether the text is as expected."""
        return self.guard.holds(self.found)


def apply(
    plan: Plan, writer: ChangeWriter, journal: Journal, *, undoes: str = "", begun: Change | None = None
) -> ChangeOutcome:
    """Apply a plan. No call is sent before the journal has the change.

    If `begun` is given, the plan is the remaining part of that change, and no new journal entry is made.
    """
    try:
        if (account := writer.account()) != plan.scope.account:
            return RefusedOutcome(
                say(
                    "the credentials now belong to the account {account}, not to {account_2}",
                    account=account,
                    account_2=plan.scope.account,
                )
            )
        readings = read_guards(plan.guards, writer)
    except ChangeRefusedError as refused:
        return RefusedOutcome(str(refused), action=refused.action)
    except ChangeFailedError as failed:
        return FailedOutcome(str(failed))
    if not all(reading.holds for reading in readings):
        return edit_conflict_refusal(readings, plan.before, plan.after)
    try:
        with journal.begin(plan, undoes=undoes) if begun is None else nullcontext(begun) as change:
            attempt = _Attempt(plan, change, readings, writer, journal)
            try:
                return attempt.make()
            except Exception as error:  # noqa: BLE001 - the edge: whoever waits is told what may have been written
                return attempt.broken_by(error)
    except JournalUnusable as unusable:
        return FailedOutcome(
            say(
                "the change cannot be recorded in the journal, so ssmtui does not apply it: {unusable}",
                unusable=unusable,
            )
        )


def defect_before_sending(error: Exception) -> DefectOutcome:
    """Return the outcome of an internal error before the first call."""
    _log.error("a defect before a change was written", exc_info=error)
    return DefectOutcome(describe_internal_error(error), None)


def read_guards(guards: Sequence[Guard], writer: ChangeWriter) -> tuple[GuardReading, ...]:
    """Read the guards.

    Raises:
        ChangeFailedError: an answer lacks the compared value. This is not an edit by somebody else.

    """
    readings = []
    for guard in guards:
        reading = GuardReading(guard, writer.read(guard.service, guard.operation, guard.parameters))
        if reading.answer is not None and reading.found is None:
            raise ChangeFailedError(
                "",
                say(
                    "the response to {service}:{operation} has no {path}",
                    service=guard.service,
                    operation=guard.operation,
                    path=guard.path,
                ),
            )
        readings.append(reading)
    return tuple(readings)


def edit_conflict_refusal(readings: Sequence[GuardReading], expected: str, wanted: str) -> RefusedOutcome:
    """Return the refusal of a change because somebody edited the resource, with the three texts."""
    broken = next(reading for reading in readings if not reading.holds)
    texts = (reading.found or "" for reading in readings if reading.guard.expected == expected and expected)
    found = next(texts, broken.found or "")
    if broken.guard.expected is None:
        why = say("{guard} was created in the meantime", guard=broken.guard.name)
    elif broken.found is None:
        why = say("{guard} was removed in the meantime", guard=broken.guard.name)
    elif broken.guard.expected == expected:
        why = say("{guard} was changed in the meantime", guard=broken.guard.name)
    else:
        why = say(
            "{guard} is now {found}, not {expected}: the value was changed in the meantime",
            guard=broken.guard.name,
            found=broken.found,
            expected=broken.guard.expected,
        )
    return RefusedOutcome(why, EditConflict(expected, wanted, found))


class _Attempt:
    """The calls of one change, in order."""

    def __init__(
        self, plan: Plan, change: Change, readings: Sequence[GuardReading], writer: ChangeWriter, journal: Journal
    ) -> None:
        self._plan = plan
        self._change = change
        self._readings = readings
        self._writer = writer
        self._journal = journal
        self._answers: list[Response] = []
        self._notes: list[str] = []
        # For a change that was begun earlier, some calls are already made.
        self._made = len(change.calls) - len(plan.calls)

    def make(self) -> ChangeOutcome:
        """Make the calls. A call that is not essential (`without`) may fail; any other failure ends the attempt."""
        for call in self._plan.calls:
            try:
                self._answers.append(self._make(call))
                self._made += 1
            except OutcomeUnknownError as unknown:
                return self._unsure(str(unknown))
            except (ChangeRefusedError, ConcurrentChangeError, ChangeFailedError) as problem:
                if not call.without or isinstance(problem, Interrupted):
                    return self._not_made(problem)
                self._answers.append({})
                self._notes.append(
                    say(
                        "{action} failed ({problem}). {without}",
                        action=call.action,
                        problem=problem,
                        without=call.without,
                    )
                )
        return self._applied()

    def broken_by(self, error: Exception) -> DefectOutcome:
        """Record an internal error between the calls. The current call may have been made; the next undo finds out."""
        _log.error("a defect while a change was written", exc_info=error)
        words = describe_internal_error(error)
        why = say("internal error in ssmtui ({defect})", defect=words)
        try:
            change = self._journal.unsure(self._change, self._results(), why)
        except JournalUnusable as unusable:
            change, words = self._change, say("{why}; and {unusable}", why=words, unusable=unusable)
        except Exception as again:  # noqa: BLE001 - the same defect, perhaps: as planned it is as open as if unsure
            _log.error("a defect while that was written down", exc_info=again)
            change = self._change
        return DefectOutcome(words, change)

    def _make(self, call: Call) -> Response:
        operation = WRITE_OPERATIONS[call.service, call.operation]
        parameters = {name: self._value(value) for name, value in call.parameters.items()}
        try:
            return operation.perform(SingleCallWriter(self._writer, call, parameters), parameters)
        except OutcomeUnknownError as unknown:
            settled = self._settle(operation, parameters, unknown)
            if settled is Settlement.NOT_MADE:
                raise ChangeFailedError("", say("{unknown}; the call had no effect", unknown=unknown)) from unknown
            if isinstance(settled, Settlement):
                raise
            return settled

    def _settle(
        self, operation: WriteOperation, parameters: Mapping[str, JSON], unknown: OutcomeUnknownError
    ) -> Response | Settlement:
        try:
            return operation.settle(self._writer, parameters)
        except (ChangeRefusedError, ChangeFailedError) as problem:
            raise OutcomeUnknownError(
                say("{unknown}; reading back the state failed: {problem}", unknown=unknown, problem=problem)
            ) from problem

    def _value(self, value: Parameter) -> JSON:
        match value:
            case AnswerReference(call=call, path=path):
                found = value_at(self._answers[call], path)
            case GuardReference(guard=guard, path=path):
                found = value_at(self._readings[guard].answer, path)
            case list() | tuple():
                return [self._value(each) for each in value]
            case _:
                return value
        if found is None:
            raise ChangeFailedError("", say("the AWS response has no {path}", path=path))
        return found

    def _applied(self) -> ChangeOutcome:
        notes = tuple(self._notes)
        try:
            change = self._journal.applied(self._change, self._results(), notes)
        except JournalUnusable as unusable:
            change, notes = self._change, (*notes, say("The change was applied, but {unusable}", unusable=unusable))
        return AppliedOutcome(change, notes)

    def _not_made(self, problem: ChangeRefusedError | ConcurrentChangeError | ChangeFailedError) -> ChangeOutcome:
        if self._made:
            return self._unsure(
                say(
                    "{made} of {number} calls succeeded, then: {problem}",
                    made=self._made,
                    number=len(self._change.calls),
                    problem=problem,
                ),
                in_part=True,
            )
        try:
            self._journal.failed(self._change, str(problem))
        except JournalUnusable as unusable:
            return FailedOutcome(say("{problem}; and {unusable}", problem=problem, unusable=unusable))
        match problem:
            case ChangeRefusedError():
                return RefusedOutcome(str(problem), action=problem.action)
            case ConcurrentChangeError():
                return self._lost_the_race(problem)
            case CommandFailedError():
                return NodeFailureOutcome(str(problem))
        return FailedOutcome(str(problem))

    def _lost_the_race(self, problem: ConcurrentChangeError) -> ChangeOutcome:
        """Handle a refused version: somebody changed the resource between the guards and the call."""
        try:
            readings = read_guards(self._plan.guards, self._writer)
        except (ChangeRefusedError, ChangeFailedError):
            return RefusedOutcome(str(problem))
        if all(reading.holds for reading in readings):
            return RefusedOutcome(str(problem))
        return edit_conflict_refusal(readings, self._plan.before, self._plan.after)

    def _unsure(self, why: str, *, in_part: bool = False) -> ChangeOutcome:
        try:
            change = self._journal.unsure(self._change, self._results(), why)
        except JournalUnusable as unusable:
            change, why = self._change, say("{why}; and {unusable}", why=why, unusable=unusable)
        return UnsureOutcome(why, change, in_part=in_part)

    def _results(self) -> dict[str, str]:
        """Return the values that later calls take from AWS's answers, including those from before an interruption."""
        wanted = (
            value
            for call in (*self._plan.calls, *self._plan.way_back.calls)
            for value in call.parameters.values()
            if isinstance(value, AnswerReference) and value.call < len(self._answers)
        )
        found = ((value.path, value_at(self._answers[value.call], value.path)) for value in wanted)
        return {**(self._change.results or {}), **{path: text for path, text in found if text is not None}}
