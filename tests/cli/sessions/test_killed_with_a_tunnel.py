"""The app, killed while a tunnel is open: no session outlives the next start, and the terminal is sane."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.sessions.tunnelled import UnderWay, lives, port_plugin, started
from tests.session.tunnels.at_hand import until

if sys.platform == "win32":
    pytest.skip("it has no such terminals", allow_module_level=True)

from tests.session.emulator import Emulator

__all__ = ["port_plugin"]


@pytest.fixture(params=["plugin", "builtin"])
def app(aws: SimulatedAws, port_plugin: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """The app on a terminal, with a tunnel open, by each client."""
    aws.load("healthy-small")
    environment = {
        "PATH": f"{port_plugin}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "SSMTUI_CLIENT": request.param,
        **aws.environment,
    }
    emulator = Emulator([sys.executable, "-m", "ssmtui", "web-1"], environment, (30, 120))
    try:
        emulator.wait_for(b"web-1")
        emulator.type(b"t")
        emulator.wait_for(b"Tunnel through")
        emulator.type(b"5432\r")
        emulator.wait_for(b" forwards to web-1:5432")
        yield emulator
    finally:
        emulator.close()


def active(aws: SimulatedAws) -> int:
    return len(aws.active_sessions)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_one_that_is_told_to_end_ends_its_sessions(app: Emulator, aws: SimulatedAws, by: signal.Signals) -> None:
    if signal.getsignal(by) is signal.SIG_IGN:
        pytest.skip("who runs the tests has this signal ignored, and so would the app")
    assert active(aws) == 1
    app.send(by)
    assert app.end() == 128 + by
    assert app.is_sane
    assert active(aws) == 0


def test_the_plugin_of_a_killed_one_is_ended_by_any_command(
    aws: SimulatedAws, port_plugin: Path, tmp_path: Path
) -> None:
    aws.load("healthy-small")
    killed = UnderWay(started(aws, port_plugin, tmp_path, "80"))
    (ledger,) = tmp_path.rglob("sessions.jsonl")
    until(lambda: b'"carried"' in ledger.read_bytes())
    killed.process.kill()
    killed.process.communicate()
    (pid,) = (int(each.read_text().split()[0]) for each in (port_plugin / "pids").iterdir())
    os.kill(pid, 0)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", **aws.environment}
    words = [sys.executable, "-P", "-m", "ssmtui", "check", "--fail-on", "never"]
    told = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stderr
    assert "An earlier ssmtui process was killed and left 1 tunnel open (i-" in told
    until(lambda: not lives(pid))
    again = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stderr
    assert "earlier ssmtui process" not in again


def test_what_a_killed_one_leaves_the_next_start_ends(
    app: Emulator, aws: SimulatedAws, port_plugin: Path, tmp_path: Path
) -> None:
    app.send(signal.SIGKILL)
    app.end()
    assert active(aws) == 1
    following = started(aws, port_plugin, tmp_path, "80")
    try:
        assert UnderWay(following).end(signal.SIGTERM) == 143
    finally:
        following.kill()
        following.communicate()
    until(lambda: active(aws) == 0)
