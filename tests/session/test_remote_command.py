"""The text of a command for SSM Agent, and the exit code in the output."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.node import PlatformFamily
from ssmtui.model.sessions import SessionRequest
from ssmtui.session.remote_command import MarkedOutput, is_marked, piped_command, terminal_command
from ssmtui.simulator.gateway.commands import split_command
from tests.builders.fleet import a_scope
from tests.session.emulator import Emulator

LINUX, WINDOWS = PlatformFamily.LINUX, PlatformFamily.WINDOWS
MARK = b"\x1b]133;D;%d;aid=ssmtui\x07"


@pytest.mark.parametrize(
    ("words", "platform", "started"),
    [
        # A single word is a line for the shell, several are the words of a program.
        (("id -un; exit 7",), LINUX, ["sh", "-c", "id -un; exit 7"]),
        (("echo 'it''s' \"$HOME\" | wc # x",), LINUX, ["sh", "-c", "echo 'it''s' \"$HOME\" | wc # x"]),
        (("ls", "-l", "a b", "$x", "#", ""), LINUX, ["ls", "-l", "a b", "$x", "#", ""]),
        (("uptime",), PlatformFamily.MACOS, ["sh", "-c", "uptime"]),
        # `sh` starts nothing on Windows; a line without a shell would give `;` to the first program.
        (("rm -r old; ls",), None, ["sh", "-c", "rm -r old; ls"]),
        ((r"dir C:\logs; exit 7",), WINDOWS, ["-Command", r"dir C:\logs; exit 7"]),
        (('Write-Output "a b"',), WINDOWS, ["-Command", 'Write-Output "a b"']),
        (("Get-Item", r"C:\a", "it's b", "-Force"), WINDOWS, ["-Command", r"Get-Item C:\a 'it''s b' -Force"]),
        ((r"C:\Program Files\x.exe", "/v"), WINDOWS, ["-Command", r"& 'C:\Program Files\x.exe' /v"]),
    ],
)
def test_the_agent_starts_a_shell_for_a_line_and_a_program_for_words(
    words: tuple[str, ...], platform: PlatformFamily | None, started: list[str]
) -> None:
    assert split_command(piped_command(words, platform)) == started


def test_a_command_on_a_windows_terminal_is_one_argument_of_powershell() -> None:
    assert terminal_command(('Write-Output "a b"',), WINDOWS) == r'-Command "Write-Output \"a b\""'


def test_a_computer_that_cannot_read_the_mark_gives_the_line_to_the_agents_shell() -> None:
    assert terminal_command(("ls; exit 7",), LINUX, marked=False) == "ls; exit 7"
    assert terminal_command(("ls", "a b"), LINUX, marked=False) == "ls 'a b'"


def _marked(text: str) -> SessionRequest:
    return SessionRequest(a_scope(), "i-1", "document", (("command", (text,)),))


def test_a_request_knows_whether_its_output_will_be_marked() -> None:
    assert is_marked(_marked(terminal_command(("ls",), LINUX, marked=True)))
    assert is_marked(_marked(piped_command(("ls",), LINUX, marked=True)))
    assert not is_marked(_marked(piped_command(("ls",), LINUX)))
    assert not is_marked(_marked(terminal_command(("ls",), WINDOWS)))


@given(st.lists(st.binary(max_size=30)), st.integers(0, 255), st.lists(st.binary(max_size=30)), st.integers(1, 7))
def test_the_mark_is_taken_out_and_everything_else_passed_on(
    before: list[bytes], code: int, after: list[bytes], size: int
) -> None:
    output = b"\x1b]133;".join(before) + MARK % code + b"\x1b".join(after)
    marked = MarkedOutput()
    pieces = [marked.pass_on(output[start : start + size]) for start in range(0, len(output), size)]
    assert b"".join(pieces) + marked.rest() == b"\x1b]133;".join(before) + b"\x1b".join(after)
    assert marked.exit_code == code


def test_output_without_a_mark_has_no_exit_code() -> None:
    marked = MarkedOutput()
    assert marked.pass_on(b"\x1b]133;D;7\x07$ ") + marked.rest() == b"\x1b]133;D;7\x07$ "
    assert marked.exit_code is None


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
SHELLS = [each for each in ("sh", "dash", "bash", "ksh", "busybox") if shutil.which(each)]


@POSIX
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "shown", "code"),
    [
        ("echo a; exit 7", b"a\n", 7),
        ("frobnicate 2>/dev/null", b"", 127),
        ("kill -9 $$", b"", 137),
        ("exec printf x", b"x", 0),
        ("echo 'it is'; ( 2>/dev/null", b"", 2),
    ],
)
def test_a_real_shell_writes_the_exit_code_of_a_line(shell: str, line: str, shown: bytes, code: int) -> None:
    program = [shell, "sh"] if shell == "busybox" else [shell]
    for text in (terminal_command((line,), LINUX), split_command(piped_command((line,), LINUX, marked=True))[2]):
        told = subprocess.run([*program, "-c", text], capture_output=True, check=False)
        marked = MarkedOutput()
        assert (marked.pass_on(told.stdout) + marked.rest()).endswith(shown)
        assert marked.exit_code == code


@POSIX
def test_ctrl_c_ends_the_command_and_not_the_report_of_its_exit_code() -> None:
    text = terminal_command(("echo ready; sleep 60",), LINUX)
    emulator = Emulator(["sh", "-c", text], os.environ)
    try:
        emulator.wait_for(b"ready\r\n")
        time.sleep(0.1)  # until `sleep` has the terminal
        emulator.type(b"\x03")
        emulator.end()
    finally:
        emulator.close()
    marked = MarkedOutput()
    marked.pass_on(emulator.shown)
    assert marked.exit_code == 130
