"""How the program ends when it is at fault itself."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
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
    assert told.err.startswith("ssmtui: an internal error: ZeroDivisionError at ssmtui/cli/entry.py:")
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


def test_a_file_that_is_cut_short_is_no_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def cut(**_: object) -> None:
        raise EOFError("marshal data too short")

    assert run(monkeypatch, cut) == 1
    assert "ssmtui: an internal error: EOFError" in capfd.readouterr().err


def test_what_libraries_log_does_not_reach_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])

    def complains(**_: object) -> None:
        logging.getLogger("asyncio").error("an exception was never retrieved")

    assert run(monkeypatch, complains) == 0
    assert capfd.readouterr().err == ""


SERVES = "import sys; sys.argv = ['ssmtui', 'demo', '--serve']; from ssmtui.cli import entry; entry.main()"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_who_is_told_to_end_ends_in_order_with_the_code_of_a_shell(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVES], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        served.stdout.readline()
        served.send_signal(number)
        assert served.wait() == 128 + number


def test_what_is_started_not_to_hear_that_the_terminal_is_gone_does_not_hear_it() -> None:
    ignoring = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); {SERVES}"
    with subprocess.Popen([sys.executable, "-c", ignoring], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        served.stdout.readline()
        served.send_signal(signal.SIGHUP)
        served.send_signal(signal.SIGTERM)
        assert served.wait() == 143


GONE = """
import os, signal, sys
from ssmtui.cli import entry
from ssmtui.cli.commands import commands

def terminal_is_closed(**_):
    try:
        os.kill(os.getpid(), signal.SIGHUP)
        signal.pause()
    finally:
        raise OSError(5, "Input/output error")

sys.argv = ["ssmtui", "causes"]
commands.commands["causes"].callback = terminal_is_closed
entry.main()
"""


def test_what_fails_for_the_terminal_being_gone_is_no_defect() -> None:
    told = subprocess.run([sys.executable, "-c", GONE], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (129, "", "")


INTERRUPTED_AT_ITS_END = """
import atexit, os, signal, sys, threading
from ssmtui.cli import entry
from ssmtui.cli.commands import commands

def interrupted(*_):
    os.kill(os.getpid(), signal.SIGINT)

class Late:
    # What is alive when Python has let go of everything: no handler of Python's is called any more.
    def __del__(self, kill=os.kill, pid=os.getpid(), number=signal.SIGINT):
        kill(pid, number)

def ends(**_):
    sys.late = Late()
    atexit.register(interrupted)
    threading._register_atexit(interrupted)
    raise KeyboardInterrupt

sys.argv = ["ssmtui", "causes"]
commands.commands["causes"].callback = ends
entry.main()
"""


def test_ctrl_c_while_python_ends_changes_neither_the_exit_code_nor_what_is_said() -> None:
    told = subprocess.run([sys.executable, "-c", INTERRUPTED_AT_ITS_END], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (130, "", "\n")  # the one behind the ^C of a terminal


INTERRUPTED_AT_ITS_BEGINNING = """
import os, signal, sys
from ssmtui.cli import entry

class Interrupting:
    def find_spec(self, name, *_):
        if name == "ssmtui.cli.commands":
            os.kill(os.getpid(), signal.SIGINT)

sys.modules.pop("ssmtui.cli.commands", None)
sys.meta_path.insert(0, Interrupting())
sys.argv = ["ssmtui", "causes"]
entry.main()
"""


def test_ctrl_c_while_the_commands_are_loaded_is_told_by_the_exit_code_alone() -> None:
    told = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT_ITS_BEGINNING], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (130, "", "")


def test_what_was_imported_is_not_collected_again_at_the_end() -> None:
    program = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "sys.argv = ['ssmtui', '--version']\n"
        "from ssmtui.cli import main\n"
        "main()\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "True"
