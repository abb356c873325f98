"""The app on a terminal with canaries for secrets: what it paints, copies out, logs, writes and starts is looked at."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ssmtui.simulator.in_thread import SimulatedAws
from tests.session.emulator import Emulator
from tools.trust.secrets.plants import ACCESS_KEY, Plant, leaks
from tools.trust.secrets.runs import (
    Looked,
    environment_of,
    given_by_aws,
    look_at_files,
    look_at_programs,
    told_in,
)

_COPIED = re.compile(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")
_ENTER, _ESCAPE, _TAB = b"\r", b"\x1b", b"\t"

WALK: tuple[bytes, ...] = (
    # The fleet, and all that was read for a node.
    *(b"c", b"C", b"y", b"c", _ESCAPE, _ENTER, b"c", b"C", b"y", b"c", _ESCAPE, b"F", b"c", _ESCAPE, _ESCAPE),
    # Its causes, a change as a preview, as commands in every form, made and taken back.
    *(_TAB, b"c", _ENTER, b"c", _ESCAPE, _TAB, b"p", b"c", b"w", b"c", b"h", b"c", *(_TAB, b"c") * 6, _ESCAPE, _ESCAPE),
    *(_ESCAPE, b"Z", b"c", _ESCAPE),
    # A probe, a shell and a tunnel: real sessions.
    *(b"v", _ENTER, b"wait", b"c", _ESCAPE, b"s", b"wait", b"S", b"wait", b"c", _ESCAPE),
    # What was asked of AWS, the scopes, and a pasted error.
    *(b"@", b"c", _ESCAPE, b"a", _ESCAPE, b"~", b"c", _ESCAPE, b"x", b"\x1b[200~TargetNotConnected\x1b[201~", b"wait"),
    *(b"c", _ESCAPE, _ESCAPE, b"\x13", b"wait"),
)
"""Keys; `wait` presses none, for longer."""


def copied(shown: bytes) -> Sequence[bytes]:
    """What was sent to the clipboard by what a terminal was shown (OSC 52)."""
    return [base64.b64decode(each) for each in _COPIED.findall(shown)]


def run_app(aws: SimulatedAws, folder: Path, plant: Plant, walk: Sequence[bytes] = WALK) -> Looked:
    """Walk through the app with everything logged that could be, and look wherever it leaves anything."""
    looked = Looked()
    aws.give_key(ACCESS_KEY)
    environment = {**environment_of(aws, folder, plant), "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}
    log = folder / "home" / "app.log"
    there = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(folder / "home")]
    words = [sys.executable, "-m", "tools.trust.secrets.started", *plant.options, "--log-file", str(log)]
    terminal = Emulator([*there, *words], environment, (40, 140))
    terminal.patience = 120
    try:
        terminal.wait_for(b"notconnected")
        for keys in walk:
            if keys != b"wait":
                terminal.type(keys)
            terminal.read_for(2.5 if keys == b"wait" else 0.4)
        terminal.type(b"\x1b\x1b\x1bq")
        terminal.read_for(0.5)
        terminal.type(b"\x03")
        code = terminal.end()
    finally:
        terminal.close()
    looked.lost.extend(_faults(terminal.shown, code, plant))
    given = given_by_aws()
    looked.looked["app"] += 1
    named = f"the app by {plant.name}"
    told_in(looked, f"{named}: its terminal", set(leaks(terminal.shown, given)))
    for text in copied(terminal.shown):
        looked.looked["copied text"] += 1
        told_in(looked, f"{named}: what it copies", set(leaks(text, given)))
    look_at_files(folder, plant, named, given, looked)
    look_at_programs(folder / "told", named, given, (), looked)
    return looked


def _faults(shown: bytes, code: int, plant: Plant) -> Iterator[str]:
    if code not in {0, 130}:
        yield f"the app by {plant.name} ended with {code}"
    if not copied(shown):
        yield f"the app by {plant.name} copied nothing: {shown[-300:]!r}"
