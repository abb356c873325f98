"""The official Session Manager plugin on the simulated AWS, where one is installed."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import without_aws_variables
from ssmtui.simulator.worlds.building_blocks import ADMINISTRATOR, node, small_world
from tests.simulator.clients import ids_by_name
from tests.simulator.gateway.client import REGION, Visitor

PLUGIN = shutil.which("session-manager-plugin")
PROMPT = "sh-5.2$ "
PATIENCE = 30

pytestmark = pytest.mark.skipif(PLUGIN is None, reason="the official plugin is not on PATH")


class Terminal:
    """A terminal with the plugin in it, 43 rows by 132 columns."""

    def __init__(self, process: subprocess.Popen[bytes], device: int) -> None:
        self.process = process
        self._device = device
        self._shown = ""

    def shown_until(self, wanted: str) -> str:
        """What appears, up to that and from what was asked for before; raises AssertionError where it never does."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self._shown:
            readable, _, _ = select.select([self._device], [], [], max(0, deadline - time.monotonic()))
            assert readable, f"{wanted!r} is not in {self._shown!r}"
            self._shown += self._read()
        before, _, self._shown = self._shown.partition(wanted)
        return before + wanted

    def type(self, keys: bytes) -> None:
        os.write(self._device, keys)

    def _read(self) -> str:
        try:
            return os.read(self._device, 65536).decode(errors="replace")
        except OSError as error:
            raise AssertionError(f"ended after {self._shown!r}") from error


@contextmanager
def plugged_in(aws: SimulatedAws, home: Path, **parameters: Any) -> Iterator[Terminal]:
    asked = {"Target": ids_by_name(REGION)["web-1"], **parameters}
    answer = Visitor(aws).ssm.start_session(**asked)
    response = {name: answer[name] for name in ("SessionId", "TokenValue", "StreamUrl")}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 43, 132, 0, 0))
    process = subprocess.Popen(
        [
            str(PLUGIN),
            "AWS_SSM_START_SESSION_RESPONSE",
            REGION,
            "StartSession",
            "",
            json.dumps(asked),
            aws.endpoint_url,
        ],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=_environment(aws, home, response),
        start_new_session=True,
        preexec_fn=_take_terminal,  # noqa: PLW1509 - one system call, and no other way to it
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)


def _take_terminal() -> None:
    """Make the terminal that of the new session, so that its signals and its size are for the plugin."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _environment(aws: SimulatedAws, home: Path, response: Mapping[str, str]) -> dict[str, str]:
    led = aws.proxy_variables(home)
    ours = {**aws.environment, **led, "HOME": str(home), "AWS_SSM_START_SESSION_RESPONSE": json.dumps(response)}
    return without_aws_variables(os.environ, ours)


def test_a_shell_echoes_is_interrupted_knows_its_window_and_is_left(aws: SimulatedAws, tmp_path: Path) -> None:
    aws.load("preferences-absent")
    with plugged_in(aws, tmp_path) as terminal:
        assert "simulated shell on web-1" in terminal.shown_until(PROMPT)
        terminal.type(b"echo marker-1\r")
        terminal.shown_until("\nmarker-1")
        terminal.type(b"stty size\r")
        terminal.shown_until("43 132")
        terminal.shown_until(PROMPT)
        terminal.type(b"sleep 3600\r")
        terminal.shown_until("sleep 3600")
        terminal.type(b"\x03")
        terminal.shown_until("^C")
        terminal.type(b"exit\r")
        terminal.shown_until("Exiting session with sessionId")
        assert terminal.process.wait(PATIENCE) == 0
    assert aws.active_sessions == ()


def test_a_shell_under_a_key(aws: SimulatedAws, tmp_path: Path) -> None:
    aws.load("healthy-small")
    with plugged_in(aws, tmp_path) as terminal:
        terminal.shown_until("This session is encrypted using AWS KMS.")
        terminal.shown_until(PROMPT)
        terminal.type(b"echo sealed\r")
        terminal.shown_until("\nsealed")
        terminal.type(b"exit\r")
        terminal.shown_until("Exiting session with sessionId")


def test_a_key_that_the_caller_may_not_use_is_told(aws: SimulatedAws, tmp_path: Path) -> None:
    aws.load("kms-caller-denied")
    with plugged_in(aws, tmp_path) as terminal:
        terminal.shown_until(
            "Encountered error while initiating handshake. KMSEncryption failed on client with status 2"
        )
        terminal.shown_until("is not authorized to perform: kms:GenerateDataKey")


def test_what_stops_a_session_is_printed(aws: SimulatedAws, tmp_path: Path) -> None:
    aws.load("preferences-yaml")
    with plugged_in(aws, tmp_path) as terminal:
        terminal.shown_until("encryption is not set up on the selected CloudWatch Logs log group")
        assert terminal.process.wait(PATIENCE) == 0


@pytest.fixture
def ports(aws: SimulatedAws) -> SimulatedAws:
    aws.load(small_world((node("web-1"),), preferences=None, caller=ADMINISTRATOR))
    return aws


def test_a_port_is_forwarded_to_a_page(ports: SimulatedAws, tmp_path: Path) -> None:
    with plugged_in(
        ports, tmp_path, DocumentName="AWS-StartPortForwardingSession", Parameters={"portNumber": ["8080"]}
    ) as terminal:
        port = terminal.shown_until(" opened for sessionId").split()[-4]
        for _ in range(2):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as page:
                assert b"simulated web-1:8080" in page.read()
        terminal.type(b"\x03")
        terminal.shown_until("Exiting session with sessionId")


def test_a_command_without_a_terminal_of_its_own_prints_and_ends(ports: SimulatedAws, tmp_path: Path) -> None:
    with plugged_in(
        ports, tmp_path, DocumentName="AWS-StartNonInteractiveCommand", Parameters={"command": ["hostname"]}
    ) as terminal:
        terminal.shown_until("web-1")
        terminal.shown_until("Exiting session with sessionId")


def test_a_socket_that_is_closed_is_opened_anew(aws: SimulatedAws, tmp_path: Path) -> None:
    aws.load("preferences-absent")
    aws.network_fault("close", after=1, times=1)
    with plugged_in(aws, tmp_path) as terminal:
        terminal.shown_until(PROMPT)
        # What is typed while there is no socket makes the plugin give up.
        deadline = time.monotonic() + PATIENCE
        while not _is_resumed(aws) and time.monotonic() < deadline:
            time.sleep(0.02)
        terminal.type(b"hostname\r")
        terminal.shown_until("\nweb-1")


def _is_resumed(aws: SimulatedAws) -> bool:
    asked = any(each.operation == "ResumeSession" for each in aws.journal.entries)
    return asked and [each.status for each in aws.active_sessions] == ["Connected"]
