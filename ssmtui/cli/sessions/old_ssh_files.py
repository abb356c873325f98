"""SSH configuration files that an earlier ssmtui wrote: their ProxyCommand can run a program of any directory.

Those lines start `ssmtui` by its name, or `python3 -m ssmtui` without `-P`. ssh runs them in the directory in which it
is called, and a module or a program that lies there comes first (for the name: where PATH leads there, or on Windows).
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from glob import iglob
from itertools import islice
from pathlib import Path

from ssmtui.language import say
from ssmtui.report.ssh_configuration import DOCUMENT

_MOST_BYTES = 8_000_000
_MOST_FILES = 200
_PROXY = re.compile(
    rf"\s*ProxyCommand[\s=]+(?P<program>.*\S)\s+connect\s+m?i-[0-9a-f]{{8,32}}\s.*--document-name\s+{DOCUMENT}\b",
    re.IGNORECASE,
)
_INCLUDE = re.compile(r"\s*Include[\s=]+(?P<files>.+)", re.IGNORECASE)
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_AS_MODULE = re.compile(r"\s-m ssmtui$")
_WITHOUT_DIRECTORY = re.compile(r"\s-[A-Za-z]*[PI][A-Za-z]*\s")


def old_ssh_files(home: Path) -> list[Path]:
    """Return the files of somebody's SSH configuration that hold such a line."""
    return [file for file, text in islice(_configuration(home / ".ssh"), _MOST_FILES) if _is_old(text)]


def old_file_sentence(file: Path) -> str:
    """Return what a person is told about such a file."""
    return say(
        "{file}: an earlier version of ssmtui wrote its ProxyCommand lines. They can run a program of the directory in "
        "which ssh is called. Replace them with the output of: ssmtui ssh-config",
        file=file,
    )


def _is_old(text: str) -> bool:
    for found in filter(None, map(_PROXY.match, text.splitlines())):
        program = found["program"].strip('"')
        if program == "ssmtui":
            return True
        if _AS_MODULE.search(program) and not _WITHOUT_DIRECTORY.search(program):
            return True
    return False


def _configuration(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files that ssh reads for a person, and the one that the head of ours names; each once."""
    waiting, seen = [folder / "config", folder / "ssmtui.conf"], set[Path]()
    while waiting:
        file = waiting.pop(0)
        text = _text(file)
        if file in seen or text is None:
            continue
        seen.add(file)
        yield file, text
        for line in filter(None, map(_INCLUDE.match, text.splitlines())):
            for quoted, plain in _WORD.findall(line["files"]):
                waiting += islice(_included(quoted or plain, folder), _MOST_FILES)


def _included(pattern: str, folder: Path) -> Iterator[Path]:
    """The files of one word of Include (ssh_config(5)): relative ones are those of the folder."""
    beneath = folder.parent / pattern[2:] if pattern.startswith("~/") else folder / pattern
    return map(Path, iglob(str(beneath)))  # noqa: PTH207 - Path.glob takes no absolute pattern


def _text(file: Path) -> str | None:
    """What is in a file; None if it cannot be read, or is none (a pipe would be waited for)."""
    try:
        known = file.stat()
        if not stat.S_ISREG(known.st_mode) or known.st_size > _MOST_BYTES:
            return None
        return file.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return None
