"""`ssmtui connect`, on a simulated AWS, with a stand-in for the plugin: with a terminal and without one."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic

import boto3
import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.session.remote_command import piped_command
from ssmtui.simulator.in_thread import SimulatedAws
from tests.preloaded.command_line import run_raw
from tests.session.emulator import PATIENCE, Emulator

STAND_IN = Path(__file__).parents[2] / "session" / "plugin" / "stand_in.py"
STARTED = b"Starting session with SessionId: "

# As `ssmtui` begins, with the patience of whoever has no clock.
PATIENT = f"""
import sys
from ssmtui.cli import main
from ssmtui.cli import connect
from ssmtui.session import opener
opener.POLL_SECONDS = 0.1
connect.JUDGEMENT_SECONDS = connect.CHECK_SECONDS = connect.LISTING_SECONDS = {PATIENCE}
sys.argv = ["ssmtui", "connect", *sys.argv[1:]]
main()
"""


# With no patience: time that passes while AWS does not answer is over at once.
IMPATIENT = PATIENT.replace(f"= {PATIENCE}", "= connect.PLATFORM_SECONDS = 0")


@dataclass
class Connect:
    """Runs `ssmtui connect` as a process of its own: an empty home, AWS simulated, the stand-in on PATH."""

    aws: SimulatedAws
    folder: Path
    started: list[Emulator] = field(default_factory=list)

    def __post_init__(self) -> None:
        programs = self.folder / "programs"
        programs.mkdir()
        self.plugin = programs / "session-manager-plugin"
        self.plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
        self.plugin.chmod(0o755)
        self.reports = self.folder / "reports"
        self.reports.touch()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.plugin.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "STAND_IN": str(self.reports),
            **self.aws.environment,
        }

    def piped(
        self, *line: str, typed: bytes = b"exit\n", program: str = PATIENT, **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Where there is no terminal. The stand-in runs each command with success."""
        lines = {"STAND_IN_LINES": "mark 0\nexit"} if "--" in line else {}
        environment = {**self.environment, **lines, **variables}
        return run_raw(*line, environment=environment, folder=self.folder, given=typed, program=program)

    def on_terminal(self, *line: str) -> Emulator:
        """On one."""
        emulator = Emulator([sys.executable, "-c", PATIENT, *line], self.environment, (40, 160))
        self.started.append(emulator)
        return emulator

    def asked(self, operation: str) -> list[object]:
        """What AWS was asked for, by the parameters."""
        return [entry.parameters for entry in self.aws.journal.entries if entry.operation == operation]

    def arguments(self) -> list[list[str]]:
        """What the plugin was started with."""
        told = map(json.loads, self.reports.read_text().splitlines())
        return [each["arguments"] for each in told if "arguments" in each]


@pytest.fixture
def connect(aws: SimulatedAws, tmp_path: Path) -> Iterator[Connect]:
    made = Connect(aws, tmp_path)
    yield made
    for each in made.started:
        each.close()


def id_of(aws: SimulatedAws, name: str) -> str:
    """The id of a node of the world that is loaded."""
    keys = {
        "aws_access_key_id": aws.environment["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": aws.environment["AWS_SECRET_ACCESS_KEY"],
        "aws_session_token": aws.environment["AWS_SESSION_TOKEN"],
    }
    ec2 = boto3.client("ec2", endpoint_url=aws.endpoint_url, region_name=aws.regions[0], **keys)
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])
    aws.journal.clear()
    return str(found["Reservations"][0]["Instances"][0]["InstanceId"])


def test_an_id_is_opened_and_its_end_passed_on(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("no-destinations")
    node = id_of(aws, "web-1")
    told = connect.piped(node, "--reason", "ticket 7", typed=b"say hello\nexit\n")
    assert (told.returncode, told.stderr) == (0, b"")
    assert STARTED in told.stdout
    assert b"[hello]" in told.stdout
    assert connect.asked("StartSession") == [{"Target": node, "Reason": "ticket 7"}]
    [arguments] = connect.arguments()
    assert arguments[1:4] == ["eu-west-3", "StartSession", ""]
    assert json.loads(arguments[4]) == {"Target": node, "Reason": "ticket 7"}
    assert arguments[5] == aws.endpoint_url


@pytest.mark.parametrize(
    ("words", "reads"), [((), set[str]()), (("--", "true"), {"DescribeInstanceProperties"})], ids=["shell", "command"]
)
def test_without_a_terminal_a_session_of_an_id_waits_for_no_list_and_no_check(
    aws: SimulatedAws, connect: Connect, words: tuple[str, ...], reads: set[str]
) -> None:
    aws.load("caller-administrator")
    told = connect.piped(id_of(aws, "web-1"), *words)
    assert told.returncode == 0
    operations = {entry.operation for entry in aws.journal.entries}
    assert operations - {"TerminateSession"} == {"GetCallerIdentity", "StartSession", *reads}


def test_without_a_terminal_a_session_of_a_name_reads_only_the_nodes_of_the_name(
    aws: SimulatedAws, connect: Connect
) -> None:
    aws.load("caller-administrator")
    node = id_of(aws, "web-1")
    told = connect.piped("web-1", "--", "true")
    assert told.returncode == 0
    operations = {entry.operation for entry in aws.journal.entries}
    listing = {"DescribeInstances", "DescribeInstanceProperties"}
    assert operations - {"TerminateSession"} == {"GetCallerIdentity", *listing, "StartSession"}
    selected = [asked["Filters"] for asked in connect.asked("DescribeInstances") if isinstance(asked, dict)]
    assert selected == [[{"Name": "tag:Name", "Values": ["web-1"]}], [{"Name": "instance-id", "Values": [node]}]]
    assert all("InstancePropertyFilterList" in str(each) for each in connect.asked("DescribeInstanceProperties"))


def test_a_platform_that_cannot_be_read_is_that_of_the_listed_instance(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("caller-administrator")
    node = id_of(aws, "web-1")
    for operation in ("DescribeInstanceInformation", "DescribeInstanceProperties"):
        aws.fault("refused", "ssm", operation)
    told = connect.piped(node, "--builtin", "--", "exit 3")
    assert told.returncode == 3
    assert connect.asked("DescribeInstances") != []


def test_a_command_runs_where_the_registration_of_its_node_does_not_answer(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("preferences-absent")
    node = id_of(aws, "web-1")
    aws.fault("timeout", "ssm", "DescribeInstanceProperties")
    told = connect.piped(node, "--builtin", "--", "exit 3", program=IMPATIENT)
    aws.clear_faults()
    assert told.returncode == 3


@pytest.mark.parametrize(
    ("refused", "name"),
    [
        pytest.param([("ec2", "DescribeInstances")], "warehouse-marseille-01", id="instances"),
        pytest.param(
            [("ssm", "DescribeInstanceProperties"), ("ssm", "DescribeInstanceInformation")], "web-1", id="managed nodes"
        ),
    ],
)
def test_a_name_that_one_of_two_lists_has_is_opened_if_the_other_is_refused(
    aws: SimulatedAws, connect: Connect, refused: list[tuple[str, str]], name: str
) -> None:
    aws.load("demo")
    for service, operation in refused:
        aws.fault("refused", service, operation)
    told = connect.piped(name, "--builtin", "--", "exit 3")
    assert told.returncode == 3
    assert b"Could not list the " in told.stderr


def test_a_name_does_as_well_and_a_command_has_its_exit_code_passed_on(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("caller-administrator")
    node = id_of(aws, "web-1")
    told = connect.piped("web-1", "--", "df", "/a b", STAND_IN_LINES="mark 7\nexit")
    assert told.returncode == 7
    asked = {"Target": node, "DocumentName": "AWS-StartNonInteractiveCommand"}
    # The simulated document does not know how to keep outputs apart, which is found out by asking.
    assert connect.asked("StartSession") == [
        {**asked, "Parameters": {"command": ["df '/a b'"], "separateOutputStream": ["true"]}},
        {**asked, "Parameters": {"command": [piped_command(("df", "/a b"), None, marked=True)]}},
    ]


@pytest.mark.parametrize(
    ("command", "output", "code"),
    [
        (("id -un; exit 7",), b"root\n", 7),
        (("echo a; frobnicate",), b"a\nsh: frobnicate: simulated shell, command not found\n", 127),
        (("echo", "a; b"), b"a; b\n", 0),
        (("exit", "3"), b"", 3),
    ],
)
def test_a_line_for_the_shell_reaches_an_agent_that_starts_programs_and_its_exit_code_comes_back(
    aws: SimulatedAws, connect: Connect, command: tuple[str, ...], output: bytes, code: int
) -> None:
    aws.load("preferences-absent")
    told = connect.piped("web-1", "--builtin", "--", *command)
    assert (told.stdout, told.stderr, told.returncode) == (output, b"", code)


def test_a_person_sees_that_aws_is_waited_for_and_can_interrupt(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("caller-administrator")
    node = id_of(aws, "web-1")
    aws.fault("timeout", "ssm", "StartSession")
    emulator = connect.on_terminal(node, "--builtin")
    emulator.wait_for(b"opening a session on ")
    emulator.type(b"\x03")
    aws.clear_faults()
    assert emulator.end() == 130


def test_a_command_that_reports_no_exit_code_has_not_succeeded(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("caller-administrator")
    assert connect.piped("web-1", "--", "true", STAND_IN_LINES="exit").returncode == 255


@pytest.mark.parametrize("options", [(), ("--builtin",)], ids=["plugin", "builtin"])
def test_a_command_leaves_the_input_of_a_script_to_the_script(
    aws: SimulatedAws, connect: Connect, options: tuple[str, ...]
) -> None:
    aws.load("caller-administrator")
    line = shlex.join([sys.executable, "-c", PATIENT, "web-1", *options, "--", "true"])
    told = subprocess.run(
        ["/bin/sh", "-c", f"{line} && cat"],
        input=b"next line\n",
        stdout=subprocess.PIPE,
        env={**connect.environment, "STAND_IN_LINES": "mark 0\nexit"},
        check=True,
    )
    assert told.stdout.endswith(b"next line\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("options", [(), ("--builtin",)], ids=["plugin", "builtin"])
def test_output_that_cannot_be_written_is_an_error(
    aws: SimulatedAws, connect: Connect, options: tuple[str, ...]
) -> None:
    aws.load("caller-administrator")
    line = [sys.executable, "-c", PATIENT, "web-1", *options, "--", "echo", "hi"]
    environment = {**connect.environment, "STAND_IN_LINES": "say hi\nmark 0\nexit"}
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run(
            line, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, env=environment, check=False
        )
    assert told.stderr == b"ssmtui: the output cannot be written: No space left on device\n"
    assert told.returncode == 2


def test_a_command_does_not_wait_for_a_list_of_nodes_that_is_refused(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("preferences-absent")
    node = id_of(aws, "web-1")
    for service, operation in (
        ("ec2", "DescribeInstances"),
        ("ssm", "DescribeInstanceInformation"),
        ("ssm", "DescribeInstanceProperties"),
    ):
        aws.fault("refused", service, operation)
    begun = monotonic()
    assert connect.piped(node, "--builtin", "--", "exit 3").returncode == 3
    assert monotonic() - begun < PATIENCE


def test_a_command_on_a_terminal_has_its_exit_code_passed_on(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("preferences-absent")
    emulator = connect.on_terminal("web-1", "--builtin", "--", "echo hello; exit 7")
    assert emulator.end() == 7
    assert b"hello\r\n" in emulator.shown
    assert b"Plugin not used" not in emulator.shown, "as with ssh, only the output of the command"
    assert b"133;D" not in emulator.shown


@pytest.mark.parametrize(
    ("fault", "lines"),
    [
        pytest.param(
            "",
            [
                '  Could not connect to the endpoint URL: "http://127.0.0.1:9/"',
                "AWS did not answer ssm:StartSession.",
                "Requests go to the endpoint of AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SSM. Check that this computer can "
                "reach the endpoint.",
            ],
            id="not sent",
        ),
        pytest.param(
            "reset",
            [
                '  Connection was closed before we received a valid response from endpoint URL: "{url}/".',
                "AWS did not answer ssm:StartSession. If AWS opened a session, AWS ends it after the idle timeout.",
                "Requests go to the endpoint of AWS_ENDPOINT_URL. Check that this computer can reach the endpoint.",
            ],
            id="sent",
        ),
    ],
)
def test_a_start_without_an_answer_is_not_explained_by_the_node(
    aws: SimulatedAws, connect: Connect, fault: str, lines: list[str]
) -> None:
    aws.load("caller-administrator")
    node = id_of(aws, "web-1")
    if fault:
        aws.fault(fault, "ssm", "StartSession")
        told = connect.piped(node, "--builtin")
    else:
        told = connect.piped(node, "--builtin", AWS_ENDPOINT_URL_SSM="http://127.0.0.1:9")
    assert told.returncode == 4
    assert told.stderr.decode().splitlines() == [
        f"ssmtui: cannot open a session on {node}:",
        *(line.format(url=aws.endpoint_url) for line in lines),
    ]


def test_a_failure_is_explained_by_what_is_true_of_the_node(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("log-group-unreadable")
    text = (
        "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
        "Either encrypt the log group or choose an option to enable logging without encryption."
    )
    told = connect.piped("queue-1", typed=f"close {text}\n".encode())
    shown = told.stderr.decode()
    assert told.returncode == 3
    assert "the session on queue-1 (i-" in shown
    assert "log-group-unreadable: Role cannot read the log group  ✖ applies to this node" in shown
    assert "Details: ssmtui explain --node i-" in shown
    assert shown.index("log-group-unreadable") < shown.index("log-group-unencrypted")


def test_a_worker_that_ends_in_an_ssh_session_first_means_that_no_ssh_server_runs(
    aws: SimulatedAws, connect: Connect
) -> None:
    aws.load("no-destinations")
    text = (
        "document process failed unexpectedly: ipc messaging received timeout signal , check "
        "[ssm-document-worker]/[ssm-session-worker] log for crash reason"
    )
    ssh = ("--document-name", "AWS-StartSSHSession", "--parameter", "portNumber=22")
    for options, cause in ((ssh, "port-refused"), ((), "worker-crashed")):
        told = connect.piped("web-1", *options, typed=f"close {text}\n".encode(), SSMTUI_CLIENT="plugin")
        first = told.stderr.decode().partition("crash reason\n\n")[2].splitlines()[0]
        assert (told.returncode, first.split()[1]) == (3, f"{cause}:")


def test_of_a_node_that_is_not_connected_the_true_cause_comes_first(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("egress-blocked")
    told = connect.piped("forensics-1")
    shown = told.stderr.decode().partition("is not connected.\n\n")[2].splitlines()
    assert (told.returncode, shown[0]) == (
        3,
        f"      egress-blocked: {catalogue()['egress-blocked'].title}  ✖ applies to this node",
    )
    assert shown[1].startswith(" 45%  ")


def test_a_text_that_nobody_knows_says_so(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("no-destinations")
    told = connect.piped("web-1", typed=b"close the moon is full\n")
    assert told.returncode == 4
    assert b"the moon is full" in told.stderr
    assert b"Unknown error text.\nTo find the cause: ssmtui check i-" in told.stderr


def test_a_sentence_of_ssmtuis_own_is_no_error_text_that_ssmtui_does_not_know(
    aws: SimulatedAws, connect: Connect
) -> None:
    aws.load("no-destinations")
    told = connect.piped("web-1", "--reason", "x" * 300)
    assert told.returncode == 4
    heading, sentence = told.stderr.decode().splitlines()
    assert heading.startswith("ssmtui: cannot open a session on web-1 (i-")
    assert "256" in sentence


def test_who_may_not_open_sessions_is_told_by_aws_and_by_us(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("caller-start-denied")
    told = connect.piped("web-1")
    assert told.returncode == 5
    assert b"cannot open a session on web-1" in told.stderr
    assert b"AccessDeniedException" in told.stderr
    assert b"caller-start-denied" in told.stderr
    assert told.stdout == b""


@pytest.mark.parametrize("word", ["web1", "i-00000000000000000"])
def test_a_word_that_names_no_node_is_told_with_what_is_near(word: str, aws: SimulatedAws, connect: Connect) -> None:
    aws.load("no-destinations")
    told = connect.piped(word)
    assert told.returncode == 4
    assert f"Unknown node: {word}." in told.stderr.decode()
    assert connect.arguments() == []


def test_read_only_opens_nothing(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("no-destinations")
    told = connect.piped("web-1", "--read-only")
    assert told.returncode == 5
    assert connect.asked("StartSession") == []


def test_without_a_plugin_it_is_said_how_to_install_one_before_a_session_is_opened(
    aws: SimulatedAws, connect: Connect
) -> None:
    aws.load("no-destinations")
    connect.plugin.unlink()
    if shutil.which("session-manager-plugin"):
        pytest.skip("this computer has one")
    told = connect.piped("web-1")
    shown = told.stderr.decode()
    assert told.returncode == 4
    assert shown.startswith("ssmtui: session-manager-plugin is not installed on this computer.\n")
    assert "session-manager-plugin/" in shown or "session-manager-downloads" in shown
    assert shown.endswith("Without the plugin: ssmtui connect web-1 --builtin\n")
    assert connect.asked("StartSession") == []


def test_an_old_plugin_is_said_once_and_used(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("no-destinations")
    warning = b"session-manager-plugin %s is older than 1.2.764.0"
    for version, options, told_again in (
        ("1.2.707.0", ("-q",), False),
        ("1.2.707.0", (), True),
        ("1.2.707.0", (), False),
        ("1.2.694.0", (), True),
    ):
        told = connect.piped("web-1", *options, STAND_IN_VERSION=version)
        assert told.returncode == 0
        assert (warning % version.encode() in told.stderr) is told_again


def test_no_token_is_in_a_log_a_ledger_or_an_argument(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("no-destinations")
    told = connect.piped("web-1", "--log-file", "log")
    assert told.returncode == 0
    [token] = [
        json.loads(line)["response"]["TokenValue"]
        for line in connect.reports.read_text().splitlines()
        if "response" in json.loads(line)
    ]
    assert token
    written = [each for each in connect.folder.rglob("*") if each.is_file() and each != connect.reports]
    assert any(each.name == "sessions.jsonl" for each in written)
    assert [each for each in written if token.encode() in each.read_bytes()] == []
    assert token.encode() not in told.stdout + told.stderr
    assert token not in json.dumps(connect.arguments())


def test_a_broken_node_is_said_before_and_left_at_a_key(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("log-group-unreadable")
    emulator = connect.on_terminal("queue-1")
    emulator.wait_for(b"q: quit.")
    assert b"cannot open sessions" in emulator.shown
    assert b"ssmtui fix log-group-unreadable --subject arn:aws:iam::123456789012:role/" in emulator.shown
    emulator.type(b"f")
    emulator.wait_for(b"To apply this change: ssmtui fix log-group-unreadable")
    emulator.wait_for(b"q: quit.", times=2)
    emulator.type(b"q")
    assert emulator.end() == 3
    assert emulator.is_sane
    assert connect.asked("StartSession") == []


def test_a_broken_node_is_tried_all_the_same_where_that_is_wanted(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("log-group-unreadable")
    emulator = connect.on_terminal("queue-1")
    emulator.wait_for(b"q: quit.")
    emulator.type(b"\r")
    emulator.wait_for(b"ready")
    emulator.type(b"\x03")
    emulator.wait_for(b"[SIGINT]")
    emulator.type(b"exit\r")
    assert emulator.end() == 0
    assert emulator.is_sane


def test_where_nobody_can_be_asked_it_is_said_and_tried(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("log-group-unreadable")
    told = connect.piped("queue-1")
    assert told.returncode == 0
    assert STARTED in told.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_session_and_leaves_a_sane_terminal(
    number: signal.Signals, aws: SimulatedAws, connect: Connect
) -> None:
    aws.load("no-destinations")
    emulator = connect.on_terminal("web-1")
    emulator.wait_for(b"ready")
    emulator.send(number)
    assert emulator.end() == 128 + number
    assert emulator.is_sane
    assert len(connect.asked("TerminateSession")) == 1
    assert aws.active_sessions == ()


def test_what_a_killed_run_left_open_is_ended_by_the_next(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("no-destinations")
    emulator = connect.on_terminal("web-1")
    emulator.wait_for(b"ready")
    emulator.send(signal.SIGKILL)
    emulator.process.wait(PATIENCE)
    told = connect.piped("web-1")
    assert b"An earlier ssmtui process left 1 session open" in told.stderr
    assert len(connect.asked("TerminateSession")) == 1


def by_request(aws: SimulatedAws, connect: Connect, answer: Callable[[Emulator], None]) -> Emulator:
    aws.load("caller-needs-access-request")
    emulator = connect.on_terminal("web-1")
    emulator.wait_for(b"Reason for the just-in-time access request")
    answer(emulator)
    return emulator


def test_who_may_only_ask_for_access_can_leave(aws: SimulatedAws, connect: Connect) -> None:
    emulator = by_request(aws, connect, lambda emulator: emulator.type(b"\r"))
    assert emulator.end() == 5
    assert connect.asked("StartAccessRequest") == []


def test_who_may_only_ask_for_access_asks_and_is_let_in(aws: SimulatedAws, connect: Connect) -> None:
    emulator = by_request(aws, connect, lambda emulator: emulator.type(b"ticket 7\r"))
    emulator.wait_for(b"is waiting for approval")
    aws.pass_time(timedelta(minutes=5))
    emulator.wait_for(b"ready")
    emulator.type(b"exit\r")
    assert emulator.end() == 0
    [asked] = connect.asked("StartAccessRequest")
    assert isinstance(asked, dict)
    assert asked["Reason"] == "ticket 7"
    # No profile stands for what was approved: the plugin is given its credentials, and no profile's name.
    [arguments] = connect.arguments()
    assert arguments[3] == ""
