"""How the program ends when it is at fault itself."""

from __future__ import annotations

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
