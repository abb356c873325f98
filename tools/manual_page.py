"""Write the manual page from the commands, options, examples and settings of the help: `ssmtui/cli/manual/ssmtui.1`.

`make man` writes it; the wheel installs it where `man ssmtui` finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ssmtui.cli.commands import commands
from ssmtui.cli.help_page import Example, examples_of, grouped_commands, grouped_options
from ssmtui.config.declared_settings import SETTINGS
from ssmtui.language import Language, say, set_language

TREE = Path(__file__).parents[1]
PAGE = TREE / "ssmtui" / "cli" / "manual" / "ssmtui.1"

_EXIT_CODE = re.compile(r"^\| (?P<code>[\d, ]+) \| (?P<meaning>.+) \|$", re.MULTILINE)


def manual() -> str:
    """Return the page, in roff."""
    set_language(Language.ENGLISH)
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    context = click.Context(commands, info_name="ssmtui")
    summary, _, description = (commands.help or "").partition("\n\n")
    common = [each for each in commands.commands["open"].params if isinstance(each, click.Option)]
    yield from ('.TH SSMTUI 1 "" "ssmtui" "User Commands"', ".SH NAME", f"ssmtui \\- {_text(summary)}")
    yield from (".SH SYNOPSIS", f".B ssmtui\n{_text(' '.join(commands.collect_usage_pieces(context)))}")
    yield from (".SH DESCRIPTION", *_paragraphs(description))
    yield ".SH OPTIONS"
    yield _text("Commands about an account take these before or behind their name.")
    yield from _option_lines(context, [*common, *commands.params])
    yield from (".TP", f".B {_text('-h, --help')}", "Show the options of a command, and examples.")
    yield ".SH COMMANDS"
    taken = {each.name for each in common} | {"help"}
    for _, names in grouped_commands(commands.list_commands(context)):
        for name in names:
            yield from _command_lines(click.Context(commands.commands[name], info_name=name, parent=context), taken)
    yield ".SH EXIT STATUS"
    for found in _EXIT_CODE.finditer(_section_on_exit_codes()):
        yield from (".TP", f".B {_text(found['code'])}", _text(found["meaning"]))
    yield ".SH ENVIRONMENT"
    for each in SETTINGS:
        yield from (".TP", f".B {_text(', '.join((each.variable, *each.aws)))}", _text(say(each.sentence)))
    yield ".SH EXAMPLES"
    yield from _example_lines(examples_of("ssmtui"))
    yield from (".SH SEE ALSO", ".BR aws (1),", ".BR ssh_config (5)")


def _command_lines(context: click.Context, taken: set[str]) -> Iterator[str]:
    command = context.command
    yield f".SS {_text(' '.join((context.command_path, *command.collect_usage_pieces(context))))}"
    yield from _paragraphs(command.help or "")
    own = [each for each in command.params if each.name not in taken]
    yield from _option_lines(context, own)
    yield from _example_lines(examples_of(context.command_path))
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from _command_lines(click.Context(each, info_name=name, parent=context), taken)


def _option_lines(context: click.Context, params: Sequence[click.Parameter]) -> Iterator[str]:
    for title, options in grouped_options(params):
        yield from (".PP", f".I {_text(title)}")
        for each in options:
            names, meaning = each.get_help_record(context) or ("", "")
            yield from (".TP", f".B {_text(names)}", _text(meaning))


def _example_lines(examples: Sequence[Example]) -> Iterator[str]:
    for each in examples:
        yield from (".PP", f"{_text(say(each.does))}:", ".PP", ".nf", ".RS", _text(each.line), ".RE", ".fi")


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in filter(None, text.split("\n\n")):
        yield from (".PP", _text(" ".join(paragraph.split())))


def _section_on_exit_codes() -> str:
    page = (TREE / "docs" / "interface.md").read_text(encoding="utf-8")
    return page.partition("## 3 Exit codes")[2].partition("\n## ")[0]


def _text(words: str) -> str:
    """Return words for roff, in ASCII: other characters are named by their codes."""
    plain = words.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    plain = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in plain)
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(manual(), encoding="utf-8")
