"""The manual page is that of the commands as they are, and what sets manual pages has nothing to complain of."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import click
import pytest

from ssmtui.cli.commands import commands
from tools.manual_page import PAGE, manual


def every_option(group: click.Group) -> Iterator[str]:
    for command in group.commands.values():
        yield from (name for each in command.params if isinstance(each, click.Option) for name in each.opts)
        if isinstance(command, click.Group):
            yield from every_option(command)


@pytest.fixture(scope="module")
def page() -> str:
    return manual()


def test_the_page_is_current(page: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == page, "run: make man"


def test_it_has_every_command_and_every_option(page: str) -> None:
    told = page.replace("\\-", "-")
    names = [f"ssmtui {name} " for name in commands.list_commands(click.Context(commands))]
    assert [name for name in names if f".SS {name}" not in f"{told} "] == []
    assert [name for name in every_option(commands) if name not in told] == []


GROFF = shutil.which("groff")


@pytest.mark.skipif(GROFF is None, reason="groff is not installed")
def test_it_is_set_without_a_warning(page: str) -> None:
    told = subprocess.run([str(GROFF), "-ww", "-man", "-Tutf8"], input=page, capture_output=True, text=True, check=True)
    assert told.stderr == ""
