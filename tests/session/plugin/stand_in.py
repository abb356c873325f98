"""A stand-in for session-manager-plugin: a script that does to the terminal what the real one does, and reports it.

It is started as the plugin is. `STAND_IN` names the file that reports go to, one JSON object a line. What is typed is
echoed in brackets; a line is a command: `say TEXT`, `left on`, `flood`, `exit`, `close TEXT`, `fail TEXT`,
`time out`, `code N`, `mark N`, `hang`, `file NAME`. `STAND_IN_LINES` are lines that are there without being typed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import termios
from pathlib import Path
from select import select
from types import FrameType

VERSION = "1.2.896.0"
FLOOD = 4_000_000
_RESPONSE = "AWS_SSM_START_SESSION_RESPONSE"
# The real one sends these bytes on (sessionutil_unix.go).
_KEYS = {signal.SIGINT: b"\x03", signal.SIGTSTP: b"\x1a", signal.SIGQUIT: b"\x1c"}


def main() -> None:
    """Be the plugin."""
    if sys.argv[1:] == ["--version"]:
        write(os.environ.get("STAND_IN_VERSION", VERSION) + "\n")
        return
    response = json.loads(os.environ.pop(_RESPONSE))
    session = response["SessionId"]
    report(arguments=sys.argv[1:], response=response, environment=dict(os.environ), pid=os.getpid())
    write(f"\nStarting session with SessionId: {session}\n")
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    for number in _KEYS:
        signal.signal(number, pressed)
    signal.signal(signal.SIGWINCH, resized)
    before = cbreak()
    resized(signal.SIGWINCH, None)
    write("ready\n")
    try:
        if not any(done(line, session) for line in os.environ.get("STAND_IN_LINES", "").splitlines()):
            carry(session, woken)
    finally:
        if before is not None:
            termios.tcsetattr(0, termios.TCSANOW, before)


def carry(session: str, woken: int) -> None:
    """Echo, and do as the lines say.

    A signal that comes just before a read would be taken only after it: `woken` is readable then.
    """
    line = b""
    while True:
        ready, _, _ = select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 1024)
        if 0 not in ready:
            continue
        try:
            typed = os.read(0, 1024)
        except OSError as error:
            write(f"Cannot perform start session: {error.strerror}\n")
            return
        if not typed:
            write("Cannot perform start session: EOF\n")
            return
        report(read=typed.hex())
        for byte in typed.replace(b"\x04", b"exit\r"):
            if byte in b"\r\n":
                if done(line.decode(), session):
                    return
                line = b""
            else:
                line += bytes([byte])


def done(line: str, session: str) -> bool:
    """Do what a line says; whether the session is over."""
    command, _, rest = line.partition(" ")
    match command:
        case "say":
            write(f"[{rest}]\n")
        case "left":
            os.write(1, b"\x1b[?1049h\x1b[?1000;1006h\x1b[?2004h\x1b[?1h\x1b=\x1b[?25l\x1b[31mleft on\r\n")
        case "flood":
            write("x" * FLOOD + "\n[flooded]\n")
        case "file":
            send(Path(rest).read_bytes())
        case "code":
            write(f"EXIT_CODE: {rest}")
        case "mark":
            write(f"\x1b]133;D;{rest};aid=ssmtui\x07")
        case "exit":
            write(f"\n\nExiting session with sessionId: {session}.\n\n")
            return True
        case "close":
            write(f"\n\nSessionId: {session} : {rest}\n\n")
            return True
        case "fail":
            write(f"Cannot perform start session: {rest}\n")
            return True
        case "time":
            write(f"Session: {session} timed out.\n")
            return True
        case "hang":
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            write("[hanging]\n")
            while True:
                signal.pause()
    return False


def cbreak() -> list[int | list[bytes | int]] | None:
    """What `stty cbreak -echo` does; how the terminal was, None where it is none."""
    try:
        before = termios.tcgetattr(0)
    except termios.error:
        return None
    attributes = termios.tcgetattr(0)
    attributes[3] &= ~(termios.ICANON | termios.ECHO)
    termios.tcsetattr(0, termios.TCSANOW, attributes)
    return before


def pressed(number: int, _frame: FrameType | None) -> None:
    """A key of the terminal that sends a signal."""
    report(signal=signal.Signals(number).name)
    write(f"[{signal.Signals(number).name}]\n")


def resized(_number: int, _frame: FrameType | None) -> None:
    """The window's size."""
    try:
        size = os.get_terminal_size(1)
    except OSError:
        report(size=None)
        return
    report(size=[size.lines, size.columns])
    write(f"[{size.lines}x{size.columns}]\n")


def write(text: str) -> None:
    """As Go writes: at once, and all of it."""
    send(text.encode())


def send(output: bytes) -> None:
    """Write bytes."""
    while output:
        output = output[os.write(1, output) :]


def report(**what: object) -> None:
    """Tell the test."""
    with Path(os.environ["STAND_IN"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


if __name__ == "__main__":
    main()
