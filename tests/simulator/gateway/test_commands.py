"""Sessions that run one command."""

from __future__ import annotations

import json

import pytest

from ssmtui.simulator.gateway.channel import PayloadType
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import SessionDocument
from ssmtui.simulator.worlds.building_blocks import ADMINISTRATOR, node, small_world
from tests.simulator.gateway.client import Visitor

INTERACTIVE, OTHER = "AWS-StartInteractiveCommand", "AWS-StartNonInteractiveCommand"
SEPARATE = {
    "schemaVersion": "1.0",
    "sessionType": "NonInteractiveCommands",
    "parameters": {"command": {"type": "String"}},
    "properties": {"linux": {"commands": "{{ command }}", "separateOutPutStream": "true"}},
}


@pytest.fixture
def visitor(aws: SimulatedAws) -> Visitor:
    documents = (SessionDocument("Acme-Separate", json.dumps(SEPARATE)),)
    world = small_world((node("web-1"),), preferences=None, session_documents=documents, caller=ADMINISTRATOR)
    aws.load(world)
    return Visitor(aws)


def test_an_interactive_command_answers_and_ends(visitor: Visitor) -> None:
    with visitor.session("web-1", DocumentName=INTERACTIVE, Parameters={"command": ["echo a  b"]}) as channel:
        assert channel.ending() == ""
        assert [each.payload for each in channel.seen] == [b"a b\r\n"]


def test_an_interactive_command_that_is_a_shell_is_one(visitor: Visitor) -> None:
    with visitor.session("web-1", DocumentName=INTERACTIVE, Parameters={"command": ["sudo -i"]}) as channel:
        assert channel.shown_until("$ ").startswith("simulated shell on web-1")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("hostname", [(PayloadType.OUTPUT, b"web-1\n"), (PayloadType.EXIT_CODE, b"EXIT_CODE: 0")]),
        ("exit 3", [(PayloadType.EXIT_CODE, b"EXIT_CODE: 3")]),
        (
            "frobnicate",
            [
                (PayloadType.STDERR, b"sh: frobnicate: simulated shell, command not found\n"),
                (PayloadType.EXIT_CODE, b"EXIT_CODE: 127"),
            ],
        ),
    ],
)
def test_a_command_with_separate_streams_tells_its_exit_code(
    visitor: Visitor, command: str, told: list[tuple[PayloadType, bytes]]
) -> None:
    with visitor.session("web-1", DocumentName="Acme-Separate", Parameters={"command": [command]}) as channel:
        channel.agree()
        assert channel.ending() == ""
        assert [(each.payload_type, each.payload) for each in channel.seen] == told


def test_a_command_without_is_all_output(visitor: Visitor) -> None:
    with visitor.session("web-1", DocumentName=OTHER, Parameters={"command": ["frobnicate"]}) as channel:
        channel.agree()
        assert channel.ending() == ""
        assert [each.payload_type for each in channel.seen] == [PayloadType.OUTPUT]


def test_a_command_that_takes_its_time_is_interrupted(visitor: Visitor) -> None:
    with visitor.session("web-1", DocumentName="Acme-Separate", Parameters={"command": ["sleep 3600"]}) as channel:
        channel.agree()
        channel.type("\x03")
        assert channel.ending() == ""
        assert channel.seen[-1].payload == b"EXIT_CODE: 130"


def test_no_command_is_a_text_of_its_own(visitor: Visitor) -> None:
    with visitor.session("web-1", DocumentName=OTHER, Parameters={"command": [" "]}) as channel:
        channel.agree()
        assert channel.ending() == "Commands cannot be empty for session type NonInteractiveCommands"
