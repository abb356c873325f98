"""Undo changes, and settle changes that a killed process left open or partly made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.language import say, translatable
from ssmtui.model.finding import Subject
from ssmtui.model.plan import JSON, AnswerReference, Call, Guard, GuardReference, Parameter, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.apply_plan import GuardReading, apply, read_guards
from ssmtui.remediation.apply.change import Change, ChangeOutcome, ChangeState, FailedOutcome, RefusedOutcome
from ssmtui.remediation.apply.journal import Journal, hidden_by_damage_message
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    ChangeWriter,
    OutcomeUnknownError,
    Response,
    Settlement,
    value_at,
)
from ssmtui.remediation.plans.registry import stale_after


@dataclass(frozen=True, slots=True)
class CallReading:
    """What AWS shows of a call: the answer or an equivalent if the call was made."""

    call: Call
    found: Response | Settlement

    @property
    def is_made(self) -> bool:
        """Return whether AWS shows that the call was made."""
        return not isinstance(self.found, Settlement)


@dataclass(frozen=True, slots=True)
class CallStates:
    """The calls of a change in order, with what AWS shows of each call."""

    readings: tuple[CallReading, ...]

    @property
    def is_known(self) -> bool:
        """Return whether AWS shows for every call whether it was made."""
        return all(each.found is not Settlement.UNKNOWN for each in self.readings)

    @property
    def made(self) -> int:
        """Return the number of calls that were made."""
        return sum(each.is_made for each in self.readings)

    @property
    def is_half_made(self) -> bool:
        """Return whether some calls were made and others were not."""
        return self.is_known and 0 < self.made < len(self.readings)

    @property
    def why(self) -> str:
        """Return a sentence about the calls that were made."""
        return say(
            "{made} of {number} calls were made; missing: {actions}",
            made=self.made,
            number=len(self.readings),
            actions=", ".join(each.call.action for each in self.readings if not each.is_made),
        )

    def left(self, without: Collection[int] = ()) -> tuple[Call, ...]:
        """Return the calls that were not certainly made, except for those at these indexes, renumbered.

        References to the answers of calls that were made are replaced by their values.
        """
        places = [place for place, each in enumerate(self.readings) if not each.is_made and place not in without]
        at = {place: position for position, place in enumerate(places)}
        return tuple(self._renumbered(self.readings[place].call, at) for place in places)

    def _renumbered(self, call: Call, at: Mapping[int, int]) -> Call:
        return replace(call, parameters={name: self._taken(value, at) for name, value in call.parameters.items()})

    def _taken(self, value: Parameter, at: Mapping[int, int]) -> Parameter:
        match value:
            case AnswerReference(call=number, path=path):
                if number in at:
                    return AnswerReference(at[number], path)
                found = self.readings[number].found
                return None if isinstance(found, Settlement) else value_at(found, path)
            case list() | tuple():
                # A list contains either references or JSON, never both.
                return [self._taken(each, at) for each in value]  # type: ignore[return-value]
        return value


def read_calls(
    calls: Sequence[Call], guards: Sequence[Guard], writer: ChangeWriter, *, may_arrive: bool = False
) -> CallStates:
    """Read which of these calls were made, in order: a call that depends on another call comes after it.

    `may_arrive`: the first missing call may still be processed by AWS, so its check waits for some time.
    """
    readings: list[CallReading] = []
    for call in calls:
        unmade = [each for each in readings if each.found is Settlement.NOT_MADE]
        if any(isinstance(each, AnswerReference) and readings[each.call] in unmade for each in call.takes):
            readings.append(CallReading(call, Settlement.NOT_MADE))
            continue
        parameters = {name: _value(value, readings, guards, writer) for name, value in call.parameters.items()}
        if any(value is None for value in parameters.values()):
            readings.append(CallReading(call, Settlement.UNKNOWN))
            continue
        operation = WRITE_OPERATIONS[call.service, call.operation]
        read = operation.settle if may_arrive and not unmade else operation.read_outcome
        readings.append(CallReading(call, read(writer, parameters)))
    return CallStates(tuple(readings))


def _value(value: Parameter, readings: Sequence[CallReading], guards: Sequence[Guard], writer: ChangeWriter) -> JSON:
    """Return a parameter's value if it is still known, else None."""
    match value:
        case AnswerReference(call=call, path=path):
            found = readings[call].found
            return None if isinstance(found, Settlement) else value_at(found, path)
        case GuardReference(guard=number, path=path):
            guard = guards[number]
            return value_at(writer.read(guard.service, guard.operation, guard.parameters), path)
        case list() | tuple():
            each = [_value(one, readings, guards, writer) for one in value]
            return None if any(one is None for one in each) else each
    return value


@dataclass(frozen=True, slots=True)
class GuardsFound:
    """The guards of a change that can be partly made, adapted to the current state.

    A guard expects the value that was read if a part of the change explains that value; else its original value, so
    that it refuses. `absent` are the numbers of guards that found nothing: no call can take a value from them.
    """

    guards: tuple[Guard, ...]
    absent: frozenset[int]


def guards_as_found(
    guards: Sequence[Guard], others: Sequence[Guard], writer: ChangeWriter, *, going_back: bool
) -> GuardsFound:
    """Read the guards of one end of a change that can be partly made; `others` are the guards of the other end.

    If both ends have the guard, a value is explained if it matches one of them or an intermediate state. If only one
    end has the guard, the calls explain the value; when undoing, only if nothing was found.
    """
    found: list[Guard] = []
    absent: set[int] = set()
    for number, reading in enumerate(read_guards(guards, writer)):
        guard = reading.guard
        ends = [each for each in others if _is_same_read(each, guard)]
        if not reading.holds and _explains(reading, ends, going_back=going_back):
            guard = replace(guard, expected=reading.found)
            if not reading.found:
                absent.add(number)
        found.append(guard)
    return GuardsFound(tuple(found), frozenset(absent))


def _explains(reading: GuardReading, ends: Sequence[Guard], *, going_back: bool) -> bool:
    if reading.found is not None and reading.found in reading.guard.amid:
        return True
    if ends:
        return any(each.holds(reading.found) for each in ends)
    return not (going_back and reading.found)


def _is_same_read(one: Guard, other: Guard) -> bool:
    read = (one.service, one.operation, one.parameters, one.path)
    return read == (other.service, other.operation, other.parameters, other.path)


_NOT_IN_FORCE = translatable("the state was read back: the change is not in effect")


def last_undoable(journal: Journal, scope: Scope | None) -> Change | None:
    """Return the newest change that was made, perhaps in part, and can be undone; of one Region if a scope is given."""
    return next(
        (each for each in journal.changes() if each.can_be_undone and (scope is None or each.is_of(scope))), None
    )


def last_redoable(journal: Journal, scopes: Sequence[Scope]) -> Change | None:
    """Return the change that was undone last in one of these Regions, and that was not made again since."""
    changes = journal.changes()
    by_id = {each.id: each for each in changes}
    made_since: list[Change] = []
    for each in changes:
        undone = by_id.get(each.undoes)
        if each.state is not ChangeState.APPLIED:
            continue
        if undone is None:
            made_since.append(each)
        elif not (
            undone.why_not_redone
            or not any(undone.is_of(scope) for scope in scopes)
            or any(undone.is_same_as(made) and undone.is_of(made.scope) for made in made_since)
        ):
            return undone
    return None


def undo(change: Change, writer: ChangeWriter, journal: Journal) -> ChangeOutcome:
    """Undo a change. The undo is a new change with its own journal entry.

    A partly made or partly undone change is undone call by call, as far as its effects exist.
    """
    if change.why_it_stays:
        return RefusedOutcome(change.why_it_stays)
    if change.id in (reading := journal.read()).obscured:
        return RefusedOutcome(hidden_by_damage_message(reading))
    begun = any(each.undoes == change.id and each.is_open for each in reading.changes)
    try:
        plan = _rest_of_way_back(change, writer) if change.is_open or begun else undo_plan_of(change)
        never_made = isinstance(plan, Plan) and not plan.calls and not begun and _was_never_made(change, writer)
    except ChangeRefusedError as refused:
        return RefusedOutcome(str(refused), action=refused.action)
    except ChangeFailedError as failed:
        return FailedOutcome(str(failed))
    if isinstance(plan, RefusedOutcome):
        return plan
    if never_made:
        return RefusedOutcome(journal.failed(change, say(_NOT_IN_FORCE)).why_it_stays)
    outcome = apply(_whole(plan, change), writer, journal, undoes=change.id)
    if isinstance(outcome, RefusedOutcome) and outcome.edit_conflict is not None and change.is_open:
        why = say("it is not known whether the change was fully applied, and {why}", why=outcome.why)
        return replace(outcome, why=why)
    return outcome


def _was_never_made(change: Change, writer: ChangeWriter) -> bool:
    """Return whether AWS shows that no call of an open change was made; somebody else can have made the same change."""
    if not change.is_open or writer.account() != change.scope.account:
        return False
    states = read_calls(change.calls, change.guards, writer)
    return states.is_known and not states.made


def _rest_of_way_back(change: Change, writer: ChangeWriter) -> Plan | RefusedOutcome:
    """Return the undo calls that are still needed, with guards that accept a partly made change.

    If no call is needed, no edit by somebody else can be lost. A resource that may belong to somebody else stays.
    """
    back = change.way_back
    if any(_is_named_by_aws(call) for call in change.calls):
        whose = _of_unknown_maker(read_calls(change.calls, change.guards, writer))
        if whose is not None:
            return RefusedOutcome(
                say(
                    "the resource of {action} exists, but it is not known whether this change created the resource. "
                    "If you do not need it, delete it by hand",
                    action=whose.action,
                )
            )
    guarded = guards_as_found(back.guards, change.guards, writer, going_back=True)
    states = read_calls(back.calls, back.guards, writer)
    nothing_there = {
        place
        for place, reading in enumerate(states.readings)
        if any(isinstance(each, GuardReference) and each.guard in guarded.absent for each in reading.call.takes)
    }
    calls = states.left(without=nothing_there)
    return replace(undo_plan_of(change), calls=calls, guards=guarded.guards if calls else ())


def _is_named_by_aws(call: Call) -> bool:
    return WRITE_OPERATIONS[call.service, call.operation].is_named_by_aws


def _of_unknown_maker(states: CallStates) -> Call | None:
    """Return the first call whose resource exists but has no mark that identifies this change."""
    unknown = (each.call for each in states.readings if each.found is Settlement.UNKNOWN)
    return next((call for call in unknown if _is_named_by_aws(call)), None)


def completion_of(change: Change, writer: ChangeWriter, journal: Journal) -> Plan | RefusedOutcome:
    """Return the rest of a partly made change as a plan, or why it cannot be completed.

    Raises:
        ChangeRefusedError: AWS does not permit a read that is needed.
        ChangeFailedError: something could not be read.

    """
    if change.undoes:
        return RefusedOutcome(
            say("this is the undo of another change: undo {change} again instead", change=change.undoes)
        )
    if change.state is ChangeState.FAILED:
        return RefusedOutcome(say("nothing was applied: run the fix again"))
    if not change.is_open:
        return RefusedOutcome(say("the change was fully applied, so there is nothing to complete"))
    if change.id in (reading := journal.read()).obscured:
        return RefusedOutcome(hidden_by_damage_message(reading))
    states = read_calls(change.calls, change.guards, writer)
    if not states.is_known:
        unknown = next(each.call.action for each in states.readings if each.found is Settlement.UNKNOWN)
        return RefusedOutcome(say("the state in AWS does not show whether {action} was called", action=unknown))
    guarded = guards_as_found(change.guards, change.way_back.guards, writer, going_back=False)
    return replace(
        plan_of(change),
        title=say("Complete: {title}", title=change.title),
        calls=states.left(),
        guards=guarded.guards,
    )


def aws_shows(change: Change, writer: ChangeWriter) -> str:
    """Return a sentence about what AWS shows of an interrupted change, or that it cannot be read."""
    try:
        if writer.account() != change.scope.account:
            return say("not checked in AWS: the credentials belong to another account")
        states = read_calls(change.calls, change.guards, writer)
    except (ChangeRefusedError, ChangeFailedError, OutcomeUnknownError) as problem:
        return say("the state in AWS cannot be read: {problem}", problem=problem)
    if not states.is_known:
        return say("the state in AWS does not show whether the change was fully applied")
    if not states.made:
        return say("AWS shows that nothing was applied")
    return states.why if states.is_half_made else say("AWS shows that the change was fully applied")


def _whole(plan: Plan, change: Change) -> Plan:
    """Make every call of an undo essential: the undo must not leave behind effects of the change."""
    if any(call.without and call.without in note for call in change.calls for note in change.notes):
        return plan
    return replace(plan, calls=tuple(replace(call, without="") for call in plan.calls))


def settle_open_changes(scope: Scope, writer: ChangeWriter, journal: Journal) -> RefusedOutcome | FailedOutcome | None:
    """Read the state of open changes in a Region and record it; return the reason if it cannot be read.

    A change stays open if a later change of the same subject was made, or if neither text is found. The same applies if
    unreadable lines follow, which can contain its end, or if another process is making it.
    """
    settled: set[Subject] = set()
    try:
        reading = journal.read()
        # The undo of a change determines its state: the change alone could look as if it was never made.
        going_back = {each.undoes for each in reading.changes if each.undoes and each.is_open}
        for change in reading.changes:
            if not change.is_of(scope) or change.subject in settled or change.id in reading.obscured:
                continue
            if change.id in going_back or journal.is_made_elsewhere(change):
                continue
            if change.is_open:
                _settle(change, writer, journal)
            elif change.state is ChangeState.APPLIED and change.way_back.calls:
                settled.add(change.subject)
    except ChangeRefusedError as refused:
        return RefusedOutcome(str(refused), action=refused.action)
    except (ChangeFailedError, OutcomeUnknownError) as failed:
        return FailedOutcome(str(failed))
    return None


def _settle(change: Change, writer: ChangeWriter, journal: Journal) -> None:
    # A change without guards (a reboot) leaves nothing that can be read.
    if not change.way_back.guards or writer.account() != change.scope.account:
        return
    states = read_calls(change.calls, change.guards, writer, may_arrive=True)
    if _of_unknown_maker(states) is not None:
        return
    if states.is_half_made:
        if (change.state, change.why) != (ChangeState.UNSURE, states.why):
            journal.unsure(change, change.results or {}, states.why)
    elif all(reading.holds for reading in read_guards(change.way_back.guards, writer)):
        _read_back_as_made(change, journal)
    elif not states.made and all(reading.holds for reading in read_guards(_untouched(change), writer)):
        journal.failed(change, say(_NOT_IN_FORCE))
    elif change.undoes and states.made == len(change.calls):
        # If a state cannot be restored exactly (the date of a deletion), only the calls show whether the undo was made.
        _read_back_as_made(change, journal)


def _read_back_as_made(change: Change, journal: Journal) -> None:
    journal.applied(change, change.results or {}, (say("The result was read back from AWS."),))


def _untouched(change: Change) -> tuple[Guard, ...]:
    """Return the guards that hold while the resource is unchanged; a version number does not show this.

    If no guard is about the old text or about absence, all guards together show it.
    """
    telling = tuple(guard for guard in change.guards if guard.expected in (None, change.before))
    return telling or change.guards


def plan_of(change: Change) -> Plan:
    """Return a change of the journal as its plan; the journal does not have the parts that only a preview needs."""
    return Plan(
        fix=change.fix,
        title=change.title,
        scope=change.scope,
        subject=change.subject,
        calls=change.calls,
        before=change.before,
        after=change.after,
        guards=change.guards,
        way_back=change.way_back,
        reach=Reach.REGION,
        undo=change.undo,
        facts_after=(),
        stale=stale_after(change.fix),
    )


def undo_plan_of(change: Change) -> Plan:
    """Return the undo of a change as a plan."""
    return replace(
        plan_of(change),
        title=say("Undo: {title}", title=change.title),
        calls=change.way_back.calls,
        before=change.after,
        after=change.before,
        guards=change.way_back.guards,
        # An undo cannot be undone; these guards show whether a killed undo was made.
        way_back=UndoPlan(_untouched(change), ()),
        undo="",
    )
