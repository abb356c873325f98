"""Open, resume and end sessions: botocore behind two lists of operations. It can call nothing else.

The session service imports this module, and with it botocore, in its own thread for the first session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, TypeVar

from ssmtui.aws.client_config import ClientAccess, OperationGuard, make_client
from ssmtui.aws.credentials import BorrowedCredentials, CredentialProvider
from ssmtui.aws.errors import (
    PARSERS,
    ErrorKind,
    WebPageError,
    is_credential_error,
    is_wrong_setting,
    kind_of_error,
    may_have_arrived,
    raised_in,
)
from ssmtui.aws.service_models import shared_loader
from ssmtui.language import say
from ssmtui.model.access_denied import refused_action
from ssmtui.model.node import PlatformFamily
from ssmtui.model.scope import CredentialsUnavailable, SharedCredentials
from ssmtui.model.sessions import OpenedSession, SessionRequest
from ssmtui.session.calls import DataKey, SessionCalls, SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.text.printable import NotSendable, refuse_half_characters

OPERATIONS = frozenset(
    {
        ("kms", "GenerateDataKey"),
        ("ssm", "GetAccessToken"),
        ("ssm", "ResumeSession"),
        ("ssm", "StartAccessRequest"),
        ("ssm", "StartSession"),
        ("ssm", "TerminateSession"),
    }
)
"""The operations of sessions: botocore's service and operation, which together name the IAM action."""

READS = frozenset({("ssm", "DescribeInstanceProperties")})
"""The read for the text of a command. `evidence` reads everything else: making its clients takes longer than this."""

_ONCE = frozenset({"DescribeInstanceProperties", "StartAccessRequest", "StartSession"})
"""Operations that are sent once: after a lost answer, another request could open a second session. The read before a
session has the same client.
"""
_GONE = frozenset({"DoesNotExistException"})
_KEY_BYTES = 64

_AnswerT = TypeVar("_AnswerT")


class NotASessionOperation(TypeError):
    """An operation that no session needs: a bug in ssmtui. The request was not sent."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(f"{service}:{operation} is not on the list of what a session takes")


_GUARD = OperationGuard(lambda: OPERATIONS | READS, NotASessionOperation)


class SessionClient:
    """Calls one Region with borrowed credentials (see `SessionCalls`). `answer_seconds` is the timeout of an answer."""

    def __init__(self, access: ClientAccess, lend: CredentialProvider, *, answer_seconds: float = 30) -> None:
        self._access = access
        self._lend = lend
        self._answer_seconds = answer_seconds
        self._borrowed = BorrowedCredentials(lend)
        self._session: Any = None
        self._clients: dict[tuple[str, bool], Any] = {}
        self._making = Lock()

    def platform(self, node: str) -> PlatformFamily | None:
        """Return the platform of a managed node; None if its registration does not have it."""
        wanted = [{"key": "InstanceIds", "valueSet": [node]}]
        answer = self._send("ssm", "DescribeInstanceProperties", {"InstancePropertyFilterList": wanted})
        found = {each.get("PlatformType") for each in _listed(answer) if each.get("InstanceId") == node}
        return next((each for each in PlatformFamily if each.value in found), None)

    def start(self, request: SessionRequest) -> OpenedSession:
        """Open a session. The request is sent once: it may have opened a session even if its answer is lost."""
        asked: dict[str, object] = {"Target": request.target}
        if request.document is not None:
            asked["DocumentName"] = request.document
        if request.parameters:
            asked["Parameters"] = {name: list(values) for name, values in request.parameters}
        if request.reason:
            asked["Reason"] = request.reason
        opened = _complete_answer(_opened_session(self._send("ssm", "StartSession", asked)), "ssm:StartSession")
        return replace(opened, endpoint=str(self._client("ssm", once=True).meta.endpoint_url))

    def resume(self, session_id: str) -> OpenedSession:
        """Return a new token for a session; an empty one if the session is over."""
        try:
            told = _opened_session(self._send("ssm", "ResumeSession", {"SessionId": session_id}))
        except SessionProblem as problem:
            if problem.code in _GONE:
                return OpenedSession(session_id, "", "")
            raise
        return told or OpenedSession(session_id, "", "")

    def terminate(self, session_id: str) -> None:
        """End a session."""
        try:
            self._send("ssm", "TerminateSession", {"SessionId": session_id})
        except SessionProblem as problem:
            if problem.code not in _GONE:
                raise

    def data_key(self, key_id: str, context: Mapping[str, str]) -> DataKey:
        """Return a data key of 64 bytes."""
        asked = {"KeyId": key_id, "NumberOfBytes": _KEY_BYTES, "EncryptionContext": dict(context)}
        return _complete_answer(_data_key(self._send("kms", "GenerateDataKey", asked)), "kms:GenerateDataKey")

    def request_access(self, request: SessionRequest) -> str:
        """Request just-in-time access to a node, with the reason, and return the ID of the request."""
        # User Guide, systems-manager-just-in-time-node-access-start-session.
        targets = [{"Key": "InstanceIds", "Values": [request.target]}]
        answer = self._send("ssm", "StartAccessRequest", {"Reason": request.reason, "Targets": targets})
        return _complete_answer(str(answer.get("AccessRequestId", "")) or None, "ssm:StartAccessRequest")

    def with_access(self, access_request: str) -> SessionCalls | None:
        """Return a client with the credentials of an approved access request; None while it is pending."""
        status, lent = _access(self._send("ssm", "GetAccessToken", {"AccessRequestId": access_request}))
        if lent is not None:
            return SessionClient(self._access, _always(lent), answer_seconds=self._answer_seconds)
        if status == "Pending":
            return None
        raise SessionProblem(
            say("the status of the access request {id} is {status}", id=access_request, status=status),
            status,
            is_own=True,
        )

    def credentials(self) -> SharedCredentials:
        """Return the current credentials."""
        try:
            return self._lend()
        except CredentialsUnavailable as error:
            why = str(error)
        raise SessionProblem(why, is_own=True)

    def _send(self, service: str, operation: str, asked: Mapping[str, object]) -> Mapping[str, Any]:
        answer = self._answer(service, operation, asked)
        # AWS carries out nothing if it rejects the credentials, so the request may be sent again with new ones.
        if isinstance(answer, SessionProblem) and is_credential_error(answer.code) and self._borrowed.has_others():
            answer = self._answer(service, operation, asked)
        # Raised here, without a cause: the frames of the SDK contain signatures and tokens.
        if isinstance(answer, SessionProblem):
            raise answer
        return answer

    def _answer(self, service: str, operation: str, asked: Mapping[str, object]) -> Mapping[str, Any] | SessionProblem:
        from botocore import exceptions as sdk
        from botocore import xform_name
        from botocore.parsers import ResponseParserError

        action = f"{service}:{operation}"
        try:
            refuse_half_characters(asked)
            answer: Mapping[str, Any] = getattr(self._client(service, once=operation in _ONCE), xform_name(operation))(
                **asked
            )
        except sdk.ClientError as error:
            return _problem_of_error(error, operation, action)
        except ResponseParserError:
            # The error text quotes the answer, which can contain a token.
            return SessionUnanswered(_unreadable(action), action=action, is_own=True)
        except (sdk.BotoCoreError, WebPageError, CredentialsUnavailable, NotSendable) as error:
            problem = SessionUnanswered if may_have_arrived(error) else SessionProblem
            is_own = not isinstance(error, sdk.BotoCoreError)
            by_network = isinstance(error, sdk.ConnectionError | sdk.HTTPClientError) and not is_wrong_setting(error)
            return problem(str(error), action=action, is_own=is_own, by_network=by_network)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # A value of another type than the service model's.
            if not raised_in(PARSERS, error):
                raise
            return SessionUnanswered(_unreadable(action), action=action, is_own=True)
        return answer

    def _client(self, service: str, *, once: bool) -> Any:
        # botocore's clients are thread-safe; its sessions are not.
        with self._making:
            if (service, once) not in self._clients:
                self._clients[service, once] = make_client(
                    self._opened().create_client,
                    service,
                    self._access,
                    _GUARD,
                    once=once,
                    answer_seconds=self._answer_seconds,
                )
            return self._clients[service, once]

    def _opened(self) -> Any:
        from botocore.session import Session

        if self._session is None:
            self._session = Session(profile=self._access.profile)
            loader = shared_loader(self._session.get_config_variable("data_path"))
            self._session.register_component("data_loader", loader)
            self._session._credentials = self._borrowed.for_sdk()
        return self._session


def _always(lent: SharedCredentials) -> CredentialProvider:
    return lambda _refused=None: lent


def _problem_of_error(error: Any, operation: str, action: str) -> SessionProblem:
    """Convert an error answer of AWS. The text is that of the AWS CLI, without the number of retries."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    # If the code is only an HTTP status, the message is the whole answer, which could not be parsed.
    message = "" if code.isdigit() else str(error.response.get("Error", {}).get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    text = f"An error occurred ({code}) when calling the {operation} operation: {message}".rstrip(": ")
    kind = kind_of_error(code, status)
    if kind is ErrorKind.REFUSED:
        return SessionRefused(text, code, refused_action(message, action))
    if status >= 500 and (kind is not ErrorKind.THROTTLED or code.isdigit()):
        return SessionUnanswered(text, code, action)
    return SessionProblem(text, code, action)


def _unreadable(action: str) -> str:
    return say("the response to {action} cannot be read", action=action)


def _complete_answer(told: _AnswerT | None, action: str) -> _AnswerT:
    if told is None:
        raise SessionUnanswered(_unreadable(action), action=action, is_own=True)
    return told


# These functions extract secrets from an answer and raise nothing, so that no traceback shows a secret.


def _listed(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return answer.get("InstanceProperties") or ()


def _opened_session(answer: Mapping[str, Any]) -> OpenedSession | None:
    named = [answer.get(name) or "" for name in ("SessionId", "StreamUrl", "TokenValue")]
    return OpenedSession(*map(str, named)) if all(named) else None


def _data_key(answer: Mapping[str, Any]) -> DataKey | None:
    ciphertext, plaintext = answer.get("CiphertextBlob"), answer.get("Plaintext")
    if not isinstance(ciphertext, bytes) or not isinstance(plaintext, bytes) or len(plaintext) != _KEY_BYTES:
        return None
    return DataKey(ciphertext, plaintext)


def _access(answer: Mapping[str, Any]) -> tuple[str, SharedCredentials | None]:
    """Return the status of an access request, and its credentials if AWS gave any."""
    told = answer.get("Credentials") or {}
    named = [str(told.get(name) or "") for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    return str(answer.get("AccessRequestStatus", "")), SharedCredentials(*named) if all(named) else None
