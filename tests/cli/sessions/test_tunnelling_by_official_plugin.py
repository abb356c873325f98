"""`ssmtui tunnel` by the official plugin, where one is on PATH: through the simulated AWS to what a node serves."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.sessions.tunnelled import UnderWay, started
from tests.session.tunnels.at_hand import until

PLUGIN = shutil.which("session-manager-plugin")

pytestmark = pytest.mark.skipif(PLUGIN is None, reason="the official plugin is not on PATH")


@pytest.fixture
def tunnel(aws: SimulatedAws, tmp_path: Path) -> Iterator[UnderWay]:
    aws.load("healthy-small")
    process = started(aws, Path(PLUGIN or "").parent, tmp_path, "80")
    try:
        yield UnderWay(process)
    finally:
        process.kill()
        process.communicate()


def page(port: int) -> str:
    """What is served there; empty where the connection is cut."""
    with suppress(OSError, HTTPException), closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    return ""


def test_a_page_of_the_node_is_read_through_it_and_no_session_is_left(tunnel: UnderWay, aws: SimulatedAws) -> None:
    assert "simulated web-1:80" in page(tunnel.port)
    assert "simulated web-1:80" in page(tunnel.port)
    assert tunnel.end(signal.SIGTERM) == 143
    assert aws.active_sessions == ()


@pytest.mark.parametrize("kind", ["close", "reset"])
def test_a_socket_that_is_lost_is_the_plugin_s_to_mend_or_ours(aws: SimulatedAws, tmp_path: Path, kind: str) -> None:
    aws.load("healthy-small")
    aws.network_fault(kind, milliseconds=500, times=1)
    process = started(aws, Path(PLUGIN or "").parent, tmp_path, "80")
    try:
        under_way = UnderWay(process)
        until(lambda: "simulated web-1:80" in page(under_way.port))
        assert under_way.end(signal.SIGTERM) == 143
    finally:
        process.kill()
        process.communicate()
    assert aws.active_sessions == ()
