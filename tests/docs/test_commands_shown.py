"""The commands that pages show people, and coding agents: each is there, with its options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ssmtui.cli.commands import commands

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "docs" / "commands.md",
        ROOT / "docs" / "skill" / "SKILL.md",
        *(ROOT / "docs" / "site").rglob("*.md"),
    ]
)
_BLOCK = re.compile(r"^ *```[a-z]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def shown(page: Path) -> Iterator[list[str]]:
    """The words of each ssmtui command in the page's blocks of code."""
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.strip().startswith("ssmtui"):
                yield shlex.split(line, comments=True)[1:]


def unknown_words(words: list[str]) -> list[str]:
    """The options of a command that it does not have."""
    command: click.Command = commands
    for word in words:
        if isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
    if command is commands:  # no command opens the app
        command = commands.commands["open"]
    params = [*commands.params, *command.params]
    known = {"--help", "--version"}.union(*(each.opts for each in params), *(each.secondary_opts for each in params))
    own = words[: words.index("--")] if "--" in words else words
    return [each for each in own if each.startswith("--") and each.partition("=")[0] not in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_option_that_is_shown_is_there(page: Path) -> None:
    assert {" ".join(words): unknown_words(words) for words in shown(page) if unknown_words(words)} == {}


def test_an_option_that_is_not_there_is_found() -> None:
    assert unknown_words(["check", "web-1", "--formt", "json"]) == ["--formt"]
