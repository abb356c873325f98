"""Find the AWS CLI that is compared: version 1 beside this interpreter, and version 2 on the PATH."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

NOT_FOUND = "neither awscli is installed beside this interpreter, nor an aws of version 2 is on the PATH"


@dataclass(frozen=True, slots=True)
class Cli:
    """An AWS CLI: its major version, what `aws --version` says of it, and its command."""

    major: int
    version: str
    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name in figures."""
        return f"AWS CLI v{self.major}"


@cache
def aws_clis() -> tuple[Cli, ...]:
    """Return the AWS CLIs that are found, the older major version first."""
    return tuple(_found())


def _found() -> Iterator[Cli]:
    if find_spec("awscli") is not None:
        yield Cli(1, version("awscli"), (sys.executable, "-m", "awscli"))
    for folder in os.get_exec_path():
        program = Path(folder) / "aws"
        if os.access(program, os.X_OK) and (number := _version_of(program)).startswith("2."):
            yield Cli(2, number, (str(program),))
            return


def _version_of(program: Path) -> str:
    """Return the version of a program that calls itself `aws-cli/2.23.6 Python/…`, else an empty text."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    name, _, number = said.partition(" ")[0].partition("/")
    return number if name == "aws-cli" else ""
