"""The third client: botocore behind a list of the six operations that a session takes. It can call nothing else.

The desk imports this module, and with it botocore, in a thread of its own and with the first session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from threading import Lock
from typing import Any, TypeVar

from ssmtui.aws.client_config import ClientAccess, OperationGuard, make_client
from ssmtui.aws.credentials import BorrowedCredentials, CredentialProvider
from ssmtui.aws.errors import ErrorKind, WebPageError, is_credential_error, kind_of_error, may_have_arrived
from ssmtui.language import say
from ssmtui.model.access_denied import refused_action
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
"""What may be sent, by botocore's service and operation: each is called as its IAM action."""

_ONCE = frozenset({"StartAccessRequest", "StartSession"})
"""Sent a second time after a lost answer, they would open or ask a second time."""
_GONE = frozenset({"DoesNotExistException"})
_KEY_BYTES = 64

_AnswerT = TypeVar("_AnswerT")


class NotASessionOperation(TypeError):
    """A defect: an operation that no session takes. It was not sent."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(f"{service}:{operation} is not on the list of what a session takes")


_GUARD = OperationGuard(lambda: OPERATIONS, NotASessionOperation)


class SessionClient:
    """Calls one Region with the credentials that it is lent (see `SessionCalls`).

    `answer_seconds` is how long an answer may take.
    """

    def __init__(self, access: ClientAccess, lend: CredentialProvider, *, answer_seconds: float = 30) -> None:
        self._access = access
        self._lend = lend
        self._answer_seconds = answer_seconds
        self._borrowed = BorrowedCredentials(lend)
        self._session: Any = None
        self._clients: dict[tuple[str, bool], Any] = {}
        self._making = Lock()

    def start(self, request: SessionRequest) -> OpenedSession:
        """Open a session. It is sent once: a lost answer may have opened one."""
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
        """A new token for a session; an empty one where the session is over."""
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
        """A data key of 64 bytes."""
        asked = {"KeyId": key_id, "NumberOfBytes": _KEY_BYTES, "EncryptionContext": dict(context)}
        return _complete_answer(_data_key(self._send("kms", "GenerateDataKey", asked)), "kms:GenerateDataKey")

    def request_access(self, request: SessionRequest) -> str:
        """Ask for just-in-time access to a node, which takes a reason."""
        # User Guide, systems-manager-just-in-time-node-access-start-session.
        targets = [{"Key": "InstanceIds", "Values": [request.target]}]
        answer = self._send("ssm", "StartAccessRequest", {"Reason": request.reason, "Targets": targets})
        return _complete_answer(str(answer.get("AccessRequestId", "")) or None, "ssm:StartAccessRequest")

    def with_access(self, access_request: str) -> SessionCalls | None:
        """The same calls by an access request that was approved; None while nobody has decided on it."""
        status, lent = _access(self._send("ssm", "GetAccessToken", {"AccessRequestId": access_request}))
        if lent is not None:
            return SessionClient(self._access, _always(lent), answer_seconds=self._answer_seconds)
        if status == "Pending":
            return None
        raise SessionProblem(
            say("the access request {id} is {status}", id=access_request, status=status), status, is_own=True
        )

    def credentials(self) -> SharedCredentials:
        """The credentials as they are now."""
        try:
            return self._lend()
        except CredentialsUnavailable as error:
            why = str(error)
        raise SessionProblem(why, is_own=True)

    def _send(self, service: str, operation: str, asked: Mapping[str, object]) -> Mapping[str, Any]:
        answer = self._answer(service, operation, asked)
        # What is sent by credentials that AWS does not take is not carried out: it may be sent by others.
        if isinstance(answer, SessionProblem) and is_credential_error(answer.code) and self._borrowed.has_others():
            answer = self._answer(service, operation, asked)
        # Raised here, where nothing stands behind it: the frames of the SDK hold signatures and tokens.
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
            # Its text quotes the answer, and a token with it.
            return SessionUnanswered(_unreadable(action), action=action, is_own=True)
        except (sdk.BotoCoreError, WebPageError, CredentialsUnavailable, NotSendable) as error:
            problem = SessionUnanswered if may_have_arrived(error) else SessionProblem
            return problem(str(error), action=action, is_own=not isinstance(error, sdk.BotoCoreError))
        return answer

    def _client(self, service: str, *, once: bool) -> Any:
        # botocore's clients may be shared among threads; what makes them may not.
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
            self._session.register_component("data_loader", _loader(self._session.get_config_variable("data_path")))
            self._session._credentials = self._borrowed.for_sdk()
        return self._session


@cache
def _loader(data_path: str | None) -> Any:
    """The models of the services: a second to parse, so that it is done once for all scopes."""
    from botocore.loaders import create_loader

    return create_loader(data_path)


def _always(lent: SharedCredentials) -> CredentialProvider:
    return lambda _refused=None: lent


def _problem_of_error(error: Any, operation: str, action: str) -> SessionProblem:
    """What an error means that AWS answered with. Its text is as the AWS CLI prints it, retries left out."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    # A code that is only the status stands before an answer that could not be read, and is quoted whole.
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
    return say("the answer to {action} cannot be read", action=action)


def _complete_answer(told: _AnswerT | None, action: str) -> _AnswerT:
    if told is None:
        raise SessionUnanswered(_unreadable(action), action=action, is_own=True)
    return told


# What follows takes secrets out of an answer and raises nothing: no traceback of theirs could show it.


def _opened_session(answer: Mapping[str, Any]) -> OpenedSession | None:
    named = [answer.get(name) or "" for name in ("SessionId", "StreamUrl", "TokenValue")]
    return OpenedSession(*map(str, named)) if all(named) else None


def _data_key(answer: Mapping[str, Any]) -> DataKey | None:
    ciphertext, plaintext = answer.get("CiphertextBlob"), answer.get("Plaintext")
    if not isinstance(ciphertext, bytes) or not isinstance(plaintext, bytes) or len(plaintext) != _KEY_BYTES:
        return None
    return DataKey(ciphertext, plaintext)


def _access(answer: Mapping[str, Any]) -> tuple[str, SharedCredentials | None]:
    """The state of an access request, and the credentials that came with it."""
    told = answer.get("Credentials") or {}
    named = [str(told.get(name) or "") for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    return str(answer.get("AccessRequestStatus", "")), SharedCredentials(*named) if all(named) else None
