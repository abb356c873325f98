from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]

Ssmtui = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ssmtui(aws: SimulatedAws, tmp_path: Path) -> Ssmtui:
    """Runs the command line as a process of its own: no terminal, an empty home, AWS simulated."""

    def run(*line: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
        environment: dict[str, str | None] = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            **aws.environment,
            **variables,
        }
        return subprocess.run(
            [sys.executable, "-m", "ssmtui", *line],
            env={name: value for name, value in environment.items() if value is not None},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run
