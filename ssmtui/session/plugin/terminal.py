"""The terminal given to the plugin: its keys are the session's, and it is afterwards as it was. POSIX only."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ssmtui.model.session_opening import SessionEnding
from ssmtui.session.plugin.ending import Tail, ending
from ssmtui.session.plugin.invocation import Invocation
from ssmtui.session.plugin.own_lines import OutputAlone
from ssmtui.session.plugin.starting import Started, start_on_pipes, start_on_terminal
from ssmtui.session.terminal.attributes import (
    Attributes,
    attributes_of,
    give,
    is_terminal,
    make_raw,
    raw,
    set_window_size,
    window_size,
)
from ssmtui.session.terminal.modes import LeftOn
from ssmtui.session.terminal.relay import Relay
from ssmtui.session.terminal.signals import ENDING, KEYS, Alarm, raise_again, signals_taken

_PERSON = (0, 1)
_DYING = 1.0
"""Seconds in which a plugin that is told to end does so."""


def run_plugin(run: Invocation, session_id: str, *, at_end: bytes | None, alone: bool = False) -> SessionEnding:
    """Run the plugin until it ends, on this process's standard input and output.

    `at_end` is what it is sent where an input that is no terminal ends; None: it is given that input itself. An output
    that is no terminal gets that of the session `alone`, if that is wanted, without what the plugin writes around it.

    Raises:
        OSError: it cannot be run.
        BrokenPipeError: nobody reads the output any more.
        EndedBySignal: this process was asked to end; or what its own handler of that signal raises.

    """
    sys.stdout.flush()
    sys.stderr.flush()
    attributes = attributes_of(_PERSON[0]) if is_terminal(_PERSON[0]) else None
    alarm = Alarm()
    try:
        held = _Held(alarm)
        with signals_taken(held.take, alarm), _kept(attributes):
            if attributes is not None and is_terminal(_PERSON[1]):
                with raw(_PERSON[0], attributes):
                    told = held.carry(start_on_terminal(run, _PERSON, attributes, alarm), session_id)
            else:
                shared = None if attributes is not None else at_end
                told = held.carry(start_on_pipes(run, _PERSON, shared, alarm), session_id, alone=alone)
    finally:
        alarm.close()
    if held.asked is not None:
        raise_again(held.asked)
    if held.broken and attributes is None:
        raise BrokenPipeError
    return told


class _Held:
    """A plugin that has the terminal."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._started: Started | None = None
        self._deadline: float | None = None
        self.asked: signal.Signals | None = None
        self.broken = False

    def carry(self, started: Started, session_id: str, *, alone: bool = False) -> SessionEnding:
        """Carry bytes until it has ended; tells how."""
        self._started, tail, left_on, output_alone = started, Tail(), LeftOn(), OutputAlone(session_id)
        if self.asked is not None:
            self._end()

        def read(output: bytes) -> None:
            tail.read(output)
            if started.terminal is not None:
                left_on.read(output)

        def shown(output: bytes) -> bytes:
            return output_alone.pass_on(output) if alone else output

        closing = output_alone.rest if alone else left_on.undoing
        relay = Relay(started.ends, self._alarm, read=read, shown=shown, closing=closing, lost=self._lost)
        try:
            relay.run(started.ended.is_set, lambda: self._deadline is not None, self._tick)
            return ending(session_id, tail.text, started.process.wait())
        finally:
            self.broken = relay.output.broken is not None
            self._kill()
            started.close()

    def take(self, number: signal.Signals) -> None:
        """A signal came to this process."""
        started = self._started
        if number in ENDING:
            self.asked = self.asked or number
            self._end()
        elif started is None or started.terminal is None:
            return  # the keys of a shared terminal have sent the plugin the same
        elif number in KEYS:
            with suppress(ProcessLookupError):
                started.process.send_signal(number)
        elif number.name == "SIGCONT":
            make_raw(_PERSON[0])
            self._resize(started.terminal)
        else:
            self._resize(started.terminal)

    def _resize(self, terminal: int) -> None:
        size = window_size(_PERSON[1])
        if size is not None:
            set_window_size(terminal, size)

    def _lost(self) -> None:
        self._end()

    def _end(self) -> None:
        """Have it end: as if its terminal were gone, and if it does not mind that, at once."""
        if self._started is None or self._deadline is not None:
            return
        self._deadline = time.monotonic() + _DYING
        self._started.process.send_signal(signal.SIGHUP)
        self._alarm.ring()

    def _tick(self) -> float | None:
        if self._deadline is None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0:
            self._kill()
            return None
        return left

    def _kill(self) -> None:
        if self._started is not None and not self._started.ended.is_set():
            self._started.process.kill()


@contextmanager
def _kept(attributes: Attributes | None) -> Iterator[None]:
    """A terminal that the plugin sets by itself is afterwards as it was."""
    try:
        yield
    finally:
        if attributes is not None:
            give(_PERSON[0], attributes)
