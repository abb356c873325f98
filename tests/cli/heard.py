"""ssmtui run with an ear at the door: every address that it connects to, and every name that it looks up."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.preloaded.command_line import run

_EAR = """
import json, sys
heard = set()

def hear(event, arguments):
    if event == "socket.connect":
        # A path is a socket of this machine's own; a pair of sockets in one process is connected by none.
        where = arguments[1]
        heard.add(("connect", *map(str, where[:2])) if isinstance(where, tuple) else ("path", str(where)))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        name = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0])
        heard.add(("look up", name))
        # No packet leaves this machine, whatever is asked for.
        if name not in ("127.0.0.1", "localhost", "::1"):
            raise OSError("nobody answers here")
    elif event == "socket.sendto":
        heard.add(("send", *map(str, arguments[1][:2])))

told_in = sys.argv[1]
sys.argv = ["ssmtui", *sys.argv[2:]]
sys.addaudithook(hear)
try:
    from ssmtui.cli import main
    main()
finally:
    with open(told_in, "w") as file:
        json.dump(sorted(heard), file)
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a run said, and whom it spoke to: `("connect", host, port)`, `("look up", name)`, `("send", host, port)`."""

    code: int
    said: str
    spoken_to: frozenset[tuple[str, ...]]


def heard(folder: Path, line: tuple[str, ...], environment: Mapping[str, str]) -> Heard:
    """Run a command line in an empty home. No name but this machine's is found, as without a network."""
    answer = folder / "heard.json"
    everything = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **environment}
    done = run(str(answer), *line, environment=everything, folder=folder, program=_EAR)
    spoken_to = frozenset(tuple(each) for each in json.loads(answer.read_text(encoding="utf-8")))
    return Heard(done.returncode, done.stdout + done.stderr, spoken_to)
