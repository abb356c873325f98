"""`--read-only` opens, carries on and ends no session, whatever is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.cli.run import Run
from ssmtui.config.declared_settings import READ_ONLY
from ssmtui.config.settings import Settings
from ssmtui.session.client import OPERATIONS
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui

LINES = (
    ("connect", "web-1"),
    ("connect", "web-1", "--builtin"),
    ("connect", "web-1", "--", "uptime"),
    ("probe", "web-1"),
    ("probe", "web-1", "web-2"),
    ("tunnel", "web-1", "80"),
    ("tunnel", "web-1", "db.internal:5432"),
)


def of_sessions(aws: SimulatedAws) -> list[str]:
    """What was asked of AWS that only a session takes."""
    return [each.operation for each in aws.journal.entries if (each.service, each.operation) in OPERATIONS]


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_the_command_line_refuses(line: tuple[str, ...], aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    told = ssmtui(line[0], "--read-only", *line[1:])
    assert (told.returncode, told.stdout) == (5, "")
    assert "read-only" in told.stderr
    assert of_sessions(aws) == []
    assert aws.active_sessions == ()


def test_a_run_has_no_way_to_sessions(tmp_path: Path) -> None:
    def lend(_: object) -> None:
        raise AssertionError("nobody is to be lent credentials")

    assert Run((), Settings().having(READ_ONLY, True), tmp_path).sessions(lend) is None  # type: ignore[arg-type]
