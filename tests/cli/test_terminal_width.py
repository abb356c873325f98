"""What commands print on a terminal fits it; what they print elsewhere is whole and the same whatever the width."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui
from tests.cli.terminal import on_terminal

AT_REST = (
    ("causes",),
    ("causes", "kms-node-denied"),
    ("checks",),
    ("demo", "--scenario"),
    ("explain", "TargetNotConnected"),
    ("explain", "nothing that is known"),
    ("info",),
    ("undo", "--list"),
)


@pytest.fixture
def environment(aws: SimulatedAws, tmp_path: Path) -> Mapping[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", **aws.environment}


@pytest.mark.parametrize("line", AT_REST, ids=" ".join)
def test_nothing_is_wrapped(line: tuple[str, ...], environment: Mapping[str, str], tmp_path: Path) -> None:
    shown = on_terminal(*line, environment=environment, folder=tmp_path)
    assert shown.wider_than(80) == []
    assert len(shown.lines) > 1 or line == ("undo", "--list")


def test_a_report_fits_the_terminal_and_a_pipe_gets_all_of_it(
    ssmtui: Ssmtui, aws: SimulatedAws, environment: Mapping[str, str], tmp_path: Path
) -> None:
    aws.load("log-group-unreadable")
    shown = on_terminal("check", environment=environment, folder=tmp_path)
    piped = ssmtui("check")
    assert (shown.returncode, shown.wider_than(80)) == (3, [])
    assert "\x1b[" in shown.raw
    assert "\x1b" not in piped.stdout
    assert "CHANNEL" in piped.stdout
    assert "…" not in piped.stdout
    assert ssmtui("causes", COLUMNS="40").stdout == ssmtui("causes").stdout


def test_an_error_fits_the_terminal_too(environment: Mapping[str, str], tmp_path: Path) -> None:
    shown = on_terminal("causes", "kms-node-denid", environment=environment, folder=tmp_path, errors=True, width=40)
    assert shown.returncode == 2
    assert shown.lines[:2] == ["ssmtui: unknown cause: kms-node-denid.", "        Did you mean kms-node-denied?"]
