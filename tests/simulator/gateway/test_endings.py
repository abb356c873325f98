"""What stops a session is told as AWS tells it, by the state of the world or on demand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from websockets.exceptions import InvalidStatus

from ssmtui.simulator.gateway.channel import PayloadType
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Agent
from ssmtui.simulator.worlds.building_blocks import Destinations, node, preferences, small_world
from tests.simulator.clients import control, ids_by_name
from tests.simulator.gateway.client import REGION, Visitor
from tests.simulator.gateway.encrypted_client import KeyedClient

BLOCK = "\n----------ERROR-------\n"
NO_BUCKET = "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: "
PLAIN_GROUP = (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
    "Either encrypt the log group or choose an option to enable logging without encryption."
)


@pytest.mark.parametrize(
    ("step", "text", "told"),
    [
        (
            "data-channel",
            "no MGS endpoint",
            f"{BLOCK}Setting up data channel with id %s failed: no MGS endpoint",
        ),
        (
            "handshake",
            "Timed out.",
            f"{BLOCK}Encountered error while initiating handshake. Timed out.",
        ),
        ("checks", PLAIN_GROUP, PLAIN_GROUP),
        ("shell", "exit status 1", f"{BLOCK}Unable to start command: exit status 1\n"),
        ("output", "document process failed unexpectedly", "document process failed unexpectedly"),
    ],
)
def test_any_text_is_told_at_any_step_on_demand(aws: SimulatedAws, step: str, text: str, told: str) -> None:
    aws.load("preferences-absent")
    visitor = Visitor(aws)
    demand = {"node": ids_by_name("eu-west-3")["web-1"], "step": step, "text": text}
    assert control(aws, "POST", "sessions", demand) == (200, {})
    with visitor.session("web-1") as channel:
        assert channel.ending() == told.replace("%s", channel.session_id)
        kinds = [each.payload_type for each in channel.seen]
        assert (PayloadType.HANDSHAKE_REQUEST in kinds) == (step == "handshake")
        assert (PayloadType.OUTPUT in kinds) == (step == "output")
    (ended,) = visitor.ssm.describe_sessions(State="History")["Sessions"]
    assert ended["Status"] == "Failed"


MISSED = (
    "document process failed unexpectedly: ipc messaging received timeout signal , "
    "check [ssm-document-worker]/[ssm-session-worker] log for crash reason"
)
RUN_AS = {"runAsEnabled": True, "runAsDefaultUser": "deploy"}
COMMAND = f"{BLOCK}Unable to start command: "


@pytest.mark.parametrize(
    ("inputs", "absent", "told"),
    [
        (RUN_AS, ("deploy",), f"{COMMAND}failed to start pty since RunAs user deploy does not exist\n"),
        (RUN_AS | {"runAsDefaultUser": "root"}, (), f"{COMMAND}invalid uid and gid\n"),
        (RUN_AS | {"runAsDefaultUser": ""}, (), f"{COMMAND}please set the RunAs default user\n"),
        ({}, ("sh",), f'{COMMAND}exec: "sh": executable file not found in $PATH\n'),
    ],
)
def test_a_shell_needs_its_user_and_its_program(
    aws: SimulatedAws, inputs: dict[str, object], absent: tuple[str, ...], told: str
) -> None:
    """The texts are those of AWS's agent, from a run of `make -C tools real-node`."""
    aws.load(
        small_world(
            (node("web-1", agent=Agent(absent=absent)),), preferences=preferences(Destinations(REGION), inputs=inputs)
        )
    )
    with Visitor(aws).session("web-1") as channel:
        assert channel.ending() == told


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (Agent(full=("/tmp",)), None),  # noqa: S108 - of the simulated node
        (Agent(full=("/etc",)), None),
        (Agent(absent=("useradd",)), None),
        (Agent(absent=("ssm-user",)), None),
        (Agent(absent=("ssm-user",), full=("/etc",)), f"{COMMAND}exit status 1\n"),
        (Agent(absent=("ssm-user", "useradd")), f"{COMMAND}exit status 1\n"),
        (Agent(inotify_instances=5), None),
        (Agent(inotify_instances=4), MISSED),
        (Agent(inotify_instances=3), "Plugin with name Standard_Stream not found. Step name: Standard_Stream"),
    ],
    ids=[
        "a full /tmp",
        "a full root volume",
        "no useradd",
        "the first session",
        "the first session on a full root volume",
        "the first session without useradd",
        "one inotify instance for the worker",
        "no inotify instance for the worker",
        "no inotify instance for the agent",
    ],
)
def test_a_shell_opens_unless_the_node_lacks_what_the_agent_needs_for_it(
    aws: SimulatedAws, at_once: None, agent: Agent, told: str | None
) -> None:
    """The texts are those of AWS's agent, from a run of `make -C tools real-node`."""
    aws.load(small_world((node("web-1", agent=agent),), preferences=None))
    with Visitor(aws).session("web-1") as channel:
        if told is None:
            channel.shown_until("$ ")
        else:
            assert channel.ending() == told


@pytest.fixture
def at_once(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Agents that miss their workers at once, not after a minute."""
    monkeypatch.setattr(aws.pace, "factor", 0.0)


def test_a_session_whose_worker_is_killed_answers_no_more_and_is_missed(aws: SimulatedAws, at_once: None) -> None:
    aws.load(small_world((node("web-1"), node("web-2")), preferences=None))
    nodes, visitor = ids_by_name(REGION), Visitor(aws)
    with visitor.session("web-1") as channel, visitor.session("web-2") as other:
        channel.shown_until("$ ")
        other.shown_until("$ ")
        kill = f"agents/{nodes['web-1']}/kill"
        assert control(aws, "POST", kill, {**KILL, "program": "sshd"})[0] == 400
        assert control(aws, "POST", kill, KILL) == (200, {})
        assert channel.ending() == MISSED
        other.type("whoami\r")
        assert "ssm-user" in other.shown_until("$ ")
        (ended,) = visitor.ssm.describe_sessions(State="History")["Sessions"]
        assert (ended["Target"], ended["Status"]) == (nodes["web-1"], "Failed")


KILL = {"region": REGION, "program": "ssm-session-worker"}


@pytest.mark.parametrize(("program", "seconds"), [("ssm-agent-worker", 60), ("amazon-ssm-agent", 8)])
def test_open_sessions_outlive_the_agent_and_new_ones_wait_for_the_next(
    aws: SimulatedAws, program: str, seconds: int
) -> None:
    aws.load(small_world((node("web-1"),), preferences=None))
    node_id, visitor = ids_by_name(REGION)["web-1"], Visitor(aws)
    with visitor.session("web-1") as channel:
        channel.shown_until("$ ")
        aws.kill(node_id, program)
        channel.type("whoami\r")
        assert "ssm-user" in channel.shown_until("$ ")
        aws.pass_time(timedelta(seconds=seconds - 1))
        with pytest.raises(visitor.ssm.exceptions.TargetNotConnected):
            visitor.start("web-1")
        aws.pass_time(timedelta(seconds=1))
        visitor.start("web-1")


def test_a_command_without_a_terminal_needs_no_sh(aws: SimulatedAws) -> None:
    aws.load(small_world((node("web-1", agent=Agent(absent=("sh",))),), preferences=None))
    command = {"DocumentName": "AWS-StartNonInteractiveCommand", "Parameters": {"command": ["printf hello"]}}
    with Visitor(aws).session("web-1", **command) as channel:
        channel.agree()
        assert channel.next().payload == b"hello"


@pytest.mark.parametrize("document", ["AWS-StartNonInteractiveCommand", "AWS-StartInteractiveCommand"])
def test_a_command_that_runs_elevated_needs_no_user_of_sessions(aws: SimulatedAws, document: str) -> None:
    agent = Agent(absent=("deploy", "ssm-user", "useradd"))
    settings = preferences(Destinations(REGION), inputs=RUN_AS)
    aws.load(small_world((node("web-1", agent=agent),), preferences=settings))
    command = {"DocumentName": document, "Parameters": {"command": ["id -un"]}}
    with Visitor(aws).session("web-1", **command) as channel:
        if "Non" in document:
            channel.agree()
        assert channel.next().payload.strip() == b"root"


def test_a_bare_text_has_no_frame(aws: SimulatedAws) -> None:
    aws.load("preferences-absent")
    aws.demand(ids_by_name("eu-west-3")["web-1"], "shell", "out of memory", bare=True)
    with Visitor(aws).session("web-1") as channel:
        assert channel.ending() == "out of memory"


def test_a_demand_is_taken_back(aws: SimulatedAws) -> None:
    aws.load("preferences-absent")
    control(aws, "POST", "sessions", {"node": ids_by_name("eu-west-3")["web-1"], "step": "shell", "text": "no"})
    control(aws, "DELETE", "sessions")
    with Visitor(aws).session("web-1") as channel:
        channel.shown_until("$ ")


@pytest.mark.parametrize("document", [{"node": "i-1"}, {"node": "i-1", "step": "nowhere"}, {"step": "shell", "x": 1}])
def test_a_demand_that_makes_no_sense_is_refused(aws: SimulatedAws, document: dict[str, object]) -> None:
    assert control(aws, "POST", "sessions", document)[0] == 400


def test_a_caller_who_may_not_open_the_channel_is_refused_at_the_upgrade(aws: SimulatedAws) -> None:
    aws.load("caller-open-channel-denied")
    with pytest.raises(InvalidStatus) as raised, Visitor(aws).session("web-1"):
        pass
    answer = raised.value.response
    assert answer.status_code == 403
    assert b"is not authorized to perform: ssmmessages:OpenDataChannel on resource: arn:aws:ssm:" in answer.body


def test_an_unsigned_upgrade_is_refused_where_signatures_are_demanded(aws: SimulatedAws) -> None:
    aws.load("preferences-absent")
    control(aws, "POST", "pace", {"demands_signature": True})
    visitor = Visitor(aws)
    session = visitor.start("web-1")
    with pytest.raises(InvalidStatus), visitor.joined(session):
        pass
    assert control(aws, "POST", "pace", {"speed": 1})[0] == 400
    scope = "Credential=ASIASIMULATORCALLER1/20261126/eu-west-3/ssmmessages/aws4_request"
    with visitor.joined(session, {"Authorization": f"AWS4-HMAC-SHA256 {scope}"}) as channel:
        channel.next()
    assert control(aws, "GET", "sessions")[1]["sessions"][0]["signed"] is True


@pytest.mark.parametrize(
    ("world", "node", "text"),
    [
        ("demo", "ad-dc-1", f"{BLOCK}Unable to start command: Failed to create user ssm-user: Instance is running"),
        ("log-group-unencrypted", "web-1", PLAIN_GROUP),
        ("demo", "ingest-1", f"{NO_BUCKET}AccessDenied: Access Denied\n\tstatus code: 403, request id: "),
        ("bucket-missing", "web-1", f"{NO_BUCKET}NoSuchBucket: The specified bucket does not exist\n\tstatus"),
        ("bucket-doubly-encrypted", "web-1", "We couldn't start the session because encryption is not set up on the"),
        ("run-as-user-unset", "web-1", f"{BLOCK}Unable to start command: please set the RunAs default user\n"),
    ],
)
def test_the_state_of_the_world_is_told_in_the_agents_words(
    aws: SimulatedAws, world: str, node: str, text: str
) -> None:
    aws.load(world)
    visitor = Visitor(aws)
    with visitor.session(node) as channel:
        KeyedClient(visitor, channel, ids_by_name("eu-west-3")[node]).shake_hands()
        assert str(channel.ending()).startswith(text)


def test_a_full_disk_is_told_before_the_handshake_and_without_the_agents_block(aws: SimulatedAws) -> None:
    aws.load("demo")
    with Visitor(aws).session("build-runner-4") as channel:
        told = str(channel.ending())
    assert told.startswith("document process failed unexpectedly: write /var/lib/amazon/ssm/i-")
    assert ": no space left on device , check [ssm-document-worker]/[ssm-session-worker] log" in told


def test_some_faults_are_never_told(aws: SimulatedAws) -> None:
    aws.load("preferences-malformed")
    visitor = Visitor(aws)
    with visitor.session("web-1") as channel:
        with pytest.raises(TimeoutError):
            channel.next(timeout=0.3)
        visitor.ssm.terminate_session(SessionId=channel.session_id)
        assert channel.ending() == ""


def test_a_role_without_its_data_channel_is_told_by_the_node(aws: SimulatedAws) -> None:
    aws.load("role-explicit-deny")
    with Visitor(aws).session("dataless-1") as channel:
        told = str(channel.ending())
    assert told.startswith(f"{BLOCK}Setting up data channel with id {channel.session_id} failed: failed to create")
    assert "is not authorized to perform: ssmmessages:CreateDataChannel on resource: arn:aws:ssmmessages:" in told


@pytest.mark.parametrize("step", ["key", "challenge"])
def test_a_handshake_under_a_key_ends_where_it_is_demanded(aws: SimulatedAws, step: str) -> None:
    aws.load("healthy-small")
    node_id = ids_by_name("eu-west-3")["web-1"]
    aws.demand(node_id, step, "Could not go on.")
    visitor = Visitor(aws)
    with visitor.session("web-1") as channel:
        KeyedClient(visitor, channel, node_id).answer_request()
        assert channel.ending() == f"{BLOCK}Encountered error while initiating handshake. Could not go on."
        asked = PayloadType.CHALLENGE_REQUEST in [each.payload_type for each in channel.seen]
        assert asked == (step == "challenge")
