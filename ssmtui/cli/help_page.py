"""The layout of the `--help` page: options and commands in groups, and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from ssmtui.language import say, translatable


@dataclass(frozen=True, slots=True)
class Example:
    """An example command line, at most 76 cells wide, and its description, a sentence that is translated later."""

    line: str
    does: str


EXAMPLES: Mapping[str, Sequence[Example]] = {
    "ssmtui": (
        Example("ssmtui", translatable("The app, on the account and Region that the AWS CLI would use here")),
        Example("ssmtui web-1", translatable("The app, on one node")),
        Example(
            "ssmtui --profile 'prod-*' --region all", translatable("Every Region of the accounts of some profiles")
        ),
        Example("ssmtui demo", translatable("The app on a simulated AWS: no account, nothing to configure")),
    ),
    "ssmtui check": (
        Example("ssmtui check", translatable("Every node of the account and Region")),
        Example(
            "ssmtui check web-1 i-0123456789abcdef0", translatable("Two nodes, by Name and by id, looked at closely")
        ),
        Example("ssmtui check --fail-on warn --output report.json --output report.html", translatable("A gate in CI")),
        Example(
            "ssmtui check --baseline report.json --mute mutes.toml", translatable("Fail on what is new, and not muted")
        ),
    ),
    "ssmtui explain": (
        Example("ssmtui explain 'TargetNotConnected'", translatable("What an error can mean")),
        Example("ssmtui explain --node web-1 < error.txt", translatable("Which of its causes is true of a node")),
        Example("ssmtui explain kms-node-denied", translatable("All that is known of a cause")),
    ),
    "ssmtui snapshot": (
        Example(
            "ssmtui snapshot prod.snapshot --profile prod", translatable("Record all that a check of the account reads")
        ),
        Example("ssmtui --replay prod.snapshot", translatable("Look at it anywhere, without credentials")),
    ),
    "ssmtui report-bug": (
        Example("ssmtui report-bug", translatable("A redacted snapshot for a bug report; nothing is sent")),
        Example(
            "ssmtui report-bug bug.snapshot --replay prod.snapshot", translatable("Of a snapshot that there is already")
        ),
    ),
    "ssmtui fix": (
        Example(
            "ssmtui fix kms-node-denied --subject arn:aws:iam::123456789012:role/web",
            translatable("What the first fix in rank would change, and for whom"),
        ),
        Example(
            "ssmtui fix instance-not-running --subject i-0123456789abcdef0 --yes",
            translatable("Make it"),
        ),
        Example(
            "ssmtui fix dhmc-off --subject 123456789012 --as terraform",
            translatable("Hand it over to those who keep the account in Terraform"),
        ),
    ),
    "ssmtui undo": (
        Example("ssmtui undo --list", translatable("The changes that were made, newest first")),
        Example("ssmtui undo --yes", translatable("Take the last one back")),
    ),
    "ssmtui connect": (
        Example("ssmtui connect web-1", translatable("A shell")),
        Example("ssmtui connect web-1 -- df -h", translatable("One command, whose exit code is ssmtui's")),
        Example("ssmtui connect web-1 --builtin", translatable("Without the session-manager-plugin")),
    ),
    "ssmtui probe": (
        Example("ssmtui probe web-1", translatable("Where a session to a node stops")),
        Example("ssmtui probe --compare --yes web-1 web-2", translatable("Shell against port, without being asked")),
    ),
    "ssmtui tunnel": (
        Example("ssmtui tunnel web-1 8080:80", translatable("Port 80 of a node, at port 8080 of this computer")),
        Example("ssmtui tunnel bastion db.internal:5432", translatable("A database behind a node, at any free port")),
        Example("ssmtui tunnel win-1 rdp", translatable("The remote desktop of a Windows node")),
    ),
    "ssmtui ssh-config": (
        Example("ssmtui ssh-config > ~/.ssh/ssmtui", translatable("All managed nodes, for ssh, scp and editors")),
    ),
    "ssmtui causes": (
        Example("ssmtui causes", translatable("All of them, along the path of a session")),
        Example("ssmtui causes kms-node-denied", translatable("One of them, with the documented resolution")),
    ),
    "ssmtui demo": (
        Example("ssmtui demo", translatable("A fleet with every kind of fault")),
        Example("ssmtui demo --scenario", translatable("What other worlds there are")),
        Example("ssmtui demo --scenario key-disabled", translatable("One of them")),
    ),
    "ssmtui policy": (
        Example(
            "ssmtui policy --account 123456789012 --region eu-west-3", translatable("What reading needs, and no more")
        ),
        Example("ssmtui policy --fixes --profile prod", translatable("What making changes needs besides")),
    ),
    "ssmtui completion": (
        Example(
            "ssmtui completion --install", translatable("Have Tab complete from now on, in the shell that is used")
        ),
        Example('eval "$(ssmtui completion bash)"', translatable("In this shell alone")),
    ),
    "ssmtui info": (Example("ssmtui info --profile prod", translatable("Which settings are in force with an option")),),
    "ssmtui report merge": (
        Example("ssmtui report merge reports/ --output fleet.json", translatable("A folder of reports, as one")),
    ),
    "ssmtui report open": (
        Example("ssmtui report open fleet.json", translatable("A report, in the app, without AWS")),
    ),
}


def examples_of(path: str) -> Sequence[Example]:
    """Return the examples of a command path (`ssmtui report merge`)."""
    return EXAMPLES.get(path, ())


Group = tuple[str, Sequence[click.Parameter]]

_OPTIONS = translatable("Options")
_GROUPS: Mapping[str, frozenset[str]] = {
    translatable("Account and Region"): frozenset(
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
    translatable("What is judged"): frozenset({"judged", "document", "connection", "timeout", "only", "skip"}),
    translatable("Output"): frozenset(
        {
            *("report_format", "report_formats", "listing_format", "output", "outputs", "fail_on", "baseline", "diff"),
            *("mute", "redact", "no_color", "quiet", "lang", "log_file"),
        }
    ),
    translatable("General"): frozenset({"read_only", "config_file", "version", "help"}),
}
"""The groups of options, by parameter name. Options in no group are specific to the command, and come first."""

_COMMANDS: Mapping[str, Sequence[str]] = {
    translatable("Find out"): ("check", "explain", "probe", "snapshot"),
    translatable("Mend"): ("fix", "undo"),
    translatable("Open sessions"): ("connect", "tunnel", "ssh-config"),
    translatable("Look things up"): ("causes", "checks", "policy", "schema", "info", "completion", "report-bug"),
}
"""The groups of commands. Commands in no group come last."""

_OTHERS = translatable("More commands")


class HelpPage(click.Command):
    """A command whose help has option groups, and ends with examples."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, one section per group."""
        write_options(ctx, formatter, self.get_params(ctx))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(formatter, examples_of(ctx.command_path))


def grouped_options(params: Sequence[click.Parameter]) -> Iterator[Group]:
    """Yield the options with the title of their group, the command's own first."""
    shown = [each for each in params if isinstance(each, click.Option) and not each.hidden]
    grouped = frozenset[str]().union(*_GROUPS.values())
    if own := [each for each in shown if _name(each) not in grouped]:
        yield say(_OPTIONS), own
    for title, names in _GROUPS.items():
        if options := [each for each in shown if _name(each) in names]:
            yield say(title), options


def grouped_commands(names: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the command names with the title of their group."""
    grouped = {name for group in _COMMANDS.values() for name in group}
    for title, group in _COMMANDS.items():
        if shown := [name for name in group if name in names]:
            yield say(title), shown
    if others := [name for name in names if name not in grouped]:
        yield say(_OTHERS), others


def first_sentence(command: click.Command) -> str:
    """Return what a command does, in a sentence."""
    return command.get_short_help_str(limit=1000).rstrip(".")


def _name(option: click.Option) -> str:
    return "help" if "--help" in option.opts else option.name or ""


def write_options(ctx: click.Context, formatter: click.HelpFormatter, params: Sequence[click.Parameter]) -> None:
    """Write one section per group of options."""
    for title, options in grouped_options(params):
        records = [record for each in options if (record := each.get_help_record(ctx)) is not None]
        with formatter.section(title):
            formatter.write_dl(records)


def write_examples(formatter: click.HelpFormatter, examples: Sequence[Example]) -> None:
    """Write each example below its description. The line is never wrapped, so that it can be copied."""
    if not examples:
        return
    with formatter.section(say("Examples")):
        for number, each in enumerate(examples):
            if number:
                formatter.write_paragraph()
            formatter.write_text(f"# {say(each.does)}")
            formatter.write(f"{'':>{formatter.current_indent}}{each.line}\n")
