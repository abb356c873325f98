"""Record what an agent says in a session, message by message, without what differs between two runs."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ssmtui.simulator.gateway.channel import PayloadType
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.gateway.client import DataChannel, Ended, Visitor

_ANSWER: Final = "ssmtui-probe"
_QUESTION: Final = b'echo ssmtui-pro"b"e\r'
_SMUX_OPEN: Final = struct.pack("<BBHI", 1, 0, 0, 3)


@dataclass(frozen=True, slots=True)
class Session:
    """What a session is opened with."""

    document: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def request(self) -> dict[str, Any]:
        """The parameters of StartSession besides the node."""
        if not self.document:
            return {}
        return {"DocumentName": self.document, "Parameters": {name: [value] for name, value in self.parameters.items()}}

    @property
    def is_tunnel(self) -> bool:
        """Whether the session carries a multiplexed port."""
        return "localPortNumber" in self.parameters

    @property
    def is_command(self) -> bool:
        """Whether the session runs a command."""
        return "command" in self.parameters

    def connect_words(self, node: str) -> tuple[str, ...]:
        """Return the arguments with which `ssmtui connect` opens such a session."""
        if self.is_command:
            return (node, "--", *shlex.split(self.parameters["command"]))
        document = ("--document-name", self.document) if self.document else ()
        given = [f"--parameter={name}={value}" for name, value in self.parameters.items()]
        return (*document, *given, node)


SHELL: Final = Session()
PORT: Final = Session("AWS-StartPortForwardingSession", {"portNumber": "1", "localPortNumber": "0"})
SSH: Final = Session("AWS-StartSSHSession", {"portNumber": "1"})


def interactive(line: str) -> Session:
    """Return a session with a command on a terminal."""
    return Session("AWS-StartInteractiveCommand", {"command": line})


def noninteractive(line: str) -> Session:
    """Return a session with a command without a terminal."""
    return Session("AWS-StartNonInteractiveCommand", {"command": line})


@dataclass(frozen=True, slots=True)
class Record:
    """The agent's messages, one line each, and the text of the end (None if the session stayed open or silent)."""

    messages: tuple[str, ...]
    text: str | None


def record(
    aws: SimulatedAws,
    node_id: str,
    session: Session,
    seconds: float,
    during: Callable[[], None] | None = None,
) -> Record:
    """Open a session and record it: a shell until it answers a line, anything else until it ends or stays open.

    The agent is silent after these seconds without a message. `during` is called in a shell that has answered, which
    is then recorded until it ends, or answers another line.
    """
    visitor = Visitor(aws)
    try:
        opened = visitor.start(node_id, **session.request)
    except ClientError as error:
        told = error.response["Error"]
        return Record((f"StartSession {told['Code']}",), told.get("Message", ""))
    with visitor.joined(opened) as channel:
        recorder = _Recorder(visitor, channel, node_id, session, seconds)
        try:
            recorder.run()
            if during is not None:
                during()
                recorder.run_again()
        except Ended as ended:
            text = ended.text
            recorder.messages.append(f"channel_closed {_plain(text or '', opened['SessionId'], node_id)!r}")
            return Record(tuple(recorder.messages), text)
        except TimeoutError:
            recorder.messages.append("open" if recorder.is_open else "silence")
        visitor.ssm.terminate_session(SessionId=opened["SessionId"])
        return Record(tuple(recorder.messages), None)


class _Recorder:
    """A client of one session, as plain as it gets."""

    def __init__(self, visitor: Visitor, channel: DataChannel, node_id: str, session: Session, seconds: float) -> None:
        self.messages: list[str] = []
        self.is_open = False
        self._visitor = visitor
        self._channel = channel
        self._node_id = node_id
        self._session = session
        self._seconds = seconds
        self._keys: tuple[AESGCM, AESGCM] | None = None
        self._shown = ""

    def run(self) -> None:
        """Take messages until a shell has answered. Raises Ended, and TimeoutError if nothing more comes."""
        while _ANSWER not in self._shown:
            frame = self._channel.next(self._seconds)
            payload = self._opened(frame.payload) if frame.payload_type in _SEALED else frame.payload
            self._take(PayloadType(frame.payload_type), payload)

    def run_again(self) -> None:
        """Ask the shell for another answer. Raises Ended, and TimeoutError if nothing more comes."""
        self.messages.append("…")
        self._shown = ""
        self._channel.say(PayloadType.OUTPUT, self._sealed(_QUESTION))
        self.run()

    def _take(self, kind: PayloadType, payload: bytes) -> None:
        match kind:
            case PayloadType.HANDSHAKE_REQUEST:
                self._agree(json.loads(payload))
            case PayloadType.CHALLENGE_REQUEST:
                self._add(kind, "")
                plain = self._opened(base64.b64decode(json.loads(payload)["Challenge"]))
                answer = {"Challenge": base64.b64encode(self._sealed(plain)).decode()}
                self._channel.say(PayloadType.CHALLENGE_RESPONSE, json.dumps(answer).encode())
            case PayloadType.HANDSHAKE_COMPLETE:
                self._add(kind, json.loads(payload)["CustomerMessage"])
                self.is_open = "Port" in self._session.document or "SSH" in self._session.document
                if self._session.is_tunnel:
                    self._channel.say(PayloadType.OUTPUT, _SMUX_OPEN)
            case PayloadType.OUTPUT if self._session == SHELL:
                self._take_output(payload)
            case PayloadType.FLAG:
                self._add(kind, str(int.from_bytes(payload)))
            case _:
                self._add(kind, payload.decode(errors="replace"))

    def _take_output(self, payload: bytes) -> None:
        """Ask the shell for an answer after its first output. Prompts and echoes are each shell's own."""
        if not self.is_open:
            self._add(PayloadType.OUTPUT, "")
            self._channel.say(PayloadType.OUTPUT, self._sealed(_QUESTION))
        self.is_open = True
        self._shown += payload.decode(errors="replace")
        if _ANSWER in self._shown:
            self.messages.append("answer")

    def _agree(self, request: Mapping[str, Any]) -> None:
        shown = {"AgentVersion": "…", "RequestedClientActions": request["RequestedClientActions"]}
        results = []
        for action in request["RequestedClientActions"]:
            told = {"ActionType": action["ActionType"], "ActionStatus": 1, "ActionResult": None, "Error": ""}
            if action["ActionType"] == "KMSEncryption":
                self._make_key(action["ActionParameters"], told)
                action["ActionParameters"]["Challenge"] = "…"
            results.append(told)
        self._add(PayloadType.HANDSHAKE_REQUEST, json.dumps(shown, sort_keys=True))
        response = {"ClientVersion": "1.2.764.0", "ProcessedClientActions": results, "Errors": None}
        self._channel.say(PayloadType.HANDSHAKE_RESPONSE, json.dumps(response).encode())

    def _make_key(self, wanted: Mapping[str, str], told: dict[str, Any]) -> None:
        context = {"aws:ssm:SessionId": self._channel.session_id, "aws:ssm:TargetId": self._node_id}
        try:
            made = self._visitor.kms.generate_data_key(
                KeyId=wanted["KMSKeyId"], NumberOfBytes=64, EncryptionContext=context
            )
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            told["ActionStatus"] = 2
            told["Error"] = (
                f"Failed to process action KMSEncryption: Error calling KMS GenerateDataKey API: {code}: {message}"
            )
            return
        self._keys = AESGCM(made["Plaintext"][:32]), AESGCM(made["Plaintext"][32:])
        told["ActionResult"] = {"KMSCipherTextKey": base64.b64encode(made["CiphertextBlob"]).decode()}

    def _opened(self, sealed: bytes) -> bytes:
        return self._keys[0].decrypt(sealed[:12], sealed[12:], None) if self._keys is not None else sealed

    def _sealed(self, plain: bytes) -> bytes:
        if self._keys is None:
            return plain
        nonce = os.urandom(12)
        return nonce + self._keys[1].encrypt(nonce, plain, None)

    def _add(self, kind: PayloadType, content: str) -> None:
        told = _plain(content, self._channel.session_id, self._node_id)
        self.messages.append(f"{kind.name} {told!r}" if told else kind.name)


_SEALED: Final = frozenset({PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE})

_DIFFERENT: Final = (
    # AWS's own words, which are not the agent's: the simulated agent has those that people pasted.
    (re.compile(r"(AccessDenied(?:Exception)?): .*?\n\tstatus code", re.DOTALL), r"\1: …\n\tstatus code"),
    (re.compile(r"request id: [\w-]+"), "request id: …"),
    (re.compile(r"host id: [^\s,]*"), "host id: …"),
    (re.compile(r"assumed-role/([\w-]+)/mi-\w+"), r"assumed-role/\1/NODE"),
    (re.compile(r"(master|surveyor|worker)-\d{14}-\d{3}"), r"\1-…"),
    (re.compile(r"\d+\.\d+\.\d+\.\d+:\d+->"), "…->"),
)


def _plain(text: str, session_id: str, node_id: str) -> str:
    text = text.replace(session_id, "SESSION").replace(node_id, "NODE")
    for pattern, shown in _DIFFERENT:
        text = pattern.sub(shown, text)
    return text
