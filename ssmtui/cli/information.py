"""`ssmtui info`: versions, and where ssmtui keeps its files."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from ssmtui import __version__
from ssmtui.cli.refusals import UsageError
from ssmtui.cli.run_settings import run_settings
from ssmtui.config.declared import TIMEOUT
from ssmtui.config.folders import folders
from ssmtui.config.settings import Settings
from ssmtui.language import say
from ssmtui.model.other_accounts import OtherAccounts
from ssmtui.model.plain_text import printable

_LIBRARIES = ("textual", "aiobotocore", "boto3", "botocore", "moto")


def information_lines() -> Iterator[str]:
    """The lines of `ssmtui info`."""
    where, settings = folders(), _settings()
    yield f"ssmtui         {__version__}"
    yield f"Python         {platform.python_version()}"
    for library in _LIBRARIES:
        yield f"{library:<14} {_version(library)}"
    yield f"configuration  {where.config_file}"
    yield f"journal        {where.journal}"
    yield f"cache          {where.cache}"
    yield say(
        "timeout        {seconds:g} s for each Region (check --timeout, or timeout in the configuration)",
        seconds=settings[TIMEOUT],
    )
    yield say(
        "accounts       {accounts} (--role-arn and --organization, or the configuration)",
        accounts=_accounts(settings.others),
    )
    yield say("log            {log_file} (written only with --log-file)", log_file=where.log_file)


def _settings() -> Settings:
    try:
        return run_settings({})
    except UsageError:
        return Settings()  # what is wrong with the file is told where it is used


def _accounts(others: OtherAccounts) -> str:
    """Those that the configuration names besides one's own, in words."""
    named = (
        *others.roles,
        *((say("the organization's, by the role {role}", role=others.organization),) if others.organization else ()),
    )
    return printable(", ".join(named)) or say("one's own")


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return say("not installed")
