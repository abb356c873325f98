"""Give the terminal to a session of the built-in client until it ends. POSIX only."""

from __future__ import annotations

import signal
import sys
from shutil import get_terminal_size
from textwrap import fill

from ssmtui.language import say
from ssmtui.model.sessions import SessionEnding
from ssmtui.session.builtin.shell import ClientSessionEnd, Shell
from ssmtui.session.data_channel.connection import DataChannel
from ssmtui.session.data_channel.payloads import Size
from ssmtui.session.opener import OpenSession
from ssmtui.session.terminal.attributes import attributes_of, is_terminal, make_raw, raw, window_size
from ssmtui.session.terminal.relay import ModeTracker, RelayEnds, TerminalRelay, write_if_room
from ssmtui.session.terminal.signals import ENDING, KEYS, Alarm, raise_again, signals_handled

_PERSON = (0, 1)
_END_OF_INPUT = b"\x04"
_UNKNOWN_SIZE = Size(columns=300, rows=100)
"""What the plugin tells where there is no window (docs/facts/data-channel.md §6)."""
_KEYS = {"SIGQUIT": b"\x1c", "SIGTSTP": b"\x1a"}


def attach(session: OpenSession) -> SessionEnding:
    """Give the terminal, or standard input and output, to an open session until it ends. Blocks; ends no session.

    It is to be called in the main thread, which is the one that signals reach.

    Raises:
        BrokenPipeError: nobody reads the output any more.
        EndedBySignal: this process was asked to end; or what its own handler of that signal raises.

    """
    by_person = is_terminal(_PERSON[0]) and is_terminal(_PERSON[1])
    sys.stdout.flush()
    sys.stderr.write(f"{_line(by_person=by_person)}\n")
    sys.stderr.flush()
    alarm = Alarm()
    try:
        held = _AttachedSession(session, alarm, by_person=by_person)
        with signals_handled(held.take, alarm):
            if by_person:
                with raw(_PERSON[0], attributes_of(_PERSON[0])):
                    ended = held.carry()
            else:
                ended = held.carry()
    finally:
        alarm.close()
    if held.asked is not None:
        raise_again(held.asked)
    if held.broken and not by_person:
        raise BrokenPipeError
    if by_person and not ended.over:
        write_if_room(_PERSON[1], b"\n")  # it ended in the midst of a line
    return SessionEnding(session.id, ended.text, ended.exit_code, ended.over, ended.is_own)


def _line(*, by_person: bool) -> str:
    if not by_person:
        return say("A session without the plugin, which is the second choice.")
    line = say("A session without the plugin, which is the second choice. Enter ~ . ends one that hangs.")
    return fill(line, get_terminal_size().columns)


class _AttachedSession:
    """A session that has the terminal."""

    def __init__(self, session: OpenSession, alarm: Alarm, *, by_person: bool) -> None:
        self._alarm = alarm
        self._by_person = by_person
        channel = DataChannel(session.request, session.opened, session.calls)
        self._shell = Shell(channel, alarm.ring, is_terminal=by_person, size=_size())
        self.asked: signal.Signals | None = None
        self.broken = False

    def carry(self) -> ClientSessionEnd:
        """Carry bytes until it has ended; tells how."""
        shell, left_on = self._shell, ModeTracker()
        pipes = shell.pipes
        at_end = None if self._by_person else _END_OF_INPUT
        ends = RelayEnds(pipes.output, _PERSON[1], source=_PERSON[0], sink=pipes.sink, at_end=at_end)
        relay = TerminalRelay(
            ends,
            self._alarm,
            read=left_on.read if self._by_person else lambda _: None,
            closing=left_on.undoing,
            lost=shell.end,
        )
        shell.start()
        try:
            relay.run(shell.ended.is_set, lambda: self.asked is not None or shell.is_given_up, lambda: None)
        finally:
            self.broken = relay.output.broken is not None
            shell.end()
            ended = shell.result()
        return ended

    def take(self, number: signal.Signals) -> None:
        """A signal came to this process."""
        if number in ENDING:
            self.asked = self.asked or number
            self._shell.end()
            self._alarm.ring()
        elif number == signal.SIGINT:
            self._shell.interrupt()
        elif number in KEYS:
            self._shell.type(_KEYS[number.name])
        else:
            if number.name == "SIGCONT" and self._by_person:
                make_raw(_PERSON[0])
            self._shell.resize(_size())


def _size() -> Size:
    size = window_size(_PERSON[1]) or window_size(_PERSON[0])
    return _UNKNOWN_SIZE if size is None else Size(columns=size[1], rows=size[0])
