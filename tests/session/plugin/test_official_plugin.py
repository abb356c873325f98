"""The official plugin, where it is on PATH: a shell of a simulated node, through `ssmtui connect`, on a terminal."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.state import Session
from tests.session.emulator import Emulator
from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]

PLUGIN = shutil.which("session-manager-plugin")
pytestmark = pytest.mark.skipif(PLUGIN is None, reason="session-manager-plugin is not on PATH")

PROMPT = b"$ "


class Shells:
    """Starts `ssmtui connect` on terminals."""

    def __init__(self, aws: SimulatedAws, home: Path) -> None:
        programs = f"{Path(PLUGIN or '').parent}:/usr/bin:/bin"
        self._environment = {"PATH": programs, "HOME": str(home), "LANG": "C.UTF-8", **aws.environment}
        self.started: list[Emulator] = []

    def shell(self, size: tuple[int, int] = (24, 80), *command: str) -> Emulator:
        words = [sys.executable, "-m", "ssmtui", "connect", "web-1", *(("--", *command) if command else ())]
        self.started.append(Emulator(words, self._environment, size))
        return self.started[-1]

    def piped(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        words = [sys.executable, "-m", "ssmtui", "connect", "web-1", "--", *command]
        return subprocess.run(
            words, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
        )


@pytest.fixture
def shells(aws: SimulatedAws, tmp_path: Path) -> Iterator[Shells]:
    aws.load("no-destinations")
    aws.pace.factor = 1.0  # the plugin is none of the tests' own: it needs the time that it is given elsewhere
    made = Shells(aws, tmp_path)
    yield made
    for each in made.started:
        each.close()


def test_a_command_has_its_exit_code_on_a_terminal_and_without_one(shells: Shells) -> None:
    shell = shells.shell((24, 80), "echo hello; exit 7")
    assert shell.end() == 7
    assert b"hello" in shell.shown
    assert b"133;D" not in shell.shown
    told = shells.piped("echo hello; exit 7")
    assert (told.returncode, told.stdout) == (7, b"hello\n")


def test_a_shell_of_a_simulated_node_by_the_official_plugin(shells: Shells, aws: SimulatedAws) -> None:
    shell = shells.shell((31, 107))
    shell.wait_for(PROMPT)
    shell.type(b"echo marker-1\r")
    shell.wait_for(b"\nmarker-1\r")
    shell.type(b"stty size\r")
    shell.wait_for(b"31 107")
    shell.resize(40, 120)
    while b"40 120" not in shell.shown:
        # It looks at its window twice a second, and may lose keys that are pressed just then (docs/facts/sessions.md).
        shell.read_for(0.6)
        prompts = shell.shown.count(PROMPT)
        shell.type(b"stty size\r")
        shell.wait_for(PROMPT, times=prompts + 1)
    prompts = shell.shown.count(PROMPT)
    shell.type(b"sleep 600\r")
    shell.wait_for(b"sleep 600\r")
    shell.type(b"\x03")
    shell.wait_for(PROMPT, times=prompts + 1)
    assert shell.process.poll() is None
    shell.type(b"exit\r")
    assert shell.end() == 0
    assert b"Exiting session with sessionId: " in shell.shown
    assert shell.is_sane
    assert aws.active_sessions == ()


def test_how_a_session_failed_is_explained_though_the_plugin_exits_with_0(shells: Shells, aws: SimulatedAws) -> None:
    [node] = {session.target for session in opened(shells, aws)}
    aws.demand(node, "shell", "failed to start pty since RunAs user ops does not exist")
    shell = shells.shell()
    assert shell.end() == 3
    assert b"run-as-user-absent" in shell.shown
    assert shell.is_sane
    assert aws.active_sessions == ()


def opened(shells: Shells, aws: SimulatedAws) -> tuple[Session, ...]:
    """The sessions that there are while one shell is open."""
    shell = shells.shell()
    shell.wait_for(PROMPT)
    there = aws.active_sessions
    shell.type(b"exit\r")
    assert shell.end() == 0
    return there
