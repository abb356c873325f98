"""The page that `--help` shows: options and commands in groups, and examples. The manual page has the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import click

from ssmtui.cli.examples import Example, examples_of
from ssmtui.language import marked, say

Group = tuple[str, Sequence[click.Parameter]]

_OPTIONS = marked("Options")
_GROUPS: Mapping[str, frozenset[str]] = {
    marked("Account and Region"): frozenset(
        {
            "profile",
            "profiles",
            "region",
            "regions",
            "roles",
            "organization",
            "account",
            "accounts",
            "external_id",
            "endpoint_url",
            "replays",
        }
    ),
    marked("What is judged"): frozenset({"judged", "document", "connection", "timeout", "only", "skip"}),
    marked("Output"): frozenset(
        {
            *("report_format", "report_formats", "listing_format", "output", "outputs", "fail_on", "baseline", "diff"),
            *("mute", "redact", "no_color", "quiet", "lang", "log_file"),
        }
    ),
    marked("General"): frozenset({"read_only", "config_file", "version", "help"}),
}
"""Which options stand together, by their parameters; those of no group are the command's own, and come first."""

_COMMANDS: Mapping[str, Sequence[str]] = {
    marked("Find out"): ("check", "explain", "probe", "snapshot"),
    marked("Mend"): ("fix", "undo"),
    marked("Open sessions"): ("connect", "tunnel", "ssh-config"),
    marked("Look things up"): ("causes", "checks", "policy", "schema", "info", "completion", "report-bug"),
}
"""Which commands stand together; those that no group names come last."""

_OTHERS = marked("More commands")


class HelpPage(click.Command):
    """A command whose help has its options in groups, and ends with examples."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, a section each group."""
        write_options(ctx, formatter, self.get_params(ctx))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        write_examples(formatter, examples_of(ctx.command_path))


def grouped_options(params: Sequence[click.Parameter]) -> Iterator[Group]:
    """The options with the title of the group that each stands in, the command's own first."""
    shown = [each for each in params if isinstance(each, click.Option) and not each.hidden]
    grouped = frozenset[str]().union(*_GROUPS.values())
    if own := [each for each in shown if _name(each) not in grouped]:
        yield say(_OPTIONS), own
    for title, names in _GROUPS.items():
        if options := [each for each in shown if _name(each) in names]:
            yield say(title), options


def grouped_commands(names: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """The names of commands with the title of the group that each stands in."""
    grouped = {name for group in _COMMANDS.values() for name in group}
    for title, group in _COMMANDS.items():
        if shown := [name for name in group if name in names]:
            yield say(title), shown
    if others := [name for name in names if name not in grouped]:
        yield say(_OTHERS), others


def first_sentence(command: click.Command) -> str:
    """What a command does, in a sentence."""
    return command.get_short_help_str(limit=1000).rstrip(".")


def _name(option: click.Option) -> str:
    return "help" if "--help" in option.opts else option.name or ""


def write_options(ctx: click.Context, formatter: click.HelpFormatter, params: Sequence[click.Parameter]) -> None:
    """A section each group of options."""
    for title, options in grouped_options(params):
        records = [record for each in options if (record := each.get_help_record(ctx)) is not None]
        with formatter.section(title):
            formatter.write_dl(records)


def write_examples(formatter: click.HelpFormatter, examples: Sequence[Example]) -> None:
    """Each example below what it does. Its line is never folded: it is to be copied."""
    if not examples:
        return
    with formatter.section(say("Examples")):
        for number, each in enumerate(examples):
            if number:
                formatter.write_paragraph()
            formatter.write_text(f"# {say(each.does)}")
            formatter.write(f"{'':>{formatter.current_indent}}{each.line}\n")
