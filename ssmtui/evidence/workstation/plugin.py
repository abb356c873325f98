"""Find the Session Manager plugin on the workstation, and read its version."""

from __future__ import annotations

import asyncio
import errno
import ntpath
import os
import posixpath
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ssmtui.evidence.aws.processes import start_program
from ssmtui.language import say
from ssmtui.model.fact import Absent, ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.workstation import System, without_secrets
from ssmtui.processes import absolute_folders

PROGRAM = "session-manager-plugin"

# Systems Manager User Guide, "Install the Session Manager plugin on Linux", "… on macOS", "… on Windows"; and where
# package managers put what they link.
_FOLDERS = {
    System.LINUX: ("/usr/local/sessionmanagerplugin/bin", "/usr/local/bin", "/usr/bin"),
    System.MACOS: ("/usr/local/sessionmanagerplugin/bin", "/usr/local/bin", "/opt/homebrew/bin"),
}
_PROGRAM_FILES = (r"C:\Program Files", r"C:\Program Files (x86)")
_WINDOWS_FOLDER = r"Amazon\SessionManagerPlugin\bin"


@dataclass(frozen=True, slots=True)
class PluginPlace:
    """A file that is the plugin, and whether PATH leads to it."""

    path: str
    on_path: bool


def find_plugin(
    system: System, environment: Mapping[str, str], is_program: Callable[[str], bool]
) -> PluginPlace | None:
    """The plugin that PATH leads to, else the one in a folder of installers; None where there is neither.

    Relative entries of PATH are passed over: what stands in the folder one happens to be in is not run.
    """
    for on_path, folders in ((True, _on_path(system, environment)), (False, installers_folders(system, environment))):
        for folder in folders:
            file = _joined(system, folder)
            if is_program(file):
                return PluginPlace(file, on_path)
    return None


def installers_folders(system: System, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The folders that installers put the plugin into."""
    if system is not System.WINDOWS:
        return _FOLDERS[system]
    named = (environment.get("PROGRAMFILES"), environment.get("PROGRAMFILES(X86)"))
    roots = dict.fromkeys(each for each in (*named, *_PROGRAM_FILES) if each)
    return tuple(ntpath.join(root, _WINDOWS_FOLDER) for root in roots)


def _on_path(system: System, environment: Mapping[str, str]) -> Iterator[str]:
    return absolute_folders(environment.get("PATH", ""), windows=system is System.WINDOWS)


def _joined(system: System, folder: str) -> str:
    if system is System.WINDOWS:
        return ntpath.join(folder, f"{PROGRAM}.exe")
    return posixpath.join(folder, PROGRAM)


VERSION_COMMAND = "session-manager-plugin --version"
VERSION_TIMEOUT = 5.0
"""Seconds after which the plugin is not waited for any longer."""

_OF_ANOTHER_MACHINE = frozenset({errno.ENOEXEC, getattr(errno, "EBADARCH", 86)})
"""No program for this processor; macOS has a number of its own for it, which Python does not name."""
_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){1,3}")


async def plugin_version(path: str, patience: float = VERSION_TIMEOUT) -> str | Absent | Unreadable:
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
        why = say(
            "{asking} cannot be run: {error}", asking=VERSION_COMMAND, error=error.strerror or type(error).__name__
        )
        return Absent(why, WORKSTATION) if error.errno in _OF_ANOTHER_MACHINE else _untold(why)
    try:
        async with asyncio.timeout(patience):
            printed, _ = await process.communicate()
    except TimeoutError:
        return _untold(say("{asking} did not answer within {seconds:g} s", asking=VERSION_COMMAND, seconds=patience))
    version = printed[:64].decode("ascii", errors="replace").strip()
    return (
        version
        if _VERSION.fullmatch(version)
        else _untold(say("{asking} did not print a version", asking=VERSION_COMMAND))
    )


def _untold(why: str) -> Unreadable:
    return Unreadable("", why, ReadFailure.FAILED, WORKSTATION)
