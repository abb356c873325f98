"""Start programs. ssmtui starts every program here, and never takes one from the working directory.

The working directory may contain files of others. PATH and PYTHONPATH often include it without the owner's knowledge:
an empty entry, as in `PATH=$PATH:`, means the working directory, and Windows looks there first. So a program is only
searched in absolute entries of PATH, a Python is started with `-P`, and a started program gets both variables without
relative entries. A path with a separator is the owner's choice and is used as it is.
"""

from __future__ import annotations

import errno
import ntpath
import os
import posixpath
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import IO, TYPE_CHECKING, Final, TypedDict, Unpack

if TYPE_CHECKING:
    import subprocess
    from asyncio.subprocess import Process

_SEARCHED: Final = ("PATH", "PYTHONPATH")
_NOT_THE_WORKING_DIRECTORY: Final = "NoDefaultCurrentDirectoryInExePath"
"""The variable that keeps Windows (NeedCurrentDirectoryForExePath) from searching programs there."""


class Streams(TypedDict, total=False):
    """The arguments of `subprocess.Popen` for a program."""

    stdin: int | IO[bytes] | None
    stdout: int | IO[bytes] | None
    stderr: int | IO[bytes] | None
    start_new_session: bool
    creationflags: int


def absolute_folders(path: str, *, windows: bool = os.name == "nt") -> Iterator[str]:
    """Yield the folders of a variable such as PATH, without those that depend on the working directory."""
    separator, is_absolute = (";", ntpath.isabs) if windows else (":", posixpath.isabs)
    for entry in path.split(separator):
        folder = entry.strip().strip('"') if windows else entry
        if is_absolute(folder):
            yield folder


def find_program(name: str, environment: Mapping[str, str]) -> str | None:
    """Return the absolute path of a program on PATH; None if PATH does not lead to it."""
    endings: tuple[str, ...] = ("",)
    if os.name == "nt" and not ntpath.splitext(name)[1]:
        endings = tuple(environment.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(";"))
    for folder in absolute_folders(environment.get("PATH", os.defpath)):
        for ending in endings:
            file = os.path.join(folder, name + ending)  # noqa: PTH118 - importing Path would take time here
            if os.path.isfile(file) and os.access(file, os.X_OK):  # noqa: PTH113
                return file
    return None


def python(*words: str) -> tuple[str, ...]:
    """Return the command that starts this interpreter with these arguments, without the working directory.

    `-I` would hide packages that are installed for one user (`pip install --user`), perhaps ssmtui itself.
    """
    return (sys.executable, "-P", *words)


def own_command(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command that starts ssmtui from any directory, for a file that outlasts this run."""
    program = find_program("ssmtui", environment)
    return (program,) if program is not None else python("-m", "ssmtui")


def keep_out_working_directory(environment: MutableMapping[str, str]) -> None:
    """Remove the entries for the working directory from an environment."""
    for name in _SEARCHED:
        if name in environment:
            kept = os.pathsep.join(absolute_folders(environment[name]))
            if kept:
                environment[name] = kept
            else:
                del environment[name]  # an empty value would mean the working directory
    if os.name == "nt":
        environment[_NOT_THE_WORKING_DIRECTORY] = "1"


def start(words: Sequence[str], environment: Mapping[str, str], **streams: Unpack[Streams]) -> subprocess.Popen[bytes]:
    """Start a program.

    Raises:
        OSError: the program is not on PATH, or cannot be run.

    """
    import subprocess  # noqa: PLC0415 - as below

    command, given = _ready(words, environment)
    return subprocess.Popen(command, env=given, **streams)  # noqa: S603 - found without the working directory


def run(
    words: Sequence[str], environment: Mapping[str, str], **streams: Unpack[Streams]
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end. Raises as `start` does."""
    import subprocess  # noqa: PLC0415 - as below

    command, given = _ready(words, environment)
    return subprocess.run(command, env=given, check=False, **streams)  # noqa: S603 - found without the working directory


async def start_on_loop(words: Sequence[str], environment: Mapping[str, str], **streams: Unpack[Streams]) -> Process:
    """Start a program that the running event loop waits for. Raises as `start` does."""
    import asyncio  # noqa: PLC0415 - most runs start none so

    command, given = _ready(words, environment)
    return await asyncio.create_subprocess_exec(*command, env=given, **streams)


def _can_be_argument(word: str) -> bool:
    """Return whether a word can be an argument of a program: texts from AWS may contain half a character, or NUL."""
    try:
        return b"\0" not in os.fsencode(word)
    except UnicodeEncodeError:
        return False


def _ready(words: Sequence[str], environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    if not all(map(_can_be_argument, words)):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), words[0])
    given = dict(environment)
    keep_out_working_directory(given)
    named = words[0]
    program = os.path.abspath(named) if os.path.dirname(named) else find_program(named, given)  # noqa: PTH100, PTH120
    if program is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), named)
    return [program, *words[1:]], given
