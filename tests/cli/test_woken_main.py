from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PATIENCE = 60
"""Seconds: who is not woken waits for ever."""

WAITS = """
import signal, sys, threading, time
from ssmtui.cli.signals import install_signal_handlers

def told() -> None:
    while not waited_for._cond._waiters:
        time.sleep(0)
    for _ in range(1000):  # so many turns, of which it needs some for its last steps before it waits
        time.sleep(0)
    # Nothing tells the main thread of what another one is told: as of what came as it was about to wait.
    signal.pthread_kill(threading.get_ident(), signal.{name})

install_signal_handlers()
waited_for = threading.Event()
threading.Thread(target=told, daemon=True).start()
waited_for.wait()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a thread cannot be told alone")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_whoever_had_just_begun_to_wait_hears_that_it_is_to_end(number: signal.Signals) -> None:
    ended = subprocess.run([sys.executable, "-c", WAITS.format(name=number.name)], timeout=PATIENCE, check=False)
    assert ended.returncode == 128 + number


@pytest.mark.skipif(sys.platform == "win32", reason="there a thread cannot be told alone")
def test_ctrl_c_is_heard_likewise() -> None:
    words = [sys.executable, "-c", WAITS.format(name="SIGINT")]
    ended = subprocess.run(words, timeout=PATIENCE, check=False, capture_output=True, text=True)
    assert "KeyboardInterrupt" in ended.stderr
