from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from ssmtui.cli.commands import commands
from ssmtui.cli.options import Commands, common_options


@click.group(cls=Commands)
def tool() -> None:
    """A tool with ssmtui's way of reading its line."""


@tool.command("open", hidden=True)
@click.argument("nodes", nargs=-1)
@common_options
def open_app(nodes: tuple[str, ...], profiles: tuple[str, ...], **_rest: object) -> None:
    click.echo(f"open {nodes} {profiles}")


@tool.command()
@click.argument("nodes", nargs=-1)
@common_options
def check(nodes: tuple[str, ...], profiles: tuple[str, ...], regions: tuple[str, ...], **_rest: object) -> None:
    click.echo(f"check {nodes} {profiles} {regions}")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "open () ()"),
        ("i-1 web-1", "open ('i-1', 'web-1') ()"),
        ("--profile p", "open () ('p',)"),
        ("--profile check", "open () ('check',)"),
        ("-- check", "open ('check',) ()"),
        ("check", "check () () ()"),
        ("--profile p check i-1", "check ('i-1',) ('p',) ()"),
        ("check --profile p --region r i-1", "check ('i-1',) ('p',) ('r',)"),
        ("--profile p check --profile q --region r", "check () ('p', 'q') ('r',)"),
        ("--profile=p check", "check () ('p',) ()"),
        ("--read-only check", "check () () ()"),
        ("web-1 check", "open ('web-1', 'check') ()"),
    ],
)
def test_options_stand_before_or_after_the_command_and_no_command_opens_the_app(line: str, told: str) -> None:
    result = CliRunner().invoke(tool, line.split())
    assert result.output.strip() == told


def test_help_lists_the_commands_and_not_the_hidden_one() -> None:
    output = CliRunner().invoke(tool, ["--help"]).output
    assert "check" in output
    assert "  open" not in output


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_no_option_answers_to_the_name_of_another(name: str) -> None:
    options = [each for each in commands.commands[name].params if isinstance(each, click.Option)]
    named = {each.name: [opt for opt in each.opts if opt.startswith("--")] for each in options}
    assert {option: names for option, names in named.items() if len(names) > 1} == {}
