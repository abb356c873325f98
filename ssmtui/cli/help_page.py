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
        Example("ssmtui", translatable("Open the app on the account and Region that the AWS CLI would use")),
        Example("ssmtui web-1", translatable("Open the app on one node")),
        Example(
            "ssmtui --profile 'prod-*' --region all", translatable("Open the app on all Regions of several profiles")
        ),
        Example("ssmtui demo", translatable("Open the app on a simulated AWS: no account, no configuration")),
    ),
    "ssmtui check": (
        Example("ssmtui check", translatable("Check all nodes of the account and Region")),
        Example("ssmtui check web-1 i-0123456789abcdef0", translatable("Check two nodes in depth, by Name and by ID")),
        Example(
            "ssmtui check --fail-on warn --output report.json --output report.html",
            translatable("Fail a CI pipeline if there are findings"),
        ),
        Example(
            "ssmtui check --baseline report.json --mute mutes.toml",
            translatable("Fail only on new findings that are not muted"),
        ),
    ),
    "ssmtui explain": (
        Example("ssmtui explain 'TargetNotConnected'", translatable("Show the possible causes of an error")),
        Example("ssmtui explain --node web-1 < error.txt", translatable("Check which of these causes apply to a node")),
        Example("ssmtui explain kms-node-denied", translatable("Show all information about a cause")),
    ),
    "ssmtui snapshot": (
        Example(
            "ssmtui snapshot prod.snapshot --profile prod",
            translatable("Record all data that a check of the account reads"),
        ),
        Example("ssmtui --replay prod.snapshot", translatable("Open the snapshot anywhere, without credentials")),
    ),
    "ssmtui report-bug": (
        Example("ssmtui report-bug", translatable("Write a redacted snapshot for a bug report; nothing is sent")),
        Example("ssmtui report-bug bug.snapshot --replay prod.snapshot", translatable("Redact an existing snapshot")),
    ),
    "ssmtui fix": (
        Example(
            "ssmtui fix kms-node-denied --subject arn:aws:iam::123456789012:role/web",
            translatable("Preview the first fix: what changes, and for which nodes"),
        ),
        Example(
            "ssmtui fix instance-not-running --subject i-0123456789abcdef0 --yes",
            translatable("Apply the fix"),
        ),
        Example(
            "ssmtui fix dhmc-off --subject 123456789012 --as terraform",
            translatable("Export the fix as Terraform"),
        ),
    ),
    "ssmtui undo": (
        Example("ssmtui undo --list", translatable("List the applied changes, newest first")),
        Example("ssmtui undo --yes", translatable("Undo the last change")),
    ),
    "ssmtui connect": (
        Example("ssmtui connect web-1", translatable("Open a shell")),
        Example("ssmtui connect web-1 -- df -h", translatable("Run one command and return its exit code")),
        Example(
            "ssmtui connect web-1 --builtin",
            translatable("Use the built-in client instead of the session-manager-plugin"),
        ),
    ),
    "ssmtui probe": (
        Example("ssmtui probe web-1", translatable("Show at which stage a session to a node stops")),
        Example(
            "ssmtui probe --compare --yes web-1 web-2",
            translatable("Compare a shell and a port session, without confirmation"),
        ),
    ),
    "ssmtui tunnel": (
        Example("ssmtui tunnel web-1 8080:80", translatable("Forward port 80 of a node to port 8080 of this computer")),
        Example(
            "ssmtui tunnel bastion db.internal:5432", translatable("Forward a database behind a node to any free port")
        ),
        Example("ssmtui tunnel win-1 rdp", translatable("Forward the remote desktop of a Windows node")),
    ),
    "ssmtui ssh-config": (
        Example(
            "ssmtui ssh-config > ~/.ssh/ssmtui", translatable("Configure ssh, scp and editors for all managed nodes")
        ),
    ),
    "ssmtui causes": (
        Example("ssmtui causes", translatable("List all causes, in the order of a session")),
        Example("ssmtui causes kms-node-denied", translatable("Show one cause with its documented resolution")),
    ),
    "ssmtui demo": (
        Example("ssmtui demo", translatable("Open a fleet with every kind of failure")),
        Example("ssmtui demo --scenario", translatable("List the scenarios")),
        Example("ssmtui demo --scenario key-disabled", translatable("Open one scenario")),
    ),
    "ssmtui policy": (
        Example(
            "ssmtui policy --account 123456789012 --region eu-west-3",
            translatable("Print the minimal policy for reading"),
        ),
        Example("ssmtui policy --fixes --profile prod", translatable("Include the permissions for changes")),
    ),
    "ssmtui completion": (
        Example("ssmtui completion --install", translatable("Install completion for the current shell")),
        Example('eval "$(ssmtui completion bash)"', translatable("Load completion in this shell only")),
    ),
    "ssmtui info": (
        Example("ssmtui info --profile prod", translatable("Show the settings that apply with an option")),
    ),
    "ssmtui report merge": (
        Example("ssmtui report merge reports/ --output fleet.json", translatable("Merge a folder of reports")),
    ),
    "ssmtui report open": (
        Example("ssmtui report open fleet.json", translatable("Open a report in the app, without AWS")),
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
    translatable("Checks"): frozenset({"judged", "document", "connection", "timeout", "only", "skip"}),
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
    translatable("Diagnose"): ("check", "explain", "probe", "snapshot"),
    translatable("Fix problems"): ("fix", "undo"),
    translatable("Open sessions"): ("connect", "tunnel", "ssh-config"),
    translatable("Show information"): ("causes", "checks", "policy", "schema", "info", "completion", "report-bug"),
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
