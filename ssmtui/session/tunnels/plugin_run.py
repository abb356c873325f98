"""Run the plugin for a port session, and read its output."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress

from ssmtui import processes
from ssmtui.model.sessions import OpenedSession, SessionEnding, SessionRequest
from ssmtui.session.background import in_background
from ssmtui.session.plugin.invocation import Invocation
from ssmtui.session.plugin.output import OutputTail, ending
from ssmtui.session.session_registry import signal_group
from ssmtui.session.tunnels.far_connection import PluginPort, SessionCallbacks, TunnelClient

_ROOM = 103 if sys.platform == "darwin" else 107
_SOCKET = len("/4294967295_session_manager_plugin_mux.sock")
_SHORT = "/tmp"  # noqa: S108 - a folder of our own is made in it


@contextmanager
def with_short_folder(environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Return the environment, with a short TMPDIR if the plugin's socket path would be too long in the current one."""
    folder = environment.get("TMPDIR") or _SHORT
    if os.name == "nt" or len(os.fsencode(folder.rstrip("/"))) + _SOCKET <= _ROOM:
        yield environment
        return
    with tempfile.TemporaryDirectory(prefix="ssmtui-", dir=_SHORT, ignore_cleanup_errors=True) as short:
        yield {**environment, "TMPDIR": short}


_DYING = 1.0
"""Seconds that an ending plugin has to inform the node and remove its socket."""
_LINE = 8192
_LAST_PORT = 65535
# PLUGIN:portsession/muxportforwarding.go, basicportforwarding.go.
_OPENED = re.compile(r"Port (\d{1,5}) opened for sessionId")
PORT_REFUSED = "Connection to destination port failed"


def plugin_client(
    invocation: Callable[[SessionRequest, OpenedSession], Invocation], carried: Callable[[str, int], None]
) -> TunnelClient:
    """Return the plugin as the client of tunnels. The arguments are functions that block.

    `invocation` raises `SessionProblem` or `CredentialsUnavailable` if there is no plugin, or no credentials for it.
    `carried` gets a session's ID and the plugin's process ID; it raises nothing.
    """

    async def run(request: SessionRequest, opened: OpenedSession, callbacks: SessionCallbacks) -> SessionEnding:
        prepared = await asyncio.wrap_future(in_background(lambda _: invocation(request, opened)))

        def started(pid: int) -> None:
            in_background(lambda _: carried(opened.id, pid))

        return await run_plugin(prepared, opened.id, started=started, callbacks=callbacks)

    return run


async def run_plugin(
    run: Invocation,
    session_id: str,
    *,
    started: Callable[[int], None],
    callbacks: SessionCallbacks,
) -> SessionEnding:
    """Run the plugin until it ends. `started` gets the process ID.

    Raises:
        OSError: the plugin cannot be run.

    """
    output_tail = OutputTail()
    with with_short_folder(run.environment) as environment:
        async with _started(Invocation(run.arguments, environment)) as process:
            started(process.pid)
            line = b""
            said = _Said(callbacks)
            while process.stdout is not None and (read := await process.stdout.read(_LINE)):
                output_tail.read(read)
                *lines, line = (line + read).splitlines(keepends=True)
                if line.endswith((b"\n", b"\r")) or len(line) > _LINE:
                    lines, line = [*lines, line], b""
                for each in lines:
                    said.take(each.decode("utf-8", errors="replace"))
            return ending(session_id, output_tail.text, await process.wait())


class _Said:
    """The plugin's lines, each reported once: a repeated line is not reported again."""

    def __init__(self, callbacks: SessionCallbacks) -> None:
        self._callbacks = callbacks
        self._port = 0
        self._refusal = ""

    def take(self, line: str) -> None:
        """Report a line if it is new."""
        if (found := _OPENED.search(line)) is not None:
            port = int(found[1])
            if not self._port and 0 < port <= _LAST_PORT:
                self._port = port
                self._callbacks.opened(PluginPort(port))
        elif PORT_REFUSED in line and (refusal := line.strip()) != self._refusal:
            self._refusal = refusal
            self._callbacks.trouble(refusal)


@asynccontextmanager
async def _started(run: Invocation) -> AsyncIterator[Process]:
    """Start the process in its own group, so that terminal keys do not reach it, and end it at the exit."""
    if sys.platform == "win32":
        process = await processes.start_on_loop(
            run.arguments,
            run.environment,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW,
        )
    else:
        process = await processes.start_on_loop(
            run.arguments, run.environment, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    # The plugin's own signal for its end (control_signals_unix.go): after SIGTERM it leaves its socket behind.
    signal_group(process.pid, signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _DYING)
    except TimeoutError:
        signal_group(process.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        # A process that left the group may hold the output open, and the loop would wait for it.
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _DYING)
