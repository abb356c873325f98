"""`python -m ssmtui` for tests, as a process of its own that need not import everything first."""

from __future__ import annotations

import atexit
import io
import json
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

_BEGUN_OTHERWISE = ("PYTHON", "LC_", "LANG", "SSMTUI_LANG")
"""How the names of variables begin that count already while Python starts and ssmtui is imported."""

_HELD_BY_A_PIPE = 4096
"""Bytes of input that need not be read before they are all given."""


def run(
    *words: str,
    environment: Mapping[str, str],
    folder: Path,
    given: bytes | None = None,
    output: int | None = None,
    program: str = "",
) -> subprocess.CompletedProcess[str]:
    """What `run_raw` tells, as text."""
    done = run_raw(*words, environment=environment, folder=folder, given=given, output=output, program=program)
    return subprocess.CompletedProcess(words, done.returncode, _text(done.stdout), _text(done.stderr))


def run_raw(
    *words: str,
    environment: Mapping[str, str],
    folder: Path,
    given: bytes | None = None,
    output: int | None = None,
    program: str = "",
) -> subprocess.CompletedProcess[bytes]:
    """Run ssmtui to its end, its input given (None is no input); what it writes is told, or goes to that file.

    A `program` is Python that begins it, where that is not done by `-m ssmtui`.
    """
    start = ["-c", program] if program else ["-m", "ssmtui"]
    place = _place()
    if place is None or (given is not None and len(given) > _HELD_BY_A_PIPE) or _begins_otherwise(words, environment):
        done = subprocess.run(
            [sys.executable, *start, *words],
            env=dict(environment),
            cwd=folder,
            input=given or b"",
            stdout=subprocess.PIPE if output is None else output,
            stderr=subprocess.PIPE,
            check=False,
        )
        return subprocess.CompletedProcess(words, done.returncode, done.stdout or b"", done.stderr)
    asked = {"words": words, "environment": dict(environment), "folder": str(folder), "program": program}
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(str(place))
        given_end, (out, out_end), (err, err_end) = _giving(given), os.pipe(), os.pipe()
        socket.send_fds(there, [b" "], [given_end, out_end if output is None else output, err_end])
        there.sendall(json.dumps(asked).encode())
        there.shutdown(socket.SHUT_WR)
        for end in (given_end, out_end, err_end):
            os.close(end)
        told, complained = _read_all(out, err)
        (code,) = json.loads(there.recv(64))
    return subprocess.CompletedProcess(words, code, told, complained)


def _giving(given: bytes | None) -> int:
    """A file that gives what is given."""
    if given is None:
        return os.open(os.devnull, os.O_RDONLY)
    given_end, end = os.pipe()
    os.write(end, given)
    os.close(end)
    return given_end


@cache
def _place() -> Path | None:
    """The socket of who has imported ssmtui, from now until this process ends; None where nobody can be forked."""
    if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
        return None
    place = Path(mkdtemp(), "socket")
    nobodys = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    serving = subprocess.Popen(
        [sys.executable, "-m", "tests.preloaded.serving", str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "LANG": "C.UTF-8", **nobodys, **keys},
    )
    assert serving.stdout is not None
    assert serving.stdout.readline() == "ready\n"
    atexit.register(_end, serving, place.parent)
    return place


def _end(serving: subprocess.Popen[str], folder: Path) -> None:
    serving.communicate()
    rmtree(folder)


def _begins_otherwise(words: Sequence[str], environment: Mapping[str, str]) -> bool:
    counting = {name: value for name, value in environment.items() if name.startswith(_BEGUN_OTHERWISE)}
    return counting != {"LANG": "C.UTF-8"} or any(word.startswith("--lang") for word in words)


def _read_all(*pipes: int) -> list[bytes]:
    """What comes out of pipes until nobody holds their other ends."""
    told = {pipe: io.BytesIO() for pipe in pipes}
    with selectors.DefaultSelector() as waiting:
        for pipe in pipes:
            waiting.register(pipe, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select():
                piece = os.read(key.fd, 65536)
                told[key.fd].write(piece)
                if not piece:
                    waiting.unregister(key.fd)
                    os.close(key.fd)
    return [each.getvalue() for each in told.values()]


def _text(written: bytes) -> str:
    return io.TextIOWrapper(io.BytesIO(written), encoding="utf-8").read()
