"""A data channel against a server on loopback that says what real ones say, and worse."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import socket
from collections.abc import Mapping
from http import HTTPStatus
from threading import Event

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response

from ssmtui.model.sessions import OpenedSession
from ssmtui.session.calls import DataKey, SessionProblem, SessionRefused
from ssmtui.session.data_channel import frames
from ssmtui.session.data_channel.connection import ChannelTiming, DataChannel, SessionOverError
from ssmtui.session.data_channel.events import (
    ChallengeFailed,
    ChallengeResponseSent,
    ChannelClosed,
    ConnectionLost,
    DataKeyRequested,
    ExitCodeReceived,
    HandshakeCompleted,
    HandshakeRequested,
    HandshakeResponseSent,
    KeyFailed,
    KeyMade,
    Malformed,
    NeverAcknowledged,
    OtherPayload,
    Output,
    PublicationPaused,
    PublicationStarted,
    SocketOpened,
    TokenSent,
)
from ssmtui.session.data_channel.outgoing import RetransmissionTiming
from ssmtui.session.data_channel.payloads import ActionStatus, PayloadType, Size
from ssmtui.session.data_channel.stream_url import ForeignStreamUrlError
from ssmtui.session.data_channel.websocket import ConnectError
from tests.session.data_channel.far_side import (
    KEY,
    REQUEST,
    SESSION,
    SWIFT,
    FakeCalls,
    FarSide,
    Part,
    connected,
    served,
    told_by,
)

OPENED = [SocketOpened(), TokenSent()]


def ending(output: str = "") -> Part:
    async def part(far: FarSide) -> None:
        await far.end(output)

    return part


async def test_the_upgrade_is_signed_and_the_token_presented() -> None:
    async with served(ending()) as server, connected(server) as channel:
        assert await told_by(channel) == [*OPENED, ChannelClosed("")]
    (request,), (opening,) = server.requests, server.openings
    assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert request.headers["X-Amz-Security-Token"] == "canary-session-token"
    assert request.path == f"/v1/data-channel/{SESSION}?role=publish_subscribe"
    assert opening["TokenValue"] == "canary-token"
    assert opening["ClientVersion"] == "1.2.764.0"


async def test_a_shell_without_a_session_key_has_no_handshake_and_its_output_is_told() -> None:
    async def part(far: FarSide) -> None:
        await far.say(PayloadType.OUTPUT, b"$ ")
        assert await far.acknowledgement() == 0
        assert await far.heard() == (PayloadType.SIZE, b'{"cols":80,"rows":24}')
        assert await far.heard() == (PayloadType.OUTPUT, b"ls\r")
        await far.say(PayloadType.OUTPUT, b"file\r\n")
        await far.say(PayloadType.STDERR, b"oops")
        await far.say(PayloadType.EXIT_CODE, b"EXIT_CODE: 3")
        await far.end()

    async with served(part) as server, connected(server) as channel:
        await channel.send_size(Size(80, 24))
        await channel.send(b"ls\r")
        assert await told_by(channel) == [
            *OPENED,
            Output(b"$ "),
            Output(b"file\r\n"),
            Output(b"oops", is_error=True),
            ExitCodeReceived(3),
            ChannelClosed(""),
        ]


def handshake(*actions: dict[str, object]) -> dict[str, object]:
    return {"AgentVersion": "3.3.987.0", "RequestedClientActions": list(actions)}


TYPE: dict[str, object] = {"ActionType": "SessionType", "ActionParameters": {"SessionType": "Standard_Stream"}}
ENCRYPTION: dict[str, object] = {"ActionType": "KMSEncryption", "ActionParameters": {"KMSKeyId": "alias/sessions"}}
CHALLENGED: dict[str, object] = {
    "ActionType": "KMSEncryption",
    "ActionParameters": {"KMSKeyId": "alias/sessions", "Challenge": "cmFuZG9t"},
}
COMPLETE: dict[str, object] = {
    "HandshakeTimeToComplete": 2_000_000_000,
    "CustomerMessage": "This session is encrypted using AWS KMS.",
}


async def test_an_encrypted_session_is_opened_step_by_step_and_then_enciphered() -> None:
    async def part(far: FarSide) -> None:
        await far.say(PayloadType.HANDSHAKE_REQUEST, handshake(TYPE, ENCRYPTION))
        kind, response = await far.heard()
        assert kind is PayloadType.HANDSHAKE_RESPONSE
        assert [each["ActionStatus"] for each in json.loads(response)["ProcessedClientActions"]] == [1, 1]
        far.encrypt()
        challenge = far._cipher.encipher(bytes(64)) if far._cipher else b""
        await far.say(PayloadType.CHALLENGE_REQUEST, {"Challenge": base64.b64encode(challenge).decode()})
        kind, answer = await far.heard()
        assert kind is PayloadType.CHALLENGE_RESPONSE
        encrypted = base64.b64decode(json.loads(answer)["Challenge"])
        assert far._cipher is not None
        assert far._cipher.decipher(encrypted) == bytes(64)
        await far.say(PayloadType.HANDSHAKE_COMPLETE, COMPLETE)
        await far.say(PayloadType.OUTPUT, b"$ ")
        assert await far.heard() == (PayloadType.OUTPUT, b"whoami\r")
        await far.end()

    calls = FakeCalls()
    async with served(part) as server, connected(server, calls) as channel:
        seen = []
        async for event in channel.events():
            seen.append(event)
            if event == Output(b"$ "):
                await channel.send(b"whoami\r")
    assert seen == [
        *OPENED,
        HandshakeRequested("3.3.987.0", "Standard_Stream", "alias/sessions"),
        DataKeyRequested("alias/sessions"),
        KeyMade("alias/sessions"),
        HandshakeResponseSent((("SessionType", ActionStatus.SUCCESS), ("KMSEncryption", ActionStatus.SUCCESS))),
        ChallengeResponseSent(),
        HandshakeCompleted("This session is encrypted using AWS KMS.", 2.0),
        Output(b"$ "),
        ChannelClosed(""),
    ]
    context = {"aws:ssm:SessionId": SESSION, "aws:ssm:TargetId": REQUEST.target}
    assert calls.asked_keys == [("alias/sessions", context)]


@pytest.mark.parametrize(
    ("action", "bound_to", "acknowledged"),
    [(CHALLENGED, {"aws:ssm:RandomChallenge": "cmFuZG9t"}, {"ChallengeAcknowledgement": True}), (ENCRYPTION, {}, {})],
    ids=["an agent with a challenge", "an older agent"],
)
async def test_the_key_is_bound_to_the_challenge_that_the_agent_sent(
    action: dict[str, object], bound_to: dict[str, str], acknowledged: dict[str, object]
) -> None:
    results: list[dict[str, object]] = []

    async def part(far: FarSide) -> None:
        await far.say(PayloadType.HANDSHAKE_REQUEST, handshake(TYPE, action))
        _, response = await far.heard()
        results.append(json.loads(response)["ProcessedClientActions"][1]["ActionResult"])
        await far.end()

    calls = FakeCalls()
    async with served(part) as server, connected(server, calls) as channel:
        await told_by(channel)
    context = {"aws:ssm:SessionId": SESSION, "aws:ssm:TargetId": REQUEST.target}
    assert calls.asked_keys == [("alias/sessions", context | bound_to)]
    (result,) = results
    assert {name: result[name] for name in result if name.startswith("Challenge")} == acknowledged


async def test_a_key_that_is_refused_is_told_to_the_agent_in_the_plugins_words() -> None:
    said: list[dict[str, object]] = []

    async def part(far: FarSide) -> None:
        await far.say(PayloadType.HANDSHAKE_REQUEST, handshake(TYPE, ENCRYPTION))
        _, response = await far.heard()
        said.extend(json.loads(response)["ProcessedClientActions"])
        await far.end("Encountered error while initiating handshake.")

    text = (
        "An error occurred (AccessDeniedException) when calling the GenerateDataKey operation: User: ann is not "
        "authorized to perform: kms:GenerateDataKey"
    )
    calls = FakeCalls(key=SessionRefused(text, "AccessDeniedException", "kms:GenerateDataKey"))
    expected = (
        "Failed to process action KMSEncryption: Error calling KMS GenerateDataKey API: AccessDeniedException: "
        "User: ann is not authorized to perform: kms:GenerateDataKey"
    )
    async with served(part) as server, connected(server, calls) as channel:
        assert (await told_by(channel))[4:] == [
            KeyFailed("alias/sessions", expected),
            HandshakeResponseSent((("SessionType", ActionStatus.SUCCESS), ("KMSEncryption", ActionStatus.FAILED))),
            ChannelClosed("Encountered error while initiating handshake."),
        ]
    assert said[1] == {"ActionType": "KMSEncryption", "ActionStatus": 2, "ActionResult": None, "Error": expected}


async def test_what_is_not_known_is_answered_as_unsupported() -> None:
    said: list[dict[str, object]] = []

    async def part(far: FarSide) -> None:
        unknown: dict[str, object] = {"ActionType": "SessionType", "ActionParameters": {"SessionType": "Dance"}}
        await far.say(PayloadType.HANDSHAKE_REQUEST, handshake(unknown, {"ActionType": "Sing"}))
        _, response = await far.heard()
        said.extend(json.loads(response)["ProcessedClientActions"])
        await far.end()

    async with served(part) as server, connected(server) as channel:
        assert HandshakeRequested("3.3.987.0", "Dance", "", ("Sing",)) in await told_by(channel)
    assert [(each["ActionStatus"], each["Error"]) for each in said] == [
        (2, "Failed to process action SessionType: Unknown session type Dance"),
        (3, "Unsupported action Sing"),
    ]


async def test_a_challenge_of_another_key_is_not_answered() -> None:
    async def part(far: FarSide) -> None:
        await far.say(PayloadType.CHALLENGE_REQUEST, {"Challenge": "AAAA"})
        await far.say(PayloadType.HANDSHAKE_REQUEST, handshake(ENCRYPTION))
        await far.heard()
        await far.say(PayloadType.CHALLENGE_REQUEST, {"Challenge": "AAAA"})
        await far.end("Timed out waiting for encryption challenge.")

    async with served(part) as server, connected(server) as channel:
        told = await told_by(channel)
    assert [each for each in told if isinstance(each, ChallengeFailed)] == [
        ChallengeFailed("there is no data key"),
        ChallengeFailed("less than a nonce and a tag"),
    ]


async def test_reordered_and_duplicated_frames_are_told_once_in_order_and_all_acknowledged() -> None:
    async def part(far: FarSide) -> None:
        zero, one, two = (far.frame(PayloadType.OUTPUT, each) for each in (b"0", b"1", b"2"))
        for each in (two, two, one, zero, zero, one):
            await far.socket.send(each)
        assert [await far.acknowledgement() for _ in range(6)] == [2, 2, 1, 0, 0, 1]
        await far.end()

    async with served(part) as server, connected(server) as channel:
        assert await told_by(channel) == [*OPENED, Output(b"0"), Output(b"1"), Output(b"2"), ChannelClosed("")]


async def test_what_is_not_acknowledged_is_sent_again_until_it_is() -> None:
    async def part(far: FarSide) -> None:
        first = await far.hear()
        assert await far.hear() == first
        again = await far.hear()
        assert again == first
        await far.acknowledge(again)
        assert await far.heard() == (PayloadType.OUTPUT, b"next")
        await far.end()

    async with served(part) as server, connected(server) as channel:
        await channel.send(b"first")
        async with asyncio.timeout(5):
            await channel.delivered()
        await channel.send(b"next")
        assert (await told_by(channel))[-1] == ChannelClosed("")


async def test_what_is_never_acknowledged_ends_it() -> None:
    async def part(far: FarSide) -> None:
        await far.socket.wait_closed()

    timing = ChannelTiming(closing=0.1, retransmission=RetransmissionTiming(first=0.001, resends=2))
    async with served(part) as server, connected(server, timing=timing) as channel:
        await channel.send(b"anybody?")
        assert (await told_by(channel))[-1] == NeverAcknowledged()


async def test_long_input_goes_in_chunks() -> None:
    text = bytes(range(256)) * 20
    heard = bytearray()

    async def part(far: FarSide) -> None:
        while len(heard) < len(text):
            kind, chunk = await far.heard()
            assert kind is PayloadType.OUTPUT
            assert len(chunk) <= 1024
            heard.extend(chunk)
        await far.end()

    async with served(part) as server, connected(server) as channel:
        await channel.send(text)
        await told_by(channel)
    assert bytes(heard) == text


async def test_what_is_sent_during_a_pause_waits_for_the_start() -> None:
    async def part(far: FarSide) -> None:
        await far.tell(frames.PAUSE_PUBLICATION)
        await far.socket.send("start_publication")
        assert await far.heard() == (PayloadType.OUTPUT, b"typed")
        await far.socket.send("pause_publication")
        await far.end()

    async with served(part) as server, connected(server) as channel:
        seen = []
        async for event in channel.events():
            seen.append(event)
            if event == PublicationPaused() and seen.count(event) == 1:
                await channel.send(b"typed")
    assert seen == [*OPENED, PublicationPaused(), PublicationStarted(), PublicationPaused(), ChannelClosed("")]


async def test_what_is_malformed_is_told_and_passed_over() -> None:
    async def part(far: FarSide) -> None:
        await far.socket.send(b"nonsense")
        await far.socket.send("\ud7ff text that is nothing")
        await far.tell("interactive_shell")
        await far.tell(frames.ACKNOWLEDGE, {"AcknowledgedMessageSequenceNumber": "many"})
        await far.say(PayloadType.HANDSHAKE_COMPLETE, b"no json")
        await far.say(PayloadType.PARAMETER, b"1234")
        await far.say(PayloadType.OUTPUT, b"$ ")
        await far.end()

    async with served(part) as server, connected(server) as channel:
        told = await told_by(channel)
    assert [type(each) for each in told[2:7]] == [Malformed] * 5
    assert told[7:] == [OtherPayload(4, 4), Output(b"$ "), ChannelClosed("")]


async def test_a_socket_that_is_closed_after_an_hour_is_resumed_and_nothing_is_lost() -> None:
    async def before(far: FarSide) -> None:
        await far.say(PayloadType.OUTPUT, b"before ")
        assert (await far.hear()).payload == b"typed"  # never acknowledged
        await far.socket.close(1000, "Bye")

    async def after(far: FarSide) -> None:
        far.sequence = 1
        assert await far.heard() == (PayloadType.OUTPUT, b"typed")
        await far.say(PayloadType.OUTPUT, b"after")
        await far.end()

    async with served(before, after) as server:
        calls = FakeCalls(resumed=[OpenedSession(SESSION, server.url + "&cell-number=2", "the second token")])
        timing = ChannelTiming(closing=0.1, retransmission=RetransmissionTiming(first=60))
        async with connected(server, calls, timing) as channel:
            await channel.send(b"typed")
            assert (await told_by(channel))[2:] == [Output(b"before "), ConnectionLost(1000, "Bye")]
            await channel.resume()
            assert await told_by(channel) == [*OPENED, Output(b"after"), ChannelClosed("")]
    assert [each["TokenValue"] for each in server.openings] == ["canary-token", "the second token"]
    assert server.openings[0]["ClientId"] == server.openings[1]["ClientId"]
    assert server.requests[1].path.endswith("cell-number=2")


async def test_a_key_that_is_made_while_the_connection_is_lost_is_sent_on_the_next() -> None:
    made = Event()

    class Slow(FakeCalls):
        def data_key(self, key_id: str, context: Mapping[str, str]) -> DataKey:
            assert made.wait(10)
            return super().data_key(key_id, context)

    async def before(far: FarSide) -> None:
        await far.say(PayloadType.HANDSHAKE_REQUEST, handshake(ENCRYPTION))
        assert await far.acknowledgement() == 0
        far.socket.transport.abort()

    async def after(far: FarSide) -> None:
        made.set()
        kind, _ = await far.heard()
        assert kind is PayloadType.HANDSHAKE_RESPONSE
        await far.end()

    async with served(before, after) as server:
        calls = Slow(resumed=[OpenedSession(SESSION, "", "the second token")])
        async with connected(server, calls) as channel:
            assert isinstance((await told_by(channel))[-1], ConnectionLost)
            await channel.resume()
            told = await told_by(channel)
    assert told == [
        *OPENED,
        KeyMade("alias/sessions"),
        HandshakeResponseSent((("KMSEncryption", ActionStatus.SUCCESS),)),
        ChannelClosed(""),
    ]


async def test_a_session_that_is_over_is_not_resumed() -> None:
    async def part(far: FarSide) -> None:
        far.socket.transport.abort()

    async with served(part) as server:
        calls = FakeCalls(resumed=[OpenedSession(SESSION, "", "")])
        async with connected(server, calls) as channel:
            assert (await told_by(channel))[-1] == ConnectionLost(1006, "")
            with pytest.raises(SessionOverError, match=f"Session: {SESSION} timed out."):
                await channel.resume()


async def test_a_half_open_socket_is_noticed() -> None:
    gone = asyncio.Event()

    async def part(far: FarSide) -> None:
        far.socket.transport.pause_reading()
        await gone.wait()
        far.socket.transport.abort()

    timing = ChannelTiming(closing=0.1, ping_every=0.02, pong_within=0.05)
    async with served(part) as server, connected(server, timing=timing) as channel:
        assert (await told_by(channel))[-1] == ConnectionLost(1006, "")
        gone.set()


async def test_a_refused_upgrade_says_what_aws_said_and_repeats_no_token() -> None:
    said = b"User: ann is not authorized to perform: ssmmessages:OpenDataChannel. Token:canary-session-token"
    refusal = Response(403, "Forbidden", Headers({"Content-Length": str(len(said)), "Connection": "close"}), said)
    async with served(refusal=refusal) as server:
        channel = DataChannel(REQUEST, server.opened(), FakeCalls(), timing=SWIFT)
        with pytest.raises(ConnectError) as refused:
            await channel.open()
    assert refused.value.status == HTTPStatus.FORBIDDEN
    assert refused.value.text == (
        "Failed to dial websocket, status: 403 Forbidden, err: User: ann is not authorized to perform: "
        "ssmmessages:OpenDataChannel. Token:…"
    )


async def test_a_redirection_is_not_followed() -> None:
    async with served(ending()) as elsewhere:
        refusal = Response(302, "Found", Headers({"Location": elsewhere.url, "Content-Length": "0"}), b"")
        async with served(refusal=refusal) as server:
            channel = DataChannel(REQUEST, server.opened(), FakeCalls(), timing=SWIFT)
            with pytest.raises(ConnectError, match="status: 302 Found"):
                await channel.open()
        assert elsewhere.requests == []


async def test_a_server_that_does_not_answer_is_given_up_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/v1/data-channel/{SESSION}"
        channel = DataChannel(
            REQUEST, OpenedSession(SESSION, url, "t", url), FakeCalls(), timing=ChannelTiming(opening=0.05)
        )
        with pytest.raises(ConnectError, match=r"no answer within 0\.05 s"):
            await channel.open()


async def test_a_port_where_nobody_listens_is_told(unused_tcp_port: int) -> None:
    url = f"ws://127.0.0.1:{unused_tcp_port}/v1/data-channel/{SESSION}"
    channel = DataChannel(REQUEST, OpenedSession(SESSION, url, "t", url), FakeCalls(), timing=SWIFT)
    with pytest.raises(ConnectError, match="Failed to dial websocket: "):
        await channel.open()


@pytest.mark.parametrize("endpoint", ["", "https://ssm.eu-west-3.amazonaws.com", "https://ssm.eu-west-3.api.aws"])
async def test_nothing_is_sent_to_this_computer_where_the_endpoint_is_awss_own(endpoint: str) -> None:
    async with served() as server:
        opened = OpenedSession(SESSION, server.url, "t", endpoint)
        with pytest.raises(ForeignStreamUrlError):
            await DataChannel(REQUEST, opened, FakeCalls()).open()
    assert server.requests == []


async def test_neither_token_nor_key_nor_content_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def part(far: FarSide) -> None:
        await far.say(PayloadType.OUTPUT, b"canary-output")
        await far.heard()
        await far.end("canary-ending")

    async with served(part) as server, connected(server) as channel:
        await channel.send(b"canary-input")
        told = await told_by(channel)
    # What the SDK says of its signatures is left out: nothing of ssmtui listens to it.
    logged = [each.getMessage() for each in caplog.records if not each.name.startswith("botocore")]
    assert [each for each in logged if "canary" in each] == []
    assert "canary-output" not in repr(told)


async def test_a_defect_in_a_call_is_not_swallowed() -> None:
    class Broken(FakeCalls):
        def data_key(self, key_id: str, context: object) -> object:  # type: ignore[override]
            raise ZeroDivisionError

    async def part(far: FarSide) -> None:
        await far.say(PayloadType.HANDSHAKE_REQUEST, handshake(ENCRYPTION))
        await far.socket.wait_closed()

    async with served(part) as server, connected(server, Broken()) as channel:
        with pytest.raises(ZeroDivisionError):
            await told_by(channel)


async def test_a_consumer_that_is_slow_holds_up_the_other_side_and_loses_nothing() -> None:
    much = asyncio.Event()
    count = 3000

    async def part(far: FarSide) -> None:
        for number in range(count):
            await far.say(PayloadType.OUTPUT, b"%d," % number)
            if number == count // 2:
                much.set()
        await far.end()

    async with served(part) as server, connected(server) as channel:
        await much.wait()
        told = await told_by(channel)
    said = b"".join(each.data for each in told if isinstance(each, Output))
    assert said == b"".join(b"%d," % number for number in range(count))


async def test_a_key_of_the_wrong_size_is_a_failure() -> None:
    async def part(far: FarSide) -> None:
        await far.say(PayloadType.HANDSHAKE_REQUEST, handshake(ENCRYPTION))
        await far.heard()
        await far.end()

    calls = FakeCalls(key=DataKey(b"x", KEY[:32]))
    async with served(part) as server, connected(server, calls) as channel:
        told = await told_by(channel)
    assert KeyFailed("alias/sessions", "Failed to process action KMSEncryption: a data key of 32 bytes") in told


def test_a_problem_without_an_envelope_is_passed_on_as_it_is() -> None:
    from ssmtui.session.data_channel.conversation import key_failure

    assert key_failure(SessionProblem("no route to host")) == "Error calling KMS GenerateDataKey API: no route to host"
