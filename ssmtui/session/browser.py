"""A page opened in the person's browser, by a process of its own: the browser outlives it, and is told no secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from ssmtui.model.secret_variables import without_secrets

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def open_in_browser(url: str, environment: Mapping[str, str]) -> bool:
    """Whether a browser took it. Blocks for as long as starting one takes."""
    told = subprocess.run(  # noqa: S603 - the interpreter that runs
        # Isolated, so that no module of the folder that somebody stands in is taken for the library's.
        [sys.executable, "-I", "-c", _OPEN, url],
        env=without_secrets(environment),
        stdin=subprocess.DEVNULL,
        # The screen is somebody's: not a word of the browser may land on it.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return told.returncode == 0
