"""Whatever ends or stops the app, or comes from its terminal: that is as it was then, and the exit code says why."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

from ssmtui.ui.app.app import SsmtuiApp
from tests.session.emulator import Emulator
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import opened
from tests.ui.waiting import until

if sys.platform == "win32":
    pytest.skip("it has no such terminals", allow_module_level=True)


PROGRAM = """
import signal
import sys
from ssmtui.cli import entry
from ssmtui.cli.commands import commands
from ssmtui.cli.app_launch import run_app
from ssmtui.ui.app import terminal
from ssmtui.ui.app.app import SsmtuiApp
from tests.ui.demo_fleet import demo_inquiry

def shown(**_):
    app = SsmtuiApp(demo_inquiry(), mode="demo")
    run_app(app)
    sys.exit(app.return_code or 0)

feed = terminal.KeyStream.feed

def fails_at_x(self, data, **how):
    if b"X" in data:
        raise ZeroDivisionError("a secret")
    return feed(self, data, **how)

terminal.KeyStream.feed = fails_at_x
commands.commands["causes"].callback = shown
sys.argv = ["ssmtui", "causes"]
entry.main()
"""

_INTERRUPTED_IN_GIVING_BACK = """
from ssmtui.cli import signals
from ssmtui.ui.app.terminal import TerminalDriver

signals._REPEAT_SECONDS = -1.0
_write = TerminalDriver.write

def interrupted(self, text):
    if text == "\\x1b[<u":
        TerminalDriver.write = _write
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    _write(self, text)

TerminalDriver.write = interrupted
"""
"""Ctrl-C, and again because it takes too long, when keys are a shell's again and the picture is not."""

_TOLD_OF_FLUSHING = """
import termios
from ssmtui.ui.app.terminal import TerminalDriver

_close, told = TerminalDriver.close, []

def close(self):
    told.append(bool(termios.tcgetattr(0)[3] & termios.NOFLSH))
    _close(self)
    told.append(bool(termios.tcgetattr(0)[3] & termios.NOFLSH))
    if len(told) == 2:
        print(f"keeps: {told}", flush=True)

TerminalDriver.close = close
"""
"""Says whether Ctrl-C leaves what is yet to be shown, before the terminal is closed and after."""

_CONTINUED_BEFORE_IT_HEARS = """
from ssmtui.cli import signals
from ssmtui.ui.app.terminal import TerminalDriver

_heard, _take_up, numbers = signals._on_signal, TerminalDriver._take_up, []

def heard(number, frame):
    numbers.append(number)

def taken_up(self):
    _take_up(self)
    if numbers:
        _heard(numbers.pop(), None)

signals._on_signal, TerminalDriver._take_up = heard, taken_up
"""
"""Of two signals of one moment, the one that it is continued by is heard first."""

_SHUT_DOWN_ONCE_SOMETHING_IS_TYPED = """
from select import select
from textual.app import App

_shutdown = App._shutdown

async def shutdown(self):
    select([0], [], [], 30)
    await _shutdown(self)

App._shutdown = shutdown
"""
"""What is typed as soon as the picture is gone is there before Textual has done."""

_CONTINUED_WHILE_IT_STOPS = """
from ssmtui.ui.app.terminal import TerminalDriver

_suspend = TerminalDriver.suspend_application_mode

def suspend(self):
    _suspend(self)
    signal.raise_signal(signal.SIGCONT)

TerminalDriver.suspend_application_mode = suspend
"""
"""Who stops it has thought better of it before it has."""

SOON = 15.0
"""Seconds, on a machine that has other things to do; what it guards against takes minutes."""

_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
_OF_A_SHELL = {7, 25}
"""The modes that are on at a shell's prompt: lines wrap, and the cursor is shown."""


def modes(shown: bytes) -> set[int]:
    """The private modes that what was written has left on."""
    on: set[int] = set()
    for number, what in _MODE.findall(shown):
        (on.add if what == b"h" else on.discard)(int(number))
    return on


@contextmanager
def running(
    program: str,
    *,
    added: str = "",
    keeps_unread: bool = False,
    size: tuple[int, int] = (24, 80),
    variables: Mapping[str, str] | None = None,
) -> Iterator[Emulator]:
    """The program on a terminal, with its nodes on the screen."""
    before, start, after = program.rpartition("entry.main()")
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    emulator = Emulator(
        [sys.executable, "-c", before + added + start + after],
        {**kept, "TERM": "xterm-256color", **(variables or {})},
        size,
        keeps_unread=keeps_unread,
    )
    try:
        emulator.wait_for(b"45 nodes")
        yield emulator
    finally:
        emulator.close()


@pytest.fixture
def terminal() -> Iterator[Emulator]:
    with running(PROGRAM) as emulator:
        yield emulator


@pytest.fixture
def keeping_terminal() -> Iterator[Emulator]:
    """One that is typed at faster than it is read, and loses nothing by that."""
    with running(PROGRAM, keeps_unread=True) as emulator:
        yield emulator


def test_a_window_that_is_closed_says_so_more_than_once_and_the_terminal_may_live_on(terminal: Emulator) -> None:
    for number in (signal.SIGHUP, signal.SIGCONT, signal.SIGHUP, signal.SIGTERM):
        terminal.send(number)
    # Of signals of one moment the system chooses which is heard first.
    assert terminal.end() in (129, 143)
    assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)


def test_one_that_was_stopped_from_outside_takes_the_terminal_up_again_and_ends_by_ctrl_c(terminal: Emulator) -> None:
    terminal.send(signal.SIGSTOP)
    os.waitpid(terminal.process.pid, os.WUNTRACED)
    terminal.shown = b""
    terminal.send(signal.SIGCONT)
    terminal.wait_for(b"45 nodes")
    terminal.send(signal.SIGINT)
    terminal.send(signal.SIGINT)
    assert terminal.end() == 130
    assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)


def test_one_that_is_told_to_end_while_it_is_stopped_leaves_the_terminal_to_the_shell(terminal: Emulator) -> None:
    terminal.type(b"\x1a")
    terminal.wait_for(b"\x1b[?1049l")
    os.waitpid(terminal.process.pid, os.WUNTRACED)
    assert terminal.is_sane
    terminal.send(signal.SIGHUP)
    terminal.send(signal.SIGCONT)
    assert terminal.end() == 129
    assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)


def test_one_that_ends_is_not_stopped_any_more(terminal: Emulator) -> None:
    terminal.send(signal.SIGINT)
    terminal.send(signal.SIGTSTP)
    assert terminal.end() == 130
    assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)


def test_one_that_is_continued_before_it_has_stopped_does_not_stop() -> None:
    with running(PROGRAM, added=_CONTINUED_WHILE_IT_STOPS) as terminal:
        terminal.shown = b""
        terminal.send(signal.SIGTSTP)
        terminal.wait_for(b"45 nodes")
        terminal.type(b"q")
        assert terminal.end() == 0
        assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)


def test_stopped_and_continued_in_one_moment_it_goes_on(terminal: Emulator) -> None:
    for number in (signal.SIGTSTP, signal.SIGTERM, signal.SIGCONT):
        terminal.send(number)
    assert terminal.end() == 143


def test_what_no_keyboard_sends_is_passed_over_and_a_defect_in_reading_keys_is_one_sentence(terminal: Emulator) -> None:
    terminal.type(b"\x1b[200~caf\xe9\x1b[201~\x1b[1114112u\x1b[48;24;80;0;0t\x1b[<0;5;5M\x1b[<0;5;5m/caf\xe9")
    terminal.wait_for("caf\ufffd".encode())
    terminal.type(b"X")
    assert terminal.end() == 1
    assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)
    said = b" ".join(terminal.shown.rpartition(b"\x1b[?1004l")[2].split())
    assert re.fullmatch(rb"ssmtui: an internal error: ZeroDivisionError at [\w/.:]+\. Please report it\.", said)


async def test_a_crash_of_another_thread_ends_the_app_by_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(demo_inquiry()) as shown:
        error = ZeroDivisionError()
        shown.app.exit_on_error(error)
        await until(shown.pilot, lambda: not shown.app._running)
        assert (shown.app.return_code, shown.app.fatal_error) == (1, error)


def test_nothing_is_ended_in_order_before_there_is_a_screen() -> None:
    assert SsmtuiApp(demo_inquiry()).request_exit(143) is False


def test_ctrl_c_pressed_twice_ends_it_by_its_exit_code_however_the_second_is_heard(
    keeping_terminal: Emulator,
) -> None:
    terminal = keeping_terminal
    terminal.type(b"\x03")
    for _ in range(100_000):
        if terminal.process.poll() is not None:
            break
        # A key as long as the app reads it; a signal of the terminal's from then on, and from this test at once.
        with suppress(OSError):
            terminal.type(b"\x03")
        if terminal.cooked:
            terminal.send(signal.SIGINT)
        terminal.read_for(0.0)
    assert terminal.end() == 130
    assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)
    assert b"Traceback" not in terminal.shown
    assert b"Error" not in terminal.shown


def test_ctrl_c_repeated_while_the_terminal_is_given_back_leaves_it_given_back() -> None:
    with running(PROGRAM, added=_INTERRUPTED_IN_GIVING_BACK) as terminal:
        terminal.type(b"\x03")
        assert terminal.end() == 130
        assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)
        assert b"Traceback" not in terminal.shown


def test_ctrl_c_while_the_terminal_is_given_back_throws_nothing_away_that_is_yet_to_be_shown() -> None:
    with running(PROGRAM, added=_TOLD_OF_FLUSHING) as terminal:
        terminal.type(b"\x03")
        assert terminal.end() == 130
        assert b"keeps: [True, False]" in terminal.shown
        assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)


@contextmanager
def of_a_shell(folder: Path, *, added: str = "") -> Iterator[Emulator]:
    """A shell, whose job in the foreground the program is; its nodes are on the screen."""
    before, start, after = PROGRAM.rpartition("entry.main()")
    program = folder / "program.py"
    program.write_text(before + added + start + after, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment = {**kept, "TERM": "xterm-256color", "PYTHONPATH": str(Path.cwd()), "PS1": "> "}
    shell = Emulator(["bash", "--norc", "--noprofile", "--noediting", "-i"], environment)
    try:
        shell.type(f"{sys.executable} {program} & echo the=$!; fg\r".encode())
        shell.wait_for(b"45 nodes")
        yield shell
    finally:
        shell.close()


def stop_from_outside(shell: Emulator) -> None:
    """Stop the job by what no program can hear."""
    (job,) = re.findall(rb"the=(\d+)", shell.shown)
    os.kill(int(job), signal.SIGSTOP)
    shell.wait_for(b"Stopped")


def stop_by_its_key(shell: Emulator) -> None:
    """Press Ctrl-Z."""
    shell.type(b"\x1a")
    shell.wait_for(b"Stopped")


@pytest.mark.parametrize("added", ["", _CONTINUED_BEFORE_IT_HEARS], ids=["at once", "continued first"])
@pytest.mark.parametrize("stop", [stop_by_its_key, stop_from_outside])
def test_one_that_a_shell_ends_while_it_is_stopped_ends_and_leaves_the_terminal_to_the_shell(
    stop: Callable[[Emulator], None], added: str, tmp_path: Path
) -> None:
    with of_a_shell(tmp_path, added=added) as shell:
        stop(shell)
        shell.type(b"kill %1; while kill -0 $! 2>&-; do sleep 0.02; done\r")
        shell.wait_for(b"Exit 143")
        assert modes(shell.shown) == _OF_A_SHELL
        shell.type(b"exit\r")
        assert shell.end() == 0
        assert shell.is_sane


def test_what_is_typed_as_soon_as_the_picture_is_gone_is_the_shells(tmp_path: Path) -> None:
    with of_a_shell(tmp_path, added=_SHUT_DOWN_ONCE_SOMETHING_IS_TYPED) as shell:
        shell.type(b"q")
        shell.wait_for(b"\x1b[?1049l")
        shell.type(b"exit\r")
        assert shell.end() == 0


@pytest.mark.parametrize("stop", [stop_by_its_key, stop_from_outside])
def test_in_the_background_it_goes_on_and_leaves_keys_to_the_shell_until_it_is_fetched(
    stop: Callable[[Emulator], None], tmp_path: Path
) -> None:
    with of_a_shell(tmp_path) as shell:
        stop(shell)
        shell.type(b"bg; echo back''ground\r")
        shell.wait_for(b"background")
        shell.wait_for(b"\x1b[?1049l")
        for number in range(20):
            shell.type(f"echo no{number}''ted\r".encode())
            shell.wait_for(f"no{number}ted".encode())
        shell.type(b"jobs; echo to''ld\r")
        shell.wait_for(b"told")
        assert b"Running" in shell.shown.rpartition(b"no19ted")[2]
        assert modes(shell.shown) == _OF_A_SHELL
        shell.shown = b""
        shell.type(b"fg\r")
        shell.wait_for(b"45 nodes")
        shell.type(b"q")
        shell.wait_for(b"\x1b[?1049l")
        shell.type(b"exit\r")
        assert shell.end() == 0
        assert shell.is_sane


_HURRIED = """
import os
from ssmtui.cli import signals
from ssmtui.ui.app import terminal

signals._ANSWERED, signals._ENDED, signals._TORN, terminal._PATIENCE = 0.3, 1.0, 1.0, 0.3
signals._REPEAT_SECONDS = 0.2
"""

_PAINTS_WITHOUT_END = """
from textual.screen import Screen

def without_end(self):
    os.write(1, b"it paints")
    while True:
        pass

SsmtuiApp.action_show_calls = without_end
"""

_HEEDS_NOTHING = """
import time

def heeds_nothing(self):
    os.write(1, b"it paints")
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            pass

SsmtuiApp.action_show_calls = heeds_nothing
"""

_REPAINTS_WITHOUT_END = """
from textual import events
from textual.screen import Screen

class Again(events.Event, bubble=False):
    pass

async def on_again(self, event):
    self.post_message(Again())
    self.refresh(layout=True)

def repaints(self):
    Screen.on_again = on_again
    self.screen.post_message(Again())
    os.write(1, b"it paints")

SsmtuiApp.action_show_calls = repaints
"""


@pytest.mark.parametrize("painter", [_PAINTS_WITHOUT_END, _REPAINTS_WITHOUT_END, _HEEDS_NOTHING])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, b"\x03"])
def test_whatever_the_painter_does_a_signal_and_ctrl_c_end_it(painter: str, how: signal.Signals | bytes) -> None:
    with running(PROGRAM, added=_HURRIED + painter) as terminal:
        terminal.type(b"@")
        terminal.wait_for(b"it paints")
        if isinstance(how, bytes):
            terminal.type(how)
        else:
            terminal.send(how)
        assert terminal.end() == (130 if isinstance(how, bytes) else 128 + how)
        assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)


@pytest.mark.parametrize("size", [(0, 0), (0, 80), (24, 0), (60_000, 60_000)])
@pytest.mark.parametrize("how", [b"q", b"\x03", signal.SIGTERM])
def test_a_terminal_that_does_not_know_its_size_is_one_of_80_by_24(
    size: tuple[int, int], how: signal.Signals | bytes
) -> None:
    with running(PROGRAM, size=size, variables={"COLUMNS": "99999", "LINES": "-4"}) as terminal:
        assert b"\x1b[24;1H" in terminal.shown
        assert b"\x1b[25;1H" not in terminal.shown
        if isinstance(how, bytes):
            terminal.type(how)
        else:
            terminal.send(how)
        assert terminal.end() == {b"q": 0, b"\x03": 130, signal.SIGTERM: 143}[how]
        assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)


def test_a_size_that_becomes_known_is_taken_and_one_that_is_lost_kept() -> None:
    with running(PROGRAM, size=(0, 0)) as terminal:
        terminal.resize(33, 100)
        terminal.wait_for(b"\x1b[33;1H")
        terminal.shown = b""
        terminal.resize(0, 0)
        terminal.resize(34, 100)
        terminal.wait_for(b"\x1b[34;1H")
        terminal.type(b"q")
        assert terminal.end() == 0


@pytest.mark.parametrize(
    ("sizes", "drawn"),
    [({"COLUMNS": "99999", "LINES": "99999"}, 24), ({"COLUMNS": "90", "LINES": "31"}, 31), ({"LINES": "x"}, 24)],
)
def test_where_the_terminal_does_not_know_it_the_variables_may_tell(sizes: dict[str, str], drawn: int) -> None:
    with running(PROGRAM, size=(0, 0), variables=sizes) as terminal:
        assert f"\x1b[{drawn};1H".encode() in terminal.shown
        terminal.type(b"q")
        assert terminal.end() == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"\x1b]" + b"a" * 60_000,
        b"\x1b]0;" + b"q" * 60_000,
        b"\x1bP" + b"q" * 5_000 + b"\x1b_" + b"q" * 5_000,
        b"j" * 100_000,
        b"/\x1b[200~" + b"web " * 250_000 + b"\x1b[201~",
        b"/" + b"w" * 100_000,
        b"x\x1b[200~" + b"web " * 50_000 + b"\x1b[201~",
    ],
    ids=["OSC", "OSC of q", "DCS", "keys", "paste into the filter", "keys into the filter", "paste to explain"],
)
def test_whatever_is_sent_ctrl_c_ends_it_soon(sent: bytes) -> None:
    with running(PROGRAM) as terminal:
        for start in range(0, len(sent), 4096):
            terminal.type(sent[start : start + 4096])
            terminal.read_for(0)
        terminal.type(b"\x03")
        begun = monotonic()
        assert terminal.end() == 130
        assert monotonic() - begun < SOON
        assert (terminal.is_sane, modes(terminal.shown)) == (True, _OF_A_SHELL)
