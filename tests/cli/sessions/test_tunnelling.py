from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssmtui.session.plugin.invocation import preflight
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui
from tests.cli.sessions.tunnelled import UnderWay, lives, port_plugin, started
from tests.session.tunnels.at_hand import until
from tests.simulator.clients import client

__all__ = ["port_plugin"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for the plugin is a shell script")


Opened = Callable[..., UnderWay]


@pytest.fixture
def tunnel(aws: SimulatedAws, port_plugin: Path, tmp_path: Path) -> Iterator[Opened]:
    """Opens a tunnel to the echo of web-1 (behind the stand-in, every port is one), and gives it when it is open."""
    aws.load("healthy-small")
    running: list[subprocess.Popen[str]] = []

    def opened(client: str = "plugin") -> UnderWay:
        running.append(started(aws, port_plugin, tmp_path, "7", client=client))
        return UnderWay(running[-1])

    yield opened
    for each in running:
        each.kill()
        each.communicate()


def active(aws: SimulatedAws) -> list[str]:
    return [each["SessionId"] for each in client(aws, "ssm").describe_sessions(State="Active")["Sessions"]]


def said_back(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"hello")
        return connection.recv(5)


@pytest.mark.parametrize("client", ["plugin", "builtin"])
@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_it_forwards_until_it_is_interrupted_and_leaves_no_session(
    tunnel: Opened, aws: SimulatedAws, by: signal.Signals, code: int, client: str
) -> None:
    if signal.getsignal(by) is signal.SIG_IGN:
        pytest.skip("who runs the tests has this signal ignored, and so would the tunnel")
    under_way = tunnel(client)
    assert said_back(under_way.port) == b"hello"
    assert len(active(aws)) == 1
    assert under_way.end(by) == code
    assert active(aws) == []
    assert [each for each in under_way.told if each.strip()] == [
        "ssmtui: The port is forwarded until you press Ctrl-C.\n"
    ]


@pytest.mark.parametrize("client", ["plugin", "builtin"])
def test_what_a_killed_one_left_open_is_ended_by_the_next(tunnel: Opened, aws: SimulatedAws, client: str) -> None:
    tunnel(client).end(signal.SIGKILL)
    [left] = active(aws)
    following = tunnel(client)
    assert following.end(signal.SIGTERM) == 143
    assert left not in active(aws)
    assert active(aws) == []
    assert "An earlier ssmtui process left 1 session open" in following.told[-1]


def test_the_token_is_in_no_argument_and_no_file(tunnel: Opened, port_plugin: Path, tmp_path: Path) -> None:
    under_way = tunnel()
    [pid] = (port_plugin / "pids").iterdir()
    environment = Path(f"/proc/{pid.read_text().split()[0]}/environ")
    if not environment.exists():
        pytest.skip("no /proc to see a process by")
    [response] = re.findall(rb"AWS_SSM_START_SESSION_RESPONSE=([^\0]+)", environment.read_bytes())
    token = json.loads(response)["TokenValue"]
    assert token.encode() not in environment.with_name("cmdline").read_bytes()
    under_way.end(signal.SIGTERM)
    written = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()]
    assert written
    assert not any(token.encode() in each for each in written)


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (("web-1", "80:80:80:80"), 2, "80:80:80:80 is not [LOCAL:][HOST:]PORT"),
        (("web-1", "rdp"), 2, "which has no remote desktop: specify a port"),
        (("web-1", "5432", "--read-only"), 5, "read-only mode"),
        (("web-99", "5432"), 4, "Unknown node: web-99."),
    ],
)
def test_what_cannot_be_forwarded_is_one_sentence_and_no_session(
    aws: SimulatedAws, ssmtui: Ssmtui, line: tuple[str, ...], code: int, sentence: str
) -> None:
    aws.load("healthy-small")
    told = ssmtui("tunnel", *line)
    assert (told.returncode, told.stdout) == (code, "")
    assert sentence in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert active(aws) == []


def test_a_port_that_is_taken_is_a_usage_error(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = ssmtui("tunnel", "web-1", f"{port}:5432")
    assert told.returncode == 2
    assert (
        told.stderr == f"ssmtui: port {port} of this computer is in use: choose another port, or 0 for any free port\n"
    )


def test_without_the_plugin_that_the_settings_name_no_session_is_opened(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    if preflight({"PATH": "/nonexistent"}).path:
        pytest.skip("a plugin is installed here")
    aws.load("healthy-small")
    told = ssmtui("tunnel", "web-1", "5432", PATH="/nonexistent", SSMTUI_CLIENT="plugin")
    assert told.returncode == 4
    assert told.stderr.splitlines()[0].endswith("session-manager-plugin is not installed on this computer")
    assert active(aws) == []


def test_a_tunnel_that_does_not_open_names_no_cause_that_its_text_leaves_open_and_says_what_to_do_next(
    aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load("demo")
    told = ssmtui("tunnel", "dev-alex", "5432")
    assert told.returncode == 4
    node = re.findall(r"i-[0-9a-f]{17}", told.stderr)[0]
    text = f"An error occurred (TargetNotConnected) when calling the StartSession operation: {node} is not connected."
    assert told.stderr.splitlines() == [
        f"ssmtui: the tunnel to dev-alex:5432 failed: {text}",
        f"dev-alex ({node}) is not running, so it cannot open sessions.",
        f"To find the cause: ssmtui check {node} --region {aws.regions[0]}",
    ]


@pytest.mark.parametrize("ends", ["stubborn", "repeats"])
def test_a_plugin_that_a_wrapper_starts_is_ended_whatever_it_does_and_tells_its_port_once(
    aws: SimulatedAws, port_plugin: Path, tmp_path: Path, ends: str
) -> None:
    told, program = port_plugin / "behaviour.json", port_plugin / "session-manager-plugin"
    told.write_text(json.dumps({**json.loads(told.read_text()), "ends": ends}))
    program.write_text(program.read_text().replace("\nexec ", "\n"))
    aws.load("healthy-small")
    tunnel = UnderWay(started(aws, port_plugin, tmp_path, "80"))
    with socket.create_connection(("localhost", tunnel.port)) as connection:
        if ends == "stubborn":
            connection.sendall(b"hello")
            assert connection.recv(5) == b"hello"
    assert tunnel.end(signal.SIGINT) == 130
    assert [each for each in tunnel.told if "forwards to" in each] == [], "it was said before, once"
    (pid,) = (int(each.read_text().split()[0]) for each in (port_plugin / "pids").iterdir())
    until(lambda: not lives(pid))
    assert active(aws) == []
