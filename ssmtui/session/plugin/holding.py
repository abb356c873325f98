"""An open session given to the plugin until it ends, and ended whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from ssmtui.model.session_opening import OpenedSession, SessionEnding, SessionRequest
from ssmtui.session.calls import SessionCalls, SessionProblem
from ssmtui.session.plugin.invocation import Endpoint, Invocation, invocation, must_be_lent
from ssmtui.session.terminal.signals import signals_taken

_END_OF_INPUT = b"\x04"
"""What a terminal makes of Ctrl-D: a shell that is given a script on standard input ends with it."""
_PORT = "portNumber"
# Documents whose session is a stream of bytes (User Guide, session-manager-working-with-sessions-start).
_STREAMS = ("AWS-StartSSHSession", "AWS-StartPortForwardingSession")


@dataclass(frozen=True, slots=True)
class PluginUse:
    """The plugin at a path, and where its requests go. `lends` gives it the credentials in force, whatever they are."""

    plugin: str
    endpoint: Endpoint
    lends: bool = False


def hold(
    request: SessionRequest,
    opened: OpenedSession,
    calls: SessionCalls,
    use: PluginUse,
    environment: Mapping[str, str] | None = None,
) -> SessionEnding:
    """Give the terminal, or standard input and output, to an open session until it ends. Blocks.

    It is to be called in the main thread, which is the one that signals reach. The session is terminated, unless its
    end was told; where that fails it stays in the ledger, for the next start.

    Raises:
        OSError: the plugin cannot be run.
        BrokenPipeError: nobody reads the output any more.
        SessionProblem: the credentials are gone that the plugin needs.
        SystemExit: this process was asked to end.

    """
    given = os.environ if environment is None else environment
    over = False
    try:
        lent = calls.credentials() if use.lends or must_be_lent(request.scope.name.profile, given) else None
        run = invocation(use.plugin, request, opened, use.endpoint, given, lent)
        ended = _run(run, opened.id, at_end=None if _is_stream(request) else _END_OF_INPUT)
        over = ended.over
        return ended
    finally:
        if not over:
            with suppress(SessionProblem):
                calls.terminate(opened.id)


def _run(run: Invocation, session_id: str, *, at_end: bytes | None) -> SessionEnding:
    if sys.platform == "win32":
        return _run_on_console(run, session_id)
    from ssmtui.session.plugin.terminal import run_plugin  # noqa: PLC0415 - Windows lacks what it is made of

    return run_plugin(run, session_id, at_end=at_end)


def _run_on_console(run: Invocation, session_id: str) -> SessionEnding:
    """Windows: the plugin has the console itself, and with it Ctrl-C. What it writes cannot be read beside."""
    with signals_taken(lambda _: None):
        status = subprocess.run(run.arguments, env=run.environment, check=False).returncode  # noqa: S603 - a value
    return SessionEnding(session_id, exit_code=status)


def _is_stream(request: SessionRequest) -> bool:
    """Whether the session carries another protocol, whose end is that of its input."""
    return any(name == _PORT for name, _ in request.parameters) or (request.document or "").startswith(_STREAMS)
