"""The handshake as the agent leads it: the type of the session, the data key, the challenge.

Source: docs/facts/data-channel.md §3.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ssmtui.simulator.gateway.channel import Channel
from ssmtui.simulator.gateway.cipher import Cipher, CipherError, new_challenge
from ssmtui.simulator.gateway.data_key import DataKeyError, decrypted
from ssmtui.simulator.gateway.demands import Step
from ssmtui.simulator.gateway.ending import SessionStopped
from ssmtui.simulator.gateway.frame import FrameError, PayloadType, json_in
from ssmtui.simulator.gateway.judgement import judged
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.pace import pace
from ssmtui.simulator.reality.messages import handshake_failed, key_not_decrypted

_BASIC_PORTS: Final = "3.0.196.0"
"""The newest agent whose port sessions carry one connection at a time instead of many (smux), and clients go by what
the agent says it is: [PLUGIN:src/config/config.go, TCPMultiplexingSupportedAfterThisAgentVersion]."""

_TIMED_OUT: Final = "Handshake timed out. Please ensure that you have the latest version of the session manager plugin."
_NO_CHALLENGE: Final = "Timed out waiting for encryption challenge."
_BANNER: Final = "This session is encrypted using AWS KMS."
_SUCCESS: Final = 1

StopWhereDemanded = Callable[[Step], Awaitable[None]]


class Handshake:
    """One handshake; raises SessionStopped where it fails."""

    def __init__(self, opening: Opening, channel: Channel, stop_where_demanded: StopWhereDemanded) -> None:
        self._opening = opening
        self._channel = channel
        self._stop_where_demanded = stop_where_demanded
        self._key_id = opening.settings.key_id if opening.kind != "Port" else ""
        self._random_challenge = base64.b64encode(os.urandom(16)).decode()

    async def run(self) -> None:
        """Agree with the client on the session, and on its key where it has one."""
        started = time.monotonic_ns()
        self._channel.send(PayloadType.HANDSHAKE_REQUEST, json.dumps(self._request()).encode())
        await self._stop_where_demanded(Step.HANDSHAKE)
        response = await self._answer(PayloadType.HANDSHAKE_RESPONSE, _TIMED_OUT)
        await self._stop_where_demanded(Step.KEY)
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
        text = await asyncio.to_thread(judged, self._opening, "decrypt")
        if text is not None:
            raise SessionStopped(text)
        context = {"aws:ssm:SessionId": self._opening.session_id, "aws:ssm:TargetId": self._opening.node_id}
        if result.get("ChallengeAcknowledgement") is True:
            context["aws:ssm:RandomChallenge"] = self._random_challenge
        try:
            ciphertext = base64.b64decode(str(result.get("KMSCipherTextKey", "")), validate=True)
            cipher = Cipher(await asyncio.to_thread(decrypted, self._opening, ciphertext, context))
        except binascii.Error as error:
            raise SessionStopped(
                handshake_failed(f"processing of HandshakeResponse message failed, {error}")
            ) from error
        except DataKeyError as error:
            raise SessionStopped(handshake_failed(key_not_decrypted(str(error)))) from error
        except CipherError as error:
            failed = "Fetching data key failed: Error creating NewCipher, crypto/aes: invalid key size"
            raise SessionStopped(handshake_failed(failed)) from error
        await self._challenge(cipher)
        self._channel.encrypt(cipher.seal, cipher.open)

    async def _challenge(self, cipher: Cipher) -> None:
        wanted = new_challenge()
        asked = {"Challenge": base64.b64encode(cipher.seal(wanted)).decode()}
        self._channel.send(PayloadType.CHALLENGE_REQUEST, json.dumps(asked).encode())
        await self._stop_where_demanded(Step.CHALLENGE)
        answer = await self._answer(PayloadType.CHALLENGE_RESPONSE, _NO_CHALLENGE)
        try:
            given = cipher.open(base64.b64decode(str(answer.get("Challenge", "")), validate=True))
        except (binascii.Error, CipherError) as error:
            # The real agent only logs a wrong answer, and runs into its own timeout.
            raise SessionStopped(handshake_failed(_NO_CHALLENGE)) from error
        if given != wanted:
            raise SessionStopped(handshake_failed(_NO_CHALLENGE))

    async def _answer(self, wanted: PayloadType, otherwise: str) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(pace.handshake_seconds):
                while True:
                    frame = await self._channel.input()
                    if frame.payload_type == wanted:
                        return json_in(frame.payload)
        except TimeoutError as error:
            raise SessionStopped(handshake_failed(otherwise)) from error
        except FrameError as error:
            failed = f"Unmarshalling of HandshakeResponse message failed, {error}"
            raise SessionStopped(handshake_failed(failed)) from error


def _results(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """The client's results by action; raises SessionStopped where it failed one."""
    results: dict[str, Any] = {}
    for action in response.get("ProcessedClientActions") or ():
        name, status = str(action.get("ActionType")), action.get("ActionStatus")
        if status != _SUCCESS:
            failed = f"{name} failed on client with status {status} error: {action.get('Error', '')}"
            raise SessionStopped(handshake_failed(failed))
        result = action.get("ActionResult")
        results[name] = result if isinstance(result, Mapping) else {}
    return results
