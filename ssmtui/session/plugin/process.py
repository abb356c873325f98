"""Run the plugin process on the terminal or on pipes. POSIX only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import IO

from ssmtui import processes
from ssmtui.model.sessions import SessionEnding
from ssmtui.session.plugin.invocation import Invocation
from ssmtui.session.plugin.output import CommandOutputFilter, OutputTail, ending
from ssmtui.session.remote_command import UNREPORTED, MarkedOutput
from ssmtui.session.terminal import (
    Attributes,
    ModeTracker,
    RelayEnds,
    TerminalRelay,
    attributes_of,
    is_terminal,
    make_raw,
    raise_unwritten,
    raw,
    set_attributes,
    set_window_size,
    window_size,
)
from ssmtui.session.terminal_signals import ENDING, KEYS, Alarm, raise_again, signals_handled

# The plugin needs its own session and controlling terminal, so that keys send their signals to it. In a process with
# threads, no Python code may run between fork and exec (subprocess, `preexec_fn`), so another Python does it: about
# 10 ms. Python ignores SIGPIPE, and exec would keep that.
_ON_ITS_TERMINAL = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.login_tty(0)
try:
    os.execv(sys.argv[1], sys.argv[1:])
except OSError as error:
    sys.exit(f"\\nCannot perform start session: {error.strerror}")
"""


@dataclass(frozen=True, slots=True)
class PluginProcess:
    """A running plugin and the file descriptors of its relay. `terminal` is our end of its terminal, if it has one."""

    process: subprocess.Popen[bytes]
    ends: RelayEnds
    ended: Event
    terminal: int | None = None

    def close(self) -> None:
        """Close the file descriptors. A running plugin would get SIGHUP."""
        for each in {self.ends.output, self.ends.sink} - {None}:
            os.close(each)  # type: ignore[arg-type] # None is taken out


def start_on_terminal(run: Invocation, person: tuple[int, int], attributes: Attributes, alarm: Alarm) -> PluginProcess:
    """Start the plugin on a new terminal like the person's (`person`: input and output). Raises OSError."""
    source, target = person
    ours, its = os.openpty()
    try:
        set_attributes(its, attributes)
        size = window_size(target) or window_size(source)
        if size is not None:
            set_window_size(its, size)
        os.set_blocking(ours, False)
        words = processes.python("-I", "-S", "-c", _ON_ITS_TERMINAL, *run.arguments)
        process = processes.start(words, run.environment, stdin=its, stdout=its, stderr=its)
    except OSError:
        os.close(ours)
        raise
    finally:
        os.close(its)
    return PluginProcess(process, RelayEnds(ours, target, source, ours), _process_ended(process, alarm), ours)


def start_on_pipes(
    run: Invocation, person: tuple[int, int], at_end: bytes | None, alarm: Alarm, *, takes_input: bool = True
) -> PluginProcess:
    """Start the plugin with its output on a pipe. Raises OSError.

    At the end of the input, the plugin gets `at_end`, and its input stays open until the session is over, because a
    plugin whose input ends exits at once. If `at_end` is None, the plugin gets the person's input itself. If not
    `takes_input`, the plugin gets an input without bytes.
    """
    source, target = person
    piped = subprocess.PIPE if at_end is not None else source
    process = processes.start(run.arguments, run.environment, stdin=piped, stdout=subprocess.PIPE)
    output, sink = _detached_descriptor(process.stdout), _detached_descriptor(process.stdin)
    ends = RelayEnds(output or 0, target, source if sink is not None and takes_input else None, sink, at_end)
    if sink is not None:
        os.set_blocking(sink, False)
    return PluginProcess(process, ends, _process_ended(process, alarm))


def _detached_descriptor(stream: IO[bytes] | None) -> int | None:
    """Return a duplicate of a pipe's file descriptor, which the caller must close."""
    if stream is None:
        return None
    taken = os.dup(stream.fileno())
    stream.close()
    return taken


def _process_ended(process: subprocess.Popen[bytes], alarm: Alarm) -> Event:
    """Return an event that is set when the process has ended; then the alarm rings, too."""
    ended = Event()

    def wait() -> None:
        process.wait()
        ended.set()
        alarm.ring()

    Thread(target=wait, name="session-plugin", daemon=True).start()
    return ended


_PERSON = (0, 1)
_DYING = 1.0
"""Seconds that a plugin has to end after the signal."""


def run_plugin(
    run: Invocation,
    session_id: str,
    *,
    at_end: bytes | None,
    takes_input: bool = True,
    alone: bool = False,
    marked: bool = False,
) -> SessionEnding:
    """Run the plugin until it ends, on this process's standard input and output.

    `at_end` is sent to the plugin at the end of an input that is no terminal; None: the plugin gets that input itself.
    If not `takes_input`, nothing of such an input is read.
    `alone`: an output that is no terminal gets only the session's output, without the plugin's own lines. `marked`: the
    output contains the mark of the exit code.

    Raises:
        OSError: the plugin cannot be run.
        BrokenPipeError: nobody reads the output any more.
        OutputNotWritten: the output cannot be written for another reason.
        EndedBySignal: a signal asked this process to end. A handler that was set before may raise something else.

    """
    sys.stdout.flush()
    sys.stderr.flush()
    attributes = attributes_of(_PERSON[0]) if is_terminal(_PERSON[0]) else None
    by_person = attributes is not None and is_terminal(_PERSON[1])
    alarm = Alarm()
    try:
        held = _AttachedPlugin(alarm)
        with signals_handled(held.take, alarm), _kept(attributes):
            if attributes is not None and by_person:
                with raw(_PERSON[0], attributes):
                    told = held.carry(start_on_terminal(run, _PERSON, attributes, alarm), session_id, marked=marked)
            else:
                shared = None if attributes is not None else at_end
                plugin_process = start_on_pipes(run, _PERSON, shared, alarm, takes_input=takes_input)
                told = held.carry(plugin_process, session_id, alone=alone, marked=marked)
    finally:
        alarm.close()
    if held.asked is not None:
        raise_again(held.asked)
    if not by_person:
        raise_unwritten(held.broken)
    return told


class _AttachedPlugin:
    """A plugin that has the terminal."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._plugin_process: PluginProcess | None = None
        self._deadline: float | None = None
        self.asked: signal.Signals | None = None
        self.broken: OSError | None = None

    def carry(
        self, plugin_process: PluginProcess, session_id: str, *, alone: bool = False, marked: bool = False
    ) -> SessionEnding:
        """Relay bytes until the plugin has ended, and return how the session ended."""
        self._plugin_process, output_tail, left_on, output_filter = (
            plugin_process,
            OutputTail(),
            ModeTracker(),
            CommandOutputFilter(session_id),
        )
        if self.asked is not None:
            self._end()

        marked_output = MarkedOutput()

        def read(output: bytes) -> None:
            output_tail.read(output)
            if plugin_process.terminal is not None:
                left_on.read(output)

        def shown(output: bytes) -> bytes:
            output = marked_output.pass_on(output) if marked else output
            return output_filter.pass_on(output) if alone else output

        def closing() -> bytes:
            held = marked_output.rest()
            return output_filter.pass_on(held) + output_filter.rest() if alone else held + left_on.undoing()

        relay = TerminalRelay(
            plugin_process.ends, self._alarm, read=read, shown=shown, closing=closing, lost=self._lost
        )
        try:
            relay.run(plugin_process.ended.is_set, lambda: self._deadline is not None, self._tick)
            ended = ending(session_id, output_tail.text, plugin_process.process.wait())
            if marked and marked_output.exit_code is None and ended.over and not ended.exit_code:
                return replace(ended, exit_code=UNREPORTED)
            return ended if marked_output.exit_code is None else replace(ended, exit_code=marked_output.exit_code)
        finally:
            self.broken = relay.output.broken
            self._kill()
            plugin_process.close()

    def take(self, number: signal.Signals) -> None:
        """Handle a signal to this process."""
        plugin_process = self._plugin_process
        if number in ENDING:
            self.asked = self.asked or number
            self._end()
        elif plugin_process is None or plugin_process.terminal is None:
            return  # the keys of a shared terminal send the same signal to the plugin
        elif number in KEYS:
            with suppress(ProcessLookupError):
                plugin_process.process.send_signal(number)
        elif number.name == "SIGCONT":
            make_raw(_PERSON[0])
            self._resize(plugin_process.terminal)
        else:
            self._resize(plugin_process.terminal)

    def _resize(self, terminal: int) -> None:
        size = window_size(_PERSON[1])
        if size is not None:
            set_window_size(terminal, size)

    def _lost(self) -> None:
        self._end()

    def _end(self) -> None:
        """End the plugin: send SIGHUP, and kill it after the deadline."""
        if self._plugin_process is None or self._deadline is not None:
            return
        self._deadline = time.monotonic() + _DYING
        self._plugin_process.process.send_signal(signal.SIGHUP)
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
        if self._plugin_process is not None and not self._plugin_process.ended.is_set():
            self._plugin_process.process.kill()


@contextmanager
def _kept(attributes: Attributes | None) -> Iterator[None]:
    """Restore a terminal that the plugin sets itself."""
    try:
        yield
    finally:
        if attributes is not None:
            set_attributes(_PERSON[0], attributes)
