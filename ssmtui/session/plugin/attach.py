"""Give the terminal to the plugin until the session ends."""

from __future__ import annotations

import sys

from ssmtui import processes
from ssmtui.model.sessions import SessionEnding, SessionRequest
from ssmtui.session.opener import OpenSession
from ssmtui.session.plugin.invocation import Invocation, prepare
from ssmtui.session.terminal.signals import signals_handled

_END_OF_INPUT = b"\x04"
"""What a terminal makes of Ctrl-D: a shell that is given a script on standard input ends with it."""
_PORT = "portNumber"
_COMMAND = "AWS-StartNonInteractiveCommand"
"""Its output is for scripts."""
# Documents whose session is a stream of bytes (User Guide, session-manager-working-with-sessions-start).
_STREAMS = ("AWS-StartSSHSession", "AWS-StartPortForwardingSession")


def attach(session: OpenSession, endpoint_url: str | None) -> SessionEnding:
    """Give the terminal, or standard input and output, to an open session until it ends. Blocks; ends no session.

    It is to be called in the main thread, which is the one that signals reach.

    Raises:
        OSError: the plugin cannot be run.
        BrokenPipeError: nobody reads the output any more.
        SessionProblem: there is no plugin, or no credentials for it.
        SystemExit: this process was asked to end.

    """
    run = prepare(session, endpoint_url)
    if sys.platform == "win32":
        return _run_on_console(run, session.id)
    from ssmtui.session.plugin.process import run_plugin  # noqa: PLC0415 - Windows lacks what it is made of

    request = session.request
    at_end = None if _is_stream(request) else _END_OF_INPUT
    return run_plugin(run, session.id, at_end=at_end, alone=request.document == _COMMAND)


def _run_on_console(run: Invocation, session_id: str) -> SessionEnding:
    """Windows: the plugin has the console itself, and with it Ctrl-C. What it writes cannot be read beside."""
    with signals_handled(lambda _: None):
        status = processes.run(run.arguments, run.environment).returncode
    return SessionEnding(session_id, exit_code=status)


def _is_stream(request: SessionRequest) -> bool:
    """Whether the session carries another protocol, whose end is that of its input."""
    return any(name == _PORT for name, _ in request.parameters) or (request.document or "").startswith(_STREAMS)
