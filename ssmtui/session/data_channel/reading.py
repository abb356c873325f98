"""What the payloads of a session mean: the handshake and its answers, the session's cipher, the output."""

from __future__ import annotations

from ssmtui.model.session_opening import NO_EXIT_CODE
from ssmtui.session.data_channel.answers import answer
from ssmtui.session.data_channel.cipher import SessionCipher, Undecipherable
from ssmtui.session.data_channel.events import (
    ChallengeAnswered,
    ChallengeFailed,
    Event,
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
from ssmtui.session.data_channel.handshake import (
    HandshakeComplete,
    HandshakeRequest,
    OtherAction,
    challenge_of,
    challenge_payload,
)
from ssmtui.session.data_channel.json_payload import MalformedPayload
from ssmtui.session.data_channel.payloads import PayloadType, exit_code_of, flag_of

Read = tuple[list[Event], list[tuple[PayloadType, bytes]]]
"""What is to be told, and what is to be answered."""

_ENCIPHERED = frozenset({PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE})


class Reading:
    """Reads one session's stream frames in their order.

    `key_made` or `key_failed` is to follow upon a `KeyWanted`.
    """

    def __init__(self) -> None:
        self._request: HandshakeRequest | None = None
        self._cipher: SessionCipher | None = None
        self._enciphers = False

    def read(self, frame: Frame) -> Read:
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

    def key_made(self, ciphertext: bytes, plaintext: bytes) -> Read:
        """The data key is there."""
        key_id = self._request.key_id if self._request is not None else ""
        try:
            self._cipher = SessionCipher(plaintext)
        except Undecipherable as error:
            return self.key_failed(str(error))
        events, answers = self._answer(ciphertext, "")
        return [KeyMade(key_id), *events], answers

    def key_failed(self, why: str) -> Read:
        """There is none."""
        key_id = self._request.key_id if self._request is not None else ""
        events, answers = self._answer(None, why)
        return [KeyFailed(key_id, f"Failed to process action KMSEncryption: {why}"), *events], answers

    def _requested(self, request: HandshakeRequest) -> Read:
        if self._request is not None:
            raise MalformedPayload("a second handshake request")
        self._request = request
        unsupported = tuple(each.action_type for each in request.actions if isinstance(each, OtherAction))
        told = HandshakeRequested(request.agent_version, request.session_type, request.key_id, unsupported)
        if request.key_id:
            return [told, KeyWanted(request.key_id)], []
        events, answers = self._answer(None, "there is no key")
        return [told, *events], answers

    def _answer(self, key: bytes | None, error: str) -> Read:
        if self._request is None:
            return [], []
        response = answer(self._request, key, error)
        actions = tuple((each.action_type, each.status) for each in response.actions)
        return [HandshakeAnswered(actions)], [(PayloadType.HANDSHAKE_RESPONSE, response.payload())]

    def _challenged(self, challenge: bytes) -> Read:
        if self._cipher is None:
            return [ChallengeFailed("there is no data key")], []
        try:
            plain = self._cipher.decipher(challenge)
        except Undecipherable as error:
            return [ChallengeFailed(str(error))], []
        answered = challenge_payload(self._cipher.encipher(plain))
        return [ChallengeAnswered()], [(PayloadType.CHALLENGE_RESPONSE, answered)]

    def _plain(self, frame: Frame) -> bytes:
        if not self._enciphers or self._cipher is None or frame.payload_type not in _ENCIPHERED:
            return frame.payload
        try:
            return self._cipher.decipher(frame.payload)
        except Undecipherable as error:
            raise MalformedPayload(str(error)) from None

    def _exit_code(self, frame: Frame) -> int:
        """An exit code that cannot be deciphered was told all the same, and may be that of a failure."""
        try:
            return exit_code_of(self._plain(frame))
        except MalformedPayload:
            return NO_EXIT_CODE
