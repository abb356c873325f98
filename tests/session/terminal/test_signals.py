"""Signals that come while a session is held: none waits until something else happens."""

from __future__ import annotations

import os
import signal
from select import select

from ssmtui.session.terminal_signals import Alarm, signals_handled


def test_a_signal_that_comes_just_before_the_wait_ends_the_wait() -> None:
    alarm = Alarm()
    taken: list[signal.Signals] = []
    with signals_handled(taken.append, alarm):
        os.kill(os.getpid(), signal.SIGWINCH)
        ready, _, _ = select([alarm.reader], [], [], 0)
    assert taken == [signal.SIGWINCH]
    assert ready == [alarm.reader]
    alarm.close()


def test_what_signals_woke_before_is_woken_again_afterwards() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer)
    alarm = Alarm()
    try:
        with signals_handled(lambda _: None, alarm):
            pass
        found = signal.set_wakeup_fd(writer)
    finally:
        signal.set_wakeup_fd(before)
    alarm.close()
    for each in (reader, writer):
        os.close(each)
    assert found == writer
