"""The terminal as it is found: set right where a run that was killed left it raw."""

from __future__ import annotations

import sys


def make_sane() -> None:
    """Set it right. Windows ends a program's modes with the program."""
    if sys.platform != "win32":
        from ssmtui.session.terminal import attributes

        attributes.make_sane()
