"""AWS's own agent as a node of the simulated AWS, where it is installed. `make -C tools real-node` compares all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ssmtui.simulator.real_node.isolation import obstacle
from ssmtui.simulator.real_node.programs import MissingError
from tools.real_node.programs import Programs

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


needs_agent = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


@needs_agent
def test_the_demo_has_a_real_node() -> None:
    folder = str(Programs.found(os.environ).agent)
    command = [sys.executable, "-m", "ssmtui", "demo", "--real-node", folder]
    shown = subprocess.run(
        command, check=False, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
    )
    assert shown.returncode == 0, shown.stderr
    (row,) = [line for line in shown.stdout.splitlines() if re.search(r"\bmi-\w+ +real-1 ", line)]
    assert " Online " in row
    assert " connected " in row


@needs_agent
def test_both_agents_say_the_same_and_every_command_names_the_cause() -> None:
    command = [sys.executable, "-m", "tools.real_node", "--compare", *COMPARED]
    compared = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert " 0 wrong, 0 sessions left" in compared.stdout
