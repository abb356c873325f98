"""Classify AWS's errors for reads, writes and sessions, and recognize answers that are not AWS's."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass
from enum import Enum, auto
from ssl import SSLCertVerificationError
from traceback import walk_tb
from typing import Any, Protocol

from ssmtui.language import say


class ErrorKind(Enum):
    """The meaning of an AWS error, for any request."""

    THROTTLED = auto()
    EXPIRED = auto()
    """The credentials were valid once."""
    REJECTED = auto()
    """The credentials, or the signature made with them, are not valid."""
    REFUSED = auto()
    """A policy does not allow the request."""
    NOT_SUBSCRIBED = auto()
    """The account cannot use the service or the product, whatever policies allow."""
    NOT_FOUND = auto()
    CONFLICT = auto()
    """Somebody else changed or created the same thing first."""
    REDIRECTED = auto()
    NOT_SUPPORTED = auto()
    INTERNAL = auto()
    OTHER = auto()


THROTTLING_CODES = frozenset(
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
"""botocore's list of throttling errors, without those that can also mean a quota or a transaction.

The last two stand for answers without a body, as S3 gives to HEAD requests: `503 Slow Down`.
"""

NOT_FOUND_CODES = frozenset(
    {
        "InvalidAssociationID.NotFound",
        "InvalidDocument",
        "InvalidGroup.NotFound",
        "InvalidInstanceID.NotFound",
        "InvalidVpcEndpointId.NotFound",
        "InvalidVpcID.NotFound",
        "InvocationDoesNotExist",
        "NoSuchEntity",
        "NotFoundException",
        "ResourceNotFoundException",
    }
)
"""For the reads before and after a change. Other reads accept only the codes of their own operation."""

CONFLICT_CODES = frozenset(
    {
        "DocumentAlreadyExists",
        "EntityAlreadyExists",
        "InvalidDocumentVersion",
        "InvalidPermission.Duplicate",
        "ResourceAlreadyExistsException",
    }
)

_KINDS = {
    ErrorKind.THROTTLED: THROTTLING_CODES,
    ErrorKind.EXPIRED: frozenset(
        {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "ExpiredCredentials"}
    ),
    ErrorKind.REJECTED: frozenset(
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
    ),
    ErrorKind.REFUSED: frozenset(
        {
            "403",
            "AccessDenied",
            "AccessDeniedException",
            "AllAccessDisabled",
            "AuthorizationError",
            "Forbidden",
            "NotAuthorized",
            "UnauthorizedAccess",
            "UnauthorizedOperation",
        }
    ),
    # EC2 returns this (status 401) if the account has not subscribed to an image's Marketplace product: IAM is not
    # involved.
    ErrorKind.NOT_SUBSCRIBED: frozenset({"OptInRequired"}),
}
_LATER_KINDS = {
    ErrorKind.NOT_SUPPORTED: frozenset({"InvalidAction", "NotImplemented", "UnknownOperationException", "501"}),
    ErrorKind.NOT_FOUND: NOT_FOUND_CODES,
    ErrorKind.CONFLICT: CONFLICT_CODES,
}


def kind_of_error(code: str, status: int) -> ErrorKind:
    """Return the meaning of an AWS error code. `status` is the HTTP status: it decides for unknown codes."""
    for kind, codes in _KINDS.items():
        if code in codes:
            return kind
    if status == 403:
        return ErrorKind.REFUSED
    if 300 <= status < 400:
        return ErrorKind.REDIRECTED
    for kind, codes in _LATER_KINDS.items():
        if code in codes:
            return kind
    return ErrorKind.INTERNAL if status >= 500 else ErrorKind.OTHER


def is_credential_error(code: str) -> bool:
    """Return whether AWS does not accept the credentials at all, whatever they would permit."""
    return code in _KINDS[ErrorKind.EXPIRED] or code in _KINDS[ErrorKind.REJECTED]


def is_wrong_setting(error: BaseException) -> bool:
    """Return whether the SDK found a setting of this computer wrong, before anything was sent."""
    from botocore import exceptions as sdk

    wrong = (
        sdk.InvalidRegionError,
        sdk.InvalidProxiesConfigError,
        sdk.InvalidRetryConfigurationError,
        sdk.InvalidDefaultsMode,
        sdk.InvalidChecksumConfigError,
        sdk.InvalidEndpointConfigurationError,
        sdk.InvalidSTSRegionalEndpointsConfigError,
        sdk.InvalidS3UsEast1RegionalEndpointConfigError,
        sdk.BaseEndpointResolverError,
    )
    if isinstance(error, sdk.HTTPClientError | sdk.SSLError):
        # The SDK opens the file of trusted certificates with the first request.
        return isinstance(_cause_of(error), FileNotFoundError | PermissionError | IsADirectoryError)
    return isinstance(error, wrong)


def may_have_arrived(error: BaseException) -> bool:
    """Return whether the request may have reached AWS without a readable answer."""
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    # A request is sent after the certificate was verified.
    if is_wrong_setting(error) or isinstance(_cause_of(error), SSLCertVerificationError):
        return False
    unreadable = (sdk.ChecksumError, sdk.IncompleteReadError, ResponseParserError, WebPageError)
    return isinstance(error, (sdk.HTTPClientError, sdk.SSLError, *unreadable)) and not isinstance(
        error, sdk.EndpointConnectionError | sdk.ConnectTimeoutError | sdk.ProxyConnectionError
    )


def _cause_of(error: BaseException) -> object:
    """Return the error of the SDK's transport; for a TLS error, the inner error."""
    from botocore.exceptions import BotoCoreError, SSLError

    cause = error.kwargs.get("error") if isinstance(error, BotoCoreError) else None
    inside = getattr(cause, "args", ())
    return inside[0] if isinstance(error, SSLError) and inside and isinstance(inside[0], Exception) else cause


_LOOKED_AT = 20_000
"""Number of bytes or characters that are searched for a title."""

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,500})", re.IGNORECASE)
_LONGEST = 100
_OWN_ERROR = 500
_OF_AWS = "x-amz"
_DECLARATION = b"<!ENTITY"
_NO_ANSWER = b"<"
"""An answer that the SDK treats as malformed."""

_BEFORE_XML = b"\xef\xbb\xbf \t\r\n"
_BEGINNINGS = ("<!doctype html", "<html")


@dataclass(frozen=True, slots=True)
class WebPage:
    """A web page: the HTTP status, and its title, if any. The title is untrusted data, never markup."""

    status: int
    title: str = ""

    def __str__(self) -> str:
        if not self.title:
            return say("a web page (HTTP {status}) was returned instead of the AWS response", status=self.status)
        return say(
            "a web page (HTTP {status}, “{title}”) was returned instead of the AWS response",
            status=self.status,
            title=self.title,
        )


@dataclass(frozen=True, slots=True)
class AnswerWithoutRequestId:
    """An answer to a HEAD request without a body and without AWS's headers: the HTTP status is a proxy's."""

    status: int

    def __str__(self) -> str:
        return say(
            "a response (HTTP {status}) without an AWS request ID was returned, by a proxy or gateway instead of AWS",
            status=self.status,
        )


class WebPageError(Exception):
    """The answer is not from AWS."""

    def __init__(self, page: WebPage | AnswerWithoutRequestId) -> None:
        super().__init__(str(page))
        self.page = page


def find_web_page(text: str, status: int) -> WebPage | None:
    """Return the web page in place of AWS's answer, or None."""
    return _page(text, status) if text.lstrip()[:20].lower().startswith(_BEGINNINGS) else None


class Operation(Protocol):
    """The SDK's model of an operation."""

    @property
    def http(self) -> Mapping[str, object]:
        """The HTTP details of the operation."""


def refuse_strange_answer(
    response_dict: MutableMapping[str, Any], operation_model: Operation | None = None, **_: object
) -> None:
    """Refuse a web page, and XML that declares entities: a few hundred bytes of those become a gigabyte.

    An answer to a HEAD request has no body to recognize, but a request ID if it is AWS's (docs/facts/preferences.md).

    The SDK calls this before it parses an answer (`before-parse`).

    A page with a status of 500 or more is left to the SDK, which retries. The content type does not count: servers
    that imitate AWS also send XML with the type of a page.
    XML with entities, which AWS does not declare and the SDK reads as UTF-8 alone, is replaced by malformed XML.

    Raises:
        WebPageError: it is a page, or an answer to a HEAD request that is not AWS's.

    """
    status, body = int(response_dict["status_code"]), response_dict["body"]
    if not isinstance(body, bytes):
        return
    if _DECLARATION in body and body.lstrip(_BEFORE_XML).startswith(b"<"):
        response_dict["body"] = _NO_ANSWER
        return
    if status >= _OWN_ERROR:
        return
    if operation_model is not None and operation_model.http.get("method") == "HEAD":
        if not any(name.lower().startswith(_OF_AWS) for name in response_dict["headers"]):
            raise WebPageError(AnswerWithoutRequestId(status))
        return
    page = find_web_page(body[:_LOOKED_AT].decode("utf-8", errors="replace"), status)
    if page is not None:
        raise WebPageError(page)


def _page(text: str, status: int) -> WebPage:
    match = _TITLE.search(text[:_LOOKED_AT])
    title = " ".join(html.unescape(match[1]).split()) if match else ""
    return WebPage(status, title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…")


PARSERS = frozenset({"aiobotocore.handlers", "aiobotocore.parsers", "botocore.handlers", "botocore.parsers"})
"""The SDK's modules that parse answers."""


def raised_in(modules: Collection[str], error: BaseException) -> bool:
    """Return whether one of these SDK modules raised the error: malformed input can raise any error there."""
    return any(frame.f_globals.get("__name__") in modules for frame, _ in walk_tb(error.__traceback__))
