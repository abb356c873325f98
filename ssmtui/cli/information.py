"""`ssmtui info`: versions, and where ssmtui keeps its files."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from ssmtui import __version__
from ssmtui.config import ConfigError, folders, read_config
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.model.scope import TIME_GIVEN

_LIBRARIES = ("textual", "aiobotocore", "boto3", "botocore", "moto")


def information_lines() -> Iterator[str]:
    """The lines of `ssmtui info`."""
    where = folders()
    yield f"ssmtui         {__version__}"
    yield f"Python         {platform.python_version()}"
    for library in _LIBRARIES:
        yield f"{library:<14} {_version(library)}"
    yield f"configuration  {where.config_file}"
    yield f"journal        {where.journal}"
    yield f"cache          {where.cache}"
    yield say(
        "timeout        {seconds:g} s for each Region (check --timeout, or timeout in the configuration)",
        seconds=_timeout(),
    )
    yield say("accounts       {accounts} (--role-arn and --organization, or the configuration)", accounts=_accounts())
    yield say("log            {log_file} (written only with --log-file)", log_file=where.log_file)


def _accounts() -> str:
    """Those that the configuration names besides one's own, in words."""
    try:
        others = read_config(None).others
    except ConfigError:
        return say("one's own")  # what is wrong with the file is told where it is used
    named = (
        *others.roles,
        *((say("the organization's, by the role {role}", role=others.organization),) if others.organization else ()),
    )
    return printable(", ".join(named)) or say("one's own")


def _timeout() -> float:
    try:
        return read_config(None).timeout or TIME_GIVEN
    except ConfigError:
        return TIME_GIVEN  # what is wrong with the file is told where it is used


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return say("not installed")
