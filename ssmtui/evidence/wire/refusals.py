"""From an error code of AWS to what it means for a read: no permission, no credentials, too fast, or an answer."""

from __future__ import annotations

from ssmtui.evidence.wire.aws import AwsError, ReadFailed
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.authorization import LookedUp
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
    }
)
"""The codes by which AWS asks to slow down (botocore's own list of transient throttling errors)."""

_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "ExpiredCredentials"}
)
_REJECTED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
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


def is_throttling(code: str) -> bool:
    """Whether AWS asks to slow down."""
    return code in THROTTLING


def is_of_credentials(code: str) -> bool:
    """Whether AWS does not take the credentials at all, whatever they would permit."""
    return code in _EXPIRED or code in _REJECTED


def refused_action(message: str, action: str) -> str:
    """The IAM action that a refusal names, which may be another one than the call's own (`iam:PassRole`)."""
    named = denial_in(message)
    return named.action if named else action


def failure(code: str, message: str, status: int, action: str) -> AwsError | ReadFailed:
    """What an error answer means. `status` is HTTP's; `action` is the IAM action that the read needs.

    An answer about the thing asked for (`NoSuchEntity`, `404`) is an AwsError, whatever hinders the read a ReadFailed.
    """
    said = f"{code}: {message}" if message else code
    if is_throttling(code):
        return ReadFailed(
            Unreadable("", say("{action} was throttled ({said})", action=action, said=said), Obstacle.THROTTLED)
        )
    if code in _EXPIRED:
        return ReadFailed(Unreadable("", said, Obstacle.EXPIRED))
    if code in _REJECTED:
        return ReadFailed(Unreadable("", said, Obstacle.REFUSED))
    if code in _REFUSED or status == 403:
        return ReadFailed(_refused(code, message, action))
    if code in _NOT_SERVED or status >= 500:
        return ReadFailed(Unreadable("", say("{action} failed ({said})", action=action, said=said), Obstacle.FAILED))
    return AwsError(code, message)


def _refused(code: str, message: str, action: str) -> Unreadable:
    denial = denial_in(message)
    said = f"{code}: {without_directions(message)}" if message else code
    return Unreadable(
        denial.action if denial else action, said, Obstacle.REFUSED, looked_up=LookedUp(denial) if denial else None
    )
