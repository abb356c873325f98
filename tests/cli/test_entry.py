"""How the program ends when it is at fault itself."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from ssmtui.cli import entry
from ssmtui.cli.commands import commands


def test_a_defect_is_one_sentence_without_a_traceback_or_what_the_error_held(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("sys.argv", ["ssmtui", "causes"])
    monkeypatch.setattr(commands.commands["causes"], "callback", broken)
    with pytest.raises(SystemExit) as ended:
        entry.main()
    told = capfd.readouterr()
    assert (ended.value.code, told.out) == (1, "")
    assert told.err.startswith("ssmtui: a defect: ZeroDivisionError at ssmtui/cli/entry.py:")
    assert told.err.endswith(". Please report it.\n")
    assert len(told.err.splitlines()) == 1
    assert "secret" not in told.err


def run(monkeypatch: pytest.MonkeyPatch, callback: Callable[..., None]) -> object:
    monkeypatch.setattr("sys.argv", ["ssmtui", "causes"])
    monkeypatch.setattr(commands.commands["causes"], "callback", callback)
    with pytest.raises(SystemExit) as ended:
        entry.main()
    return ended.value.code


def test_ctrl_c_while_modules_are_imported_is_no_defect(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: object) -> None:
        raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

    assert run(monkeypatch, interrupted) == 130
    assert capfd.readouterr().err == ""


def test_what_libraries_log_does_not_reach_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])

    def complains(**_: object) -> None:
        logging.getLogger("asyncio").error("an exception was never retrieved")

    assert run(monkeypatch, complains) == 0
    assert capfd.readouterr().err == ""
