"""The only writer: boto3 behind a list of allowed operations. Nothing else can change AWS."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
from botocore import exceptions as sdk
from botocore import xform_name
from botocore.config import Config
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.parsers import ResponseParserError
from botocore.session import Session

import ssmtui
from ssmtui.language import say
from ssmtui.model.access_denied import refused_action
from ssmtui.model.aws_errors import WebPageError, find_web_page, is_credential_error, refuse_strange_answer
from ssmtui.model.plan import JSON
from ssmtui.model.scope import CredentialsUnavailable, LenderEnded, Scope, SharedCredentials
from ssmtui.remediation.apply.operation_handler import (
    ChangeFailedError,
    ChangeRefusedError,
    ConcurrentChangeError,
    OperationNotAllowed,
    OutcomeUnknownError,
    Response,
)
from ssmtui.remediation.apply.operations import ABSENT_CODES, LOST_CODES, READS, WRITES
from ssmtui.text.sendable import NotSendable, refuse_half_characters

_log = logging.getLogger(__name__)

_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_NO_ANSWER = (sdk.HTTPClientError, sdk.SSLError, sdk.IncompleteReadError, ResponseParserError, WebPageError)
"""The request may have come through, and its answer not: by who shows a page of his own, too."""

_SIGNED_FOR_OTHERS = ("-query", "-presign-post")
_CONNECT_SECONDS, _READ_ATTEMPTS, _PAUSE_SECONDS = 5, 4, 0.5


@dataclass(frozen=True, slots=True)
class WriterAccess:
    """Whose credentials a writer uses, and where it sends to."""

    profile: str | None
    region: str
    endpoint_url: str | None = None

    @classmethod
    def to(cls, scope: Scope, endpoint_url: str | None) -> WriterAccess:
        """The access that a scope was opened with."""
        return cls(scope.name.profile, scope.region, endpoint_url)


class PromptForbidden(Exception):
    """Credentials that want an MFA code, while the terminal belongs to the screen."""


class _SharedCredentials(Credentials):  # type: ignore[misc] # the SDK has no types
    """Credentials of somebody else, asked for whenever a request is signed."""

    def __init__(self, lend: Callable[..., SharedCredentials]) -> None:
        super().__init__("lent", "lent", method="lent")
        self._lend = lend
        self._last: SharedCredentials | None = None

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        try:
            lent = self._last = self._lend()
        except LenderEnded:
            # A change that is under way goes on by those that it has begun with.
            if self._last is None:
                raise
            lent = self._last
        return ReadOnlyCredentials(lent.access_key, lent.secret_key, lent.token)

    def has_others(self) -> bool:
        """Whether there are others than the last, which AWS did not take."""
        try:
            return self._last is not None and self._lend(self._last) != self._last
        except CredentialsUnavailable:
            return False


class Writer:
    """Writes to one Region with one profile's credentials (see `Writing`).

    `lend` hands out the credentials to use, and is asked anew for every request; told those that AWS did not take, it
    hands out others, where there are any. Without it the profile's own chain is gone through, and `ask` gets the MFA
    code that it may want. `answer_seconds` is how long an answer may take; `sleep` is how a pause is made.
    """

    def __init__(
        self,
        access: WriterAccess,
        *,
        lend: Callable[..., SharedCredentials] | None = None,
        ask: Callable[[str], str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        answer_seconds: float = 30,
    ) -> None:
        self._access = access
        self._lent = _SharedCredentials(lend) if lend is not None else None
        self._ask = ask or _do_not_prompt
        self._answer_seconds = answer_seconds
        self._sleep = sleep
        self._session: Any = None
        self._clients: dict[tuple[str, bool], Any] = {}

    def account(self) -> str:
        """The account that the credentials belong to, now."""
        answer = self.read("sts", "GetCallerIdentity", {}) or {}
        return str(answer.get("Account", ""))

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """The answer to a read; None where AWS says that there is no such thing."""
        if (service, operation) not in READS:
            raise OperationNotAllowed(service, operation)
        try:
            return self._send(service, operation, parameters, once=False)
        except ChangeFailedError as failed:
            if failed.code in ABSENT_CODES:
                return None
            raise
        except OutcomeUnknownError as unknown:
            raise ChangeFailedError("", str(unknown)) from unknown

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """The answer to a write, which is sent once."""
        if (service, operation) not in WRITES:
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
            # What is sent by credentials that AWS does not take is not carried out: it may be sent by others.
            if not is_credential_error(failed.code) or self._lent is None or not self._lent.has_others():
                raise
        return self._sent(service, operation, parameters, once=once)

    def _sent(self, service: str, operation: str, parameters: Mapping[str, JSON], *, once: bool) -> Response:
        try:
            refuse_half_characters(parameters)
            answer = getattr(self._client(service, once=once), xform_name(operation))(**parameters)
        except (
            sdk.ClientError,
            sdk.BotoCoreError,
            PromptForbidden,
            CredentialsUnavailable,
            NotSendable,
            *_NO_ANSWER,
        ) as error:
            raise _problem(error, f"{service}:{operation}") from error
        return {name: _plain(value) for name, value in answer.items() if name != "ResponseMetadata"}

    def _client(self, service: str, *, once: bool) -> Any:
        key = (service, once)
        if key not in self._clients:
            config = Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=self._answer_seconds,
                retries={"mode": "standard", "total_max_attempts": 1 if once else _READ_ATTEMPTS},
                user_agent_extra=f"ssmtui/{ssmtui.__version__}",
            )
            client = self._opened().client(
                service, region_name=self._access.region, endpoint_url=self._access.endpoint_url, config=config
            )
            client.meta.events.register_first("before-call", _refuse_unlisted_operations)
            client.meta.events.register_first("before-sign", _refuse_signing)
            client.meta.events.register_first("before-parse", refuse_strange_answer)
            self._clients[key] = client
        return self._clients[key]

    def _opened(self) -> Any:
        if self._session is None:
            core = Session(profile=self._access.profile)
            # The STS client that takes a profile's role has no Region but this one.
            core.set_config_variable("region", self._access.region)
            for provider in core.get_component("credential_provider").providers:
                if provider.METHOD == "assume-role":
                    provider._prompter = self._ask
            if self._lent is not None:
                core._credentials = self._lent
            self._session = boto3.Session(botocore_session=core)
        return self._session


def _refuse_unlisted_operations(model: Any, **_: object) -> None:
    """The list once more, below every call site."""
    operation = (model.service_model.service_name, model.name)
    if operation not in WRITES and operation not in READS:
        raise OperationNotAllowed(*operation)


def _refuse_signing(operation_name: str, signature_version: object, request_signer: Any, **_: object) -> None:
    """The same of what is signed, and no address or form that somebody else could send (a presigned URL)."""
    listed = {operation for _, operation in (*WRITES, *READS)}
    if operation_name not in listed or str(signature_version).endswith(_SIGNED_FOR_OTHERS):
        raise OperationNotAllowed(str(request_signer._service_id), operation_name)


def _do_not_prompt(_: str) -> str:
    raise PromptForbidden(say("the credentials need an MFA code, which cannot be asked for here: use temporary ones"))


def _problem(error: Exception, action: str) -> Exception:
    """What an exception of the SDK means for a call that needs `action`."""
    match error:
        case sdk.ClientError():
            told = error.response.get("Error", {})
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            message = str(told.get("Message", ""))
            if page := find_web_page(message, status):
                return OutcomeUnknownError(say("no answer to {action} came: {error}", action=action, error=page))
            return _answered(str(told.get("Code", "")), message, status, action)
        case sdk.EndpointConnectionError() | sdk.ConnectTimeoutError() | sdk.ProxyConnectionError():
            return ChangeFailedError("", say("{action} could not be sent: {error}", action=action, error=error))
        case _ if isinstance(error, _NO_ANSWER):
            return OutcomeUnknownError(say("no answer to {action} came: {error}", action=action, error=error))
    return ChangeFailedError("", say("{action} could not be sent: {error}", action=action, error=error))


def _answered(code: str, message: str, status: int, action: str) -> Exception:
    if is_credential_error(code):
        return ChangeFailedError(code, message)
    if code in _REFUSED or status == 403:
        return ChangeRefusedError(refused_action(message, action), message or code)
    if code in LOST_CODES:
        return ConcurrentChangeError(message or code)
    if status >= 500:
        return OutcomeUnknownError(
            say(
                "AWS answered {action} with an error of its own ({code}: {message})",
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
