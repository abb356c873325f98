"""Whose credentials are, by AWS's word for it, asked whatever is known of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ssmtui.evidence.wire.answer import Answer, MalformedAnswer
from ssmtui.evidence.wire.aws import AwsError, ReadFailed
from ssmtui.evidence.wire.deadline import DeadlinePassed, in_time
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable

IDENTITY = "sts:GetCallerIdentity"


async def who_calls(ask: Callable[[], Awaitable[object]]) -> str:
    """The user, or the role, whatever its session is called: that is another one with each login.

    Raises:
        ReadFailed: AWS does not take the credentials, or cannot be asked.

    """
    try:
        return principal_of(Answer(IDENTITY, await in_time(ask())).arn("Arn"))
    except DeadlinePassed as passed:
        why = say("{action}: no answer within {seconds:g} s", action=IDENTITY, seconds=passed.seconds)
        raise ReadFailed(Unreadable("", why, Obstacle.TIMED_OUT, IDENTITY)) from passed
    except AwsError as error:
        raise ReadFailed(Unreadable("", str(error), Obstacle.FAILED, IDENTITY)) from error
    except MalformedAnswer as malformed:
        raise ReadFailed(malformed.unreadable) from malformed


def principal_of(caller: str) -> str:
    """An ARN without the name of the session, where it is that of a role."""
    return caller.rpartition("/")[0] if ":assumed-role/" in caller else caller
