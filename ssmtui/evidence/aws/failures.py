"""Classify error codes of AWS and exceptions of the SDK as read failures."""

from __future__ import annotations

from ssmtui.aws.credentials import PromptForbidden
from ssmtui.aws.errors import (
    PARSERS,
    ErrorKind,
    WebPageError,
    find_web_page,
    is_wrong_setting,
    kind_of_error,
    raised_in,
)
from ssmtui.evidence.aws.credentials import GET_CALLER_IDENTITY, UnusableCredentials
from ssmtui.evidence.aws.http_session import AnswerTooLarge, UnusableCertificates
from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
from ssmtui.evidence.aws.sdk import NoCredentials, UnknownProfile
from ssmtui.language import say
from ssmtui.model.access_denied import LookedUp, parse_denial, strip_lookup_hint
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.text.printable import NotSendable, printable, without_password

_IN_ANOTHER_REGION = frozenset({"301", "PermanentRedirect"})
"""S3's error codes for a bucket in another Region."""


def classify_error_code(code: str, message: str, status: int, action: str) -> AwsError | ReadFailed:
    """Return the meaning of an error answer.

    `status` is the HTTP status; `action` is the IAM action that the read needs. An error about the requested thing
    (`NoSuchEntity`, `404`) is an AwsError; an error that prevents the read is a ReadFailed.
    """
    said = f"{code}: {message}" if message else code
    match kind_of_error(code, status):
        case ErrorKind.THROTTLED:
            why = say("{action} was throttled ({said})", action=action, said=said)
            return ReadFailed(Unreadable("", why, ReadFailure.THROTTLED, action))
        case ErrorKind.EXPIRED:
            return ReadFailed(Unreadable("", said, ReadFailure.EXPIRED, action))
        case ErrorKind.REJECTED:
            return ReadFailed(Unreadable("", said, ReadFailure.REFUSED, action))
        case ErrorKind.REFUSED | ErrorKind.NOT_SUBSCRIBED:
            return ReadFailed(_refused(code, message, action))
        case ErrorKind.REDIRECTED if not (action.startswith("s3:") and code in _IN_ANOTHER_REGION):
            why = say(
                "{action} was answered with a redirect, which ssmtui does not follow ({said})", action=action, said=said
            )
            return ReadFailed(Unreadable("", why, ReadFailure.FAILED, action))
        case ErrorKind.NOT_SUPPORTED | ErrorKind.INTERNAL:
            why = say("{action} failed ({said})", action=action, said=said)
            return ReadFailed(Unreadable("", why, ReadFailure.FAILED, action))
    return AwsError(code, message, action)


def _refused(code: str, message: str, action: str) -> Unreadable:
    denial = parse_denial(message)
    said = f"{code}: {strip_lookup_hint(message)}" if message else code
    return Unreadable(
        denial.action if denial else action, said, ReadFailure.REFUSED, looked_up=LookedUp(denial) if denial else None
    )


_CREDENTIAL_PROVIDERS = frozenset(
    {
        "aiobotocore.credentials",
        "aiobotocore.tokens",
        "botocore.configloader",
        "botocore.credentials",
        "botocore.tokens",
    }
)
"""The SDK's modules that obtain credentials: from the person's own files, programs and addresses."""

_NO_URL = "Invalid endpoint: "
"""The beginning of botocore's ValueError if a configured endpoint is not a URL (its endpoint.py)."""


def classify_exception(error: BaseException, action: str, seconds: float) -> AwsError | ReadFailed | None:
    """Return what an exception of the SDK means for a read that needs `action`; None if it is a bug of ssmtui.

    `seconds` is the read's deadline, for the message.
    """
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    match error:
        case sdk.ClientError():
            told = error.response.get("Error", {})
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            message = str(told.get("Message", ""))
            if page := find_web_page(message, status):
                return ReadFailed(Unreadable("", f"{action}: {page}", ReadFailure.FAILED, action))
            return classify_error_code(str(told.get("Code", "")), message, status, action)
        case WebPageError():
            return ReadFailed(Unreadable("", f"{action}: {error}", ReadFailure.UNREACHABLE, action))
        case sdk.ParamValidationError() if not raised_in(_CREDENTIAL_PROVIDERS, error):
            return AwsError("InvalidParameter", str(error), action)
        case PromptForbidden():
            why = say(
                "an MFA code is required, which ssmtui asks for only at the start: start ssmtui with this profile"
            )
            return ReadFailed(Unreadable("", why, ReadFailure.EXPIRED, action))
        case _ if _names_credentials(error):
            return ReadFailed(
                Unreadable("", str(error) or say("the credentials have expired"), ReadFailure.EXPIRED, action)
            )
        case sdk.ReadTimeoutError():
            return ReadFailed(
                Unreadable(
                    "", say("{action}: AWS did not answer in time", action=action), ReadFailure.TIMED_OUT, action
                )
            )
        case TimeoutError():
            return ReadFailed(
                Unreadable(
                    "",
                    say("{action}: no answer within {seconds:g} s", action=action, seconds=seconds),
                    ReadFailure.TIMED_OUT,
                    action,
                )
            )
        case NotSendable():
            return ReadFailed(Unreadable("", f"{action}: {error}", ReadFailure.FAILED, action))
        case ValueError() if str(error).startswith(_NO_URL):
            url = printable(without_password(str(error).removeprefix(_NO_URL)))
            why = say("endpoint_url in the AWS configuration is not a URL: {url}", url=url)
            return ReadFailed(Unreadable("", f"{action}: {why}", ReadFailure.UNREACHABLE, action))
        case sdk.HTTPClientError() if isinstance(certificates := error.kwargs.get("error"), UnusableCertificates):
            return ReadFailed(Unreadable("", f"{action}: {certificates}", ReadFailure.FAILED, WORKSTATION))
        case _ if is_wrong_setting(error):
            return ReadFailed(Unreadable("", f"{action}: {error}", ReadFailure.FAILED, WORKSTATION))
        case sdk.HTTPClientError() | sdk.ConnectionError():
            return ReadFailed(Unreadable("", f"{action}: {error}", ReadFailure.UNREACHABLE, action))
        case AnswerTooLarge():
            why = say("the response to {action} is too large and was not read", action=action)
            return ReadFailed(Unreadable("", why, ReadFailure.MALFORMED, action))
        case UnusableCredentials():
            why = say("the source of the credentials returned values that are not plain text")
            return ReadFailed(Unreadable("", why, ReadFailure.EXPIRED, WORKSTATION))
        case _ if raised_in(_CREDENTIAL_PROVIDERS, error):
            return ReadFailed(Unreadable("", _why_no_credentials(error), ReadFailure.EXPIRED, WORKSTATION))
        case sdk.InvalidConfigError():  # an empty name of the file of trusted certificates
            return ReadFailed(Unreadable("", f"{action}: {error}", ReadFailure.FAILED, WORKSTATION))
        case OSError():
            return ReadFailed(Unreadable("", f"{action}: {error}", ReadFailure.UNREACHABLE, action))
        case ResponseParserError() | sdk.ChecksumError() | sdk.IncompleteReadError():
            return ReadFailed(_malformed(action))
        case _ if raised_in(PARSERS, error):
            return ReadFailed(_malformed(action))
        case sdk.BotoCoreError():
            return ReadFailed(Unreadable("", f"{action}: {error}", ReadFailure.FAILED, action))
    return None


def classify_credential_exception(error: Exception, seconds: float) -> ReadFailed:
    """Return the meaning of an exception that the SDK raised while it obtained credentials.

    Raises it if it is a bug.
    """
    if isinstance(error, UnknownProfile | NoCredentials):
        return ReadFailed(Unreadable("", say("there are no credentials left"), ReadFailure.EXPIRED, WORKSTATION))
    failed = classify_exception(error, GET_CALLER_IDENTITY, seconds)
    if isinstance(failed, AwsError):
        return ReadFailed(Unreadable("", str(failed), ReadFailure.FAILED, GET_CALLER_IDENTITY))
    if failed is None:
        raise error
    return failed


def _malformed(action: str) -> Unreadable:
    why = say("the response to {action} does not have its documented format", action=action)
    return Unreadable("", why, ReadFailure.MALFORMED, action)


def _why_no_credentials(error: BaseException) -> str:
    """Return why the SDK obtained no credentials, without its input, which can contain a secret."""
    from botocore.exceptions import BotoCoreError

    match error:
        case BotoCoreError() | OSError():
            return str(error)
        case RuntimeError() if not isinstance(error, RecursionError):
            # The SDK raises this error if new credentials have already expired.
            return say("the source of the credentials returned expired credentials")
    return say(
        "the source of the credentials or its configuration does not have the documented format ({error})",
        error=type(error).__name__,
    )


def _names_credentials(error: BaseException) -> bool:
    from botocore import exceptions as sdk

    expired = (
        sdk.NoCredentialsError,
        sdk.PartialCredentialsError,
        sdk.CredentialRetrievalError,
        sdk.RefreshWithMFAUnsupportedError,
        sdk.SSOError,
        sdk.LoginError,
        sdk.TokenRetrievalError,
    )
    return isinstance(error, expired)
