from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.preloaded.command_line import run as run_ssmtui
from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]

Ssmtui = Callable[..., "subprocess.CompletedProcess[str]"]


def a_plugin(folder: Path, version: str = "1.2.764.0") -> Path:
    """A folder with a Session Manager plugin that says its version, and does nothing else."""
    plugin = folder / "session-manager-plugin"
    plugin.write_text(f"#!/bin/sh\necho {version}\n")
    plugin.chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def heard_by_pytest() -> Iterator[None]:
    """Signals are heard by whoever runs the tests again, where one has run the command line in this process."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def ssmtui(aws: SimulatedAws, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Ssmtui:
    """Runs the command line as a process of its own: no terminal, an empty home, AWS simulated, a plugin on PATH."""
    programs = a_plugin(tmp_path_factory.mktemp("programs"))

    def run(*line: str, output: str = "", **variables: str | None) -> subprocess.CompletedProcess[str]:
        environment: dict[str, str | None] = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            **aws.environment,
            **variables,
        }
        with Path(output).open("wb") if output else nullcontext() as out:
            return run_ssmtui(
                *line,
                environment={name: value for name, value in environment.items() if value is not None},
                folder=tmp_path,
                output=None if out is None else out.fileno(),
            )

    return run
