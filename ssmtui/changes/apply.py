"""A plan carried out: the guards read, the journal written, the calls made; what came of it is a value."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from ssmtui.changes.change import Change
from ssmtui.changes.command_conduct import COMMAND_CONDUCT
from ssmtui.changes.conduct import Conduct, Settled
from ssmtui.changes.document_conduct import DOCUMENT_CONDUCT
from ssmtui.changes.instance_conduct import INSTANCE_CONDUCT
from ssmtui.changes.journal import Journal, JournalUnusable
from ssmtui.changes.network_conduct import NETWORK_CONDUCT
from ssmtui.changes.one_call import OneCall
from ssmtui.changes.outcome import (
    Applied,
    ChangeOutcome,
    Defective,
    Disagreement,
    Failed,
    FailedOnNode,
    Refused,
    Unsure,
)
from ssmtui.changes.problems import (
    ChangedMeanwhile,
    ChangeFailed,
    ChangeRefused,
    CommandFailed,
    Interrupted,
    OutcomeUnknown,
)
from ssmtui.changes.profile_conduct import PROFILE_CONDUCT
from ssmtui.changes.role_conduct import ROLE_CONDUCT
from ssmtui.changes.setting_conduct import SETTING_CONDUCT
from ssmtui.changes.storage_conduct import STORAGE_CONDUCT
from ssmtui.changes.writing import Response, Writing, value_at
from ssmtui.language import say
from ssmtui.model.defects import defect_words
from ssmtui.model.plan import JSON, Call, FromAnswer, FromGuard, Guard, Parameter, Plan

_log = logging.getLogger(__name__)

CONDUCT: Mapping[tuple[str, str], Conduct] = {
    **DOCUMENT_CONDUCT,
    **ROLE_CONDUCT,
    **STORAGE_CONDUCT,
    **INSTANCE_CONDUCT,
    **NETWORK_CONDUCT,
    **PROFILE_CONDUCT,
    **SETTING_CONDUCT,
    **COMMAND_CONDUCT,
}
"""How each operation is carried out, by service and name."""


@dataclass(frozen=True, slots=True)
class GuardReading:
    """What a guard read, and whether it holds."""

    guard: Guard
    answer: Response | None

    @property
    def found(self) -> str | None:
        """The text that is compared."""
        return value_at(self.answer, self.guard.path)

    @property
    def holds(self) -> bool:
        """Whether it is what is expected."""
        return self.guard.holds(self.found)


def apply(
    plan: Plan, writer: Writing, journal: Journal, *, undoes: str = "", begun: Change | None = None
) -> ChangeOutcome:
    """Make a change. Nothing is sent that the journal does not know of.

    With a change that was `begun`, the plan is what is left of it, and the journal's entry is that change's own.
    """
    try:
        if (account := writer.account()) != plan.scope.account:
            return Refused(
                say(
                    "the credentials belong to the account {account} now, and not to {account_2}",
                    account=account,
                    account_2=plan.scope.account,
                )
            )
        readings = read_guards(plan.guards, writer)
    except ChangeRefused as refused:
        return Refused(str(refused), action=refused.action)
    except ChangeFailed as failed:
        return Failed(str(failed))
    if not all(reading.holds for reading in readings):
        return somebody_was_here(readings, plan.before, plan.after)
    try:
        with journal.begin(plan, undoes=undoes) if begun is None else nullcontext(begun) as change:
            attempt = _Attempt(plan, change, readings, writer, journal)
            try:
                return attempt.make()
            except Exception as error:  # noqa: BLE001 - the edge: whoever waits is told what may have been written
                return attempt.broken_by(error)
    except JournalUnusable as unusable:
        return Failed(say("nothing is changed that cannot be written down: {unusable}", unusable=unusable))


def before_anything_was_sent(error: Exception) -> Defective:
    """What is told of a defect that came before the first call."""
    _log.error("a defect before a change was written", exc_info=error)
    return Defective(defect_words(error), None)


def read_guards(guards: Sequence[Guard], writer: Writing) -> tuple[GuardReading, ...]:
    """What the guards read now.

    Raises:
        ChangeFailed: an answer does not hold what is compared; that is not to be taken for a change by somebody.

    """
    readings = []
    for guard in guards:
        reading = GuardReading(guard, writer.read(guard.service, guard.operation, guard.parameters))
        if reading.answer is not None and reading.found is None:
            raise ChangeFailed(
                "",
                say(
                    "the answer to {service}:{operation} holds no {path}",
                    service=guard.service,
                    operation=guard.operation,
                    path=guard.path,
                ),
            )
        readings.append(reading)
    return tuple(readings)


def somebody_was_here(readings: Sequence[GuardReading], expected: str, wanted: str) -> Refused:
    """The refusal of a change to what is not as it was, with the three texts."""
    broken = next(reading for reading in readings if not reading.holds)
    texts = (reading.found or "" for reading in readings if reading.guard.expected == expected and expected)
    found = next(texts, broken.found or "")
    if broken.guard.expected is None:
        why = say("somebody has made {guard} meanwhile", guard=broken.guard.name)
    elif broken.found is None:
        why = say("somebody has removed {guard} meanwhile", guard=broken.guard.name)
    elif broken.guard.expected == expected:
        why = say("somebody has changed {guard} meanwhile", guard=broken.guard.name)
    else:
        why = say(
            "{guard} is {found} now, and not {expected}: somebody has changed it",
            guard=broken.guard.name,
            found=broken.found,
            expected=broken.guard.expected,
        )
    return Refused(why, Disagreement(expected, wanted, found))


class _Attempt:
    """The calls of one change, one after the other."""

    def __init__(
        self, plan: Plan, change: Change, readings: Sequence[GuardReading], writer: Writing, journal: Journal
    ) -> None:
        self._plan = plan
        self._change = change
        self._readings = readings
        self._writer = writer
        self._journal = journal
        self._answers: list[Response] = []
        self._notes: list[str] = []
        # What was begun before has calls that were made then.
        self._made = len(change.calls) - len(plan.calls)

    def make(self) -> ChangeOutcome:
        """Make the calls. A call that the change stands without may fail; another one ends the attempt."""
        for call in self._plan.calls:
            try:
                self._answers.append(self._make(call))
                self._made += 1
            except OutcomeUnknown as unknown:
                return self._unsure(str(unknown))
            except (ChangeRefused, ChangedMeanwhile, ChangeFailed) as problem:
                if not call.without or isinstance(problem, Interrupted):
                    return self._not_made(problem)
                self._answers.append({})
                self._notes.append(
                    say(
                        "{action} was not carried out ({problem}). {without}",
                        action=call.action,
                        problem=problem,
                        without=call.without,
                    )
                )
        return self._applied()

    def broken_by(self, error: Exception) -> Defective:
        """A defect amid the calls: the one under way may have been carried out, which the next undo reads back."""
        _log.error("a defect while a change was written", exc_info=error)
        words = defect_words(error)
        why = say("a defect in ssmtui ({defect})", defect=words)
        try:
            change = self._journal.unsure(self._change, self._results(), why)
        except JournalUnusable as unusable:
            change, words = self._change, say("{why}; and {unusable}", why=words, unusable=unusable)
        except Exception as again:  # noqa: BLE001 - the same defect, perhaps: as planned it is as open as if unsure
            _log.error("a defect while that was written down", exc_info=again)
            change = self._change
        return Defective(words, change)

    def _make(self, call: Call) -> Response:
        conduct = CONDUCT[call.service, call.operation]
        parameters = {name: self._value(value) for name, value in call.parameters.items()}
        try:
            return conduct.perform(OneCall(self._writer, call, parameters), parameters)
        except OutcomeUnknown as unknown:
            settled = self._settle(conduct, parameters, unknown)
            if settled is Settled.NOT_MADE:
                raise ChangeFailed("", say("{unknown}; it has not been carried out", unknown=unknown)) from unknown
            if isinstance(settled, Settled):
                raise
            return settled

    def _settle(self, conduct: Conduct, parameters: Mapping[str, JSON], unknown: OutcomeUnknown) -> Response | Settled:
        try:
            return conduct.settle(self._writer, parameters)
        except (ChangeRefused, ChangeFailed) as problem:
            raise OutcomeUnknown(
                say("{unknown}; and reading back failed: {problem}", unknown=unknown, problem=problem)
            ) from problem

    def _value(self, value: Parameter) -> JSON:
        match value:
            case FromAnswer(call=call, path=path):
                found = value_at(self._answers[call], path)
            case FromGuard(guard=guard, path=path):
                found = value_at(self._readings[guard].answer, path)
            case list() | tuple():
                return [self._value(each) for each in value]
            case _:
                return value
        if found is None:
            raise ChangeFailed("", say("AWS's answer holds no {path}", path=path))
        return found

    def _applied(self) -> ChangeOutcome:
        notes = tuple(self._notes)
        try:
            change = self._journal.applied(self._change, self._results(), notes)
        except JournalUnusable as unusable:
            change, notes = self._change, (*notes, say("It was made, but {unusable}", unusable=unusable))
        return Applied(change, notes)

    def _not_made(self, problem: ChangeRefused | ChangedMeanwhile | ChangeFailed) -> ChangeOutcome:
        if self._made:
            return self._unsure(
                say(
                    "{made} of {number} calls were made, and then: {problem}",
                    made=self._made,
                    number=len(self._change.calls),
                    problem=problem,
                ),
                in_part=True,
            )
        try:
            self._journal.failed(self._change, str(problem))
        except JournalUnusable as unusable:
            return Failed(say("{problem}; and {unusable}", problem=problem, unusable=unusable))
        match problem:
            case ChangeRefused():
                return Refused(str(problem), action=problem.action)
            case ChangedMeanwhile():
                return self._lost_the_race(problem)
            case CommandFailed():
                return FailedOnNode(str(problem))
        return Failed(str(problem))

    def _lost_the_race(self, problem: ChangedMeanwhile) -> ChangeOutcome:
        """AWS itself refused the older version: somebody was quicker, between the guards and the call."""
        try:
            readings = read_guards(self._plan.guards, self._writer)
        except (ChangeRefused, ChangeFailed):
            return Refused(str(problem))
        if all(reading.holds for reading in readings):
            return Refused(str(problem))
        return somebody_was_here(readings, self._plan.before, self._plan.after)

    def _unsure(self, why: str, *, in_part: bool = False) -> ChangeOutcome:
        try:
            change = self._journal.unsure(self._change, self._results(), why)
        except JournalUnusable as unusable:
            change, why = self._change, say("{why}; and {unusable}", why=why, unusable=unusable)
        return Unsure(why, change, in_part=in_part)

    def _results(self) -> dict[str, str]:
        """What later calls took from AWS's answers (the new version of a document), also before it was interrupted."""
        wanted = (
            value
            for call in (*self._plan.calls, *self._plan.way_back.calls)
            for value in call.parameters.values()
            if isinstance(value, FromAnswer) and value.call < len(self._answers)
        )
        found = ((value.path, value_at(self._answers[value.call], value.path)) for value in wanted)
        return {**(self._change.results or {}), **{path: text for path, text in found if text is not None}}
