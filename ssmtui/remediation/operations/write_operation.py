"""The record of a write operation; the interface of a writer, and its errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ssmtui.language import say
from ssmtui.model.plan import JSON, Call, Parameter, json_text
from ssmtui.remediation.operations.resource_forms import CloudFormationForm, NoForm, TerraformForm

Response = Mapping[str, JSON]


class ChangeWriter(Protocol):
    """The writer of one scope, which makes one call at a time.

    Raises:
        ChangeRefusedError: AWS does not permit the call.
        ChangeFailedError: an error, and nothing was changed.
        ConcurrentChangeError: only for a write: the version in the call is not the newest.
        OutcomeUnknownError: only for a write: it may have been made.

    """

    def account(self) -> str:
        """Return the account of the current credentials."""

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """Return the answer to a read; None if AWS says that the thing does not exist."""

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """Send a write once, and return the answer."""

    def pause(self) -> None:
        """Wait a moment for AWS to make progress."""


def value_at(answer: JSON, path: str) -> str | None:
    """Return the value at `path` in an answer (`Document.LatestVersion`) as text; None if there is none.

    A number is a list index; `*` selects all items, as sorted lines, and `*Name=value` the items whose member `Name`
    has that value. `FromPort+Group/Id` selects the members that exist, with their values. An object or list becomes
    indented JSON.
    """
    here, _, rest = path.partition(".")
    if not here:
        return _text(answer)
    if "+" in here:
        if not isinstance(answer, Mapping):
            return None
        members = ((name, value_at(answer, name.replace("/", "."))) for name in here.split("+"))
        return " ".join(f"{name}={value}" for name, value in members if value is not None)
    if isinstance(answer, Mapping):
        return value_at(answer.get(here), rest)
    if not isinstance(answer, Sequence) or isinstance(answer, str):
        return None
    if here.startswith("*"):
        name, _, wanted = here[1:].partition("=")
        chosen = [each for each in answer if not name or value_at(each, name) == wanted]
        return "\n".join(sorted(value_at(each, rest) or "" for each in chosen))
    return value_at(answer[int(here)], rest) if here.isdecimal() and int(here) < len(answer) else None


def _text(value: JSON) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json_text(value)


class ChangeRefusedError(Exception):
    """AWS did not permit the call. `action` is the refused IAM action."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(message)
        self.action = action


class ConcurrentChangeError(Exception):
    """The resource changed after the preview (a failed compare-and-swap)."""


class ChangeFailedError(Exception):
    """AWS returned an error, or the request was not sent: nothing was changed. `code` is AWS's error code, or empty."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code


class CommandFailedError(ChangeFailedError):
    """A node received a command, but the command failed: its effects until the failure remain."""


class Interrupted(ChangeFailedError):
    """The process had to end before the call was sent."""

    def __init__(self) -> None:
        super().__init__("", say("ssmtui was stopped"))


class OutcomeUnknownError(Exception):
    """The request was sent but not answered: it may have been made. It is never sent again without reading first."""


class CallNotInPlan(TypeError):
    """An internal error: a write that is not in the current plan, or that was already made."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            say("{service}:{operation} is not a call of the current plan", service=service, operation=operation)
        )


class OperationNotAllowed(TypeError):
    """An internal error: an operation that is not on the writer's list."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            say(
                "{service}:{operation} is not on the list of calls that ssmtui can make",
                service=service,
                operation=operation,
            )
        )


Parameters = Mapping[str, JSON]


class Settlement(Enum):
    """The result of a check that does not show that the call was made."""

    NOT_MADE = "not made"
    UNKNOWN = "unknown"


OutcomeCheck = Callable[[ChangeWriter, Parameters], Response | Settlement]
"""Checks once whether a call was made: returns its answer or an equivalent."""


def value_is(
    service: str,
    operation: str,
    names: Sequence[str],
    path: str,
    wanted: str | tuple[str, ...] | Callable[[Parameters], str],
    *,
    was: str = "",
) -> OutcomeCheck:
    """Return a check for a call that sets one value: a read with these parameters of the call must show it at `path`.

    With `was`: any value other than the old and the wanted values does not show whether the call was made.
    """

    def read_outcome(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        found = value_at(writer.read(service, operation, {name: parameters[name] for name in names}), path)
        expected = wanted(parameters) if callable(wanted) else wanted
        if found is None:
            return Settlement.UNKNOWN
        if found in ((expected,) if isinstance(expected, str) else expected):
            return {}
        return Settlement.NOT_MADE if was in ("", found) else Settlement.UNKNOWN

    return read_outcome


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait in a script after a call, until the value at `path` is `wanted`.

    After a timeout, the script stops with `sentence`.
    """

    operation: str
    parameters: Mapping[str, Parameter]
    path: str
    wanted: str
    sentence: str
    seconds: int


def _no_waits(_call: Call, _number: int) -> Sequence[Wait]:
    return ()


def _same_call(call: Call) -> Call:
    return call


class IncompleteForm(TypeError):
    """An internal error: a form does not include a parameter, so exports would lose it."""


@dataclass(frozen=True, slots=True)
class WriteOperation:
    """An AWS operation that changes something, with everything that ssmtui knows about it.

    `parameters` are all parameters that a call can set, and `further_actions` the IAM actions that it needs in addition
    to its own. `read_outcome` checks once, with the operations in `reads`, whether a call was made; the guards of its
    fixes use the same operations. `carry_out` makes the call and waits until it is effective; None: it is effective
    when AWS answers.

    `is_named_by_aws`: AWS chooses the name of the new resource. Somebody else can have made a similar resource, so it
    is removed only if `read_outcome` is sure that it belongs to the call.

    `terraform` and `cloudformation` are the export forms, or a sentence that says why there is none. `policy_document`
    is the parameter with an IAM policy. `waits` are the waits of a script after a call with that number, and
    `repeatable` returns the call in a form that AWS accepts again.
    """

    service: str
    name: str
    parameters: tuple[str, ...]
    read_outcome: OutcomeCheck
    reads: tuple[str, ...]
    further_actions: tuple[str, ...] = ()
    carry_out: Callable[[ChangeWriter, Parameters], Response] | None = None
    is_named_by_aws: bool = False
    terraform: TerraformForm | NoForm | str = NoForm.UNKNOWN
    cloudformation: CloudFormationForm | NoForm | str = NoForm.UNKNOWN
    policy_document: str = ""
    waits: Callable[[Call, int], Sequence[Wait]] = _no_waits
    repeatable: Callable[[Call], Call] = _same_call

    def __post_init__(self) -> None:
        """Check that the forms include every parameter: otherwise an export would lose a part of the change."""
        for form in (self.terraform, self.cloudformation):
            if isinstance(form, TerraformForm | CloudFormationForm) and form.parameters != frozenset(self.parameters):
                raise IncompleteForm(f"{self.service}:{self.name} as {form.type}")

    @property
    def key(self) -> tuple[str, str]:
        """Return the service and the name of the operation."""
        return self.service, self.name

    def perform(self, writer: ChangeWriter, parameters: Parameters) -> Response:
        """Make the call, and wait until it is effective."""
        if self.carry_out is not None:
            return self.carry_out(writer, parameters)
        return writer.write(self.service, self.name, parameters)

    def settle(self, writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        """Check whether a call without an answer was made. AWS can still be processing it, so check several times."""
        found = self.read_outcome(writer, parameters)
        for _ in range(_LOOKS):
            if found is not Settlement.NOT_MADE:
                break
            writer.pause()
            found = self.read_outcome(writer, parameters)
        return found


_LOOKS = 20
