"""What starts a real node leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ssmtui.simulator.real_node.isolation import build_root, obstacle
from ssmtui.simulator.real_node.programs import MissingError, find_agent

OBSTACLE = obstacle()
RUN = """
import os, sys
from ssmtui.simulator.real_node.isolation import run_inside
sys.exit(run_inside(("sh", "-c", sys.argv[1]), os.environ))
"""
PATIENCE = 60

needs_namespaces = pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE))


def inside(folder: Path, script: str) -> subprocess.Popen[str]:
    """A script of sh in private namespaces, whose files are below that folder."""
    command = [sys.executable, "-c", RUN, script]
    return subprocess.Popen(command, env={**os.environ, "TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True)


@needs_namespaces
def test_a_command_runs_without_a_network_and_its_exit_code_is_given(tmp_path: Path) -> None:
    with inside(tmp_path, 'ip -brief link | cut -d" " -f1; exit 7') as running:
        shown, _ = running.communicate(timeout=PATIENCE)
    assert (shown, running.returncode) == ("lo\n", 7)
    assert list(tmp_path.iterdir()) == []


@needs_namespaces
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_an_ended_terminal_ends_everything(tmp_path: Path, name: str) -> None:
    sent = signal.Signals[name]
    with inside(tmp_path, 'echo "$SSMTUI_REAL_NODE"; exec sleep 600') as running:
        assert running.stdout is not None
        folder = Path(running.stdout.readline().strip())
        assert folder.is_dir()
        running.send_signal(sent)
        # Nobody holds the other end any more.
        assert running.stdout.read() == ""
        assert running.wait(PATIENCE) == 128 + sent
    assert list(tmp_path.iterdir()) == []


def test_a_machine_is_built_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="only in private namespaces"):
        build_root(tmp_path, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_agent_has_all_its_programs(tmp_path: Path) -> None:
    for name in ("amazon-ssm-agent", "ssm-agent-worker"):
        (tmp_path / name).touch()
    with pytest.raises(MissingError, match="The SSM Agent is not in"):
        find_agent(tmp_path)
    (tmp_path / "ssm-session-worker").touch()
    assert find_agent(tmp_path) == tmp_path.resolve()
