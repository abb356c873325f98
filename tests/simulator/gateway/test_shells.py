"""A shell through the data channel: opened, typed at, left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from websockets.exceptions import InvalidStatus

from ssmtui.simulator.gateway.channel import PayloadType
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.building_blocks import Destinations, node, preferences, small_world
from tests.simulator.gateway.client import REGION, Visitor

PROMPT = "sh-5.2$ "
BANNER = "simulated shell on web-1 — nothing here runs on a computer\r\n"


@pytest.fixture
def visitor(aws: SimulatedAws) -> Visitor:
    aws.load("preferences-absent")
    return Visitor(aws)


def only_session(visitor: Visitor, state: str = "History") -> dict[str, object]:
    (session,) = visitor.ssm.describe_sessions(State=state)["Sessions"]
    return dict(session)


def test_a_shell_says_that_it_is_simulated_and_echoes(visitor: Visitor) -> None:
    with visitor.session("web-1") as shell:
        assert shell.shown_until(PROMPT) == BANNER + PROMPT
        shell.type("echo héllo\r")
        assert shell.shown_until(PROMPT) == f"echo héllo\r\nhéllo\r\n{PROMPT}"
        assert only_session(visitor, "Active")["Status"] == "Connected"


def test_the_window_has_the_size_that_it_was_told(visitor: Visitor) -> None:
    with visitor.session("web-1") as shell:
        shell.shown_until(PROMPT)
        shell.resize(132, 43)
        shell.type("stty size\r")
        assert "\r\n43 132\r\n" in shell.shown_until(PROMPT)


def test_ctrl_c_ends_what_runs_and_the_shell_goes_on(visitor: Visitor) -> None:
    with visitor.session("web-1") as shell:
        shell.shown_until(PROMPT)
        shell.type("sleep 3600\r")
        shell.shown_until("sleep 3600\r\n")
        shell.type("\x03")
        assert shell.shown_until(PROMPT) == f"^C\r\n{PROMPT}"


@pytest.mark.parametrize("farewell", ["exit\r", "\x04"])
def test_a_shell_that_is_left_ends_without_a_text(visitor: Visitor, farewell: str) -> None:
    with visitor.session("web-1", Reason="looking around") as shell:
        shell.shown_until(PROMPT)
        shell.type(farewell)
        assert shell.ending() == ""
    ended = only_session(visitor)
    assert (ended["Status"], ended["Reason"], "Details" in ended) == ("Terminated", "looking around", False)
    assert visitor.aws.active_sessions == ()


def test_a_session_that_is_terminated_ends_without_a_text(visitor: Visitor) -> None:
    with visitor.session("web-1") as shell:
        shell.shown_until(PROMPT)
        visitor.ssm.terminate_session(SessionId=shell.session_id)
        assert shell.ending() == ""


def test_a_session_that_was_terminated_before_anybody_joined_is_over(visitor: Visitor) -> None:
    session = visitor.start("web-1")
    visitor.ssm.terminate_session(SessionId=session["SessionId"])
    with visitor.joined(session) as shell:
        assert shell.ending() == ""


def test_a_session_goes_on_where_its_socket_was_lost(visitor: Visitor) -> None:
    with visitor.session("web-1") as shell:
        shell.shown_until(PROMPT)
    assert only_session(visitor, "Active")["SessionId"] == shell.session_id
    resumed = visitor.ssm.resume_session(SessionId=shell.session_id)
    with visitor.joined(resumed) as again:
        again.expect(1)
        again.say(PayloadType.OUTPUT, b"hostname\r")
        assert "\r\nweb-1\r\n" in again.shown_until(PROMPT)
        visitor.ssm.terminate_session(SessionId=shell.session_id)
    assert visitor.ssm.resume_session(SessionId=shell.session_id)["TokenValue"] == ""


def test_a_token_lets_in_once_a_new_one_is_given_no_longer(visitor: Visitor) -> None:
    session = visitor.start("web-1")
    visitor.ssm.resume_session(SessionId=session["SessionId"])
    with visitor.joined(session) as shell:
        assert shell.ending() is None
        assert shell.socket.close_code == 1008


def test_another_path_leads_nowhere(visitor: Visitor) -> None:
    session = {**visitor.start("web-1")}
    session["StreamUrl"] = session["StreamUrl"].replace("data-channel", "control-channel")
    with pytest.raises(InvalidStatus) as raised, visitor.joined(session):
        pass
    assert raised.value.response.status_code == 404


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "Your session timed out due to inactivity and has been terminated."),
        (
            {"idleSessionTimeout": "60", "maxSessionDuration": "30"},
            "Your session has reached its maximum session duration and has been terminated.",
        ),
    ],
)
def test_a_session_ends_by_the_clock_of_the_account(aws: SimulatedAws, settings: dict[str, str], text: str) -> None:
    nowhere = Destinations(region=REGION, session_key=None, bucket=None, log_group=None)
    aws.load(small_world((node("web-1"),), preferences=preferences(nowhere, inputs=settings)))
    visitor = Visitor(aws)
    with visitor.session("web-1") as shell:
        shell.next()
        aws.pass_time(timedelta(minutes=31))
        assert shell.ending() == text
    assert only_session(visitor)["Details"] == text


def test_two_shells_do_not_know_each_other(visitor: Visitor) -> None:
    with visitor.session("web-1") as one, visitor.session("web-2") as other:
        one.shown_until(PROMPT)
        other.shown_until(PROMPT)
        one.type("hostname\r")
        other.type("hostname\r")
        assert "web-1" in one.shown_until(PROMPT)
        assert "web-2" in other.shown_until(PROMPT)
