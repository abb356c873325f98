"""Sessions that run one command."""

from __future__ import annotations

import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.simulator.gateway.channel import PayloadType
from ssmtui.simulator.gateway.commands import CommandLineError, split_command
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Platform, SessionDocument
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


NO_FILE = b"fork/exec %s: no such file or directory"
NOT_FOUND = b'exec: "%s": executable file not found in $PATH'


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("hostname", [(PayloadType.OUTPUT, b"web-1\n"), (PayloadType.EXIT_CODE, b"EXIT_CODE: 0")]),
        ("false", [(PayloadType.EXIT_CODE, b"EXIT_CODE: 1")]),
        # The agent splits the line and starts the first word: nothing has a meaning but quotes.
        ("echo a; exit 7", [(PayloadType.OUTPUT, b"a; exit 7\n"), (PayloadType.EXIT_CODE, b"EXIT_CODE: 0")]),
        ("echo $? '*' # x", [(PayloadType.OUTPUT, b"$? *\n"), (PayloadType.EXIT_CODE, b"EXIT_CODE: 0")]),
        ("exit 3", [(PayloadType.EXIT_CODE, b"EXIT_CODE: 1"), (PayloadType.STDERR, NOT_FOUND % b"exit")]),
        ("frobnicate", [(PayloadType.EXIT_CODE, b"EXIT_CODE: 1"), (PayloadType.STDERR, NOT_FOUND % b"frobnicate")]),
        ("/none", [(PayloadType.EXIT_CODE, b"EXIT_CODE: 1"), (PayloadType.STDERR, NO_FILE % b"/none")]),
        # A shell is a program like others.
        ("sh -c 'exit 3'", [(PayloadType.EXIT_CODE, b"EXIT_CODE: 3")]),
        (
            """sh -c 'echo a && false; echo "$?"; exit 7; echo b'""",
            [
                (PayloadType.OUTPUT, b"a\n"),
                (PayloadType.OUTPUT, b"1\n"),
                (PayloadType.EXIT_CODE, b"EXIT_CODE: 7"),
            ],
        ),
        (
            "sh -c frobnicate",
            [
                (PayloadType.STDERR, b"sh: frobnicate: simulated shell, command not found\n"),
                (PayloadType.EXIT_CODE, b"EXIT_CODE: 127"),
            ],
        ),
    ],
)
def test_a_command_with_separate_streams_runs_without_a_shell_and_tells_its_exit_code(
    visitor: Visitor, command: str, told: list[tuple[PayloadType, bytes]]
) -> None:
    with visitor.session("web-1", DocumentName="Acme-Separate", Parameters={"command": [command]}) as channel:
        channel.agree()
        assert channel.ending() == ""
        assert [(each.payload_type, each.payload) for each in channel.seen] == told


@pytest.mark.parametrize(
    ("command", "type_", "said"),
    [
        ("frobnicate", PayloadType.STDERR, NOT_FOUND % b"frobnicate"),
        ("sh -c frobnicate", PayloadType.OUTPUT, b"sh: frobnicate: simulated shell, command not found\n"),
    ],
)
def test_a_command_without_separate_streams_tells_no_exit_code(
    visitor: Visitor, command: str, type_: PayloadType, said: bytes
) -> None:
    with visitor.session("web-1", DocumentName=OTHER, Parameters={"command": [command]}) as channel:
        channel.agree()
        assert channel.ending() == ""
        assert [(each.payload_type, each.payload) for each in channel.seen] == [(type_, said)]


def test_an_interactive_command_is_a_line_for_the_shell_and_tells_no_exit_code(visitor: Visitor) -> None:
    with visitor.session("web-1", DocumentName=INTERACTIVE, Parameters={"command": ["echo a; exit 7"]}) as channel:
        assert channel.ending() == ""
        assert [(each.payload_type, each.payload) for each in channel.seen] == [(PayloadType.OUTPUT, b"a\r\n")]


@pytest.mark.parametrize(("document", "command"), [(OTHER, "-Command 'echo a; echo b'"), (OTHER, "echo a; echo b")])
def test_on_windows_the_words_are_a_line_for_powershell(aws: SimulatedAws, document: str, command: str) -> None:
    aws.load(small_world((node("win-1", platform=Platform.WINDOWS),), preferences=None, caller=ADMINISTRATOR))
    with Visitor(aws).session("win-1", DocumentName=document, Parameters={"command": [command]}) as channel:
        channel.agree()
        assert channel.ending() == ""
        assert [each.payload for each in channel.seen] == [b"a\n", b"b\n"]


@pytest.mark.parametrize("command", ["sleep 3600", "sh -c 'sleep 3600'"])
def test_a_command_that_takes_its_time_is_ended_by_a_signal(visitor: Visitor, command: str) -> None:
    with visitor.session("web-1", DocumentName="Acme-Separate", Parameters={"command": [command]}) as channel:
        channel.agree()
        channel.type("\x03")
        assert channel.ending() == ""
        assert channel.seen[-1].payload == b"EXIT_CODE: 1"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a  b\tc\n", ["a", "b", "c"]),
        ("'a b' \"c 'd'\" e\\ f", ["a b", "c 'd'", "e f"]),
        ("a'b'\"c\"d ''", ["abcd", ""]),
        ('"\\$x"', ["$x"]),
        ("a;b|c&$d a#b #c d\ne", ["a;b|c&$d", "a#b", "e"]),
        ("", []),
    ],
)
def test_the_agent_splits_a_line_by_quotes_alone(line: str, words: list[str]) -> None:
    assert split_command(line) == words


@pytest.mark.parametrize(("line", "said"), [("'a", "closing quote"), ('"a', "closing quote"), ("a\\", "escape")])
def test_a_line_that_cannot_be_split_is_the_end(visitor: Visitor, line: str, said: str) -> None:
    with pytest.raises(CommandLineError, match=said):
        split_command(line)
    with visitor.session("web-1", DocumentName=OTHER, Parameters={"command": [line]}) as channel:
        channel.agree()
        assert "Unable to start command: Failed to parse commands input: EOF found" in str(channel.ending())


@given(st.lists(st.text(), min_size=1))
def test_what_python_quotes_the_agent_reads(words: list[str]) -> None:
    assert split_command(shlex.join(words)) == words


def test_no_command_is_a_text_of_its_own(visitor: Visitor) -> None:
    with visitor.session("web-1", DocumentName=OTHER, Parameters={"command": [" "]}) as channel:
        channel.agree()
        assert channel.ending() == "Commands cannot be empty for session type NonInteractiveCommands"
