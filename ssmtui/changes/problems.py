"""How a change can fail, one exception a kind. Their messages are data: AWS's own words are in them."""

from __future__ import annotations

from ssmtui.language import say


class ChangeRefused(Exception):
    """AWS did not permit the call. `action` is the IAM action that was refused."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(message)
        self.action = action


class ChangedMeanwhile(Exception):
    """The thing is not as it was when the change was previewed (a compare-and-swap that lost)."""


class ChangeFailed(Exception):
    """AWS answered with an error, or the request never left: nothing was changed. `code` is AWS's, or empty."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code


class CommandFailed(ChangeFailed):
    """A node took a command, and it ended otherwise than well: what it did before that stays done."""


class Interrupted(ChangeFailed):
    """The process was told to end before the call was sent."""

    def __init__(self) -> None:
        super().__init__("", say("ssmtui was told to end"))


class OutcomeUnknown(Exception):
    """The request was sent and no answer came: it may have been carried out. It is never sent again unread."""


class NotInThePlan(TypeError):
    """A defect: a write that the plan under way does not say, or that was made already."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            say("{service}:{operation} is no call of the plan that is being made", service=service, operation=operation)
        )


class NotAllowedHere(TypeError):
    """A defect: an operation that is not on the writer's list."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            say("{service}:{operation} is not on the list of what ssmtui changes", service=service, operation=operation)
        )
