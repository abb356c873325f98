"""Read the payloads of a session: answer the handshake, decrypt, and report events."""

from __future__ import annotations

import os
import re

from ssmtui.model.sessions import NO_EXIT_CODE
from ssmtui.session.calls import SessionProblem
from ssmtui.session.data_channel.events import (
    ChallengeAnswered,
    ChallengeFailed,
    ChannelEvent,
    ExitCodeTold,
    FlagTold,
    HandshakeAnswered,
    HandshakeCompleted,
    HandshakeRequested,
    KeyFailed,
    KeyMade,
    KeyWanted,
    OtherPayload,
    Output,
)
from ssmtui.session.data_channel.frames import Frame
from ssmtui.session.data_channel.payloads import (
    KMS_ENCRYPTION,
    SESSION_TYPE,
    SESSION_TYPES,
    ActionStatus,
    EncryptionAction,
    HandshakeComplete,
    HandshakeRequest,
    HandshakeResponse,
    MalformedPayload,
    OtherAction,
    PayloadType,
    ProcessedAction,
    SessionTypeAction,
    challenge_of,
    challenge_payload,
    exit_code_of,
    flag_of,
)

CLIENT_VERSION = "1.2.764.0"
"""The plugin's version whose abilities these are: the agent leaves out what an older one lacks."""

_ENVELOPE = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \([^)]*\))?: ")


def key_failure(problem: SessionProblem) -> str:
    """What AWS KMS said, as the plugin passes it on (docs/facts/failure-texts.md §2.2)."""
    told = _ENVELOPE.sub(r"\1: ", problem.text, count=1)
    return f"Error calling KMS GenerateDataKey API: {told}"


def handshake_response(request: HandshakeRequest, key: bytes | None, key_error: str) -> HandshakeResponse:
    """The response. `key` is the data key's ciphertext, where one was made; `key_error` why there is none."""
    actions: list[ProcessedAction] = []
    for each in request.actions:
        match each:
            case SessionTypeAction(session_type) if session_type in SESSION_TYPES:
                actions.append(ProcessedAction(SESSION_TYPE, ActionStatus.SUCCESS))
            case SessionTypeAction(session_type):
                actions.append(_failed(SESSION_TYPE, f"Unknown session type {session_type}"))
            case EncryptionAction() if key is not None:
                actions.append(ProcessedAction(KMS_ENCRYPTION, ActionStatus.SUCCESS, key=key))
            case EncryptionAction():
                actions.append(_failed(KMS_ENCRYPTION, key_error))
            case OtherAction(action_type):
                error = f"Unsupported action {action_type}"
                actions.append(ProcessedAction(action_type, ActionStatus.UNSUPPORTED, error))
    return HandshakeResponse(CLIENT_VERSION, tuple(actions))


def _failed(action_type: str, why: str) -> ProcessedAction:
    return ProcessedAction(action_type, ActionStatus.FAILED, f"Failed to process action {action_type}: {why}")


NONCE = 12
TAG = 16
HALF = 32


class DecryptionError(Exception):
    """What came was not encrypted with this session's key, or was changed on its way."""


class SessionCipher:
    """Deciphers what the agent sent, and enciphers what is sent to it. Its key is in no `repr`.

    Raises:
        Undecipherable: the data key has not the 64 bytes that make one.

    """

    def __init__(self, data_key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        if len(data_key) != 2 * HALF:
            raise DecryptionError(f"a data key of {len(data_key)} bytes")
        self._agents = AESGCM(data_key[:HALF])
        self._ours = AESGCM(data_key[HALF:])

    def decipher(self, data: bytes) -> bytes:
        """What the agent had enciphered: nonce, ciphertext and tag in one.

        Raises:
            Undecipherable: it is not of this key.

        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        if len(data) < NONCE + TAG:
            raise DecryptionError("less than a nonce and a tag")
        try:
            return self._agents.decrypt(data[:NONCE], data[NONCE:], None)
        except InvalidTag:
            raise DecryptionError("not of this session's key") from None

    def encipher(self, data: bytes) -> bytes:
        """The same for the agent."""
        nonce = os.urandom(NONCE)
        return nonce + self._ours.encrypt(nonce, data, None)


PayloadResult = tuple[list[ChannelEvent], list[tuple[PayloadType, bytes]]]
"""What is to be told, and what is to be answered."""

_ENCIPHERED = frozenset({PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE})


class PayloadReader:
    """Reads one session's stream frames in their order.

    `key_made` or `key_failed` is to follow upon a `KeyWanted`.
    """

    def __init__(self) -> None:
        self._request: HandshakeRequest | None = None
        self._cipher: SessionCipher | None = None
        self._enciphers = False

    def read(self, frame: Frame) -> PayloadResult:
        """Read a frame.

        Raises:
            MalformedPayload: its payload is not of its form, or not of this session's key.

        """
        match frame.payload_type:
            case PayloadType.OUTPUT | PayloadType.ERROR | PayloadType.STDERR:
                return [Output(self._plain(frame), is_error=frame.payload_type != PayloadType.OUTPUT)], []
            case PayloadType.EXIT_CODE:
                return [ExitCodeTold(self._exit_code(frame))], []
            case PayloadType.FLAG:
                return [FlagTold(flag_of(frame.payload))], []
            case PayloadType.HANDSHAKE_REQUEST:
                return self._requested(HandshakeRequest.of(frame.payload))
            case PayloadType.CHALLENGE_REQUEST:
                return self._challenged(challenge_of(frame.payload))
            case PayloadType.HANDSHAKE_COMPLETE:
                complete = HandshakeComplete.of(frame.payload)
                self._enciphers = self._cipher is not None
                return [HandshakeCompleted(complete.message, complete.seconds)], []
            case _:
                return [OtherPayload(frame.payload_type, len(frame.payload))], []

    def enciphered(self, payload_type: PayloadType, payload: bytes) -> bytes:
        """What goes out, as it goes out: of an encrypted session, what is typed is enciphered."""
        if self._enciphers and self._cipher is not None and payload_type is PayloadType.OUTPUT:
            return self._cipher.encipher(payload)
        return payload

    def key_made(self, ciphertext: bytes, plaintext: bytes) -> PayloadResult:
        """The data key is there."""
        key_id = self._request.key_id if self._request is not None else ""
        try:
            self._cipher = SessionCipher(plaintext)
        except DecryptionError as error:
            return self.key_failed(str(error))
        events, answers = self._answer(ciphertext, "")
        return [KeyMade(key_id), *events], answers

    def key_failed(self, why: str) -> PayloadResult:
        """There is none."""
        key_id = self._request.key_id if self._request is not None else ""
        events, answers = self._answer(None, why)
        return [KeyFailed(key_id, f"Failed to process action KMSEncryption: {why}"), *events], answers

    def _requested(self, request: HandshakeRequest) -> PayloadResult:
        if self._request is not None:
            raise MalformedPayload("a second handshake request")
        self._request = request
        unsupported = tuple(each.action_type for each in request.actions if isinstance(each, OtherAction))
        told = HandshakeRequested(request.agent_version, request.session_type, request.key_id, unsupported)
        if request.key_id:
            return [told, KeyWanted(request.key_id)], []
        events, answers = self._answer(None, "there is no key")
        return [told, *events], answers

    def _answer(self, key: bytes | None, error: str) -> PayloadResult:
        if self._request is None:
            return [], []
        response = handshake_response(self._request, key, error)
        actions = tuple((each.action_type, each.status) for each in response.actions)
        return [HandshakeAnswered(actions)], [(PayloadType.HANDSHAKE_RESPONSE, response.payload())]

    def _challenged(self, challenge: bytes) -> PayloadResult:
        if self._cipher is None:
            return [ChallengeFailed("there is no data key")], []
        try:
            plain = self._cipher.decipher(challenge)
        except DecryptionError as error:
            return [ChallengeFailed(str(error))], []
        answered = challenge_payload(self._cipher.encipher(plain))
        return [ChallengeAnswered()], [(PayloadType.CHALLENGE_RESPONSE, answered)]

    def _plain(self, frame: Frame) -> bytes:
        if not self._enciphers or self._cipher is None or frame.payload_type not in _ENCIPHERED:
            return frame.payload
        try:
            return self._cipher.decipher(frame.payload)
        except DecryptionError as error:
            raise MalformedPayload(str(error)) from None

    def _exit_code(self, frame: Frame) -> int:
        """An exit code that cannot be deciphered was told all the same, and may be that of a failure."""
        try:
            return exit_code_of(self._plain(frame))
        except MalformedPayload:
            return NO_EXIT_CODE
