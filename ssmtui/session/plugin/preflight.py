"""Whether this computer has a plugin that sessions can be opened with: asked before a session is."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ssmtui.evidence.workstation.plugin_search import PROGRAM, find_plugin
from ssmtui.evidence.workstation.plugin_version import plugin_version
from ssmtui.fixes.steps.install_plugin import installations
from ssmtui.language import say
from ssmtui.model.agent_version import numbers_in
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.plugin_versions import BUILT_FROM_SOURCE, OLDEST_SUPPORTED, TAKES_NO_VARIABLE, WITHDRAWN
from ssmtui.model.steps import Step
from ssmtui.model.workstation import System

_SYSTEMS = {"win32": System.WINDOWS, "darwin": System.MACOS}


@dataclass(frozen=True, slots=True)
class Preflight:
    """The plugin as it was found. `path` is empty where there is none that can be used, and `why` says why.

    `warning` is what may go wrong with the one that is used; `steps` how the current one is installed here.
    """

    path: str = ""
    version: str = ""
    why: str = ""
    warning: str = ""
    steps: tuple[Step, ...] = ()


def preflight(environment: Mapping[str, str] | None = None) -> Preflight:
    """Look for it as the workstation's checks do, and ask it for its version. Blocks for as long as it takes to start.

    One that PATH does not lead to is used as well: it is the AWS CLI that does not find it.
    """
    system = _SYSTEMS.get(sys.platform, System.LINUX)
    place = find_plugin(system, os.environ if environment is None else environment, _is_program)
    steps = installations(system)
    if place is None:
        return Preflight(why=say("{program} is not installed on this computer", program=PROGRAM), steps=steps)
    told = _version_of(place.path)
    if isinstance(told, Absent):
        why = say("{program} was made for another processor, or is broken: {why}", program=PROGRAM, why=told.what)
        return Preflight(why=why, steps=steps)
    version = "" if isinstance(told, Unreadable) else told
    why = _why_not(version)
    if why:
        return Preflight(version=version, why=why, steps=steps)
    warning = _warning(version)
    return Preflight(place.path, version, warning=warning, steps=steps if warning else ())


def _version_of(path: str) -> str | Absent | Unreadable:
    """What it says it is. In a thread of its own: a loop may be running in this one."""
    with ThreadPoolExecutor(1, "plugin-version") as thread:
        return thread.submit(lambda: asyncio.run(plugin_version(path))).result()


def _why_not(version: str) -> str:
    if version == BUILT_FROM_SOURCE or not version or numbers_in(version) > numbers_in(TAKES_NO_VARIABLE):
        return ""
    return say(
        "{program} {version} is too old: it takes the session's token as an argument, which everyone on this computer "
        "can read",
        program=PROGRAM,
        version=version,
    )


def _warning(version: str) -> str:
    if version in WITHDRAWN:
        return say(
            "AWS withdrew {program} {version}: {next_version} took back what it had changed",
            program=PROGRAM,
            version=version,
            next_version=WITHDRAWN[version],
        )
    if version and version != BUILT_FROM_SOURCE and numbers_in(version) < numbers_in(OLDEST_SUPPORTED):
        return say(
            "{program} {version} is older than {floor}, the oldest that AWS supports",
            program=PROGRAM,
            version=version,
            floor=OLDEST_SUPPORTED,
        )
    return ""


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113 - Path's own raises for a long one
