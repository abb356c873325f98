"""Compare the app: its screens in a terminal (tmux), each after it has stopped changing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from tools.checkouts.place import Place
from tools.checkouts.recording import Pages, Task

SCREENS = "screens"
SIZES = ((80, 24), (120, 40))

_LOOKS_SECONDS, _STILL_LOOKS, _PATIENCE_SECONDS = 0.25, 5, 120
_NUMBERS = count()
"""The numbers of servers: a server that is ending may still answer at its socket."""

_ENDED = "(the app has ended)"
_SETTLED = r"\b\d+ nodes? · \d+ calls"
_TEXT = """\
An error occurred (TargetNotConnected) when calling the StartSession operation: i-0a1b2c3d4e5f60001 is not connected.
----------ERROR-------
Encountered error while initiating handshake. We couldn't start the session because encryption is not set up
on the selected CloudWatch Logs log group. Either encrypt the log group or choose an option to enable logging
without encryption."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: the keys that lead to it, by tmux's names (`=TEXT` is typed, `<` is pasted), and its text."""

    name: str
    keys: tuple[str, ...]
    rests: str = "."


_FLEET = Shot("01-fleet", (), _SETTLED)

DEMO = (
    _FLEET,
    Shot("02-help", ("?",), "Keys"),
    Shot("03-causes", ("Escape", "Tab"), "Affected nodes|subject"),
    Shot("04-cause", ("Enter",), "Affected nodes"),
    Shot("05-accounts", ("Escape", "Tab", "i"), "API calls"),
    Shot("06-filtered", ("Escape", "/", "=queue-1", "Enter"), "1 of 74"),
    Shot("07-node", ("Enter",), "Evidence"),
    Shot("08-raw", ("y",), "Facts of this node"),
    Shot("09-fixes", ("Escape", "F"), "describe"),
    Shot("10-preview", ("Escape", "1"), "What changes"),
    Shot("11-explain", ("Escape", "Escape", "Escape", "x", "<", "Escape"), "Found here|true here"),
    Shot("12-frankfurt", ("Escape", "/", "=region:eu-central-1", "Enter"), "8 of 74"),
    Shot("13-preferences", ("p",), "sessions on 8"),
    Shot("14-edited", ("Down", "Down", "Down", "Down", "Enter"), "not saved|edit"),
    Shot("15-change", ("d", "Escape", "w"), "8 nodes change to ok"),
    Shot("16-handed-over", ("Tab", "h"), "set -euo pipefail"),
    Shot("17-made", ("Escape", "Tab", "=eu-central-1", "Enter"), "8 of 8 ok"),
    Shot("18-history", ("Escape", "Z"), "1 change"),
    Shot("19-after", ("Escape",), "8 of 74"),
)

ANY = (
    _FLEET,
    Shot("02-node", ("Enter",)),
    Shot("03-causes", ("Escape", "Tab")),
    Shot("04-cause", ("Enter",)),
    Shot("05-preferences", ("Escape", "p")),
    Shot("06-history", ("Escape", "Z")),
)

WORLDS = {
    "demo": DEMO,
    "several-faults": ANY,
    "caller-no-simulate": ANY,
    "host-management-off": ANY,
    "hybrid-agents": ANY,
    "caller-denied": (Shot("01-fleet", (), "denied|not authorized|Could not"), *ANY[5:]),
}


def screen_tasks(worlds: Sequence[str]) -> list[Task]:
    """Return a walk through the screens of some worlds, at both sizes."""
    return [
        Task(SCREENS, f"{world}-{width}x{height}", partial(_pictures, world, shots, (width, height)))
        for world, shots in WORLDS.items()
        if world in worlds
        for width, height in SIZES
    ]


def _pictures(world: str, shots: Sequence[Shot], size: tuple[int, int], place: Place) -> Pages:
    shutil.rmtree(place.home / ".local", ignore_errors=True)
    with Terminal(place, size, ("demo", "--scenario", world)) as terminal:
        return {shot.name: terminal.picture(shot) for shot in shots}


class Terminal:
    """A terminal with an app, in its own tmux server."""

    def __init__(self, place: Place, size: tuple[int, int], line: Sequence[str]) -> None:
        self._tmux = (
            shutil.which("tmux") or "tmux",
            "-S",
            str(place.home / f"tmux-{next(_NUMBERS)}"),
            "-f",
            "/dev/null",
        )
        # Textual reads COLUMNS before it asks the terminal.
        inherited = {name: value for name, value in place.environment.items() if name != "COLUMNS"}
        self._environment = {**inherited, "COLORTERM": "truecolor", "TERM": "tmux-256color"}
        width, height = map(str, size)
        bare = ("start-server", ";", "set-option", "-g", "status", "off", ";")
        # In a folder without code: Python takes the app of a checkout from where it is installed, not from here.
        self._told(
            *bare,
            "new-session",
            "-d",
            "-c",
            str(place.home),
            "-x",
            width,
            "-y",
            height,
            str(place.python),
            "-m",
            "ssmtui",
            *line,
        )

    def picture(self, shot: Shot) -> str:
        """Press the keys, and return the screen with its colours after it shows the text and is stable."""
        for key in shot.keys:
            if key == "<":
                self._told("set-buffer", _TEXT)
                self._told("paste-buffer", "-p")
            elif key.startswith("="):
                self._told("send-keys", "-l", key[1:])
            else:
                self._told("send-keys", key)
            self._still(".")
        return self._still(shot.rests)

    def _still(self, rests: str) -> str:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        seen, looks = "", 0
        while time.monotonic() < deadline:
            now = self._told("capture-pane", "-e", "-p")
            if not now:
                return _ENDED
            said = re.search(rests, self._told("capture-pane", "-p"))
            looks = looks + 1 if said and now == seen else 0
            if looks >= _STILL_LOOKS:
                return now
            seen = now
            time.sleep(_LOOKS_SECONDS)
        print(f"no screen came to rest that says {rests}", file=sys.stderr)
        return f"(did not come to rest)\n{seen}"

    def _told(self, *line: str) -> str:
        ended = subprocess.run([*self._tmux, *line], env=self._environment, capture_output=True, text=True, check=False)
        return ended.stdout

    def __enter__(self) -> Terminal:
        """Return itself: the app is running already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the app and its server."""
        self._told("kill-server")
