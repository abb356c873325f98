"""The built-in client: run a shell over the data channel on the terminal until it ends. POSIX only."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from shutil import get_terminal_size
from textwrap import fill
from threading import Event, Thread

from ssmtui.language import say
from ssmtui.model.sessions import SessionEnding
from ssmtui.session.data_channel.connection import DataChannel
from ssmtui.session.data_channel.events import (
    ChannelClosed,
    ChannelEvent,
    ExitCodeReceived,
    HandshakeCompleted,
    HandshakeRequested,
    Output,
)
from ssmtui.session.data_channel.following import PAUSES, ClientSessionEnd, follow
from ssmtui.session.data_channel.payloads import PORT, Size
from ssmtui.session.opener import OpenSession
from ssmtui.session.remote_command import UNREPORTED, MarkedOutput, is_marked
from ssmtui.session.terminal import (
    ModeTracker,
    OutputWriter,
    RelayEnds,
    TerminalRelay,
    attributes_of,
    is_terminal,
    make_raw,
    raise_unwritten,
    raw,
    window_size,
    write_if_room,
)
from ssmtui.session.terminal_signals import ENDING, KEYS, Alarm, raise_again, signals_handled
from ssmtui.text.printable import printable, printable_lines

INTERRUPT = b"\x03"
_ENTER = b"\r\n"


class EscapeDetector:
    """Finds the escape `~.` in typed keys. `~` at the start of a line waits for the next key; `~~` sends one `~`."""

    def __init__(self) -> None:
        self._at_start = True
        self._held = False
        self.ended = False

    def typed(self, keys: bytes) -> bytes:
        """Return the keys to send to the session. After the escape, `ended` is true and the other keys are dropped."""
        sent = bytearray()
        for number in keys:
            key = bytes((number,))
            if self._held:
                self._held = False
                if key == b".":
                    self.ended = True
                    break
                if key != b"~":
                    sent += b"~"
            elif self._at_start and key == b"~":
                self._held = True
                continue
            sent += key
            self._at_start = key in _ENTER
        return bytes(sent)


_PIECE = 16 * 1024


class Pipes:
    """Two pipes between the relay and the loop: one for typed keys, one for the session's output.

    The relay uses `sink` and `output`. Only `close` closes them.
    """

    def __init__(self) -> None:
        self._typed, self.sink = os.pipe()
        self.output, self._said = os.pipe()
        for each in (self._typed, self.sink, self._said):
            os.set_blocking(each, False)
        self._saying = asyncio.Lock()

    async def typed(self) -> bytes:
        """Wait for typed keys and return them; empty bytes if the other end is closed."""
        while True:
            await _until(self._typed, writable=False)
            with suppress(BlockingIOError):
                return os.read(self._typed, _PIECE)

    async def say(self, output: bytes) -> None:
        """Write session output. Drop it if nobody reads the pipe."""
        left = memoryview(output)
        async with self._saying:
            while left:
                try:
                    left = left[os.write(self._said, left) :]
                except BlockingIOError:
                    await _until(self._said, writable=True)
                except BrokenPipeError:
                    return

    def end_output(self) -> None:
        """Close the output pipe: no more output follows."""
        if self._said >= 0:
            os.close(self._said)
            self._said = -1

    def close(self) -> None:
        """Close all pipes."""
        self.end_output()
        for each in (self._typed, self.sink, self.output):
            os.close(each)


async def _until(descriptor: int, *, writable: bool) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()

    def is_ready() -> None:
        if not ready.done():
            ready.set_result(None)

    (loop.add_writer if writable else loop.add_reader)(descriptor, is_ready)
    try:
        await ready
    finally:
        (loop.remove_writer if writable else loop.remove_reader)(descriptor)


OutputCallback = Callable[[bytes, bool], Awaitable[None]]
"""Shows session output. The second argument is true for standard error."""


class SessionFollower:
    """Follows one session. `started` is set when it takes input: earlier input disturbs the handshake.

    `notes`: also show messages about the connection, because a person reads the output. `marked`: the output contains
    the mark of the exit code.
    """

    def __init__(
        self,
        channel: DataChannel,
        show: OutputCallback,
        *,
        notes: bool,
        marked: bool = False,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.started = asyncio.Event()
        self._channel = channel
        self._show = show
        self._notes = notes
        self._pauses = pauses
        self._exit_code = 0
        self._marked = MarkedOutput() if marked else None

    async def to_the_end(self) -> ClientSessionEnd:
        """Open the channel, follow it, and return how the session ended."""
        ended = await follow(self._channel, self._happened, lost=self._lost, pauses=self._pauses)
        return replace(ended, exit_code=ended.exit_code or self._exit_code) if ended.over else ended

    async def _happened(self, event: ChannelEvent) -> ClientSessionEnd | None:
        match event:
            case ChannelClosed(text):
                return await self._closed(text)
            case HandshakeRequested(session_type=session_type) if session_type == PORT:
                return ClientSessionEnd(say("The document forwards a port, which requires the plugin."), is_own=True)
            case Output(data, is_error=is_error):
                self.started.set()
                shown = data if self._marked is None or is_error else self._marked.pass_on(data)
                if shown:
                    await self._show(shown, is_error)
            case ExitCodeReceived(code):
                self._exit_code = code
            case HandshakeCompleted(message):
                self.started.set()
                await self._note(message)
            case _:
                pass
        return None

    async def _closed(self, text: str) -> ClientSessionEnd:
        if self._marked is not None:
            await self._show(self._marked.rest(), False)  # noqa: FBT003 - a callable has no names
            self._exit_code = UNREPORTED if self._marked.exit_code is None else self._marked.exit_code
        return ClientSessionEnd(text.strip(), over=True)

    async def _lost(self, attempt: int) -> None:
        if attempt == 1:
            await self._note(say("Connection lost, reconnecting. To end the session, press Enter ~ ."))

    async def _note(self, text: str) -> None:
        if self._notes and text:
            lines = "".join(f"\r\n{line}" for line in printable_lines(text))
            await self._show(f"{lines}\r\n".encode(), False)  # noqa: FBT003 - a callable has no names


_TYPED_AHEAD = 256 * 1024
"""Bytes of input that are kept while the session takes none.

If the buffer is full, a pipe waits. If the session is also stuck, typed keys are still read, for the escape and Ctrl-C,
and discarded.
"""
_STUCK = 3.0
"""Seconds without an acknowledgement after which a session is stuck."""
_LOOK_UP = 0.25
_FLUSHING = 0.5
"""Seconds to wait for the remaining standard error output if the person has ended the session."""
_LINE_FEED, _RETURN = b"\n", b"\r"
_ERRORS = 2
_INTERRUPTED = 130
_OF_A_SIGNAL = frozenset({1, UNREPORTED})
"""The exit codes of a command that Ctrl-C ended. Without a terminal, SSM Agent reports 1."""


class Shell:
    """The shell of one session. `ended` is set at its end, and `told` is called then, on the shell's own thread.

    `is_terminal`: a person types and can enter the escape; standard error is shown with the output. `marked`: the
    output contains the mark of the exit code.
    """

    def __init__(
        self,
        channel: DataChannel,
        told: Callable[[], None],
        *,
        is_terminal: bool,
        size: Size,
        marked: bool = False,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.pipes = Pipes()
        self.ended = Event()
        self._channel = channel
        self._told = told
        self._is_terminal = is_terminal
        self._size = size
        self._escape = EscapeDetector()
        self._follower = SessionFollower(channel, self._show, notes=is_terminal, marked=marked, pauses=pauses)
        self._errors = None if is_terminal else OutputWriter(_ERRORS, lambda: self._call(self._errors_moved.set))
        self._errors_moved = asyncio.Event()
        self._notes: asyncio.Queue[str] = asyncio.Queue()
        self._interrupted = False
        self._is_warned = False
        self._discards = False
        self._waiting = bytearray()
        self._result: ClientSessionEnd | None = None
        self._defect: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._thread = Thread(target=self._run, name="ssmtui-shell", daemon=True)

    @property
    def has_started(self) -> bool:
        """Return whether the session takes input."""
        return self._follower.started.is_set()

    @property
    def is_given_up(self) -> bool:
        """Return whether the person or this process has ended the session: nobody waits for its output."""
        return self._stop.is_set()

    def start(self) -> None:
        """Start the shell on its thread."""
        self._thread.start()

    def type(self, keys: bytes) -> None:
        """Send keys from elsewhere than the terminal. This and the next three methods are for any thread."""
        self._call(self._pressed, keys)

    def interrupt(self) -> None:
        """Send Ctrl-C, which arrived as a signal."""
        self._call(self._pressed, INTERRUPT)

    def resize(self, size: Size) -> None:
        """Send the size of the window to the session."""
        self._call(self._resized, size)

    def end(self) -> None:
        """Close the channel at once."""
        self._call(self._stop.set)

    def result(self) -> ClientSessionEnd:
        """Wait for the end and return how the session ended. Raises the exception of the shell's thread, if any."""
        self._thread.join()
        self.pipes.close()
        if self._defect is not None:
            raise self._defect
        return self._result or ClientSessionEnd()

    def _call(self, do: Callable[..., object], *values: object) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(do, *values)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                self._result = runner.run(self._held())
        except BaseException as defect:  # noqa: BLE001 - raised again by `result`, where somebody sees it
            self._defect = defect
        finally:
            self.pipes.end_output()
            if self._errors is not None:
                while not self._errors.end(_FLUSHING) and not self.is_given_up:
                    pass
            self.ended.set()
            self._told()

    async def _held(self) -> ClientSessionEnd:
        parts = [
            asyncio.create_task(self._follower.to_the_end()),
            asyncio.create_task(self._stop.wait()),
            asyncio.create_task(self._read_typed()),
            asyncio.create_task(self._send()),
            asyncio.create_task(self._show_notes()),
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                result = each.result()
                if isinstance(result, ClientSessionEnd):
                    return self._with_interruption(result)
            return ClientSessionEnd(exit_code=_INTERRUPTED if self._interrupted else 0)
        finally:
            for each in parts:
                each.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await self._channel.close()

    def _with_interruption(self, ended: ClientSessionEnd) -> ClientSessionEnd:
        """Return the end of a command in a script with a shell's exit code if the first Ctrl-C ended the command."""
        is_ended_by_it = self._is_warned and not self._is_terminal and ended.exit_code in _OF_A_SIGNAL
        return replace(ended, exit_code=_INTERRUPTED) if is_ended_by_it and not ended.text else ended

    async def _show(self, data: bytes, is_error: bool) -> None:  # noqa: FBT001 - a callable has no names
        if not is_error or self._errors is None:
            await self.pipes.say(data)
            return
        while not self._errors.has_room and self._errors.broken is None:
            self._errors_moved.clear()
            await self._errors_moved.wait()
        if self._errors.broken is None:
            self._errors.give(data)

    async def _show_notes(self) -> None:
        while True:
            note = printable(await self._notes.get())
            await self._show(f"\r\n{note}\r\n".encode() if self._is_terminal else f"{note}\n".encode(), True)  # noqa: FBT003

    async def _read_typed(self) -> None:
        """Read keys until the input ends or the person types the escape."""
        while keys := await self.pipes.typed():
            self._take(keys)
            while self._is_full and not self._is_to_be_read_on:
                self._has_room.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_UP):
                        await self._has_room.wait()
            if self._escape.ended:
                return
        await self._stop.wait()

    @property
    def _is_full(self) -> bool:
        return len(self._waiting) >= _TYPED_AHEAD

    @property
    def _is_to_be_read_on(self) -> bool:
        """Return whether keys are read although the session takes no input: the person may want to end it."""
        return self._is_terminal and (self._escape.ended or not self.has_started or self._is_stuck)

    @property
    def _is_stuck(self) -> bool:
        return self._channel.untaken_for() >= _STUCK

    def _take(self, keys: bytes) -> None:
        if self._is_terminal:
            self._pressed(self._escape.typed(keys))
        else:
            self._waiting += keys
            self._changed.set()

    def _pressed(self, keys: bytes) -> None:
        if INTERRUPT in keys:
            self._interrupt()
        elif keys:
            self._is_warned = False
        if self._interrupted or self._escape.ended:
            self._stop.set()
        if self._interrupted:
            return  # this Ctrl-C ends the session and is not sent to it
        if self._is_full:
            self._discard()
            return
        self._discards = False
        self._waiting += keys
        self._changed.set()

    def _interrupt(self) -> None:
        """Send Ctrl-C to the session, or end the session if Ctrl-C cannot reach it; then the second Ctrl-C ends it.

        On pipes nobody can type the escape, so the second Ctrl-C always ends the session.
        """
        if not self.has_started or self._is_warned:
            # Nothing in the session can be interrupted yet, so Ctrl-C interrupts ssmtui.
            self._interrupted = True
        elif not self._is_terminal or self._is_stuck:
            self._is_warned = True
            self._note(say("Ctrl-C was sent to the session. Press Ctrl-C again to end the session."))

    def _discard(self) -> None:
        if not self._discards:
            self._discards = True
            self._note(
                say("The session does not accept input. Your input is discarded. To end the session, press Enter ~ .")
            )

    def _note(self, text: str) -> None:
        if self._notes.empty():  # else the last note is still unread
            self._notes.put_nowait(text)

    def _resized(self, size: Size) -> None:
        self._size = size
        self._changed.set()

    async def _send(self) -> None:
        """Send the size of the window and the typed keys, after the session has started."""
        await self._follower.started.wait()
        sent: Size | None = None
        while True:
            if sent != self._size:
                sent = self._size
                await self._channel.send_size(sent)
            while self._waiting:
                keys = bytes(self._waiting)
                self._waiting.clear()
                self._has_room.set()
                # The plugin sends a single line feed as Enter (docs/facts/data-channel.md §2).
                await self._channel.send(_RETURN if keys == _LINE_FEED else keys)
            self._changed.clear()
            if not self._waiting and sent == self._size:
                await self._changed.wait()


_log = logging.getLogger(__name__)

_PERSON = (0, 1)
_END_OF_INPUT = b"\x04"
_UNKNOWN_SIZE = Size(columns=300, rows=100)
"""The size that the plugin sends if there is no window (docs/facts/data-channel.md §6)."""
_KEYS = {"SIGQUIT": b"\x1c", "SIGTSTP": b"\x1a"}


def attach(session: OpenSession) -> SessionEnding:
    """Give the terminal, or standard input and output, to an open session until it ends. Blocks.

    The caller ends the session in AWS.
    Call it in the main thread: only that thread receives signals.

    Raises:
        BrokenPipeError: nobody reads the output any more.
        OutputNotWritten: the output cannot be written for another reason.
        EndedBySignal: a signal asked this process to end. A handler that was set before may raise something else.

    """
    by_person = is_terminal(_PERSON[0]) and is_terminal(_PERSON[1])
    sys.stdout.flush()
    _log.info("the built-in client runs %s", session.id)
    if by_person and not session.request.has_command:
        sys.stderr.write(f"{_line()}\n")
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
    if not by_person:
        raise_unwritten(held.broken)
    if by_person and not ended.over:
        write_if_room(_PERSON[1], b"\n")  # the output may end in the middle of a line
    return SessionEnding(session.id, ended.text, ended.exit_code, ended.over, ended.is_own)


def _line() -> str:
    line = say("Plugin not used: this is the built-in client. To end a session that hangs, press Enter ~ .")
    return fill(line, get_terminal_size().columns, break_long_words=False, break_on_hyphens=False)


class _AttachedSession:
    """A session that has the terminal."""

    def __init__(self, session: OpenSession, alarm: Alarm, *, by_person: bool) -> None:
        self._alarm = alarm
        self._by_person = by_person
        self._takes_input = by_person or session.request.takes_input
        channel = DataChannel(session.request, session.opened, session.calls)
        marked = is_marked(session.request)
        self._shell = Shell(channel, alarm.ring, is_terminal=by_person, size=_size(), marked=marked)
        self.asked: signal.Signals | None = None
        self.broken: OSError | None = None

    def carry(self) -> ClientSessionEnd:
        """Relay bytes until the session has ended, and return how it ended."""
        shell, left_on = self._shell, ModeTracker()
        pipes = shell.pipes
        at_end = None if self._by_person else _END_OF_INPUT
        source = _PERSON[0] if self._takes_input else None
        ends = RelayEnds(pipes.output, _PERSON[1], source=source, sink=pipes.sink, at_end=at_end)
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
            self.broken = relay.output.broken
            shell.end()
            ended = shell.result()
        return ended

    def take(self, number: signal.Signals) -> None:
        """Handle a signal to this process."""
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
