"""Read from AWS which calls of a change have been made, and work out what is left of a change that was made in part."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.language import say
from ssmtui.model.plan import JSON, AnswerReference, Call, Guard, GuardReference, Parameter
from ssmtui.remediation.apply.apply_plan import GuardReading, read_guards
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.write_operation import ChangeWriter, Response, Settlement, value_at


@dataclass(frozen=True, slots=True)
class CallReading:
    """What AWS shows of one call: its answer, or as if it had been answered, where it was made."""

    call: Call
    found: Response | Settlement

    @property
    def is_made(self) -> bool:
        """Whether AWS shows that it was made."""
        return not isinstance(self.found, Settlement)


@dataclass(frozen=True, slots=True)
class CallStates:
    """The calls of a change in their order, with what AWS shows of each."""

    readings: tuple[CallReading, ...]

    @property
    def is_known(self) -> bool:
        """Whether AWS shows of every call whether it was made."""
        return all(each.found is not Settlement.UNKNOWN for each in self.readings)

    @property
    def made(self) -> int:
        """How many were made."""
        return sum(each.is_made for each in self.readings)

    @property
    def is_half_made(self) -> bool:
        """Whether some were made and others were not."""
        return self.is_known and 0 < self.made < len(self.readings)

    @property
    def why(self) -> str:
        """How far the change came, in a sentence."""
        return say(
            "{made} of {number} calls were made, and not: {actions}",
            made=self.made,
            number=len(self.readings),
            actions=", ".join(each.call.action for each in self.readings if not each.is_made),
        )

    def left(self, without: Collection[int] = ()) -> tuple[Call, ...]:
        """The calls that are not known to be made, but for those at these places, as a row of their own.

        What one of them takes from the answer to a call that was made is filled in.
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
                # Of what is taken, or of JSON: the two are never mixed.
                return [self._taken(each, at) for each in value]  # type: ignore[return-value]
        return value


def read_calls(
    calls: Sequence[Call], guards: Sequence[Guard], writer: ChangeWriter, *, may_arrive: bool = False
) -> CallStates:
    """Read which of these calls were made. They are made in order, so one that depends on another comes after it.

    `may_arrive` says that the first one which is not there may still be on its way: AWS is given some time.
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
    """A parameter as far as it can still be known; None where it cannot."""
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
    """Guards of a change that may be made in part, as they can be held against it.

    Each expects what it has found, where a part of the change explains that; else what it expected, so that it refuses.
    `absent` are the numbers of those that found nothing, of which no call can take anything.
    """

    guards: tuple[Guard, ...]
    absent: frozenset[int]


def guards_as_found(
    guards: Sequence[Guard], others: Sequence[Guard], writer: ChangeWriter, *, going_back: bool
) -> GuardsFound:
    """Read guards of one end of a change, where it may stand anywhere between its two ends; `others` are of the other.

    What both ends tell is explained where it reads as one of them, or as the change leaves it amid its calls. What one
    end tells alone is explained by the calls that were made; for going back, only where nothing is there.
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
