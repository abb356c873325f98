"""The terminal given to the plugin: what reaches it, what does not reach us, and what is left of it afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ssmtui.session.terminal import make_sane
from tests.session.emulator import PATIENCE, Emulator
from tests.session.plugin.holder import OPENED, SECRET, TOKEN
from tests.session.plugin.stand_in import FLOOD

ROOT = Path(__file__).parents[3]


@dataclass
class Stage:
    """A plugin, and where it and the calls report to."""

    folder: Path
    started: list[Emulator] = field(default_factory=list)

    def __post_init__(self) -> None:
        script = Path(__file__).with_name("stand_in.py")
        self.plugin = self.folder / "session-manager-plugin"
        self.plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        self.plugin.chmod(0o755)
        self.reports = self.folder / "reports"
        self.reports.touch()
        self.ended = self.folder / "ended"
        self.ended.touch()
        self.registry = self.folder / "ledger"
        self.environment = {
            **os.environ,
            "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}",
            "STAND_IN": str(self.reports),
            "AWS_PROFILE": "",
            "AWS_ACCESS_KEY_ID": "AKIA",
        }

    def words(self, document: str = "") -> list[str]:
        return [sys.executable, "-m", "tests.session.plugin.holder", str(self.ended), str(self.registry), document]

    def session(self, size: tuple[int, int] = (24, 80), *, raw: bool = False) -> Emulator:
        """A session held on a terminal, once the plugin is ready."""
        emulator = Emulator(self.words(), self.environment, size, raw=raw)
        self.started.append(emulator)
        emulator.wait_for(b"ready")
        return emulator

    def piped(self, document: str = "", **given: object) -> subprocess.CompletedProcess[bytes]:
        """A session where there is no terminal."""
        return subprocess.run(  # type: ignore[call-overload,no-any-return] # what is given is run's own
            self.words(document), env=self.environment, capture_output=True, timeout=PATIENCE, check=False, **given
        )

    def reported(self, key: str) -> list[object]:
        told = [json.loads(line) for line in self.reports.read_text().splitlines()]
        return [each[key] for each in told if key in each]

    @property
    def terminated(self) -> list[str]:
        return self.ended.read_text().split()


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.chdir(ROOT)
    made = Stage(tmp_path)
    yield made
    for each in made.started:
        each.close()


def ends_well(emulator: Emulator) -> bool:
    """Whether the session ends as it should, and the terminal is as it was."""
    emulator.type(b"exit\r")
    return emulator.end() == 0 and emulator.is_sane and b"over=True" in emulator.shown


def test_what_is_typed_reaches_the_session_and_its_output_the_terminal(stage: Stage) -> None:
    emulator = stage.session()
    emulator.type(b"say marker\r")
    emulator.wait_for(b"[marker]")
    assert ends_well(emulator)
    # The end was told, so nothing is left to terminate.
    assert stage.terminated == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("key", "name"),
    [(b"\x03", "SIGINT"), (b"\x1a", "SIGTSTP"), (b"\x1c", "SIGQUIT")],
    ids=["Ctrl-C", "Ctrl-Z", "Ctrl-\\"],
)
def test_a_key_that_sends_a_signal_is_the_sessions_and_never_ours(key: bytes, name: str, stage: Stage) -> None:
    emulator = stage.session()
    emulator.type(key)
    emulator.wait_for(f"[{name}]".encode())
    emulator.type(b"say still here\r")
    emulator.wait_for(b"[still here]")
    assert stage.reported("signal") == [name]
    assert ends_well(emulator)


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP])
def test_the_same_signal_from_elsewhere_is_handed_on(number: signal.Signals, stage: Stage) -> None:
    emulator = stage.session()
    emulator.send(number)
    emulator.wait_for(f"[{number.name}]".encode())
    assert ends_well(emulator)


def test_the_window_size_is_there_at_the_start_and_follows(stage: Stage) -> None:
    emulator = stage.session((31, 107))
    emulator.wait_for(b"[31x107]")
    emulator.resize(50, 132)
    emulator.wait_for(b"[50x132]")
    assert ends_well(emulator)
    assert stage.reported("size") == [[31, 107], [50, 132]]


def test_what_a_remote_program_left_on_is_switched_off(stage: Stage) -> None:
    emulator = stage.session()
    emulator.type(b"left on\r")
    emulator.wait_for(b"left on")
    emulator.type(b"exit\r")
    assert emulator.end() == 0
    after = emulator.shown.partition(b"Exiting session")[2].partition(b"told:")[0]
    for mode in (
        b"\x1b[?1049l",
        b"\x1b[?1000l",
        b"\x1b[?1006l",
        b"\x1b[?2004l",
        b"\x1b[?1l",
        b"\x1b>",
        b"\x1b[?25h",
        b"\x1b[0m",
    ):
        assert mode in after, mode


@pytest.mark.long
def test_a_flood_that_nobody_reads_holds_up_no_key(stage: Stage) -> None:
    emulator = stage.session()
    emulator.type(b"flood\r")
    emulator.wait_for(b"x" * 100)
    # Nothing is read of the terminal from here on: keys must reach the plugin all the same.
    emulator.type(b"\x03")
    while stage.reported("signal") != ["SIGINT"]:
        assert emulator.process.poll() is None
    emulator.wait_for(b"[flooded]")
    assert ends_well(emulator)


@pytest.mark.long
def test_no_output_is_lost(stage: Stage) -> None:
    emulator = stage.session()
    emulator.type(b"flood\r")
    emulator.wait_for(b"[flooded]")
    assert ends_well(emulator)
    assert b"x" * FLOOD in emulator.shown


def test_much_that_is_pasted_arrives_whole(stage: Stage) -> None:
    emulator = stage.session()
    pasted = b"".join(b"%06d," % number for number in range(3000))
    for start in range(0, len(pasted), 512):
        emulator.type(pasted[start : start + 512])
    emulator.type(b"\rsay arrived\r")
    emulator.wait_for(b"[arrived]")
    assert ends_well(emulator)
    assert pasted.hex() in "".join(map(str, stage.reported("read")))


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, 128 + signal.SIGHUP)], ids=["TERM", "HUP"]
)
def test_a_signal_that_ends_us_ends_the_plugin_and_the_session(
    number: signal.Signals, status: int, stage: Stage
) -> None:
    emulator = stage.session()
    emulator.type(b"left on\r")
    emulator.wait_for(b"left on")
    emulator.send(number)
    assert emulator.end() in {status, 128 + number}
    assert emulator.is_sane
    assert b"\x1b[?1049l" in emulator.shown
    assert stage.terminated == [OPENED.id]
    assert not alive(stage)


@pytest.mark.long
def test_a_plugin_that_minds_no_hang_up_is_killed(stage: Stage) -> None:
    emulator = stage.session()
    emulator.type(b"hang\r")
    emulator.wait_for(b"[hanging]")
    emulator.send(signal.SIGTERM)
    emulator.end()
    assert emulator.is_sane
    assert stage.terminated == [OPENED.id]
    assert not alive(stage)


def test_a_window_that_is_closed_ends_the_plugin_and_the_session(stage: Stage) -> None:
    emulator = stage.session()
    emulator.take_away()
    emulator.process.wait(PATIENCE)
    assert stage.terminated == [OPENED.id]
    assert not alive(stage)


def test_where_we_are_killed_the_plugin_goes_too_and_the_next_start_makes_the_terminal_sane(stage: Stage) -> None:
    emulator = stage.session()
    emulator.send(signal.SIGKILL)
    emulator.process.wait(PATIENCE)
    gone(stage)
    assert not emulator.cooked
    assert stage.terminated == []
    following = Emulator(
        [sys.executable, "-c", "from ssmtui.session.terminal import make_sane; print('was', make_sane())"],
        stage.environment,
        raw=True,
    )
    stage.started.append(following)
    following.wait_for(b"was True")
    assert following.cooked
    assert b"\x1b[?25h" in following.shown
    told = stage.piped(input=b"exit\n")
    assert b"An earlier ssmtui process left 1 session open" in told.stderr
    assert stage.terminated == [OPENED.id]


def test_a_terminal_that_is_sane_is_left_alone(stage: Stage) -> None:
    program = "from ssmtui.session.terminal import make_sane; print('was', make_sane())"
    emulator = Emulator([sys.executable, "-c", program], stage.environment)
    stage.started.append(emulator)
    emulator.wait_for(b"was False")
    assert emulator.is_sane
    assert b"\x1b" not in emulator.shown
    with Path(os.devnull).open() as nothing:
        assert not make_sane(nothing.fileno())


@pytest.mark.long
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (b"close Plugin with name Standard_Stream not found\r", "text='Plugin with name Standard_Stream not found'"),
        (
            b"fail unable to determine SessionType\r",
            "text='Cannot perform start session: unable to determine SessionType'",
        ),
        (b"time out\r", f"text='Session: {OPENED.id} timed out.'"),
        (b"code 7\rexit\r", "text='', exit_code=7, over=True"),
    ],
)
def test_how_it_ended_is_read_beside_the_terminal(typed: bytes, told: str, stage: Stage) -> None:
    emulator = stage.session()
    emulator.type(typed)
    emulator.wait_for(b"told:")
    emulator.end()
    assert told in emulator.shown.decode().partition("told:")[2]
    assert emulator.is_sane
    assert stage.terminated == ([OPENED.id] if typed.startswith(b"fail") else [])


def test_a_plugin_that_cannot_be_run_leaves_no_session_and_a_sane_terminal(stage: Stage) -> None:
    stage.plugin.write_bytes(b"#!/nowhere/sh\n")
    emulator = Emulator(stage.words(), stage.environment)
    stage.started.append(emulator)
    emulator.wait_for(b"told:")
    assert emulator.end() == 1
    assert b"Cannot perform start session: No such file or directory" in emulator.shown
    assert emulator.is_sane
    assert stage.terminated == [OPENED.id]


def test_the_token_is_in_no_argument_and_no_output(stage: Stage) -> None:
    emulator = stage.session()
    [pid] = stage.reported("pid")
    lines = [Path(f"/proc/{each}/cmdline") for each in (pid, emulator.process.pid)]
    assert all(TOKEN not in line.read_text() and SECRET not in line.read_text() for line in lines if line.exists())
    assert ends_well(emulator)
    assert stage.reported("arguments") == [
        [
            "AWS_SSM_START_SESSION_RESPONSE",
            "eu-west-3",
            "StartSession",
            "",
            '{"Target": "i-0123456789abcdef0"}',
            "https://ssm.eu-west-3.amazonaws.com",
        ]
    ]
    assert stage.reported("response") == [
        {"SessionId": OPENED.id, "TokenValue": OPENED.token, "StreamUrl": OPENED.stream_url}
    ]
    assert TOKEN.encode() not in emulator.shown


def test_without_a_terminal_bytes_pass_untouched_and_the_end_of_input_ends_the_shell(stage: Stage) -> None:
    every = stage.folder / "every byte"
    every.write_bytes(bytes(range(256)) * 500)
    told = stage.piped(input=f"file {every}\n".encode())
    assert told.returncode == 0
    assert every.read_bytes() in told.stdout
    assert b"over=True" in told.stderr
    assert stage.terminated == []
    assert stage.reported("size") == [None]


def test_a_command_without_a_terminal_gives_its_output_and_nothing_else(stage: Stage) -> None:
    every = stage.folder / "every byte"
    every.write_bytes(bytes(range(256)) * 500)
    stage.environment["STAND_IN_LINES"] = f"file {every}\ncode 3\nexit"
    told = stage.piped("AWS-StartNonInteractiveCommand", input=b"no input of a command\n")
    assert told.returncode == 3
    assert told.stdout == b"ready\n" + every.read_bytes()


def test_a_session_that_is_a_stream_has_our_input_itself(stage: Stage) -> None:
    told = stage.piped("AWS-StartSSHSession", input=b"say ssh\n")
    assert b"[ssh]\nCannot perform start session: EOF\n" in told.stdout
    assert stage.terminated == [OPENED.id]


def test_where_nobody_reads_any_more_the_session_is_ended(stage: Stage) -> None:
    holder = subprocess.Popen(
        stage.words(), env=stage.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder.stdin, holder.stdout:
        assert b"Starting" in holder.stdout.read(20)
        holder.stdout.close()
        holder.stdin.write(b"flood\n")
        holder.stdin.flush()
        assert holder.wait(PATIENCE) == 1
    assert stage.terminated == [OPENED.id]


def alive(stage: Stage) -> bool:
    """Whether the plugin runs."""
    return any(Path(f"/proc/{pid}").exists() and "Z" not in state(pid) for pid in stage.reported("pid"))


def state(pid: object) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def gone(stage: Stage) -> None:
    """Wait until the plugin is."""
    while alive(stage):
        os.sched_yield()
