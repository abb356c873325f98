"""`ssmtui connect` as the ProxyCommand of ssh: standard input and output are those of a port, without the plugin."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.building_blocks import ADMINISTRATOR, node, small_world

if sys.platform == "win32":
    pytest.skip("there, the plugin carries ssh", allow_module_level=True)

ECHO, CLOSED, SSH = 7, 9, 22
Proxy = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def proxy(aws: SimulatedAws, tmp_path: Path) -> Iterator[Proxy]:
    """Starts a ProxyCommand to a port of web-1. There is no plugin."""
    aws.load(small_world((node("web-1"),), caller=ADMINISTRATOR))
    environment = {"PATH": "/nonexistent", "HOME": str(tmp_path), "LANG": "C.UTF-8", **aws.environment}
    running: list[subprocess.Popen[bytes]] = []

    def started(port: int, *options: str, document: str = "AWS-StartSSHSession") -> subprocess.Popen[bytes]:
        words = ["--document-name", document, "--parameter", f"portNumber={port}", *options]
        process = subprocess.Popen(
            [sys.executable, "-m", "ssmtui", "connect", "web-1", *words],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        running.append(process)
        return process

    yield started
    for each in running:
        each.kill()
        each.communicate()


def said_back(process: subprocess.Popen[bytes], data: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(data)
    process.stdin.flush()
    return process.stdout.read(len(data))


def test_bytes_of_any_kind_go_to_the_port_and_back_and_the_end_of_input_is_the_end(
    proxy: Proxy, aws: SimulatedAws
) -> None:
    process = proxy(ECHO)
    assert said_back(process, b"\n") == b"\n"
    assert said_back(process, b"\x03\x04~.\r\n\x00\xff") == b"\x03\x04~.\r\n\x00\xff"
    data = os.urandom(50_000)
    assert said_back(process, data) == data
    rest, errors = process.communicate(timeout=60)
    assert (process.returncode, rest, errors) == (0, b"", b"")
    assert aws.active_sessions == ()


def test_a_server_that_speaks_first_is_heard(proxy: Proxy) -> None:
    process = proxy(SSH)
    assert process.stdout is not None
    assert process.stdout.readline() == b"SSH-2.0-ssmtui_simulated\r\n"


def test_a_connection_that_is_cut_goes_on(proxy: Proxy, aws: SimulatedAws) -> None:
    aws.network_fault("reset", after=12, times=1)
    process = proxy(ECHO)
    data = os.urandom(20_000)
    assert said_back(process, data) == data


@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_it_and_leaves_no_session(proxy: Proxy, aws: SimulatedAws, by: signal.Signals, code: int) -> None:
    if signal.getsignal(by) is signal.SIG_IGN:
        pytest.skip("who runs the tests has this signal ignored, and so would the command")
    process = proxy(ECHO)
    assert said_back(process, b"hello") == b"hello"
    process.send_signal(by)
    assert process.wait(60) == code
    assert aws.active_sessions == ()


def test_who_no_longer_reads_ends_it(proxy: Proxy, aws: SimulatedAws) -> None:
    process = proxy(ECHO)
    assert said_back(process, b"hello") == b"hello"
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.close()
    process.stdin.write(b"more")
    process.stdin.flush()
    process.wait(60)
    assert aws.active_sessions == ()


def test_a_port_where_nobody_listens_is_explained(proxy: Proxy, aws: SimulatedAws) -> None:
    process = proxy(CLOSED)
    assert process.wait(60) == 3
    assert process.stderr is not None
    errors = process.stderr.read()
    assert b"ipc messaging received timeout signal" in errors
    assert b"port-refused: Destination port does not answer" in errors
    assert aws.active_sessions == ()


def test_a_document_that_opens_a_port_here_is_for_the_other_command(proxy: Proxy, aws: SimulatedAws) -> None:
    process = proxy(ECHO, "--builtin", document="AWS-StartPortForwardingSession")
    assert process.wait(60) == 4
    assert process.stderr is not None
    errors = process.stderr.read()
    assert errors.endswith(b"ended:\n  The document forwards a port of this computer: use ssmtui tunnel.\n")
    assert aws.active_sessions == ()
