"""What an exception of the AWS SDK means for a read."""

from __future__ import annotations

from collections.abc import Collection
from traceback import walk_tb

from ssmtui.evidence.wire.answer_size import AnswerTooBig
from ssmtui.evidence.wire.aws import AwsError, ReadFailed
from ssmtui.evidence.wire.identity import IDENTITY
from ssmtui.evidence.wire.refusals import failure
from ssmtui.evidence.wire.sdk import NoCredentials, PromptForbidden, UnknownProfile
from ssmtui.evidence.wire.standing_credentials import StrangeCredentials
from ssmtui.evidence.wire.tls import UnusableCertificates
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.plain_text import printable, without_password
from ssmtui.model.sendable import NotSendable
from ssmtui.model.web_page import WebPageAnswered, page_in

_TAKING_APART = frozenset({"aiobotocore.handlers", "aiobotocore.parsers", "botocore.handlers", "botocore.parsers"})
"""The SDK's modules that make values of what an answer holds."""

_COMING_BY_CREDENTIALS = frozenset(
    {
        "aiobotocore.credentials",
        "aiobotocore.tokens",
        "botocore.configloader",
        "botocore.credentials",
        "botocore.tokens",
    }
)
"""Those that come by credentials: from files, programs and addresses that are the person's own."""

_NO_URL = "Invalid endpoint: "
"""How botocore's ValueError begins where an endpoint that is configured is no URL (its endpoint.py)."""


def failed_read(error: BaseException, action: str, seconds: float) -> AwsError | ReadFailed | None:
    """What an exception of the SDK means for a read that needs `action`; None where it is a defect of ours.

    `seconds` is the read's deadline, for the words.
    """
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    match error:
        case sdk.ClientError():
            told = error.response.get("Error", {})
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            message = str(told.get("Message", ""))
            if page := page_in(message, status):
                return ReadFailed(Unreadable("", f"{action}: {page}", Obstacle.FAILED, action))
            return failure(str(told.get("Code", "")), message, status, action)
        case WebPageAnswered():
            return ReadFailed(Unreadable("", f"{action}: {error}", Obstacle.UNREACHABLE, action))
        case sdk.ParamValidationError() if not _met_in(_COMING_BY_CREDENTIALS, error):
            return AwsError("InvalidParameter", str(error), action)
        case PromptForbidden():
            why = say("an MFA code is needed, which is asked for at the start only: start ssmtui with this profile")
            return ReadFailed(Unreadable("", why, Obstacle.EXPIRED, action))
        case _ if _names_credentials(error):
            return ReadFailed(
                Unreadable("", str(error) or say("the credentials have expired"), Obstacle.EXPIRED, action)
            )
        case sdk.ReadTimeoutError():
            return ReadFailed(
                Unreadable("", say("{action}: AWS did not answer in time", action=action), Obstacle.TIMED_OUT, action)
            )
        case TimeoutError():
            return ReadFailed(
                Unreadable(
                    "",
                    say("{action}: no answer within {seconds:g} s", action=action, seconds=seconds),
                    Obstacle.TIMED_OUT,
                    action,
                )
            )
        case NotSendable():
            return ReadFailed(Unreadable("", f"{action}: {error}", Obstacle.FAILED, action))
        case ValueError() if str(error).startswith(_NO_URL):
            url = printable(without_password(str(error).removeprefix(_NO_URL)))
            why = say("endpoint_url in the AWS configuration is no URL: {url}", url=url)
            return ReadFailed(Unreadable("", f"{action}: {why}", Obstacle.UNREACHABLE, action))
        case sdk.HTTPClientError() if isinstance(certificates := error.kwargs.get("error"), UnusableCertificates):
            return ReadFailed(Unreadable("", f"{action}: {certificates}", Obstacle.FAILED, WORKSTATION))
        case _ if _says_a_setting_is_wrong(error):
            return ReadFailed(Unreadable("", f"{action}: {error}", Obstacle.FAILED, WORKSTATION))
        case sdk.HTTPClientError() | sdk.ConnectionError():
            return ReadFailed(Unreadable("", f"{action}: {error}", Obstacle.UNREACHABLE, action))
        case AnswerTooBig():
            why = say("the answer to {action} is too big to be one: it was not read", action=action)
            return ReadFailed(Unreadable("", why, Obstacle.MALFORMED, action))
        case StrangeCredentials():
            why = say("what gives the credentials gave some that cannot be: they are no plain text")
            return ReadFailed(Unreadable("", why, Obstacle.EXPIRED, WORKSTATION))
        case _ if _met_in(_COMING_BY_CREDENTIALS, error):
            return ReadFailed(Unreadable("", _why_no_credentials(error), Obstacle.EXPIRED, WORKSTATION))
        case OSError():
            return ReadFailed(Unreadable("", f"{action}: {error}", Obstacle.UNREACHABLE, action))
        case ResponseParserError() | sdk.ChecksumError() | sdk.IncompleteReadError():
            return ReadFailed(_malformed(action))
        case _ if _met_in(_TAKING_APART, error):
            return ReadFailed(_malformed(action))
        case sdk.BotoCoreError():
            return ReadFailed(Unreadable("", f"{action}: {error}", Obstacle.FAILED, action))
    return None


def without_credentials(error: Exception, seconds: float) -> ReadFailed:
    """What it means that the SDK did not come by credentials. Raises what is a defect of ours."""
    if isinstance(error, UnknownProfile | NoCredentials):
        return ReadFailed(Unreadable("", say("there are no credentials any more"), Obstacle.EXPIRED, WORKSTATION))
    failed = failed_read(error, IDENTITY, seconds)
    if isinstance(failed, AwsError):
        return ReadFailed(Unreadable("", str(failed), Obstacle.FAILED, IDENTITY))
    if failed is None:
        raise error
    return failed


def _malformed(action: str) -> Unreadable:
    why = say("the answer to {action} is not of its documented form", action=action)
    return Unreadable("", why, Obstacle.MALFORMED, action)


def _why_no_credentials(error: BaseException) -> str:
    """Why the SDK came by none. Of what it was given itself nothing is told: a secret may stand in it."""
    from botocore.exceptions import BotoCoreError

    match error:
        case BotoCoreError() | OSError():
            return str(error)
        case RuntimeError() if not isinstance(error, RecursionError):
            # The SDK's word for it that what it has just come by is no good any more.
            return say("what gives the credentials gave some that have expired already")
    return say(
        "what gives the credentials, or names them, is not of its documented form ({error})", error=type(error).__name__
    )


def _met_in(modules: Collection[str], error: BaseException) -> bool:
    """Whether the SDK met it in one of these of its modules: what it raises there of strange input is of every kind."""
    return any(frame.f_globals.get("__name__") in modules for frame, _ in walk_tb(error.__traceback__))


def _says_a_setting_is_wrong(error: BaseException) -> bool:
    """Whether the SDK met it in a setting of this computer's, before anything was sent."""
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
    if isinstance(error, sdk.HTTPClientError):
        # A bundle of certificates that is not there, or not to be read, is looked for when the first request is sent.
        return isinstance(error.kwargs.get("error"), FileNotFoundError | PermissionError | IsADirectoryError)
    return isinstance(error, wrong)


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
