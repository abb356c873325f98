"""The only writer: boto3 behind a list of allowed operations. Nothing else can change AWS."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import boto3
from botocore import exceptions as sdk
from botocore import xform_name
from botocore.parsers import ResponseParserError
from botocore.session import Session

from ssmtui.aws.client_config import ClientAccess, OperationGuard, make_client
from ssmtui.aws.credentials import BorrowedCredentials, CredentialProvider, PromptForbidden
from ssmtui.aws.errors import (
    NOT_FOUND_CODES,
    ErrorKind,
    WebPageError,
    find_web_page,
    is_credential_error,
    kind_of_error,
    may_have_arrived,
)
from ssmtui.language import say
from ssmtui.model.access_denied import refused_action
from ssmtui.model.plan import JSON
from ssmtui.model.scope import CredentialsUnavailable
from ssmtui.remediation.operations.catalog import READS, WRITE_OPERATIONS, WRITES
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    ConcurrentChangeError,
    OperationNotAllowed,
    OutcomeUnknownError,
    Response,
)
from ssmtui.text.printable import NotSendable, refuse_half_characters

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.5


class Writer:
    """Writes to one Region with one profile's credentials (implements `ChangeWriter`).

    `lend` returns the credentials for each request, or others if it gets those that AWS rejected. Without it, the SDK
    obtains the profile's credentials, and `ask` prompts for an MFA code. `answer_seconds` is the timeout of an answer.
    """

    def __init__(
        self,
        access: ClientAccess,
        *,
        lend: CredentialProvider | None = None,
        ask: Callable[[str], str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        answer_seconds: float = 30,
    ) -> None:
        self._access = access
        # A change in progress continues with its initial credentials.
        self._borrowed = BorrowedCredentials(lend, outlive_lender=True) if lend is not None else None
        self._ask = ask or _do_not_prompt
        self._answer_seconds = answer_seconds
        self._sleep = sleep
        self._session: Any = None
        self._clients: dict[tuple[str, bool], Any] = {}

    def account(self) -> str:
        """Return the account of the current credentials."""
        answer = self.read("sts", "GetCallerIdentity", {}) or {}
        return str(answer.get("Account", ""))

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """Return the answer to a read; None if AWS says that the thing does not exist."""
        if (service, operation) not in READS:
            raise OperationNotAllowed(service, operation)
        try:
            return self._send(service, operation, parameters, once=False)
        except ChangeFailedError as failed:
            if failed.code in NOT_FOUND_CODES:
                return None
            raise
        except OutcomeUnknownError as unknown:
            raise ChangeFailedError("", str(unknown)) from unknown

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """Send a listed write once, with parameters that its record lists, and return AWS's answer."""
        known = WRITE_OPERATIONS.get((service, operation))
        if known is None or not parameters.keys() <= set(known.parameters):
            raise OperationNotAllowed(service, operation)
        _log.info("%s:%s in %s", service, operation, self._access.region)
        return self._send(service, operation, parameters, once=True)

    def pause(self) -> None:
        """Wait a moment."""
        self._sleep(_PAUSE_SECONDS)

    def _send(self, service: str, operation: str, parameters: Mapping[str, JSON], *, once: bool) -> Response:
        try:
            return self._sent(service, operation, parameters, once=once)
        except ChangeFailedError as failed:
            # AWS does nothing if it rejects the credentials, so the request can be sent again with others.
            if not is_credential_error(failed.code) or self._borrowed is None or not self._borrowed.has_others():
                raise
        return self._sent(service, operation, parameters, once=once)

    def _sent(self, service: str, operation: str, parameters: Mapping[str, JSON], *, once: bool) -> Response:
        try:
            refuse_half_characters(parameters)
            answer = getattr(self._client(service, once=once), xform_name(operation))(**parameters)
        except (
            sdk.ClientError,
            sdk.BotoCoreError,
            ResponseParserError,
            WebPageError,
            PromptForbidden,
            CredentialsUnavailable,
            NotSendable,
        ) as error:
            raise _problem(error, f"{service}:{operation}") from error
        return {name: _plain(value) for name, value in answer.items() if name != "ResponseMetadata"}

    def _client(self, service: str, *, once: bool) -> Any:
        key = (service, once)
        if key not in self._clients:
            self._clients[key] = make_client(
                self._opened().client,
                service,
                self._access,
                _GUARD,
                once=once,
                answer_seconds=self._answer_seconds,
            )
        return self._clients[key]

    def _opened(self) -> Any:
        if self._session is None:
            core = Session(profile=self._access.profile)
            # The STS client that assumes a profile's role uses this Region.
            core.set_config_variable("region", self._access.region)
            for provider in core.get_component("credential_provider").providers:
                if provider.METHOD == "assume-role":
                    provider._prompter = self._ask
            if self._borrowed is not None:
                core._credentials = self._borrowed.for_sdk()
            self._session = boto3.Session(botocore_session=core)
        return self._session


_GUARD = OperationGuard(lambda: WRITES | READS, OperationNotAllowed)


def _do_not_prompt(_: str) -> str:
    raise PromptForbidden(
        say("the credentials need an MFA code, which cannot be entered here: use temporary credentials")
    )


def _problem(error: Exception, action: str) -> Exception:
    """Return what an exception of the SDK means for a call that needs `action`."""
    match error:
        case sdk.ClientError():
            told = error.response.get("Error", {})
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            message = str(told.get("Message", ""))
            if page := find_web_page(message, status):
                return OutcomeUnknownError(say("no response to {action}: {error}", action=action, error=page))
            return _answered(str(told.get("Code", "")), message, status, action)
        case _ if may_have_arrived(error):
            return OutcomeUnknownError(say("no response to {action}: {error}", action=action, error=error))
    return ChangeFailedError("", say("{action} could not be sent: {error}", action=action, error=error))


def _answered(code: str, message: str, status: int, action: str) -> Exception:
    kind = kind_of_error(code, status)
    if kind is ErrorKind.REFUSED:
        return ChangeRefusedError(refused_action(message, action), message or code)
    if kind is ErrorKind.CONFLICT:
        return ConcurrentChangeError(message or code)
    # A throttled request has no effect. A code that is only the HTTP status can come from a proxy.
    if status >= 500 and (kind is not ErrorKind.THROTTLED or code.isdigit()):
        return OutcomeUnknownError(
            say(
                "AWS returned an internal error for {action} ({code}: {message})",
                action=action,
                code=code,
                message=message,
            )
        )
    return ChangeFailedError(code, message)


def _plain(value: Any) -> JSON:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case datetime():
            return value.isoformat()
    return str(value)
