from __future__ import annotations

import errno
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.model.sessions import TunnelState
from ssmtui.session.calls import SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.tunnels.relay import TunnelRelay
from tests.session.tunnels.at_hand import REQUEST, AtHand, until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is sent POSIX signals")

TOO_LONG = "\n\nSessionId: {id} : Your session has reached its maximum duration\n\n"
IDLE = "\n\nSessionId: {id} : Your session timed out due to inactivity and has been terminated.\n\n"


def said_back(port: int, words: bytes = b"hello") -> bytes:
    """What comes back from the other end; nothing where the connection is cut."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        try:
            connection.sendall(words)
            connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(65536):
                answer += data
        except OSError as cut:
            # shutdown() says of a connection that was reset just before that there is none, other calls by its name
            if cut.errno not in {errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN}:
                raise
            return b""
    return answer


def test_what_is_sent_to_the_local_port_comes_to_the_node_and_back_counted(at_hand: AtHand) -> None:
    tunnel = at_hand.open()
    much = os.urandom(300_000)
    assert said_back(tunnel.local_port, much) == much
    until(lambda: (at_hand.tunnels.all()[0].sent, at_hand.tunnels.all()[0].received) == (300_000, 300_000))
    [asked] = at_hand.asked
    assert (asked.document, dict(asked.parameters)) == (
        "AWS-StartPortForwardingSession",
        {"portNumber": ("5432",), "localPortNumber": ("0",)},
    )


def test_a_host_behind_the_node_is_asked_for_by_its_own_document(at_hand: AtHand) -> None:
    at_hand.open(replace(REQUEST, host="db.internal", reason="INC-1"))
    [asked] = at_hand.asked
    assert (asked.document, asked.reason) == ("AWS-StartPortForwardingSessionToRemoteHost", "INC-1")
    assert dict(asked.parameters)["host"] == ("db.internal",)


def test_several_tunnels_run_side_by_side(at_hand: AtHand) -> None:
    first, second = at_hand.open(), at_hand.open()
    assert first.local_port != second.local_port
    assert [said_back(each.local_port) for each in (first, second)] == [b"hello", b"hello"]


def test_opening_returns_at_once_with_the_port_that_it_will_have(at_hand: AtHand) -> None:
    tunnel = at_hand.tunnels.open(REQUEST)
    assert tunnel.state is TunnelState.OPENING
    assert at_hand.when(TunnelState.OPEN).local_port == tunnel.local_port > 0


def test_a_port_that_is_taken_is_said_and_no_session_is_opened(at_hand: AtHand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        tunnel = at_hand.tunnels.open(replace(REQUEST, local_port=port))
    assert tunnel.state is TunnelState.FAILED
    assert tunnel.why == f"port {port} of this computer is in use: choose another port, or 0 for any free port"
    assert at_hand.asked == []


def test_it_is_opened_anew_when_the_plugin_ends_and_keeps_its_port(at_hand: AtHand) -> None:
    port = at_hand.open().local_port
    at_hand.kill_plugin("alex-1")
    tunnel = at_hand.when(TunnelState.OPEN, reopened=1)
    assert (tunnel.local_port, tunnel.reopened, tunnel.why) == (port, 1, "the plugin ended (exit code 137)")
    assert said_back(port) == b"hello"
    until(lambda: at_hand.ended == ["alex-1"])


def test_a_connection_that_is_made_meanwhile_waits(at_hand: AtHand) -> None:
    port = at_hand.open().local_port
    at_hand.refusals = [SessionUnanswered("no answer")]
    at_hand.kill_plugin("alex-1")
    until(lambda: len(at_hand.asked) == 2)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"early")
        at_hand.clocks.wake(1.0)
        assert connection.recv(5) == b"early"
    assert at_hand.when(TunnelState.OPEN, reopened=1).reopened == 1


def test_one_that_nobody_used_is_opened_again_when_somebody_connects(at_hand: AtHand) -> None:
    at_hand.behaviours = [{"ends": "connected", "text": IDLE}, {"ends": "never"}]
    port = at_hand.open().local_port
    said_back(port)
    tunnel = at_hand.when(TunnelState.IDLE)
    assert tunnel.why.endswith(": Your session timed out due to inactivity and has been terminated.")
    until(lambda: at_hand.ended == ["alex-1"])
    assert len(at_hand.asked) == 1
    assert said_back(port) == b"hello"
    assert at_hand.when(TunnelState.OPEN, reopened=1).local_port == port


def test_the_end_of_a_session_is_told_with_its_cause(at_hand: AtHand) -> None:
    at_hand.behaviours = [{"ends": "connected", "text": TOO_LONG}, {"ends": "never"}]
    port = at_hand.open().local_port
    said_back(port)
    tunnel = at_hand.when(TunnelState.OPEN, reopened=1)
    assert tunnel.why == "Session reached its maximum duration: Your session has reached its maximum duration"
    assert said_back(port) == b"hello"


def test_after_sleep_a_new_session_is_opened(at_hand: AtHand) -> None:
    at_hand.open()
    at_hand.clocks.pass_by(5.0, asleep=7200.0)
    at_hand.clocks.wake(5.0)
    tunnel = at_hand.when(TunnelState.OPEN, reopened=1)
    assert tunnel.why == "this computer was asleep for 2 h 0 min"
    until(lambda: at_hand.ended == ["alex-1"] and not at_hand.lives("alex-1"))


def test_a_refusal_while_it_is_opened_anew_is_the_end(at_hand: AtHand) -> None:
    at_hand.open()
    text = (
        "An error occurred (AccessDeniedException) when calling the StartSession operation: User: "
        "arn:aws:iam::123456789012:user/alex is not authorized to perform: ssm:StartSession on resource: "
        "arn:aws:ec2:eu-west-3:123456789012:instance/i-0123456789abcdef0"
    )
    at_hand.refusals = [SessionRefused(text, "AccessDeniedException", "ssm:StartSession")]
    at_hand.kill_plugin("alex-1")
    tunnel = at_hand.when(TunnelState.FAILED)
    assert tunnel.why.endswith(text)
    with pytest.raises(ConnectionRefusedError):
        said_back(tunnel.local_port)


def test_one_that_cannot_be_opened_has_failed_and_can_be_tried_again(at_hand: AtHand) -> None:
    text = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-1 is not connected."
    at_hand.refusals = [SessionProblem(text, "TargetNotConnected")]
    at_hand.tunnels.open(REQUEST)
    failed = at_hand.when(TunnelState.FAILED)
    assert failed.why == text
    at_hand.tunnels.reopen(1)
    tunnel = at_hand.when(TunnelState.OPEN)
    assert (tunnel.local_port, tunnel.reopened, tunnel.why) == (failed.local_port, 0, "")
    assert said_back(tunnel.local_port) == b"hello"


def test_what_the_node_says_of_a_forbidden_address_is_not_tried_again(at_hand: AtHand) -> None:
    text = "\n\nSessionId: {id} : Forwarding to IP address 169.254.169.254 is forbidden.\n\n"
    at_hand.behaviours = [{"ends": "connected", "text": text}]
    said_back(at_hand.open(replace(REQUEST, host="169.254.169.254")).local_port)
    assert at_hand.when(TunnelState.FAILED).why.endswith("Forwarding to IP address 169.254.169.254 is forbidden.")
    assert len(at_hand.asked) == 1


def test_a_session_that_somebody_else_ended_is_not_opened_anew(at_hand: AtHand) -> None:
    at_hand.behaviours = [{"ends": "connected", "text": "\n\nExiting session with sessionId: {id}.\n\n"}]
    said_back(at_hand.open().local_port)
    assert at_hand.when(TunnelState.FAILED).why == "the session was ended outside ssmtui"


def test_a_port_that_the_node_cannot_reach_is_said_while_it_is_open(at_hand: AtHand) -> None:
    at_hand.behaviours = [{"ends": "refused"}]
    tunnel = at_hand.open()
    assert said_back(tunnel.local_port, b"") == b""
    until(lambda: at_hand.tunnels.all()[0].why != "")
    tunnel = at_hand.tunnels.all()[0]
    assert tunnel.state is TunnelState.OPEN
    assert tunnel.why == (
        "Destination port does not answer: Connection to destination port failed, check SSM Agent logs."
    )


def test_a_node_that_says_nothing_is_not_waited_for_for_ever(at_hand: AtHand) -> None:
    at_hand.behaviours = [{"ends": "silent"}]
    at_hand.tunnels.open(REQUEST)
    until((at_hand.folder / "pids" / "alex-1").exists)
    at_hand.clocks.wake(60.0)
    tunnel = at_hand.when(TunnelState.FAILED)
    assert tunnel.why == "the session opened, but the port was not reachable within 60 seconds"
    until(lambda: at_hand.ended == ["alex-1"] and not at_hand.lives("alex-1"))


def test_a_defect_ends_one_tunnel_and_is_told_by_its_place(at_hand: AtHand, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_text: str) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("ssmtui.session.tunnels.manager.explain_text", broken)
    at_hand.refusals = [SessionProblem("no")]
    at_hand.tunnels.open(REQUEST)
    why = at_hand.when(TunnelState.FAILED).why
    assert why.startswith("an internal error in ssmtui: ZeroDivisionError at ssmtui/session/tunnels/manager.py:")
    assert "secret" not in why
    at_hand.tunnels.open(REQUEST)
    assert said_back(at_hand.when(TunnelState.OPEN, number=2).local_port) == b"hello"


def test_closing_ends_the_plugin_the_session_and_the_port(at_hand: AtHand) -> None:
    tunnel = at_hand.open()
    at_hand.tunnels.close(1)
    assert at_hand.when(TunnelState.CLOSED).why == ""
    until(lambda: at_hand.ended == ["alex-1"] and not at_hand.lives("alex-1"))
    with pytest.raises(ConnectionRefusedError):
        said_back(tunnel.local_port)


def test_a_port_can_be_had_again_as_soon_as_its_tunnel_is_said_to_be_over(
    at_hand: AtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[TunnelState] = []
    stop = TunnelRelay.stop

    async def stopping(relay: TunnelRelay) -> None:
        told.append(at_hand.tunnels.all()[0].state)
        await stop(relay)

    monkeypatch.setattr(TunnelRelay, "stop", stopping)
    at_hand.open()
    at_hand.tunnels.close(1)
    at_hand.when(TunnelState.CLOSED)
    assert told == [TunnelState.OPEN]


def test_at_the_end_everything_is_ended(at_hand: AtHand) -> None:
    at_hand.open()
    at_hand.open()
    at_hand.tunnels.end()
    assert sorted(at_hand.ended) == ["alex-1", "alex-2"]
    assert not any(at_hand.lives(each) for each in at_hand.sessions)
    assert [each.state for each in at_hand.tunnels.all()] == [TunnelState.CLOSED, TunnelState.CLOSED]


def test_a_temporary_folder_that_is_too_deep_for_a_socket_is_not_the_plugin_s(at_hand: AtHand, tmp_path: Path) -> None:
    at_hand.environment["TMPDIR"] = str(tmp_path / ("deep" * 20))
    at_hand.open()
    folder = (at_hand.folder / "pids" / "alex-1").read_text().split()[1]
    assert len(folder) < 40
    at_hand.tunnels.end()
    assert not Path(folder).exists()
