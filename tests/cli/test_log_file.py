"""The log file, where the disk is full for it: what it lacks is said once, and nothing is printed meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssmtui.cli.output_file import log_to


@pytest.fixture
def ours() -> Iterator[logging.Logger]:
    logger = logging.getLogger("ssmtui")
    before, level = list(logger.handlers), logger.level
    yield logger
    logger.setLevel(level)
    for handler in logger.handlers:
        if handler not in before:
            logger.removeHandler(handler)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_what_has_no_room_is_left_out_and_that_is_said_once_at_the_end(
    ours: logging.Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    log_to(Path("/dev/full"))
    for _ in range(3):
        ours.info("something")
    assert capfd.readouterr() == ("", "")
    ours.handlers[-1].close()
    ours.handlers[-1].close()
    assert capfd.readouterr() == ("", "ssmtui: the log file is incomplete: No space left on device\n")


def test_what_is_logged_is_one_printable_entry_for_its_owner_alone(ours: logging.Logger, tmp_path: Path) -> None:
    log_to(tmp_path / "log")
    ours.warning("café \x1b[31m")
    ours.handlers[-1].close()
    ours.warning("afterwards")
    told = (tmp_path / "log").read_text(encoding="utf-8")
    assert told.partition(" WARNING ")[2] == "ssmtui: café \\x1b[31m\n"
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
