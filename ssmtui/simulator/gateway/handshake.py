"""The handshake of the agent: session type, data key, challenge, and what stops a session at each step."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import os
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from moto.core.exceptions import ServiceException
from moto.kms.exceptions import AccessDeniedException, InvalidCiphertextException, NotFoundException
from moto.kms.models import kms_backends

from ssmtui.simulator.gateway.channel import Channel, Cipher, CipherError, new_challenge
from ssmtui.simulator.gateway.frame import FrameError, PayloadType, json_in
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.session_overrides import SessionStep, SessionStoppedError, pace
from ssmtui.simulator.moto_aws import moto_lock
from ssmtui.simulator.node_state.messages import MessageNames, handshake_failed, key_not_decrypted, text_of
from ssmtui.simulator.node_state.session_attempt import SessionAttempt

_REFUSED: Final = "\n\tstatus code: 400, request id: 7d1f3a52-8c0e-4b6d-9a2f-5e3c1b0d9f84"


class DataKeyError(Exception):
    """KMS did not decrypt it; the text is the SDK's of the agent."""


def decrypt_data_key(opening: Opening, ciphertext: bytes, context: Mapping[str, str]) -> bytes:
    """The data key in the clear; raises DataKeyError."""
    try:
        with moto_lock:
            backend = kms_backends[opening.account][opening.region]
            plain, _ = backend.decrypt(ciphertext, dict(context))
    except (InvalidCiphertextException, struct.error, ValueError, IndexError) as error:
        raise DataKeyError(f"InvalidCiphertextException: {_REFUSED}") from error
    except (AccessDeniedException, NotFoundException, ServiceException) as error:
        raise DataKeyError(f"AccessDeniedException: {error}{_REFUSED}") from error
    return bytes(plain)


_STEPS: Final[Mapping[str, Callable[[SessionAttempt], str | None]]] = {
    "agent": SessionAttempt.agent,
    "data_channel": SessionAttempt.data_channel,
    "document": SessionAttempt.document,
    "decrypt": SessionAttempt.key,
    "log_group": SessionAttempt.log_group,
    "bucket": SessionAttempt.bucket,
    "disk": SessionAttempt.disk,
    "run_as": SessionAttempt.run_as,
    "shell": SessionAttempt.shell,
}


def stop_reason(opening: Opening, *steps: str) -> str | None:
    """The text that the session ends with at one of these steps; empty where it is never told, None where all pass."""
    with moto_lock:
        attempt = SessionAttempt.on(opening.account, opening.region, opening.node_id, opening.settings)
        if attempt is None:
            return ""
        for step in steps:
            cause = _STEPS[step](attempt)
            if cause is not None:
                return text_of(step, cause, names_of(opening, attempt.node_arn))
    return None


def names_of(opening: Opening, node_caller: str = "") -> MessageNames:
    """Whom and what the texts of a session name."""
    return MessageNames(
        opening.account,
        opening.region,
        opening.node_id,
        opening.settings,
        session_id=opening.session_id,
        kind=opening.kind,
        node_caller=node_caller,
    )


_BASIC_PORTS: Final = "3.0.196.0"
"""The newest agent whose port sessions carry one connection at a time instead of many (smux), and clients go by what
the agent says it is: [PLUGIN:src/config/config.go, TCPMultiplexingSupportedAfterThisAgentVersion]."""

_TIMED_OUT: Final = "Handshake timed out. Please ensure that you have the latest version of the session manager plugin."
_NO_CHALLENGE: Final = "Timed out waiting for encryption challenge."
_BANNER: Final = "This session is encrypted using AWS KMS."
_SUCCESS: Final = 1

StopAtStep = Callable[[SessionStep], Awaitable[None]]


class Handshake:
    """One handshake; raises SessionStopped where it fails."""

    def __init__(self, opening: Opening, channel: Channel, stop_where_demanded: StopAtStep) -> None:
        self._opening = opening
        self._channel = channel
        self._stop_where_demanded = stop_where_demanded
        self._key_id = opening.settings.key_id if opening.kind != "Port" else ""
        self._random_challenge = base64.b64encode(os.urandom(16)).decode()

    async def run(self) -> None:
        """Agree with the client on the session, and on its key where it has one."""
        started = time.monotonic_ns()
        self._channel.send(PayloadType.HANDSHAKE_REQUEST, json.dumps(self._request()).encode())
        await self._stop_where_demanded(SessionStep.HANDSHAKE)
        response = await self._answer(PayloadType.HANDSHAKE_RESPONSE, _TIMED_OUT)
        await self._stop_where_demanded(SessionStep.KEY)
        results = _results(response)
        if self._key_id:
            await self._agree_on_key(results.get("KMSEncryption") or {})
        complete = {
            "HandshakeTimeToComplete": time.monotonic_ns() - started,
            "CustomerMessage": _BANNER if self._key_id else "",
        }
        self._channel.send(PayloadType.HANDSHAKE_COMPLETE, json.dumps(complete).encode())

    def _request(self) -> Mapping[str, Any]:
        session_type: dict[str, Any] = {"SessionType": self._opening.kind, "Properties": self._opening.properties}
        actions = [{"ActionType": "SessionType", "ActionParameters": session_type}]
        if self._key_id:
            key = {"KMSKeyId": self._key_id, "Challenge": self._random_challenge}
            actions.append({"ActionType": "KMSEncryption", "ActionParameters": key})
        version = _BASIC_PORTS if self._opening.kind == "Port" else self._opening.agent_version
        return {"AgentVersion": version, "RequestedClientActions": actions}

    async def _agree_on_key(self, result: Mapping[str, Any]) -> None:
        text = await asyncio.to_thread(stop_reason, self._opening, "decrypt")
        if text is not None:
            raise SessionStoppedError(text)
        context = {"aws:ssm:SessionId": self._opening.session_id, "aws:ssm:TargetId": self._opening.node_id}
        if result.get("ChallengeAcknowledgement") is True:
            context["aws:ssm:RandomChallenge"] = self._random_challenge
        try:
            ciphertext = base64.b64decode(str(result.get("KMSCipherTextKey", "")), validate=True)
            cipher = Cipher(await asyncio.to_thread(decrypt_data_key, self._opening, ciphertext, context))
        except binascii.Error as error:
            raise SessionStoppedError(
                handshake_failed(f"processing of HandshakeResponse message failed, {error}")
            ) from error
        except DataKeyError as error:
            raise SessionStoppedError(handshake_failed(key_not_decrypted(str(error)))) from error
        except CipherError as error:
            failed = "Fetching data key failed: Error creating NewCipher, crypto/aes: invalid key size"
            raise SessionStoppedError(handshake_failed(failed)) from error
        await self._challenge(cipher)
        self._channel.encrypt(cipher.seal, cipher.open)

    async def _challenge(self, cipher: Cipher) -> None:
        wanted = new_challenge()
        asked = {"Challenge": base64.b64encode(cipher.seal(wanted)).decode()}
        self._channel.send(PayloadType.CHALLENGE_REQUEST, json.dumps(asked).encode())
        await self._stop_where_demanded(SessionStep.CHALLENGE)
        answer = await self._answer(PayloadType.CHALLENGE_RESPONSE, _NO_CHALLENGE)
        try:
            given = cipher.open(base64.b64decode(str(answer.get("Challenge", "")), validate=True))
        except (binascii.Error, CipherError) as error:
            # The real agent only logs a wrong answer, and runs into its own timeout.
            raise SessionStoppedError(handshake_failed(_NO_CHALLENGE)) from error
        if given != wanted:
            raise SessionStoppedError(handshake_failed(_NO_CHALLENGE))

    async def _answer(self, wanted: PayloadType, otherwise: str) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(pace.handshake_seconds):
                while True:
                    frame = await self._channel.input()
                    if frame.payload_type == wanted:
                        return json_in(frame.payload)
        except TimeoutError as error:
            raise SessionStoppedError(handshake_failed(otherwise)) from error
        except FrameError as error:
            failed = f"Unmarshalling of HandshakeResponse message failed, {error}"
            raise SessionStoppedError(handshake_failed(failed)) from error


def _results(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """The client's results by action; raises SessionStopped where it failed one."""
    results: dict[str, Any] = {}
    for action in response.get("ProcessedClientActions") or ():
        name, status = str(action.get("ActionType")), action.get("ActionStatus")
        if status != _SUCCESS:
            failed = f"{name} failed on client with status {status} error: {action.get('Error', '')}"
            raise SessionStoppedError(handshake_failed(failed))
        result = action.get("ActionResult")
        results[name] = result if isinstance(result, Mapping) else {}
    return results
