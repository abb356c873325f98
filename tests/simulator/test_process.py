"""The simulator as a child process: starts at once, waits with requests, leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from ssmtui.simulator import process
from ssmtui.simulator.process import Simulator, SimulatorError, without_aws_variables

# A parent that starts a simulator and then waits for its own end.
_PARENT = """
import sys
from ssmtui.simulator import process
print(process.start("healthy-small").endpoint_url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with process.start("healthy-small") as started:
        yield started


def connected(endpoint_url: str) -> socket.socket:
    address = urlsplit(endpoint_url)
    connection = socket.create_connection((address.hostname, address.port or 0), timeout=20)
    # The beginning of a request, so that somebody is there to read on until the end.
    connection.sendall(b"GET / HTTP/1.1\r\n")
    return connection


def wait_for_its_end(connection: socket.socket) -> None:
    try:
        while connection.recv(1024):
            pass
    except ConnectionResetError:
        pass


def is_refused(endpoint_url: str) -> bool:
    try:
        connected(endpoint_url).close()
    except ConnectionRefusedError:
        return True
    return False


def test_an_sdk_finds_the_scenario_by_the_environment(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in simulator.environment.items():
        monkeypatch.setenv(name, value)
    sts = Session().create_client("sts")
    assert sts.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/Engineer/alex"
    assert simulator.regions[0] == "eu-west-3"
    # Whoever knows the keys, which stand in the source, and not the token of the run, gets no answer.
    monkeypatch.setenv("AWS_SESSION_TOKEN", "simulated")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        Session().create_client("sts").get_caller_identity()


def test_stop_leaves_neither_process_nor_port(simulator: Simulator) -> None:
    simulator.stop()
    with pytest.raises(ChildProcessError):
        os.waitpid(simulator.pid, 0)
    assert is_refused(simulator.endpoint_url)
    simulator.stop()


def test_child_ends_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        endpoint_url = parent.stdout.readline().strip()
        with connected(endpoint_url) as connection:
            os.kill(parent.pid, signal.SIGKILL)
            wait_for_its_end(connection)
    assert is_refused(endpoint_url)


def test_unknown_scenario_is_told_in_a_sentence() -> None:
    with pytest.raises(SimulatorError, match=r"There is no scenario 'atlantis'; there are demo, "):
        process.start("atlantis")


def test_starting_loads_no_sdk_in_the_parent() -> None:
    loaded = "import sys, ssmtui.simulator.process; print(sorted({'moto', 'botocore', 'flask'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_isolated_environment_has_nothing_of_the_person_left() -> None:
    person = {"PATH": "/bin", "AWS_PROFILE": "prod", "AWS_ENDPOINT_URL_SSM": "https://elsewhere"}
    assert without_aws_variables(person, {"AWS_REGION": "eu-west-3"}) == {"PATH": "/bin", "AWS_REGION": "eu-west-3"}


def test_one_that_is_ended_before_it_has_loaded_ends_at_once_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(subprocess.Popen, "kill", lambda _child: pytest.fail("it did not end by itself"))
    process.start("healthy-small").stop()
    assert list(tmp_path.iterdir()) == []
