"""What `--help` shows, of ssmtui and of each command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from ssmtui.cli.commands import commands
from ssmtui.cli.help_page import EXAMPLES


def paths() -> Iterator[tuple[str, ...]]:
    yield ()
    for name, command in commands.commands.items():
        if not command.hidden:
            yield (name,)
            yield from ((name, each) for each in getattr(command, "commands", ()))


def help_of(*path: str, width: int = 80) -> str:
    result = CliRunner(env={"COLUMNS": str(width)}).invoke(commands, [*path, "--help"], prog_name="ssmtui")
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("path", list(paths()), ids=" ".join)
def test_each_page_fits_eighty_columns_and_says_what_every_option_is_for(path: tuple[str, ...]) -> None:
    page = help_of(*path)
    assert [line for line in page.splitlines() if cell_len(line) > 80] == []
    command: click.Command = commands
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    assert [each.name for each in options if not each.help] == []
    assert [each.name for each in options if each.opts[-1] not in page] == []


def test_ssmtui_shows_its_commands_and_the_common_options_in_groups() -> None:
    page = help_of()
    titles = [line[:-1] for line in page.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == [
        "Diagnose",
        "Fix problems",
        "Open sessions",
        "Show information",
        "More commands",
        "Account and Region",
        "Checks",
        "Output",
        "General",
        "Examples",
    ]
    assert all(f"  {name} " in page for name in commands.list_commands(click.Context(commands)))
    assert all(option in page for option in ("--profile P", "--region R", "--read-only", "--lang", "--version"))
    assert "Usage: ssmtui [OPTIONS] [NODE]... | COMMAND [ARGS]..." in page


@pytest.fixture(autouse=True)
def help_is_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Click keeps the option by the names that it had first; other tests of a process look by a context without any."""
    monkeypatch.setattr(commands, "_help_option", None)


@pytest.mark.parametrize("line", ["--help", "--lang en --help", "--profile p --help", "web-1 -h"])
def test_without_a_command_the_page_is_that_of_ssmtui(line: str) -> None:
    result = CliRunner().invoke(commands, line.split(), prog_name="ssmtui")
    assert result.output.startswith("Usage: ssmtui [OPTIONS]")
    assert "Diagnose:" in result.output


def all_commands(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield from all_commands(command) if isinstance(command, click.Group) else (command,)


@pytest.mark.parametrize("path", list(EXAMPLES))
def test_examples_are_lines_that_can_be_typed(path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    called: list[object] = []
    for command in all_commands(commands):
        monkeypatch.setattr(command, "callback", lambda **given: called.append(given))
    for example in EXAMPLES[path]:
        assert len(example.line) <= 76
        assert example.line in help_of(*path.split()[1:])
        name, *words = shlex.split(example.line.partition(" < ")[0].partition(" > ")[0])
        if name == "eval":
            continue  # a line of the shell, and not ssmtui's own
        for file in (each for each in words if "." in each and "/" not in each):
            (tmp_path / file).touch()
        before = len(called)
        result = CliRunner().invoke(commands, words, prog_name=name)
        assert (result.exit_code, result.output, len(called)) == (0, "", before + 1)
