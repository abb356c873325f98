"""AWS's own agent as a node of the simulated AWS, where it is installed. `make -C tools real-node` compares all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.real_node.isolation import obstacle
from tools.real_node.programs import MissingError, Programs

ROOT = Path(__file__).parents[4]
COMPARED = ("nothing", "a program", "kms:Decrypt denied", "Run As", "profile that exits", "port closed")
PATIENCE = 600


def absent() -> str | None:
    """What the real agent lacks on this machine."""
    try:
        Programs.found(os.environ)
    except MissingError as missing:
        return str(missing)
    return obstacle()


MISSING = absent()


@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
def test_both_agents_say_the_same_and_every_command_names_the_cause() -> None:
    command = [sys.executable, "-m", "tools.real_node", "--compare", *COMPARED]
    compared = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert " 0 wrong, 0 sessions left" in compared.stdout
