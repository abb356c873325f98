"""Sessions of a real node: announced on its control channel, relayed on a data channel, ended by either side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ssmtui.simulator.gateway.channel import Frame, PayloadType, acknowledgement
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.building_blocks import (
    ADMINISTRATOR,
    WEB,
    WITHOUT_START,
    allow,
    node,
    service_role,
    small_world,
)
from tests.simulator.clients import administrator
from tests.simulator.gateway.agent_service.scripted_agent import Channel, ScriptedAgent
from tests.simulator.gateway.client import DataChannel, Visitor

TILLS = service_role("tills", (allow("ssm:ListInstanceAssociations"),))
NO_CHANNELS = service_role("no-channels", (allow("ssm:UpdateInstanceInformation"),), managed=())


@pytest.fixture
def agent(aws: SimulatedAws) -> ScriptedAgent:
    roles = (WEB, TILLS, NO_CHANNELS)
    aws.load(small_world((node("web-1"),), roles=roles, preferences=None, caller=ADMINISTRATOR))
    return reporting(aws, TILLS.name)


def reporting(aws: SimulatedAws, role: str) -> ScriptedAgent:
    made = ScriptedAgent(aws, role)
    made.take_role()
    made.report()
    return made


def status(agent: ScriptedAgent) -> str:
    return str(administrator(agent.aws, "ssm").get_connection_status(Target=agent.id)["Status"])


def is_connected(agent: ScriptedAgent, channel: Channel) -> bool:
    """Whether the node is connected, as soon as the service has taken the token of its channel."""
    del channel
    deadline = 200
    while status(agent) != "connected" and deadline:
        deadline -= 1
    return bool(deadline)


@contextmanager
def connected(agent: ScriptedAgent) -> Iterator[Channel]:
    with agent.channel("control", agent.id) as channel:
        assert is_connected(agent, channel)
        yield channel


def test_a_node_is_connected_while_its_control_channel_is_open(agent: ScriptedAgent) -> None:
    assert status(agent) == "notconnected"
    with pytest.raises(ClientError, match="TargetNotConnected"):
        Visitor(agent.aws).start(agent.id)
    with connected(agent):
        Visitor(agent.aws).start(agent.id)
    deadline = 200
    while status(agent) == "connected" and deadline:
        deadline -= 1
    assert status(agent) == "notconnected"


@contextmanager
def session(agent: ScriptedAgent, **parameters: object) -> Iterator[tuple[Channel, Channel, DataChannel]]:
    """The control channel, the data channel of the agent, and that of the client."""
    visitor = Visitor(agent.aws)
    with connected(agent) as control:
        opened = visitor.start(agent.id, **parameters)
        with visitor.joined(opened) as client:
            announced = control.next_of("interactive_shell")
            assert announced["TaskId"] == opened["SessionId"]
            with agent.channel("data", opened["SessionId"]) as data:
                yield control, data, client


def test_a_session_is_announced_with_its_document(agent: ScriptedAgent) -> None:
    visitor = Visitor(agent.aws)
    with connected(agent) as control:
        opened = visitor.start(
            agent.id, DocumentName="AWS-StartPortForwardingSession", Parameters={"portNumber": ["8080"]}
        )
        with visitor.joined(opened):
            announced = control.next_of("interactive_shell")
    assert (announced["Topic"], announced["SchemaVersion"]) == ("aws.ssm.startSession", 1)
    task = json.loads(announced["Content"])
    assert (task["SessionId"], task["DocumentName"]) == (opened["SessionId"], "AWS-StartPortForwardingSession")
    assert task["SessionOwner"].endswith("assumed-role/Engineer/alex")
    document = task["DocumentContent"]
    assert (document["schemaVersion"], document["sessionType"]) == ("1.0", "Port")
    assert document["properties"] == {
        "portNumber": "8080",
        "localPortNumber": "0",
        "type": "LocalPortForwarding",
    }


def test_messages_pass_as_they_are_in_both_directions(agent: ScriptedAgent) -> None:
    with session(agent) as (_, data, client):
        state = {"SchemaVersion": 1, "SessionState": "Connected", "SessionId": client.session_id}
        data.send(Frame("agent_session_state", json.dumps(state).encode()))
        shown = Frame("output_stream_data", b"$ ", PayloadType.OUTPUT, 0, 1)
        data.send(shown)
        assert client.next() == shown
        client.type("uptime\r")
        while (frame := data.next()).type != "input_stream_data":
            assert frame.type in {"start_publication", "acknowledge"}
        assert (frame.payload, frame.sequence) == (b"uptime\r", 0)
        data.send(acknowledgement(frame))
        assert client.raw_next().type == "acknowledge"


@pytest.mark.parametrize(("final", "told"), [("Success", "Terminated"), ("Failed", "Failed")])
def test_an_agent_ends_a_session_with_a_text(agent: ScriptedAgent, final: str, told: str) -> None:
    with session(agent) as (control, _, client):
        complete = {
            "SchemaVersion": 1,
            "TaskId": client.session_id,
            "Topic": "agent_task_complete",
            "FinalTaskStatus": final,
            "Output": "invalid uid",
        }
        frame = Frame("agent_task_complete", json.dumps(complete).encode())
        control.send(frame)
        acknowledged = control.next_of("agent_task_acknowledge")
        assert acknowledged == {
            "SchemaVersion": 1,
            "MessageId": str(frame.id),
            "TaskId": client.session_id,
            "Topic": "agent_task_complete",
        }
        assert client.ending() == "invalid uid"
    (ended,) = administrator(agent.aws, "ssm").describe_sessions(State="History")["Sessions"]
    assert (ended["Status"], ended["Details"]) == (told, "invalid uid")


def test_a_terminated_session_is_closed_for_both(agent: ScriptedAgent) -> None:
    with session(agent) as (control, _, client):
        Visitor(agent.aws).ssm.terminate_session(SessionId=client.session_id)
        assert control.next_of("channel_closed")["SessionId"] == client.session_id
        assert client.ending() == ""
        assert agent.ask_for_channel("data", client.session_id).text.find("already terminated") > 0


def test_an_agent_pauses_while_the_client_has_no_socket(agent: ScriptedAgent) -> None:
    visitor = Visitor(agent.aws)
    with session(agent) as (_, data, client):
        client.socket.close()
        while data.next().type != "pause_publication":
            pass
        resumed = visitor.ssm.resume_session(SessionId=client.session_id)
        with visitor.joined(resumed) as again:
            while data.next().type != "start_publication":
                pass
            data.send(Frame("output_stream_data", b"back", PayloadType.OUTPUT, 0))
            assert again.next().payload == b"back"


def test_an_agent_may_change_its_sockets(agent: ScriptedAgent) -> None:
    with session(agent) as (control, data, client):
        data.close()
        control.close()
        with connected(agent) as control_again, agent.channel("data", client.session_id) as data_again:
            data_again.send(Frame("output_stream_data", b"still here", PayloadType.OUTPUT, 0))
            assert client.next().payload == b"still here"
            complete = {"TaskId": client.session_id, "FinalTaskStatus": "Success", "Output": ""}
            control_again.send(Frame("agent_task_complete", json.dumps(complete).encode()))
            assert client.ending() == ""


def test_the_role_decides_about_channels(aws: SimulatedAws, agent: ScriptedAgent) -> None:
    denied = reporting(aws, NO_CHANNELS.name)
    answer = denied.ask_for_channel("control", denied.id)
    assert answer.status == 403
    assert "<AccessDeniedException>" in answer.text
    assert "is not authorized to perform: ssmmessages:CreateControlChannel" in answer.text
    with pytest.raises(InvalidStatus), denied.channel("control", denied.id, token="any"):
        pass
    assert agent.ask_for_channel("control", agent.id).status == 201


def test_a_node_gets_no_channel_of_another(aws: SimulatedAws, agent: ScriptedAgent) -> None:
    other = reporting(aws, TILLS.name)
    assert other.ask_for_channel("control", agent.id).status == 400
    with connected(agent):
        opened = Visitor(aws).start(agent.id)
    assert other.ask_for_channel("data", opened["SessionId"]).status == 400
    with pytest.raises(InvalidStatus), other.channel("data", opened["SessionId"], token="any"):
        pass
    with agent.channel("control", agent.id, token="guessed") as channel, pytest.raises(ConnectionClosed):
        channel.next()


def test_what_cannot_be_read_changes_nothing(agent: ScriptedAgent) -> None:
    with session(agent) as (control, data, client):
        for kind, payload in (("agent_task_complete", b"{"), ("agent_telemetry", b"x"), ("agent_job_ack", b"[]")):
            control.send(Frame(kind, payload))
        data.send(Frame("output_stream_data", b"alive", PayloadType.OUTPUT, 0))
        assert client.next().payload == b"alive"


def test_both_kinds_of_requests_reach_their_server_by_the_proxy(agent: ScriptedAgent, tmp_path: Path) -> None:
    variables = agent.aws.proxy_variables(tmp_path)
    assert agent.through_proxy(variables, "POST", "control") == 201
    assert agent.through_proxy(variables, "GET", "control", "?role=subscribe&stream=input") == 101


def test_a_caller_without_permission_starts_nothing_on_a_real_node(aws: SimulatedAws) -> None:
    aws.load(small_world((node("web-1"),), roles=(WEB, TILLS), preferences=None, caller=WITHOUT_START))
    agent = reporting(aws, TILLS.name)
    with connected(agent), pytest.raises(ClientError, match="AccessDenied"):
        Visitor(aws).start(agent.id)


def test_another_world_drops_the_agent(agent: ScriptedAgent) -> None:
    with connected(agent) as control:
        agent.aws.load("healthy-small")
        with pytest.raises(ConnectionClosed):
            control.next()
    assert agent.take_role().json["__type"] == "InvalidInstanceId"
    assert agent.id not in agent.aws.hidden().agents
