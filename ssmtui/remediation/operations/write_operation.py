"""The record of a write operation; the interface of a writer and its errors."""

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
    """One scope's way to change AWS, one call at a time.

    Raises:
        ChangeRefused: AWS does not permit the call.
        ChangeFailed: an error, after which nothing is changed.
        ChangedMeanwhile: only of a write: the version that it names is not the newest.
        OutcomeUnknown: only of a write: it may have been carried out.

    """

    def account(self) -> str:
        """The account that the credentials belong to, now."""

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """The answer to a read; None where AWS says that there is no such thing."""

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """The answer to a write, which is sent once."""

    def pause(self) -> None:
        """Wait a moment, until AWS may have got further."""


def value_at(answer: JSON, path: str) -> str | None:
    """The value where `path` leads in an answer (`Document.LatestVersion`), as text; None where there is none.

    A number leads into a list; `*` takes all of a list, as sorted lines, and `*Name=value` those whose member `Name`
    has that value. `FromPort+Group/Id` names those members that are there, with their values. What has members is given
    as indented JSON.
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
    """AWS did not permit the call. `action` is the IAM action that was refused."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(message)
        self.action = action


class ConcurrentChangeError(Exception):
    """The thing is not as it was when the change was previewed (a compare-and-swap that lost)."""


class ChangeFailedError(Exception):
    """AWS answered with an error, or the request never left: nothing was changed. `code` is AWS's, or empty."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code


class CommandFailedError(ChangeFailedError):
    """A node took a command, and it ended otherwise than well: what it did before that stays done."""


class Interrupted(ChangeFailedError):
    """The process was told to end before the call was sent."""

    def __init__(self) -> None:
        super().__init__("", say("ssmtui was told to end"))


class OutcomeUnknownError(Exception):
    """The request was sent and no answer came: it may have been carried out. It is never sent again unread."""


class CallNotInPlan(TypeError):
    """A defect: a write that the plan under way does not say, or that was made already."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            say("{service}:{operation} is no call of the plan that is being made", service=service, operation=operation)
        )


class OperationNotAllowed(TypeError):
    """A defect: an operation that is not on the writer's list."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            say("{service}:{operation} is not on the list of what ssmtui changes", service=service, operation=operation)
        )


Parameters = Mapping[str, JSON]


class Settlement(Enum):
    """What reading back says of a call if it does not show that the call was made."""

    NOT_MADE = "not made"
    UNKNOWN = "unknown"


OutcomeCheck = Callable[[ChangeWriter, Parameters], Response | Settlement]
"""Read once whether a call was made: return its answer, or what stands in for it."""


def value_is(
    service: str,
    operation: str,
    names: Sequence[str],
    path: str,
    wanted: str | tuple[str, ...] | Callable[[Parameters], str],
    *,
    was: str = "",
) -> OutcomeCheck:
    """Return a check for a call that sets one value: a read with these parameters of the call shows it at `path`.

    With `was`, another value than this one and those that are wanted does not tell whether the call was made.
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
    """What a script reads after a call, until the value at `path` is `wanted`; it ends with `sentence` if it is not."""

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
    """A defect: a form that does not say what becomes of a parameter, so that exports would lose it."""


@dataclass(frozen=True, slots=True)
class WriteOperation:
    """An operation that changes something in AWS: all that ssmtui knows of it.

    `parameters` are all that a call may set, and `further_actions` the IAM actions that it needs besides the one of its
    name. `read_outcome` reads once, by `reads`, whether a call was made; the guards of its fixes read by them too.
    `undone_by` are the operations that undo a call, first the one that needs no former value; none if nothing does.
    `carry_out` makes the call and waits until it counts; None: it counts when AWS answers.

    `is_named_by_aws` says that AWS chooses the name of what a call makes. Somebody else can have made the like, so it
    is removed only if `read_outcome` is sure that it is the call's own.

    `terraform` and `cloudformation` are the forms in exports, or the sentence that says why there is none.
    `policy_document` is the parameter that holds an IAM policy. `waits` are what a script waits for after a call with
    that number, and `repeatable` returns the call in the form that AWS accepts again.
    """

    service: str
    name: str
    parameters: tuple[str, ...]
    read_outcome: OutcomeCheck
    reads: tuple[str, ...]
    undone_by: tuple[str, ...] = ()
    further_actions: tuple[str, ...] = ()
    carry_out: Callable[[ChangeWriter, Parameters], Response] | None = None
    is_named_by_aws: bool = False
    terraform: TerraformForm | NoForm | str = NoForm.UNKNOWN
    cloudformation: CloudFormationForm | NoForm | str = NoForm.UNKNOWN
    policy_document: str = ""
    waits: Callable[[Call, int], Sequence[Wait]] = _no_waits
    repeatable: Callable[[Call], Call] = _same_call

    def __post_init__(self) -> None:
        """Refuse a form that leaves a parameter out: what the call changes would be exported as unchanged."""
        for form in (self.terraform, self.cloudformation):
            if isinstance(form, TerraformForm | CloudFormationForm) and form.parameters != frozenset(self.parameters):
                raise IncompleteForm(f"{self.service}:{self.name} as {form.type}")

    @property
    def key(self) -> tuple[str, str]:
        """The service and the name of the operation."""
        return self.service, self.name

    def perform(self, writer: ChangeWriter, parameters: Parameters) -> Response:
        """Make the call, and wait until it counts."""
        if self.carry_out is not None:
            return self.carry_out(writer, parameters)
        return writer.write(self.service, self.name, parameters)

    def settle(self, writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        """Read whether a call without an answer was made; it may still be on its way, so read more than once."""
        found = self.read_outcome(writer, parameters)
        for _ in range(_LOOKS):
            if found is not Settlement.NOT_MADE:
                break
            writer.pause()
            found = self.read_outcome(writer, parameters)
        return found


_LOOKS = 20
