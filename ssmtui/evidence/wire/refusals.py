"""From an error code of AWS to what it means for a read: no permission, no credentials, too fast, or an answer."""

from __future__ import annotations

from ssmtui.evidence.wire.aws import AwsError, ReadFailed
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.authorization import LookedUp
from ssmtui.model.credential_errors import EXPIRED, REJECTED
from ssmtui.model.denial import denial_in, without_directions

THROTTLING = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "429",
        "503",
    }
)
"""The codes by which AWS asks to slow down (botocore's own list of transient throttling errors).

The last two are of answers without words, as HEAD's are: S3's `503 Slow Down` is no more than that.
"""

_REFUSED = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthorizationError",
        "Forbidden",
        "NotAuthorized",
        "OptInRequired",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
    }
)
_NOT_SERVED = frozenset({"InvalidAction", "NotImplemented", "UnknownOperationException", "501"})


_IN_ANOTHER_REGION = frozenset({"301", "PermanentRedirect"})
"""What S3 answers about a bucket that is in another Region."""


def is_throttling(code: str) -> bool:
    """Whether AWS asks to slow down."""
    return code in THROTTLING


def failure(code: str, message: str, status: int, action: str) -> AwsError | ReadFailed:
    """What an error answer means. `status` is HTTP's; `action` is the IAM action that the read needs.

    An answer about the thing asked for (`NoSuchEntity`, `404`) is an AwsError, whatever hinders the read a ReadFailed.
    """
    said = f"{code}: {message}" if message else code
    if is_throttling(code):
        return ReadFailed(
            Unreadable("", say("{action} was throttled ({said})", action=action, said=said), Obstacle.THROTTLED, action)
        )
    if code in EXPIRED:
        return ReadFailed(Unreadable("", said, Obstacle.EXPIRED, action))
    if code in REJECTED:
        return ReadFailed(Unreadable("", said, Obstacle.REFUSED, action))
    if code in _REFUSED or status == 403:
        return ReadFailed(_refused(code, message, action))
    if 300 <= status < 400 and not (action.startswith("s3:") and code in _IN_ANOTHER_REGION):
        why = say("{action} was answered by a redirect, which is not followed ({said})", action=action, said=said)
        return ReadFailed(Unreadable("", why, Obstacle.FAILED, action))
    if code in _NOT_SERVED or status >= 500:
        return ReadFailed(
            Unreadable("", say("{action} failed ({said})", action=action, said=said), Obstacle.FAILED, action)
        )
    return AwsError(code, message, action)


def _refused(code: str, message: str, action: str) -> Unreadable:
    denial = denial_in(message)
    said = f"{code}: {without_directions(message)}" if message else code
    return Unreadable(
        denial.action if denial else action, said, Obstacle.REFUSED, looked_up=LookedUp(denial) if denial else None
    )
