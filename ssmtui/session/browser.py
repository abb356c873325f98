"""A page opened in the person's browser, by a process of its own: the browser outlives it, and is told no secret."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Final

from ssmtui import processes
from ssmtui.model.secret_variables import without_secrets

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def open_in_browser(url: str, environment: Mapping[str, str]) -> bool:
    """Whether a browser took it. Blocks for as long as starting one takes."""
    told = processes.run(
        processes.python("-I", "-c", _OPEN, url),
        without_secrets(environment),
        stdin=subprocess.DEVNULL,
        # The screen is somebody's: not a word of the browser may land on it.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return told.returncode == 0
