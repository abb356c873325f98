"""The interface of a writer, its errors, and how an operation is carried out and settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ssmtui.language import say
from ssmtui.model.plan import JSON, json_text

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
    """What reading back says of a write without an answer, where it does not say that it was made."""

    NOT_MADE = "not made"
    UNKNOWN = "unknown"


OutcomeCheck = Callable[[ChangeWriter, Parameters], Response | Settlement]
"""One look at whether a write was made: its answer, or as if it had been answered, where it was."""


@dataclass(frozen=True, slots=True)
class OperationHandler:
    """`perform` makes the write and waits until it counts; `look` reads once whether the write has been made.

    `is_named_by_aws` says that AWS chooses the name of what the write makes. Somebody else can have made the like, so
    it is removed only if `look` is sure that it is the write's own.
    """

    perform: Callable[[ChangeWriter, Parameters], Response]
    look: OutcomeCheck
    is_named_by_aws: bool = False

    def settle(self, writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        """Read whether a write without answer was made; it may still be on its way, so more than once."""
        return poll_outcome(writer, lambda: self.look(writer, parameters))


_LOOKS = 20


def handler_of_single_call(service: str, operation: str, look: OutcomeCheck) -> OperationHandler:
    """The conduct of an operation that has done its work when AWS answers. `look` tells whether it was made."""

    def perform(writer: ChangeWriter, parameters: Parameters) -> Response:
        return writer.write(service, operation, parameters)

    return OperationHandler(perform, look)


def poll_outcome(writer: ChangeWriter, settled: Callable[[], Response | Settlement]) -> Response | Settlement:
    """A write whose answer was lost may still be on its way: it is looked for more than once."""
    found = settled()
    for _ in range(_LOOKS):
        if found is not Settlement.NOT_MADE:
            break
        writer.pause()
        found = settled()
    return found
