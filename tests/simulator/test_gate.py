from __future__ import annotations

import threading

from ssmtui.simulator.request_control import Gate


def test_whoever_has_passed_is_done_before_it_is_closed() -> None:
    gate, done, is_shut = Gate(), [], threading.Event()
    gate.open()

    def close() -> None:
        gate.close()
        done.append("closed")
        is_shut.set()

    with gate.passing():
        closing = threading.Thread(target=close)
        closing.start()
        while gate.is_open:
            is_shut.wait(0.001)
        done.append("answered")
    closing.join()
    assert done == ["answered", "closed"]


def test_whoever_is_never_done_is_not_waited_for_for_ever() -> None:
    gate = Gate(patience=0.01)
    gate.open()
    with gate.passing():
        gate.close()
    assert not gate.is_open


def test_whoever_comes_while_it_is_closed_waits_and_is_told_why_there_is_nothing() -> None:
    gate, told = Gate(), []

    def ask() -> None:
        with gate.passing() as failure:
            told.append(failure)

    asking = threading.Thread(target=ask)
    asking.start()
    gate.open_on_failure("no room")
    asking.join()
    gate.open()
    with gate.passing() as failure:
        told.append(failure)
    assert told == ["no room", None]
