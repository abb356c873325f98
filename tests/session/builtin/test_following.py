"""A session that is brought back, or not, where its connection is lost."""

from __future__ import annotations

import asyncio

import pytest

from ssmtui.model.sessions import OpenedSession
from ssmtui.session.builtin_client import SessionFollower
from ssmtui.session.calls import SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.data_channel.connection import DataChannel
from ssmtui.session.data_channel.following import ClientSessionEnd
from ssmtui.session.data_channel.payloads import PayloadType
from tests.session.data_channel.far_side import REQUEST, SESSION, SWIFT, FakeCalls, FarSide, Part, served

LOST = "An error occurred (ExpiredTokenException) when calling the ResumeSession operation: expired"


class Resuming(FakeCalls):
    """Answers each resumption with the next of these."""

    def __init__(self, *answers: OpenedSession | SessionProblem) -> None:
        super().__init__()
        self.answers = list(answers)

    def resume(self, session_id: str) -> OpenedSession:
        answer = self.answers.pop(0)
        if isinstance(answer, SessionProblem):
            raise answer
        return answer


async def drops(far: FarSide) -> None:
    await far.say(PayloadType.OUTPUT, b"$ ")
    assert await far.acknowledgement() == 0
    far.socket.transport.abort()


async def ends(far: FarSide) -> None:
    await far.end()


async def followed(calls: FakeCalls, *parts: Part) -> tuple[ClientSessionEnd, bytes]:
    shown = bytearray()

    async def show(data: bytes, _is_error: bool) -> None:  # noqa: FBT001 - a callable has no names
        shown.extend(data)

    async with served(*parts) as server:
        channel = DataChannel(REQUEST, server.opened(), calls, timing=SWIFT)
        try:
            async with asyncio.timeout(10):
                return await SessionFollower(channel, show, notes=True, pauses=(0, 0, 0)).to_the_end(), bytes(shown)
        finally:
            await channel.close()


async def test_a_session_is_brought_back_at_the_second_attempt_and_the_person_is_told() -> None:
    again = OpenedSession(SESSION, "", "another token")
    ended, shown = await followed(Resuming(SessionUnanswered("no route"), again), drops, ends)
    assert ended == ClientSessionEnd(over=True)
    assert shown == b"$ \r\nConnection lost, reconnecting. To end the session, press Enter ~ .\r\n"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([OpenedSession(SESSION, "", "")], ClientSessionEnd(f"Session: {SESSION} timed out.", over=True)),
        ([SessionRefused(LOST, "ExpiredTokenException")], ClientSessionEnd(LOST)),
        ([SessionUnanswered("no route")] * 3, ClientSessionEnd("no route")),
    ],
)
async def test_a_session_that_cannot_be_brought_back_tells_why(
    answers: list[OpenedSession | SessionProblem], expected: ClientSessionEnd
) -> None:
    ended, _ = await followed(Resuming(*answers), drops)
    assert ended == expected


async def test_a_channel_that_does_not_open_tells_why() -> None:
    async with served() as server:
        opened = server.opened()
    channel = DataChannel(REQUEST, opened, FakeCalls(), timing=SWIFT)

    async def show(_data: bytes, _is_error: bool) -> None:  # noqa: FBT001 - a callable has no names
        raise AssertionError

    ended = await SessionFollower(channel, show, notes=True).to_the_end()
    assert ended.text.startswith("Failed to dial websocket: ")


async def test_a_port_takes_the_plugin() -> None:
    async def part(far: FarSide) -> None:
        action = {"ActionType": "SessionType", "ActionParameters": {"SessionType": "Port"}}
        await far.say(PayloadType.HANDSHAKE_REQUEST, {"AgentVersion": "3.3", "RequestedClientActions": [action]})
        await far.socket.wait_closed()

    ended, _ = await followed(FakeCalls(), part)
    assert ended == ClientSessionEnd("The document forwards a port, which requires the plugin.", is_own=True)


async def test_what_the_agent_has_to_say_to_the_person_is_shown_fit_to_print() -> None:
    async def part(far: FarSide) -> None:
        complete: dict[str, object] = {"HandshakeTimeToComplete": 1, "CustomerMessage": "encrypted\x1b[2J"}
        await far.say(PayloadType.HANDSHAKE_COMPLETE, complete)
        await far.end()

    _, shown = await followed(FakeCalls(), part)
    assert shown == b"\r\nencrypted\\x1b[2J\r\n"
