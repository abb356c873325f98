"""Carry standard input and output to a port of a node, as a ProxyCommand of ssh: without the plugin. POSIX only."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from threading import Thread

from ssmtui.model.sessions import SessionEnding
from ssmtui.session.data_channel.connection import DataChannel
from ssmtui.session.data_channel.following import ClientSessionEnd
from ssmtui.session.opener import OpenSession
from ssmtui.session.terminal import OutputWriter
from ssmtui.session.terminal_signals import ENDING, raise_again, signals_handled
from ssmtui.session.tunnels.far_connection import Destination, FarConnection, SessionCallbacks
from ssmtui.session.tunnels.port_session import PortSession
from ssmtui.text.printable import printable

_INPUT, _OUTPUT = 0, 1
_PIECE = 32 * 1024
_LAST_OUTPUT = 0.5
"""Seconds to wait for the end of a session after its connection, and between two looks at who reads its output."""
_INTERRUPTED = 130


def attach_stream(session: OpenSession) -> SessionEnding:
    """Carry standard input and output until either end closes. Blocks.

    The caller ends the session in AWS.
    Call it in the main thread: only that thread receives signals.

    Raises:
        BrokenPipeError: nobody reads the output any more.
        EndedBySignal: a signal asked this process to end. A handler that was set before may raise something else.

    """
    stream = _ByteStream(session)
    with signals_handled(stream.take):
        ended = asyncio.run(stream.carry())
    if stream.asked is not None:
        raise_again(stream.asked)
    if stream.is_broken:
        raise BrokenPipeError
    return SessionEnding(session.id, ended.text, ended.exit_code, ended.over, ended.is_own)


class _ByteStream:
    """The one connection of a session, on standard input and output."""

    def __init__(self, session: OpenSession) -> None:
        self._channel = DataChannel(session.request, session.opened, session.calls)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._has_room = asyncio.Event()
        self.asked: signal.Signals | None = None
        self.is_broken = False
        self._is_interrupted = False
        self._has_input_ended = False

    def take(self, number: signal.Signals) -> None:
        """Handle a signal to this process."""
        if number in ENDING:
            self.asked = self.asked or number
        elif number == signal.SIGINT:
            self._is_interrupted = True
        else:
            return
        self._call(self._stop.set)

    async def carry(self) -> ClientSessionEnd:
        """Run the session until it ends, the input ends, or a signal comes."""
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[Destination] = self._loop.create_future()
        running = asyncio.create_task(
            PortSession(self._channel, SessionCallbacks(opened.set_result, _say), one_connection=True).run()
        )
        output = OutputWriter(_OUTPUT, lambda: self._call(moved))

        def moved() -> None:
            self._has_room.set()
            if output.broken is not None:
                self._stop.set()

        carrying = asyncio.create_task(self._connect(opened, output))
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({running, carrying, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if running.done() and opened.done():  # its last output is still to be written
                await asyncio.wait({carrying, stopping}, return_when=asyncio.FIRST_COMPLETED)
            elif carrying.done() and not self._has_input_ended:  # the end of the session, if it comes, says why
                await asyncio.wait({running, stopping}, timeout=_LAST_OUTPUT, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (running, carrying, stopping):
                each.cancel()
            await asyncio.gather(running, carrying, stopping, return_exceptions=True)
            while not await asyncio.to_thread(output.end, _LAST_OUTPUT) and not self._stop.is_set():
                pass  # who reads the output is slow
            self.is_broken = output.broken is not None
        if not carrying.cancelled():
            carrying.result()  # raises a defect, which would otherwise look like a normal end
        if not running.cancelled():
            return running.result()
        return ClientSessionEnd(exit_code=_INTERRUPTED if self._is_interrupted else 0)

    async def _connect(self, opened: asyncio.Future[Destination], output: OutputWriter) -> None:
        destination = await opened
        try:
            connection = await destination.connect()
        except ConnectionError:
            return  # the session has ended
        ended = asyncio.Event()
        # Standard input may be anything; a thread can read everything. It must not keep the process alive.
        reading = Thread(target=self._read, args=(connection, ended), name="session-input", daemon=True)
        reading.start()
        writing = asyncio.create_task(self._write(connection, output))
        until_end = asyncio.create_task(ended.wait())
        try:
            await asyncio.wait({writing, until_end}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (writing, until_end):
                each.cancel()
            await asyncio.gather(writing, until_end, return_exceptions=True)

    def _read(self, connection: FarConnection, ended: asyncio.Event) -> None:
        """Send standard input, and wait at its end until everything has arrived."""
        loop = self._loop
        if loop is None:
            return
        with suppress(OSError, RuntimeError, CancelledError):  # the session, or the loop, has ended
            while data := os.read(_INPUT, _PIECE):
                asyncio.run_coroutine_threadsafe(connection.write(data), loop).result()
            asyncio.run_coroutine_threadsafe(self._channel.delivered(), loop).result()
            self._has_input_ended = True
        self._call(ended.set)

    async def _write(self, connection: FarConnection, output: OutputWriter) -> None:
        with suppress(OSError):
            while data := await connection.read():
                output.give(data)
                while not output.has_room and output.broken is None:
                    self._has_room.clear()
                    await self._has_room.wait()
                if output.broken is not None:
                    return

    def _call(self, do: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            if self._loop is not None:
                self._loop.call_soon_threadsafe(do)


def _say(words: str) -> None:
    if words:
        sys.stderr.write(f"ssmtui: {printable(words)}\n")
        sys.stderr.flush()
