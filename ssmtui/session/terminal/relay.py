"""Bytes between a person and a session, both ways and untouched, so that neither way waits for the other."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from select import select

from ssmtui.session.terminal.output import Output
from ssmtui.session.terminal.signals import Alarm

_PIECE = 64 * 1024
_TYPED = 64 * 1024
"""Bytes typed ahead that are kept while the session takes none."""
_AFTERWARDS = 0.5
"""Seconds without output after which a session that has ended is read no further: something else holds its end."""


@dataclass(frozen=True, slots=True)
class Ends:
    """File descriptors.

    What the person gives is read from `source` and written to `sink`, which does not block; what the session says is
    read from `output` and written to `target`. Without `source` the session reads the person itself. `at_end` is what
    the session is sent where the person's input ends; where that is None, the session is to end with it.
    """

    output: int
    target: int
    source: int | None = None
    sink: int | None = None
    at_end: bytes | None = None


class Relay:
    """Carries bytes until the session is over.

    `read` is shown the output, `shown` gives what is written of it, `closing` gives what is written after it, and
    `lost` is called once if the person is gone.
    """

    def __init__(
        self,
        ends: Ends,
        alarm: Alarm,
        *,
        read: Callable[[bytes], None],
        shown: Callable[[bytes], bytes] = lambda output: output,
        closing: Callable[[], bytes],
        lost: Callable[[], None],
    ) -> None:
        self._alarm = alarm
        self._read = read
        self._shown = shown
        self._closing = closing
        self._lost = lost
        self._is_lost = False
        self._source, self._sink, self._at_end = ends.source, ends.sink, ends.at_end
        self._from: int | None = ends.output
        self._typed = bytearray()
        self.output = Output(ends.target, alarm.ring)

    def run(self, over: Callable[[], bool], hurried: Callable[[], bool], tick: Callable[[], float | None]) -> None:
        """Carry until it is `over`, and until the output is written, unless that is `hurried`.

        `tick` is asked at each step how many seconds may pass until the next one; None for any time.
        """
        while True:
            ended = over()
            listening = self._from is not None and (self.output.has_room or self._is_lost)
            readable, writable = self._wait(_AFTERWARDS if ended else tick(), ended=ended, listening=listening)
            if self._alarm.reader in readable:
                self._alarm.silence()
            if self._source in readable:
                self._take_typed()
            if self._sink in writable:
                self._hand_on()
            if self._from in readable:
                self._take_output()
            elif ended and (self._from is None or (listening and not readable) or hurried()):
                break
            if self.output.broken is not None:
                self._lose()
        self.output.give(self._closing())
        while not self.output.end(_AFTERWARDS) and not hurried():
            pass

    def _wait(self, seconds: float | None, *, ended: bool, listening: bool) -> tuple[list[int], list[int]]:
        readers, writers = [self._alarm.reader], []
        if listening and self._from is not None:
            readers.append(self._from)
        if not ended and self._source is not None and len(self._typed) < _TYPED:
            readers.append(self._source)
        if not ended and self._sink is not None and self._typed:
            writers.append(self._sink)
        if ended and self._from is None:
            seconds = 0.0
        readable, writable, _ = select(readers, writers, [], seconds)
        return readable, writable

    def _take_typed(self) -> None:
        if self._source is None:
            return
        try:
            typed = os.read(self._source, _PIECE)
        except BlockingIOError:
            return
        except OSError:
            typed = b""  # the terminal is gone
        self._typed += typed
        if not typed:
            self._source = None
            if self._at_end is None:
                self._lose()
            else:
                self._typed += self._at_end

    def _hand_on(self) -> None:
        if self._sink is None:
            return
        try:
            del self._typed[: os.write(self._sink, self._typed)]
        except BlockingIOError:
            return
        except OSError:
            # It reads no more, and is about to end.
            self._sink = self._source = None

    def _take_output(self) -> None:
        if self._from is None:
            return
        try:
            output = os.read(self._from, _PIECE)
        except BlockingIOError:
            return
        except OSError:
            output = b""  # on Linux, a pseudo-terminal that nobody has open any more
        if not output:
            self._from = None
            return
        self._read(output)
        shown = self._shown(output)
        if shown and not self._is_lost:
            self.output.give(shown)

    def _lose(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._lost()
