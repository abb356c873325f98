"""Change the environment of a running app: credentials, network, and the clock in both directions, as after sleep."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from random import Random
from time import monotonic

from tests.session.emulator import Emulator
from tools.trust.interruption.ended_processes import taken_back
from tools.trust.interruption.home import SWITCHED, WORLD, Home, ended, until
from tools.trust.interruption.terminals import left_sane, shown, started

_SECOND = "ASIASECONDKEY0000002"
_REFRESH = b"\x12"
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def _write_keys(home: Home, key: str) -> None:
    """Replace the file, as a rotation of keys does."""
    file = home.folder / "keys"
    draft = file.with_suffix(".new")
    told = f"aws_access_key_id = {key}\naws_secret_access_key = s\naws_session_token = t\n"
    draft.write_text(f"[default]\n{told}", encoding="utf-8")
    draft.replace(file)


def _by_file(home: Home) -> dict[str, str]:
    """Return the environment of a user whose keys are in a file."""
    _write_keys(home, home.aws.environment[_KEYS[0]])
    home.aws.give_key(_SECOND)
    return {**dict.fromkeys(_KEYS, ""), "AWS_SHARED_CREDENTIALS_FILE": str(home.folder / "keys")}


def rotated_in_app(home: Home, chance: Random) -> Iterator[str]:
    """Reject the old keys before or after the file has new ones: the app must report it, and use the new keys."""
    home.aws.load("healthy-small")
    variables = _by_file(home)
    terminal = _app(home, variables)
    try:
        terminal.read_for(chance.random() * 2)
        first = home.aws.environment[_KEYS[0]]
        if late := chance.random() < 0.5:
            home.aws.fault("expired", access_key=first)
            terminal.type(_REFRESH)
            if not _shows(terminal, b"expired"):
                yield "keys that AWS takes no more are not told of"
            _write_keys(home, _SECOND)
        else:
            _write_keys(home, _SECOND)
            home.aws.fault("expired", access_key=first)
        terminal.read_for(chance.random())
        home.aws.journal.clear()
        terminal.shown = b""
        terminal.type(_REFRESH)
        taken_up = _until(terminal, lambda: sum(each.status == 200 for each in home.aws.journal.entries) > 20)
        if not taken_up:
            yield f"new keys are not taken up (late: {late}): {home.aws.journal.entries[-3:]}"
        terminal.read_for(1.5)
        if b"defect in ssmtui" in terminal.shown:
            yield "the app tells a defect"
        yield from _left(terminal, "after keys were rotated")
    finally:
        terminal.close()


def rotated_amid_change(home: Home, chance: Random) -> Iterator[str]:
    """Rotate keys during a change: the change is made or the error reported; the new keys can undo it."""
    home.aws.load(WORLD)
    words, before, variables = home.fix(), home.preferences(), _by_file(home)
    home.aws.journal.clear()
    home.aws.fault("latency", milliseconds=15)
    process = home.start(*words, room=None, **variables)
    at = chance.randrange(70)
    until(lambda: len(home.aws.journal.entries) >= at, process)
    _write_keys(home, _SECOND)
    home.aws.fault("expired", access_key=home.aws.environment[_KEYS[0]])
    told = ended(process)
    home.aws.clear_faults()
    if not told.is_told:
        yield f"keys rotated after {at} requests: {told}"
    if home.writes():
        yield from taken_back(home, before, f"a change amid which keys were rotated ({told.code})")
    elif home.preferences() != before:
        yield "the preferences have changed without a write"


def network_in_app(home: Home, chance: Random) -> Iterator[str]:
    """Interrupt the network of a running app several times: known results stay, and the app recovers."""
    home.aws.load("healthy-small")
    terminal = started(home)
    try:
        for _ in range(chance.randrange(1, 4)):
            terminal.read_for(chance.random())
            home.aws.fault(chance.choice(("reset", "unavailable", "refused")))
            terminal.type(chance.choice((_REFRESH, b"r", b"\r")))
            terminal.read_for(chance.random() * 4)
            home.aws.clear_faults()
            terminal.type(b"\x1b")
            terminal.read_for(0.3)
        home.aws.journal.clear()
        terminal.type(_REFRESH)
        if not _until(terminal, lambda: sum(each.status == 200 for each in home.aws.journal.entries) > 20):
            yield "once it is back, nothing is read"
        terminal.read_for(1)
        if b"defect in ssmtui" in terminal.shown:
            yield "the app tells a defect"
        yield from _left(terminal, "after the network was gone")
    finally:
        terminal.close()


def network_gone_amid_change(home: Home, chance: Random) -> Iterator[str]:
    """Interrupt the network during a change, forever or for a while: it is reported, and undone later."""
    home.aws.load(WORLD)
    words, before = home.fix(), home.preferences()
    home.aws.journal.clear()
    home.aws.fault("latency", milliseconds=15)
    process = home.start(*words)
    writing = chance.random() < 0.7
    at = chance.randrange(1, 3) if writing else chance.randrange(70)
    until(lambda: (sum(each.write for each in home.aws.journal.entries) if writing else _asked(home)) >= at, process)
    home.aws.clear_faults()
    kind = chance.choice(("reset", "unavailable"))
    home.aws.fault(kind, times=chance.choice((None, 1, 3, 10)))
    told = ended(process)
    home.aws.clear_faults()
    if not told.is_told:
        yield f"{kind} after {at} {'writes' if writing else 'requests'}: {told}"
    journal = home.journal
    if home.writes() and (journal is None or not journal.changes()):
        yield "it wrote what the journal does not know of"
    if home.writes():
        yield from taken_back(home, before, f"a change amid which the network went ({told.code})")
    elif home.preferences() != before:
        yield "the preferences have changed without a write"


_JUMPING = """
import datetime, signal, sys, time
true_time, true_now, jumped = time.time, datetime.datetime.now, [0.0]

class Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(true_time() + jumped[0], tz)

    @classmethod
    def utcnow(cls):
        return cls.fromtimestamp(true_time() + jumped[0], datetime.timezone.utc).replace(tzinfo=None)

def jump(number, _frame):
    jumped[0] += float(sys.argv_of_jumps[number == signal.SIGUSR2])

datetime.datetime = Jumping
time.time = lambda: true_time() + jumped[0]
sys.argv_of_jumps = [sys.argv.pop(1), sys.argv.pop(1)]
signal.signal(signal.SIGUSR1, jump)
signal.signal(signal.SIGUSR2, jump)
sys.argv[0] = "ssmtui"
from ssmtui.cli import main
main()
"""


def clock_jumps(home: Home, chance: Random) -> Iterator[str]:
    """Move the clock by seconds to weeks while the app reads and changes: it goes on, and reports correctly."""
    home.aws.load(SWITCHED)
    before, region = home.preferences(), home.aws.regions[0].encode()
    home.aws.journal.clear()
    far = [str(chance.choice((3, 90, 3_700, 30_000, 2_000_000)) * sign) for sign in (1, -1)]
    words = [sys.executable, "-c", _JUMPING, *far]
    terminal = _app(home, {}, words)
    try:
        for keys in (_REFRESH, b"~", b"\x1b", b"w", b"", region, b"\r", b"", b"\x1b", b"Z", b"\x1b"):
            if chance.random() < 0.6:
                terminal.send(chance.choice((signal.SIGUSR1, signal.SIGUSR2)))
            terminal.type(keys)
            terminal.read_for(0.2 + chance.random())
        terminal.read_for(1)
        if b"defect in ssmtui" in terminal.shown:
            yield f"the app tells a defect after jumps of {far}"
        yield from _left(terminal, f"after jumps of {far}")
    finally:
        terminal.close()
    if not home.writes():
        yield f"amid jumps of {far} a change was not made: {terminal.shown[-300:]!r}"
    else:
        yield from taken_back(home, before, f"a change amid jumps of {far}")


def _app(home: Home, variables: dict[str, str], words: list[str] | None = None) -> Emulator:
    environment = {name: value for name, value in {**home.environment, **variables}.items() if value}
    return shown(words or [sys.executable, "-m", "ssmtui"], home, environment)


def _left(terminal: Emulator, when: str) -> Iterator[str]:
    for key in (b"\x1b", b"\x1b", b"\x1b", b"q", b"y"):
        if terminal.process.poll() is None:
            terminal.type(key)
            terminal.read_for(0.5 if key == b"\x1b" else 3)
    yield from left_sane(terminal, when, {0})


def _shows(terminal: Emulator, words: bytes) -> bool:
    return _until(terminal, lambda: words in terminal.shown)


def _until(terminal: Emulator, condition: Callable[[], bool]) -> bool:
    deadline = monotonic() + 60
    while monotonic() < deadline:
        if condition():
            return True
        terminal.read_for(0.1)
    return False


def _asked(home: Home) -> int:
    return len(home.aws.journal.entries)
