"""The files that credentials come from: whether anybody has written to them since. What they hold is not read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
_FOLDERS = {"AWS_LOGIN_CACHE_DIRECTORY": "login/cache", "": "sso/cache"}
"""By the variables that name another place, where there is one, below `~/.aws`
(https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html)."""


def credential_files(environment: Mapping[str, str]) -> tuple[tuple[str, int, int], ...]:
    """Every file that is there, by its name, with when it was written last and how long it is."""
    return tuple(sorted(_stamps(environment)))


def _stamps(environment: Mapping[str, str]) -> Iterator[tuple[str, int, int]]:
    for path in _paths(environment):
        try:
            told = path.stat()
        except (OSError, RuntimeError):
            continue
        yield str(path), told.st_mtime_ns, told.st_size


def _paths(environment: Mapping[str, str]) -> Iterator[Path]:
    for variable, name in _FILES.items():
        yield _place(environment, variable, name)
    for variable, name in _FOLDERS.items():
        try:
            with os.scandir(_place(environment, variable, name)) as entries:
                yield from [Path(each.path) for each in entries]
        except OSError:
            continue


def _place(environment: Mapping[str, str], variable: str, name: str) -> Path:
    named = environment.get(variable) or f"~/.aws/{name}"
    return Path(os.path.expanduser(named))  # noqa: PTH111 - Path's own raises where there is no home
