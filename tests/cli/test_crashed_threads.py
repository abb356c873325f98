"""A thread that crashes ends the command that would wait for it for ever, in one sentence."""

from __future__ import annotations

import signal
import subprocess
import sys
from threading import Thread

import pytest

from ssmtui.cli import signals
from ssmtui.cli.signals import install_signal_handlers, received_exit_code, shut_down_with

CRASHING = """
import sys, threading
from ssmtui.cli import entry
from ssmtui.cli.commands import commands

def crashes():
    raise ZeroDivisionError("a secret")

def waits(**_):
    threading.Thread(target=crashes).start()
    threading.Lock().acquire() and threading.Event().wait()

commands.commands["causes"].callback = waits
sys.argv = ["ssmtui", "causes"]
entry.main()
"""


def test_a_command_that_waits_for_a_thread_that_has_crashed_ends_by_exit_code_1() -> None:
    told = subprocess.run([sys.executable, "-c", CRASHING], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.strip() == "ssmtui: an internal error: ZeroDivisionError. Please report it."


def test_whoever_runs_meanwhile_is_told_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.excepthook", None)
    monkeypatch.setattr("sys.unraisablehook", sys.unraisablehook)
    signals.watch_threads()
    error, told = ZeroDivisionError(), list[BaseException]()

    def crashes() -> None:
        raise error

    with signals.report_crashes_to(told.append):
        thread = Thread(target=crashes)
        thread.start()
        thread.join()
    assert (told, signals.crashed_thread_error()) == ([error], None)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no such signals here")
def test_what_ends_in_order_is_asked_once_and_what_follows_at_once_is_the_same_wish() -> None:
    before = {each: signal.getsignal(each) for each in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
    asked: list[int] = []

    def end(code: int) -> bool:
        asked.append(code)
        return True

    try:
        install_signal_handlers()
        with shut_down_with(end):
            for each in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.raise_signal(each)
        assert (asked, received_exit_code()) == ([129], 129)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        asked.clear()
