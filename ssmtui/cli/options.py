"""Options that several commands share, their completion, and the parsing of a command line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from ssmtui import __version__
from ssmtui.cli.errors import UsageError
from ssmtui.cli.help_page import HelpPage, examples_of, first_sentence, grouped_commands, write_examples, write_options
from ssmtui.cli.language_choice import language_option
from ssmtui.cli.printing import set_quiet
from ssmtui.language import say
from ssmtui.model.choice import ConnectionOption
from ssmtui.report.exit_code import FailOn

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ssmtui.cli.report_writing import ReportRequest


class DeferredChoice(click.Choice[str]):
    """A choice among a registry's names. The registry is loaded only for the option or its help, not at every start."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._names = names
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override] # click keeps them in an attribute
        """Return the names in their order."""
        return tuple(self._names())


SHELLS = ("bash", "zsh", "fish", "powershell")
"""The shells that have a completion script."""


class CompletionSource(Enum):
    """The sources of completions; the value is the name of the function in `completion.py`."""

    CAUSES = "offer_causes"
    COMMANDS_AND_NODES = "offer_commands_and_nodes"
    FIXES = "offer_fixes"
    MENDED_CAUSES = "offer_mended_causes"
    NODES = "offer_nodes"
    PROFILES = "offer_profiles"
    REGIONS = "offer_regions"
    SCENARIOS = "offer_scenarios"


def complete_from(what: CompletionSource) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]:
    """Return a `shell_complete` function for click that loads `completion.py` only if it is called."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        from ssmtui.cli import completion

        words: list[CompletionItem[str]] = getattr(completion, what.value)(context, parameter, incomplete)
        return words

    return complete


F = TypeVar("F", bound=Callable[..., object])

_ABOUT_ITSELF = frozenset({"-h", "--help", "--version"})


class SpokenCommands(click.Group):
    """Commands with translated help.

    Each takes `--lang`. The language was read before this module is imported (`language_choice`), so all texts here are
    already translated.
    """

    command_class = HelpPage

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, with its help translated."""
        cmd.params.append(language_option())
        cmd.help = cmd.help and say(inspect.cleandoc(cmd.help))
        for option in cmd.params:
            if isinstance(option, click.Option):
                option.help = option.help and say(option.help)
        super().add_command(cmd, name)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, one section per group, and the commands."""
        write_options(ctx, formatter, self.get_params(ctx))
        self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(formatter, examples_of(ctx.command_path))


class Commands(SpokenCommands):
    """The commands, which may follow their options: `ssmtui --profile p check`. Without a command, it is `open`."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated description of ssmtui."""
        self.help = self.help and say(inspect.cleandoc(self.help))
        super().format_help_text(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in groups, and the options of the app."""
        for title, names in grouped_commands(self.list_commands(ctx)):
            with formatter.section(title):
                formatter.write_dl([(name, first_sentence(self.commands[name])) for name in names])
        own = self.get_params(ctx)
        taken = {each.name for each in own}
        write_options(
            ctx, formatter, [*(each for each in self.commands["open"].params if each.name not in taken), *own]
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Move the command to the front."""
        place = self._command_place(args)
        if place is None:
            asked = [word for word in takewhile(lambda each: each != "--", args) if word in _ABOUT_ITSELF]
            return super().parse_args(ctx, asked[:1] or ["open", *args])
        return super().parse_args(ctx, [args[place], *args[:place], *args[place + 1 :]])

    def _command_place(self, args: list[str]) -> int | None:
        skip, valued = False, self._valued()
        for place, word in enumerate(args):
            if skip:
                skip = False
            elif word == "--":
                return None
            elif word.startswith("-"):
                skip = word in valued
            else:
                return place if word in self.commands else None
        return None

    def _valued(self) -> frozenset[str]:
        """Return the options of all commands that take a value: the word after one is no command."""
        options = (each for command in self.commands.values() for each in command.params)
        valued = (each for each in options if isinstance(each, click.Option) and not each.is_flag and not each.count)
        return frozenset(name for each in valued for name in each.opts)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the visible commands, in the order of their use."""
        return [name for name in self.commands if not self.commands[name].hidden]


quiet_option = click.option(
    "--quiet", "-q", is_flag=True, expose_value=False, callback=set_quiet, help="Hide the progress on standard error."
)
"""`--quiet`: show no progress line on standard error."""


def common_options(function: F) -> F:
    """Add the options of every command that reads an account."""
    for option in reversed(
        (
            click.option(
                "--profile",
                "profiles",
                multiple=True,
                metavar="P",
                help="Use this AWS profile, or 'prod-*'; repeatable.",
                shell_complete=complete_from(CompletionSource.PROFILES),
            ),
            click.option(
                "--region",
                "regions",
                multiple=True,
                metavar="R",
                help="Check this Region, or 'all', or 'eu-*'; repeatable.",
                shell_complete=complete_from(CompletionSource.REGIONS),
            ),
            click.option(
                "--role-arn", "roles", multiple=True, metavar="ARN", help="Check the account of this role; repeatable."
            ),
            click.option(
                "--organization",
                metavar="ROLE",
                help="Check each account of the organization, with its role of this name.",
            ),
            click.option(
                "--account",
                "accounts",
                multiple=True,
                metavar="ID",
                help="Check only this account of the organization; repeatable.",
            ),
            click.option(
                "--external-id", metavar="ID", help="Use this external ID, required by the role's trust policy."
            ),
            click.option("--endpoint-url", metavar="URL", help="Send all requests to this endpoint."),
            click.option("--read-only", is_flag=True, help="Turn off changes and sessions."),
            click.option(
                "--config",
                "config_file",
                metavar="FILE",
                type=click.Path(path_type=Path),
                help="Use this configuration file.",
            ),
            click.option(
                "--log-file", metavar="FILE", type=click.Path(path_type=Path), help="Write a log of the AWS calls."
            ),
            click.option("--no-color", is_flag=True, help="Turn off colours."),
            quiet_option,
        )
    ):
        function = option(function)
    return function


judged_option = click.option(
    "--for", "judged", metavar="ARN", help="Check the permissions of this role, user or assumed role instead of yours."
)
"""`--for`: the identity whose permissions are judged, instead of the caller."""


document_option = click.option(
    "--document-name",
    "document",
    metavar="NAME",
    help="Check sessions with this Session document instead of the session preferences.",
)
"""`--document-name`: the Session document by which sessions are judged, instead of the Region's preferences."""


replay_option = click.option(
    "--replay",
    "replays",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Use a recorded snapshot instead of AWS; repeatable.",
)
"""`--replay`: snapshots to diagnose instead of AWS."""


def timeout_option(function: F) -> F:
    """Add `--timeout`: the time for each Region."""
    return click.option(
        "--timeout",
        callback=_seconds,
        metavar="SECONDS",
        help="Set the timeout for each Region; data not read before it is unknown. Default: 120, or the configured "
        "value.",
    )(function)


connection_option = click.option(
    "--connection",
    type=click.Choice([each.value for each in ConnectionOption]),
    default=ConnectionOption.ALL.value,
    show_default=True,
    help="Call GetConnectionStatus for these nodes, 50 per second: all (suspicious first), or a selection.",
)
"""`--connection`: the nodes for GetConnectionStatus."""


def chosen_checks_options(function: F) -> F:
    """Add `--only` and `--skip`: the checks to run."""
    only = click.option(
        "--only",
        multiple=True,
        metavar="CHECK",
        help="Run only this check, or the checks that can name this cause; repeatable.",
        shell_complete=complete_from(CompletionSource.CAUSES),
    )
    skip = click.option(
        "--skip",
        multiple=True,
        metavar="CHECK",
        help="Skip this check, or the checks that can name this cause: the result is unknown; repeatable.",
        shell_complete=complete_from(CompletionSource.CAUSES),
    )
    return only(skip(function))


def _seconds(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    from ssmtui.config.declared_settings import MAX_SECONDS, TIMEOUT
    from ssmtui.config.setting_types import InvalidValueError

    try:
        return TIMEOUT.kind.read(TIMEOUT.option, TIMEOUT.kind.parse(value))
    except InvalidValueError as wrong:
        sentence = say(
            "{value} is not a number of seconds greater than 0 and at most {most:g}", value=value, most=MAX_SECONDS
        )
        raise click.BadParameter(sentence) from wrong


def version_option(function: F) -> F:
    """Add `--version`."""
    return click.version_option(__version__, prog_name="ssmtui", message="%(prog)s %(version)s")(function)


_NAMES = ("report_formats", "outputs", "fail_on", "baseline", "diff", "mute", "redact")


def _formats() -> Iterable[str]:
    from ssmtui.report.format import all_formats

    return all_formats()


def report_options(function: F) -> F:
    """Add the report options, from which `report_request_of` makes a value."""
    for option in reversed(
        (
            click.option(
                "--format",
                "report_formats",
                type=DeferredChoice(_formats),
                multiple=True,
                help="Set the format; by default from the file extension, else a table. Repeatable, one for each "
                "--output.",
            ),
            click.option(
                "--output",
                "outputs",
                type=click.Path(path_type=Path),
                multiple=True,
                metavar="FILE",
                help="Write the report to this file; - is standard output. Repeatable.",
            ),
            click.option(
                "--fail-on",
                type=click.Choice([each.value for each in FailOn]),
                default="fail",
                show_default=True,
                help="Exit with code 3 if a finding has this status or a worse one.",
            ),
            click.option(
                "--baseline",
                type=click.Path(exists=True, path_type=Path),
                metavar="FILE",
                help="Compare with an earlier report (json or ndjson); known findings do not count.",
            ),
            click.option(
                "--diff",
                type=click.Path(exists=True, path_type=Path),
                metavar="FILE",
                help="Compare with an earlier report; all findings count.",
            ),
            click.option(
                "--mute",
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                metavar="FILE",
                help="Mute the findings in this file; each entry has a reason and an expiry date.",
            ),
            click.option("--redact", is_flag=True, help="Replace accounts, names, IDs and addresses consistently."),
        )
    ):
        function = option(function)
    return function


def report_request_of(options: dict[str, object], default: str) -> ReportRequest:
    """Return the requested report, and remove its options from `options`; `default` is the format of standard output.

    Raises:
        UsageError: the options contradict each other.

    """
    from ssmtui.cli.report_treatment import TreatmentOptions
    from ssmtui.cli.report_writing import ReportRequest, requested_outputs

    given: Mapping[str, object] = {name: options.pop(name) for name in _NAMES}
    formats, files = cast("tuple[str, ...]", given["report_formats"]), cast("tuple[Path, ...]", given["outputs"])
    baseline, diff = cast("Path | None", given["baseline"]), cast("Path | None", given["diff"])
    if baseline is not None and diff is not None:
        raise UsageError(say("use --baseline or --diff, not both"))
    treatment_options = TreatmentOptions(
        mute=cast("Path | None", given["mute"]),
        before=baseline or diff,
        only_new=baseline is not None,
        redact=bool(given["redact"]),
    )
    return ReportRequest(
        requested_outputs(formats, files, default), FailOn(cast("str", given["fail_on"])), treatment_options
    )
