"""Find the programs of the agent, and run the programs of the system that a real node needs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ssmtui import processes

AGENT_PROGRAMS: Final = ("amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker")
_INSTALLED: Final = (Path("/usr/bin"), Path("/snap/amazon-ssm-agent/current"))


class MissingError(Exception):
    """Something that a real node needs is absent; the text says what, in one sentence."""


def find_agent(folder: Path | None = None) -> Path:
    """Return the folder of the agent's programs: this one, or where its packages install them. Raises MissingError."""
    folders = _INSTALLED if folder is None else (folder.resolve(),)
    for each in folders:
        if all((each / program).is_file() for program in AGENT_PROGRAMS):
            return each
    raise MissingError(f"The SSM Agent is not in {', '.join(map(str, folders))}.")


def run_program(*words: str) -> None:
    """Run a program of the system to its end. Raises MissingError if it does not exist or fails."""
    try:
        ended = processes.run(words, os.environ)
    except OSError as error:
        raise MissingError(f"{words[0]} is not installed.") from error
    if ended.returncode != 0:
        raise MissingError(f"{_shown(words)} failed.")


def _shown(words: Sequence[str]) -> str:
    return " ".join(words)
