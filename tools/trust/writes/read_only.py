"""Test `--read-only` against the simulated AWS's journal: every command that could write, and every key of the app."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from string import ascii_letters

import pytest

from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.ui.conftest import start_on
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until
from tools.trust.writes.clients import Told

_ENDS = frozenset({"q", "ctrl+q", "ctrl+z"})
"""Keys that would end or stop the app."""
_OPENED = ((), ("enter",), ("tab",), ("tab", "enter"), ("p",))
"""Keys that lead from the fleet to a node, the causes, one of them, and the preferences."""


async def press_everything(aws: SimulatedAws, patch: pytest.MonkeyPatch) -> int:
    """Press all keys on the fleet, a node, the causes, one of them, the preferences; return how many were pressed."""
    pressed = 0
    live = start_on(aws, patch)
    try:
        async with opened(live) as shown:
            await until(shown.pilot, lambda: bool(shown.app.context.fleet_view.state.settled))
            for opening in _OPENED:
                await shown.press("home", *opening)
                pressed += await _press_all(shown)
                while not isinstance(shown.app.screen, FleetScreen):
                    await shown.app.pop_screen()
                if opening[:1] == ("tab",):
                    await shown.press("tab")
    finally:
        live.close()
    return pressed


async def _press_all(shown: Opened) -> int:
    """Press each key with a function, and Enter, which confirms questions."""
    start = len(shown.app.screen_stack)
    keys = sorted(shown.app.screen.active_bindings.keys() - _ENDS)
    for key in keys:
        await shown.press(key, *(("enter",) if key in ascii_letters else ()))
        while len(shown.app.screen_stack) > start:
            await shown.app.pop_screen()
    return len(keys)


GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:/ssm/sessions"
_TOGGLE = ("--with", "toggle-cloudwatch-encryption", "--region", "eu-central-1")
_LINES = (
    ("fix", "log-group-unencrypted", "--subject", GROUP, *_TOGGLE, "--yes"),
    ("fix", "log-group-unencrypted", "--subject", GROUP, "--yes"),
    ("undo", "--yes"),
    ("undo", "{change}", "--yes"),
    ("connect", "web-1"),
    ("connect", "web-1", "--builtin"),
    ("connect", "web-1", "--", "uptime"),
    ("probe", "web-1"),
    ("tunnel", "web-1", "80"),
    ("tunnel", "web-1", "db.internal:5432"),
)
_BY = ("option", "variable", "file", "profile", "source")
_PROFILES = """[default]
[profile prod]
[profile deploy]
role_arn = arn:aws:iam::123456789012:role/Engineer
source_profile = prod
"""


def try_commands() -> Told:
    """Run every command that writes, with each read-only option; each must end with 5, and write nothing."""
    told = Told()
    with serving() as aws, tempfile.TemporaryDirectory() as folder:
        aws.load("demo")
        change = _made_before(aws, Path(folder))
        for by in _BY:
            for line in _LINES:
                told.tried[f"command, by {by}"] += 1
                aws.journal.clear()
                words = tuple(each.format(change=change) for each in line)
                ran = _run(aws, Path(folder), *_said(by, words, Path(folder)), **_variables(by, Path(folder)))
                named = f"{' '.join(words)} by {by}"
                told.lost.extend(_lost(aws, named))
                if ran.returncode != 5:
                    told.lost.append(f"{named} ended with {ran.returncode}: {ran.stderr[-200:]}")
    return told


def try_keys() -> Told:
    """Press every key of the app's screens in read-only mode."""
    told = Told()
    with serving() as aws, pytest.MonkeyPatch.context() as patch:
        aws.load("log-group-unreadable")
        told.tried["key, in the app"] = asyncio.run(press_everything(aws, patch))
        told.lost.extend(_lost(aws, "the app"))
    return told


def _lost(aws: SimulatedAws, named: str) -> Iterator[str]:
    for entry in aws.journal.writes:
        yield f"{named} sent {entry.service}:{entry.operation}"
    if aws.active_sessions:
        yield f"{named} opened a session"


def _made_before(aws: SimulatedAws, folder: Path) -> str:
    """Return the id of a change that could be undone."""
    made = _run(aws, folder, *_LINES[0])
    listed = _run(aws, folder, "undo", "--list")
    if made.returncode != 0:
        raise RuntimeError(f"there is nothing to take back: {made.stderr}")
    return next(word for word in listed.stdout.split() if word[:4].isdigit())


def _said(by: str, line: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    match by:
        case "option":
            return (line[0], "--read-only", *line[1:])
        case "file":
            (folder / "config.toml").write_text("read_only = true\n", encoding="utf-8")
        case "profile" | "source":
            (folder / "config.toml").write_text("[profiles.prod]\nread_only = true\n", encoding="utf-8")
    if by in ("profile", "source"):
        return (line[0], "--profile", "prod" if by == "profile" else "deploy", *line[1:])
    return line


def _variables(by: str, folder: Path) -> dict[str, str]:
    if by == "variable":
        return {"SSMTUI_READ_ONLY": "yes"}
    if by in ("profile", "source"):
        (folder / "aws.config").write_text(_PROFILES, encoding="utf-8")
        return {"AWS_CONFIG_FILE": str(folder / "aws.config"), "SSMTUI_CONFIG": str(folder / "config.toml")}
    return {"SSMTUI_CONFIG": str(folder / "config.toml")} if by == "file" else {}


def _run(aws: SimulatedAws, folder: Path, *line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    plugin = folder / "session-manager-plugin"
    plugin.write_text("#!/bin/sh\necho 1.2.764.0\n", encoding="utf-8")
    plugin.chmod(0o755)
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.defpath}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        **aws.environment,
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-m", "ssmtui", *line],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
