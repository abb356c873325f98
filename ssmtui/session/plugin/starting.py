"""The plugin's process: on a terminal of its own where a person sits before one, else on pipes. POSIX only."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from threading import Event, Thread
from typing import IO

from ssmtui import processes
from ssmtui.session.plugin.invocation import Invocation
from ssmtui.session.terminal.attributes import Attributes, give, set_window_size, window_size
from ssmtui.session.terminal.relay import Ends
from ssmtui.session.terminal.signals import Alarm

# A session and a controlling terminal of its own, so that keys send their signals to the plugin. Between fork and exec
# of a process with threads no Python may run (subprocess, `preexec_fn`), so another Python does it: some 10 ms.
# SIGPIPE, which Python ignores, would stay ignored beyond exec.
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
class Started:
    """A plugin that runs, and where its bytes go. `terminal` is our side of its terminal, where it has one."""

    process: subprocess.Popen[bytes]
    ends: Ends
    ended: Event
    terminal: int | None = None

    def close(self) -> None:
        """Give the file descriptors back. A plugin that still ran would be hung up on."""
        for each in {self.ends.output, self.ends.sink} - {None}:
            os.close(each)  # type: ignore[arg-type] # None is taken out


def start_on_terminal(run: Invocation, person: tuple[int, int], attributes: Attributes, alarm: Alarm) -> Started:
    """On a terminal like the person's, whose input and output these file descriptors are. Raises OSError."""
    source, target = person
    ours, its = os.openpty()
    try:
        give(its, attributes)
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
    return Started(process, Ends(ours, target, source, ours), _awaited(process, alarm), ours)


def start_on_pipes(run: Invocation, person: tuple[int, int], at_end: bytes | None, alarm: Alarm) -> Started:
    """With its output on a pipe. Raises OSError.

    `at_end` is what the plugin is sent where its input ends, which is then held open until the session is over (a
    plugin whose input ends leaves at once); where that is None, it has the person's input itself.
    """
    source, target = person
    piped = subprocess.PIPE if at_end is not None else source
    process = processes.start(run.arguments, run.environment, stdin=piped, stdout=subprocess.PIPE)
    output, sink = _taken(process.stdout), _taken(process.stdin)
    ends = Ends(output or 0, target, source if sink is not None else None, sink, at_end)
    if sink is not None:
        os.set_blocking(sink, False)
    return Started(process, ends, _awaited(process, alarm))


def _taken(stream: IO[bytes] | None) -> int | None:
    """The file descriptor of a pipe, which is ours to close from here on."""
    if stream is None:
        return None
    taken = os.dup(stream.fileno())
    stream.close()
    return taken


def _awaited(process: subprocess.Popen[bytes], alarm: Alarm) -> Event:
    """Set, and the alarm rung, when the process has ended."""
    ended = Event()

    def wait() -> None:
        process.wait()
        ended.set()
        alarm.ring()

    Thread(target=wait, name="session-plugin", daemon=True).start()
    return ended
