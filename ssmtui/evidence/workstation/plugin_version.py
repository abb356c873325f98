"""Which version the Session Manager plugin says it is: it is run, without a shell, and not for long."""

from __future__ import annotations

import asyncio
import errno
import os
import re
from asyncio.subprocess import DEVNULL, PIPE

from ssmtui.evidence.wire.programs import start_program
from ssmtui.language import say
from ssmtui.model.answers import Absent, Obstacle, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.secret_variables import without_secrets

ASKING = "session-manager-plugin --version"
PATIENCE = 5.0
"""Seconds after which the plugin is not waited for any longer."""

_OF_ANOTHER_MACHINE = frozenset({errno.ENOEXEC, getattr(errno, "EBADARCH", 86)})
"""No program for this processor; macOS has a number of its own for it, which Python does not name."""
_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){1,3}")


async def plugin_version(path: str, patience: float = PATIENCE) -> str | Absent | Unreadable:
    """What it prints, where that is a version; Absent, where it is no program that this computer can run."""
    try:
        process = await start_program(
            path,
            "--version",
            alone=True,
            env=without_secrets(os.environ),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
        )
    except OSError as error:
        why = say("{asking} cannot be run: {error}", asking=ASKING, error=error.strerror or type(error).__name__)
        return Absent(why, WORKSTATION) if error.errno in _OF_ANOTHER_MACHINE else _untold(why)
    try:
        async with asyncio.timeout(patience):
            printed, _ = await process.communicate()
    except TimeoutError:
        return _untold(say("{asking} did not answer within {seconds:g} s", asking=ASKING, seconds=patience))
    version = printed[:64].decode("ascii", errors="replace").strip()
    return version if _VERSION.fullmatch(version) else _untold(say("{asking} did not print a version", asking=ASKING))


def _untold(why: str) -> Unreadable:
    return Unreadable("", why, Obstacle.FAILED, WORKSTATION)
