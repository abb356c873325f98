"""The client's part of an encrypted session, with the data key from the simulated KMS."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ssmtui.simulator.gateway.channel import PayloadType
from tests.simulator.gateway.client import DataChannel, Visitor


class KeyedClient:
    """Answers a handshake on a channel; `target` is what it says that it was started with."""

    def __init__(self, visitor: Visitor, channel: DataChannel, target: str, *, acknowledges: bool = False) -> None:
        self._visitor = visitor
        self._channel = channel
        self._target = target
        self._acknowledges = acknowledges
        self._key = b""

    def shake_hands(self) -> Any:
        """The whole handshake; gives the agent's last word of it."""
        self.answer_request()
        self.answer_challenge()
        return self._channel.next_of(PayloadType.HANDSHAKE_COMPLETE)

    def answer_request(self) -> Any:
        """Make the data key that the agent asks for, or say why there is none; gives the request."""
        request = self._channel.next_of(PayloadType.HANDSHAKE_REQUEST)
        kind, key = (each["ActionParameters"] for each in request["RequestedClientActions"])
        assert kind["SessionType"] == "Standard_Stream"
        context = {"aws:ssm:SessionId": self._channel.session_id, "aws:ssm:TargetId": self._target}
        if self._acknowledges:
            context["aws:ssm:RandomChallenge"] = key["Challenge"]
        told: dict[str, Any] = {"ActionType": "KMSEncryption", "ActionStatus": 1, "ActionResult": None, "Error": ""}
        try:
            made = self._visitor.kms.generate_data_key(
                KeyId=key["KMSKeyId"], NumberOfBytes=64, EncryptionContext=context
            )
            self._key = made["Plaintext"]
            result = {"KMSCipherTextKey": base64.b64encode(made["CiphertextBlob"]).decode()}
            told["ActionResult"] = result | ({"ChallengeAcknowledgement": True} if self._acknowledges else {})
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            told["ActionStatus"] = 2
            told["Error"] = (
                f"Failed to process action KMSEncryption: Error calling KMS GenerateDataKey API: {code}: {message}"
            )
        session_type = {"ActionType": "SessionType", "ActionStatus": 1, "ActionResult": None, "Error": ""}
        response = {"ClientVersion": "1.2.764.0", "ProcessedClientActions": [session_type, told], "Errors": None}
        self._channel.say(PayloadType.HANDSHAKE_RESPONSE, json.dumps(response).encode())
        return request

    def answer_challenge(self, *, wrongly: bool = False) -> None:
        """Send the agent's challenge back under our half of the key."""
        challenge = base64.b64decode(self._channel.next_of(PayloadType.CHALLENGE_REQUEST)["Challenge"])
        assert len(challenge) == 92
        answer = self.sealed(self.opened(challenge) if not wrongly else os.urandom(64))
        told = {"Challenge": base64.b64encode(answer).decode()}
        self._channel.say(PayloadType.CHALLENGE_RESPONSE, json.dumps(told).encode())

    def sealed(self, plain: bytes) -> bytes:
        """Encrypt for the agent."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self._key[32:]).encrypt(nonce, plain, None)

    def opened(self, sealed: bytes) -> bytes:
        """Decrypt what the agent sealed."""
        return AESGCM(self._key[:32]).decrypt(sealed[:12], sealed[12:], None)
