"""Run the command lines of one checkout: with an empty home, a plugin, and a simulated AWS."""

from __future__ import annotations

import json
import os
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

HOME = "compared-"
"""The prefix of the folder's name, followed by eight random letters."""

_COMMAND_LINE = Path(__file__).with_name("command_line.py")
_PLUGIN = "#!/bin/sh\necho 1.2.764.0\n"
_ENOUGH, _SILENCE_SECONDS = 1 << 16, 0.5
_OUTPUT, _ERRORS = "--- standard output\n", "--- standard error\n"


@dataclass(frozen=True, slots=True)
class Ran:
    """A completed command line."""

    line: tuple[str, ...]
    code: int
    output: str
    errors: str

    def __str__(self) -> str:
        """Return all of its results, as they are stored and compared."""
        words = shlex.join(("ssmtui", *self.line))
        return f"$ {words}\n--- exit code {self.code}\n{_OUTPUT}{self.output}{_ERRORS}{self.errors}"


def output_in(kept: str) -> str:
    """Return the standard output in a stored result."""
    return kept.partition(_OUTPUT)[2].rpartition(_ERRORS)[0]


class TakesTooLongError(Exception):
    """A command line was stopped before its end: its output cannot be compared."""


class Place:
    """Runs command lines of an interpreter's checkout, one at a time."""

    def __init__(self, python: Path) -> None:
        self.python = python.absolute()
        self.home = Path(tempfile.mkdtemp(prefix=HOME))
        programs = self.home / "programs"
        programs.mkdir()
        plugin = programs / "session-manager-plugin"
        plugin.write_text(_PLUGIN, encoding="utf-8")
        plugin.chmod(0o755)
        self.environment = {
            "HOME": str(self.home),
            "PATH": f"{programs}{os.pathsep}{os.defpath}",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "120",
        }
        self._lines = self._started(str(_COMMAND_LINE))
        self._simulator = self._started("-m", "ssmtui", "demo", "--serve", "--scenario", "empty")
        self._aws = _exports(self._simulator)
        self._control("GET", "seeding", until="ready")
        self._regions: tuple[str, ...] = ()
        self.load("empty")

    def load(self, world: str) -> tuple[str, ...]:
        """Load another world with an empty home. Return its Regions."""
        shutil.rmtree(self.home / ".local", ignore_errors=True)
        self._control("POST", "reset", {"scenario": world})
        announcing = self._started("-m", "ssmtui.simulator", "--scenario", world)
        self._regions = tuple(json.loads(_out(announcing).readline())["regions"])
        _end(announcing)
        return self._regions

    def run(self, *line: str, given: str = "") -> Ran:
        """Run `ssmtui LINE`, with access only to the simulated AWS.

        Raises:
            TakesTooLongError: the command did not end.

        """
        asked = {"line": line, "environment": self.environment | self._aws_here(), "input": given}
        stdin = self._lines.stdin
        assert stdin is not None
        stdin.write(json.dumps(asked) + "\n")
        stdin.flush()
        ended = json.loads(_out(self._lines).readline())
        if ended["code"] == -signal.SIGALRM:
            raise TakesTooLongError(shlex.join(line))
        return Ran(line, ended["code"], ended["output"], ended["errors"])

    @property
    def of_its_regions(self) -> tuple[str, ...]:
        """The options that name the Regions of the world."""
        return tuple(word for region in self._regions for word in ("--region", region))

    @property
    def journal(self) -> str:
        """The journal of changes from the disk."""
        return "".join(
            f"--- {file.name}\n{file.read_text(encoding='utf-8')}"
            for file in sorted((self.home / ".local" / "state").rglob("*.jsonl"))
        )

    def close(self) -> None:
        """End the processes, and remove all files."""
        _end(self._lines)
        _end(self._simulator)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        """Return itself: it is running already."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def _aws_here(self) -> dict[str, str]:
        return self._aws | dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), self._regions[0])

    def _started(self, *line: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.python), *line],
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _control(self, method: str, path: str, document: Mapping[str, str] | None = None, until: str = "") -> None:
        """Call the simulator's control endpoint, repeatedly until the response fulfils a condition."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        data = json.dumps(document).encode() if document else None
        while True:
            request = urllib.request.Request(  # noqa: S310 - loopback
                f"{self._aws['AWS_ENDPOINT_URL']}/_simulator/{path}",
                data,
                {"X-Simulator-Token": self._aws["AWS_SESSION_TOKEN"]},
                method=method,
            )
            with opener.open(request) as answer:
                told: Mapping[str, Any] = json.load(answer)
            if not until or told[until]:
                return
            time.sleep(0.1)


def _exports(simulator: subprocess.Popen[str]) -> dict[str, str]:
    """Return the variables of `demo --serve`, which prints them one by one and then nothing more."""
    pipe = _out(simulator).fileno()
    printed = os.read(pipe, _ENOUGH).decode()
    while select.select([pipe], [], [], _SILENCE_SECONDS)[0]:
        more = os.read(pipe, _ENOUGH).decode()
        if not more:
            break
        printed += more
    pairs = (shlex.split(line.removeprefix("export "))[0].partition("=") for line in printed.splitlines())
    return {name: value for name, _, value in pairs}


def _out(process: subprocess.Popen[str]) -> Any:
    return cast("Any", process.stdout)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate()
