"""Run command lines of this interpreter's ssmtui, each in a fork of a process that has loaded it once.

The interpreter of a checkout runs this file by its path, so it imports nothing from the tests. It only uses the
installed entry point of ssmtui, and commands. A line of JSON in (``{"line": […], "environment": {…}, "input": ""}``),
one out (``{"code": 0, "output": "", "errors": ""}``), until standard input ends.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from importlib.metadata import entry_points
from io import StringIO
from typing import BinaryIO, cast

WARMING = ("causes", "checks")
"""Commands that load most modules of the others, and start no thread: a fork keeps only the forking thread."""

SDK = ("aiobotocore.session", "boto3")
PATIENCE_SECONDS = 240


def main() -> None:
    """Answer every line."""
    (entry,) = entry_points(group="console_scripts", name="ssmtui")
    ssmtui = cast("Callable[[], None]", entry.load())
    for name in WARMING:
        with redirect_stdout(StringIO()), suppress(SystemExit):
            sys.argv = ["ssmtui", name]
            ssmtui()
    for name in SDK:
        importlib.import_module(name)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answered(ssmtui, json.loads(line))) + "\n")
        sys.stdout.flush()


def answered(ssmtui: Callable[[], None], asked: Mapping[str, object]) -> Mapping[str, object]:
    """Return the result of one command line: its exit code (negative: the signal that ended it) and its output."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        given.write(str(asked["input"]).encode())
        given.seek(0)
        child = os.fork()
        if child == 0:
            become(ssmtui, asked, (given, output, errors))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return {"code": code, "output": text_of(output), "errors": text_of(errors)}


def become(ssmtui: Callable[[], None], asked: Mapping[str, object], files: tuple[BinaryIO, ...]) -> None:
    """Run that command line in this process, and exit."""
    signal.alarm(PATIENCE_SECONDS)
    for number, file in enumerate(files):
        os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(cast("Mapping[str, str]", asked["environment"]))
    sys.argv = ["ssmtui", *cast("list[str]", asked["line"])]
    code: object = 1
    try:
        ssmtui()
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException as error:  # noqa: BLE001 - as the interpreter does at the end of a process
        sys.excepthook(type(error), error, error.__traceback__)
    if isinstance(code, str):
        sys.stderr.write(code + "\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def text_of(file: BinaryIO) -> str:
    """Return the content of a file."""
    file.seek(0)
    return file.read().decode(errors="backslashreplace")


if __name__ == "__main__":
    main()
