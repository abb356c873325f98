"""What of a change with several calls has been made: each call is read back, so that half is not taken for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssmtui.changes.apply import CONDUCT
from ssmtui.changes.change import Change
from ssmtui.changes.conduct import Settled
from ssmtui.changes.writing import Response, Writing, value_at
from ssmtui.language import say
from ssmtui.model.plan import JSON, Call, FromAnswer, FromGuard, Parameter


@dataclass(frozen=True, slots=True)
class HalfMade:
    """The calls of a change that have not been carried out while others have, with all that they need to be sent."""

    left: tuple[Call, ...]
    number: int

    @property
    def why(self) -> str:
        """How far it came, in a sentence."""
        return say(
            "{made} of {number} calls were made, and not: {actions}",
            made=self.number - len(self.left),
            number=self.number,
            actions=", ".join(call.action for call in self.left),
        )


def half_made(change: Change, writer: Writing) -> HalfMade | None:
    """The calls that are left of a change; None where all or none were made, and where that cannot be told."""
    if len(change.calls) < 2:
        return None
    answers: list[Response | None] = []
    left: list[Call] = []
    for call in change.calls:
        parameters = {name: _value(value, change, answers, writer) for name, value in call.parameters.items()}
        if any(value is None for value in parameters.values()):
            return None
        settled = CONDUCT[call.service, call.operation].settle(writer, parameters)
        if settled is Settled.UNKNOWN:
            return None
        if isinstance(settled, Settled):
            left.append(replace(call, parameters=parameters))
            answers.append(None)
        else:
            answers.append(settled)
    return HalfMade(tuple(left), len(answers)) if 0 < len(left) < len(answers) else None


def _value(value: Parameter, change: Change, answers: Sequence[Response | None], writer: Writing) -> JSON:
    """A parameter as far as it can still be known; None where it cannot."""
    match value:
        case FromAnswer(call=call, path=path):
            return value_at(answers[call], path)
        case FromGuard(guard=number, path=path):
            guard = change.guards[number]
            return value_at(writer.read(guard.service, guard.operation, guard.parameters), path)
        case list() | tuple():
            found = [_value(each, change, answers, writer) for each in value]
            return None if any(each is None for each in found) else found
    return value
