"""Run a live session: its handshake, its agent, its channel, and its sockets."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import os
import struct
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, Protocol

from moto.core.exceptions import ServiceException
from moto.kms.exceptions import AccessDeniedException, InvalidCiphertextException, NotFoundException
from moto.kms.models import kms_backends
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ssmtui.simulator import state
from ssmtui.simulator.gateway.channel import (
    Channel,
    Cipher,
    CipherError,
    Frame,
    FrameError,
    MessageSink,
    PayloadType,
    channel_closed,
    json_in,
    new_challenge,
    packed,
)
from ssmtui.simulator.gateway.commands import serve_command
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.ports import serve_port
from ssmtui.simulator.gateway.session_overrides import (
    HANDSHAKE_STEPS,
    IDLE,
    TOO_LONG,
    UNTIL_WORKER_IS_MISSED,
    InjectedEnding,
    MessageFaults,
    NetworkFault,
    NetworkFaultKind,
    SessionEnd,
    SessionStep,
    SessionStoppedError,
    WorkerDiedError,
    demands,
    faults,
    pace,
)
from ssmtui.simulator.gateway.shell import serve_shell
from ssmtui.simulator.moto_aws import moto_lock
from ssmtui.simulator.node_state.messages import (
    WORKER_MISSED,
    MessageNames,
    document_failed,
    handshake_failed,
    key_not_decrypted,
    text_of,
)
from ssmtui.simulator.node_state.session_attempt import SessionAttempt

_REFUSED: Final = "\n\tstatus code: 400, request id: 7d1f3a52-8c0e-4b6d-9a2f-5e3c1b0d9f84"


class DataKeyError(Exception):
    """KMS did not decrypt the data key; the text is the message of the agent's SDK."""


def decrypt_data_key(opening: Opening, ciphertext: bytes, context: Mapping[str, str]) -> bytes:
    """Return the decrypted data key; raise DataKeyError."""
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
    "open_channel": SessionAttempt.open_channel,
    "document": SessionAttempt.document,
    "decrypt": SessionAttempt.key,
    "log_group": SessionAttempt.log_group,
    "bucket": SessionAttempt.bucket,
    "disk": SessionAttempt.disk,
    "plugins": SessionAttempt.plugins,
    "worker": SessionAttempt.worker,
    "run_as": SessionAttempt.run_as,
    "user": SessionAttempt.user,
    "shell": SessionAttempt.shell,
    "program": SessionAttempt.program,
}


def stop_reason(opening: Opening, *steps: str) -> str | None:
    """Return the text with which the session ends at one of these steps: empty for silence, None if all pass."""
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
    """Return the names in the texts of a session."""
    return MessageNames(
        opening.account,
        opening.region,
        opening.node_id,
        opening.settings,
        session_id=opening.session_id,
        kind=opening.kind,
        node_caller=node_caller,
    )


_TIMED_OUT: Final = "Handshake timed out. Please ensure that you have the latest version of the session manager plugin."
_NO_CHALLENGE: Final = "Timed out waiting for encryption challenge."
_UNACKNOWLEDGED: Final = "client does not support required encryption context random challenge"
_BANNER: Final = "This session is encrypted using AWS KMS."
_SUCCESS: Final = 1

_USER_STEPS: Final = ("run_as", "user", "shell")
"""The steps of a session's user."""

StopAtStep = Callable[[SessionStep], Awaitable[None]]


class Handshake:
    """One handshake; it raises SessionStoppedError if it fails."""

    def __init__(self, opening: Opening, channel: Channel, stop_where_demanded: StopAtStep) -> None:
        self._opening = opening
        self._channel = channel
        self._stop_where_demanded = stop_where_demanded
        self._key_id = opening.settings.key_id if opening.kind != "Port" else ""
        self.client_version = ""
        self._random_challenge = base64.b64encode(os.urandom(16)).decode()

    async def run(self) -> None:
        """Agree with the client on the session, and on its key if it has one."""
        started = time.monotonic_ns()
        self._channel.send(PayloadType.HANDSHAKE_REQUEST, json.dumps(self._request()).encode())
        await self._stop_where_demanded(SessionStep.HANDSHAKE)
        response = await self._answer(PayloadType.HANDSHAKE_RESPONSE, _TIMED_OUT)
        self.client_version = str(response.get("ClientVersion", ""))
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
        # Only ports have parameters for the client. [AGENT:agent/session/plugins, GetPluginParameters]
        properties = self._opening.properties if self._opening.kind == "Port" else None
        session_type: dict[str, Any] = {"SessionType": self._opening.kind, "Properties": properties}
        actions = [{"ActionType": "SessionType", "ActionParameters": session_type}]
        if self._key_id:
            key = {"KMSKeyId": self._key_id, "Challenge": self._random_challenge}
            actions.append({"ActionType": "KMSEncryption", "ActionParameters": key})
        return {"AgentVersion": self._opening.agent_version, "RequestedClientActions": actions}

    async def _agree_on_key(self, result: Mapping[str, Any]) -> None:
        acknowledges = result.get("ChallengeAcknowledgement") is True
        if pace.demands_challenge and not acknowledges:
            raise SessionStoppedError(handshake_failed(_UNACKNOWLEDGED))
        text = await asyncio.to_thread(stop_reason, self._opening, "decrypt")
        if text is not None:
            raise SessionStoppedError(text)
        context = {"aws:ssm:SessionId": self._opening.session_id, "aws:ssm:TargetId": self._opening.node_id}
        if acknowledges:
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
    """Return the client's results by action; raise SessionStoppedError if an action failed."""
    results: dict[str, Any] = {}
    for action in response.get("ProcessedClientActions") or ():
        name, status = str(action.get("ActionType")), action.get("ActionStatus")
        if status != _SUCCESS:
            failed = f"{name} failed on client with status {status} error: {action.get('Error', '')}"
            raise SessionStoppedError(handshake_failed(failed))
        result = action.get("ActionResult")
        results[name] = result if isinstance(result, Mapping) else {}
    return results


_BEFORE_OUTPUT: Final = 1.0
_BEFORE_FAILURE: Final = 2.0
_BETWEEN_CHANNELS: Final = 4.65
"""The pauses between six attempts to join the data channel: 0.1 to 0.2 s, doubled each time.

[AGENT:agent/session/plugins/sessionplugin/sessionplugin.go, getDataChannelForSessionPlugin]
"""
_ALWAYS_SHAKES_HANDS: Final = frozenset({"Port", "NonInteractiveCommands"})


class Agent:
    """The agent: it opens a session, serves it, and reports how it ended."""

    def __init__(self, opening: Opening, channel: Channel) -> None:
        self._opening = opening
        self._channel = channel
        self._demand: InjectedEnding | None = demands.get(opening.node_id)
        self._client_version = ""

    async def run(self) -> SessionEnd:
        """Serve the session to its end."""
        try:
            await self._stop_where_demanded(SessionStep.DATA_CHANNEL)
            await self._stop_where_judged("agent", "document", "disk")
            await self._stop_where_judged("plugins", after=0.0)
            await self._stop_where_judged("worker", after=UNTIL_WORKER_IS_MISSED)
            await self._stop_where_judged("data_channel", "open_channel", after=_BETWEEN_CHANNELS)
            if self._shakes_hands:
                handshake = Handshake(self._opening, self._channel, self._stop_where_demanded)
                await handshake.run()
                self._client_version = handshake.client_version
            await self._stop_where_demanded(SessionStep.CHECKS)
            if self._opening.kind != "Port":
                await self._stop_where_judged("log_group", "bucket", after=0.0)
            return await self._serve()
        except SessionStoppedError as stopped:
            return SessionEnd(stopped.text, "Failed")

    @property
    def _shakes_hands(self) -> bool:
        encrypted = bool(self._opening.settings.key_id) and self._opening.kind != "Port"
        demanded = self._demand is not None and self._demand.step in HANDSHAKE_STEPS
        return encrypted or demanded or self._opening.kind in _ALWAYS_SHAKES_HANDS

    @property
    def _starting(self) -> tuple[str, ...]:
        """The steps before the shell or the command: a command without a terminal is started without a shell."""
        kind = self._opening.kind
        if kind == "Port":
            return ()
        of_user = () if self._opening.is_elevated else _USER_STEPS
        return of_user if kind == "NonInteractiveCommands" else (*of_user, "program")

    async def _serve(self) -> SessionEnd:
        is_port = self._opening.kind == "Port"
        await self._stop_where_demanded(SessionStep.PORT if is_port else SessionStep.SHELL)
        await self._stop_where_judged(*self._starting)
        await asyncio.sleep(_BEFORE_OUTPUT * pace.factor)
        serving = asyncio.create_task(self._served())
        try:
            await self._stop_where_demanded(SessionStep.OUTPUT)
            return await serving
        finally:
            serving.cancel()

    async def _served(self) -> SessionEnd:
        match self._opening.kind:
            case "Standard_Stream":
                return await serve_shell(self._opening, self._channel)
            case "Port":
                return await serve_port(self._opening, self._channel, self._client_version)
            case _:
                return await serve_command(self._opening, self._channel)

    async def _stop_where_demanded(self, step: SessionStep) -> None:
        if self._demand is not None and self._demand.step is step:
            await self._stop(self._demand.words(self._opening.session_id))

    async def _stop_where_judged(self, *steps: str, after: float = _BEFORE_FAILURE) -> None:
        text = await asyncio.to_thread(stop_reason, self._opening, *steps)
        if text is not None:
            await self._stop(text, after)

    async def _stop(self, text: str, after: float = _BEFORE_FAILURE) -> None:
        if not text:
            await asyncio.Event().wait()
        await asyncio.sleep(after * pace.factor)
        raise SessionStoppedError(text)


_MESSAGES = (NetworkFaultKind.DELAY, NetworkFaultKind.DUPLICATE, NetworkFaultKind.REORDER, NetworkFaultKind.DROP)
_SOCKETS = (NetworkFaultKind.CLOSE, NetworkFaultKind.RESET)


class SocketLink:
    """The transport of messages; a fault can make them late, duplicated, out of order or lost."""

    def __init__(self, socket: ServerConnection, node_id: str) -> None:
        self._socket = socket
        on_messages = faults.struck(node_id, *_MESSAGES)
        self._out, self._in = MessageFaults(on_messages, "out"), MessageFaults(on_messages, "in")
        self._pause = faults.struck(node_id, NetworkFaultKind.PAUSE)
        self._short_lived = faults.struck(node_id, *_SOCKETS)
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    def write(self, message: bytes) -> None:
        """Send a message, as far as the network allows it."""
        for each in self._out.through(message):
            self._enqueue(each)

    def write_surely(self, message: bytes) -> None:
        """Send a message that no fault drops."""
        self._enqueue(message)

    def arrived(self, message: bytes) -> Iterator[bytes]:
        """Yield the messages that arrive after a message from the client."""
        yield from self._in.through(message)

    async def run(self) -> None:
        """Send the queued messages, until the socket is closed or a fault closes it."""
        with suppress(ConnectionClosed):
            if self._pause is not None:
                await self._socket.send(packed(Frame("pause_publication", b"")))
                await asyncio.sleep(self._pause.milliseconds / 1000)
                await self._socket.send(packed(Frame("start_publication", b"")))
            fault = self._short_lived
            if fault is None or fault.after:
                await self._send(fault)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(fault.milliseconds / 1000):
                        await self._send(None)
            if fault is not None:
                await self._break(fault)

    async def close(self) -> None:
        """Close the socket."""
        await self._socket.close()

    def abort(self) -> None:
        """Drop the connection without a close message."""
        self._socket.transport.abort()

    async def _send(self, fault: NetworkFault | None) -> None:
        """Send forever, or until a fault's number of messages has been sent."""
        loop, sent = asyncio.get_running_loop(), 0
        while fault is None or sent < fault.after:
            due, message = await self._queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._socket.send(message)
            sent += 1

    async def _break(self, fault: NetworkFault) -> None:
        if fault.kind is NetworkFaultKind.RESET:
            self._socket.transport.abort()
        else:
            await self._socket.close(1000, "Bye")

    def _enqueue(self, message: bytes) -> None:
        self._queue.put_nowait((asyncio.get_running_loop().time() + self._out.seconds_late, message))


_LOOKS_AT_CLOCK_EVERY: Final = 0.1
_UNTIL_ALL_IS_READ: Final = 1.0
_AFTER_THE_END: Final = 0.3
_IDLE_MINUTES: Final = 20


class SessionChannel(Protocol):
    """The agent's end of a data channel; `received` counts the client's messages."""

    received: int

    def attach(self, wire: MessageSink | None) -> None:
        """Use another socket of the client from now on, or none."""

    def receive(self, data: bytes) -> None:
        """Process bytes of the client's socket."""

    async def keep_sending(self) -> None:
        """Resend what the client has not acknowledged; never returns."""

    async def acknowledged(self, seconds: float) -> None:
        """Wait until the client has acknowledged everything, up to a timeout."""


class SessionAgent(Protocol):
    """An agent that serves one session: a simulated one, or that of a real node."""

    async def run(self) -> SessionEnd:
        """Serve the session to its end."""


def simulated_session(opening: Opening) -> LiveSession:
    """Return a session whose agent is simulated."""
    channel = Channel()
    return LiveSession(opening, channel, Agent(opening, channel))


class LiveSession:
    """One session, from StartSession on. Everything runs on the gateway's loop."""

    def __init__(self, opening: Opening, channel: SessionChannel, agent: SessionAgent) -> None:
        self._opening = opening
        self._channel = channel
        self._its_agent = agent
        self._link: SocketLink | None = None
        self._ending: asyncio.Future[SessionEnd] = asyncio.get_running_loop().create_future()
        self._told: SessionEnd | None = None
        self._tasks = [asyncio.create_task(self._live())]
        self._agent: asyncio.Task[None] | None = None
        self._has_worker = True

    @property
    def node_id(self) -> str:
        """The id of its node."""
        return self._opening.node_id

    def kill_worker(self) -> None:
        """Kill the worker of the session, if a client has joined it."""
        if self._agent is not None and self._told is None:
            self._agent.cancel()
            self._agent = asyncio.create_task(self._miss_worker())

    def end(self, ending: SessionEnd) -> None:
        """End the session; only the first ending counts."""
        if not self._ending.done():
            self._ending.set_result(ending)

    async def carried_by(self, socket: ServerConnection) -> None:
        """Use a socket until it is closed."""
        link = self._link = SocketLink(socket, self._opening.node_id)
        writing = asyncio.create_task(link.run())
        try:
            self._opening.note("Connected")
            if self._has_worker:
                self._channel.attach(link)
            if self._told is not None:
                self._tell_end(link, self._told)
            elif self._agent is None:
                self._agent = asyncio.create_task(self._run_agent())
            with suppress(ConnectionClosed):
                async for message in socket:
                    for each in link.arrived(message if isinstance(message, bytes) else message.encode()):
                        self._channel.receive(each)
        finally:
            writing.cancel()
            if self._link is link:
                self._link = None
                self._channel.attach(None)
                self._opening.note("Disconnected")

    def drop(self) -> None:
        """Forget the session: its world is gone."""
        if self._link is not None:
            self._link.abort()
        for task in (*self._tasks, *((self._agent,) if self._agent is not None else ())):
            task.cancel()

    async def _run_agent(self) -> None:
        try:
            ending = await self._its_agent.run()
        except WorkerDiedError:
            await self._miss_worker()
            return
        except Exception as error:
            # An error of the simulator must not look like a node that does not respond.
            self.end(SessionEnd(f"The simulated agent broke down: {type(error).__name__}: {error}", "Failed"))
            raise
        self.end(ending)

    async def _miss_worker(self) -> None:
        """Answer nothing more, and end the session when the agent misses its worker."""
        self._has_worker = False
        self._channel.attach(None)
        await asyncio.sleep(UNTIL_WORKER_IS_MISSED * pace.factor)
        self.end(SessionEnd(document_failed(WORKER_MISSED), "Failed"))

    async def _live(self) -> None:
        sending, watching = asyncio.create_task(self._channel.keep_sending()), asyncio.create_task(self._watch())
        try:
            ending = await self._ending
            if self._agent is not None:
                self._agent.cancel()
            self._opening.note_end(ending.status, ending.text)
            await self._channel.acknowledged(_UNTIL_ALL_IS_READ)
            self._told = ending
            if self._link is not None:
                self._tell_end(self._link, ending)
        finally:
            sending.cancel()
            watching.cancel()

    def _tell_end(self, link: SocketLink, ending: SessionEnd) -> None:
        closed = channel_closed(self._opening.session_id, self._opening.node_id, ending.text)
        link.write_surely(packed(closed))
        self._tasks.append(asyncio.create_task(self._hang_up(link)))

    async def _hang_up(self, link: SocketLink) -> None:
        await asyncio.sleep(_AFTER_THE_END * max(pace.factor, 0.1))
        await link.close()

    async def _watch(self) -> None:
        """End the session after its idle timeout, its maximum duration, or an API call that ended it."""
        started, active, received = state.now(), state.now(), 0
        idle, longest = _minutes(self._opening.settings.idle_timeout), _minutes(self._opening.settings.longest)
        while True:
            await asyncio.sleep(_LOOKS_AT_CLOCK_EVERY)
            now = state.now()
            if self._channel.received != received:
                active, received = now, self._channel.received
            if now - active >= (idle or timedelta(minutes=_IDLE_MINUTES)):
                self.end(SessionEnd(IDLE))
            elif longest is not None and now - started >= longest:
                self.end(SessionEnd(TOO_LONG))


def _minutes(text: str) -> timedelta | None:
    return timedelta(minutes=int(text)) if text.isdigit() and int(text) else None
