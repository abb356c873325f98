"""The commands. Each is a few lines that call the rest; ui, evidence and the SDKs are imported only when needed."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from ssmtui.cli.completing.late import Offered, offer
from ssmtui.cli.late_choice import LateChoice
from ssmtui.cli.lookup.commands import REFERENCE_COMMANDS
from ssmtui.cli.options import (
    Commands,
    chosen_checks_options,
    common_options,
    connection_option,
    document_option,
    judged_option,
    replay_option,
    timeout_option,
    version_option,
)
from ssmtui.cli.reports.commands import reports
from ssmtui.cli.reports.options import report_options, reporting_of
from ssmtui.cli.sessions.commands import SESSION_COMMANDS
from ssmtui.cli.snapshots.commands import report_bug, snapshot
from ssmtui.language import say

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _handed_over() -> Iterable[str]:
    from ssmtui.handover.format import all_formats

    return all_formats()


@click.group(cls=Commands, context_settings=CONTEXT, subcommand_metavar="[NODE]... | COMMAND [ARGS]...")
@version_option
def commands() -> None:
    """Find out why an AWS Session Manager session will not open, and mend it.

    Without a command, `ssmtui [NODE…]` opens the app on the account and Region that the AWS CLI would use here; where
    standard output is no terminal it behaves as `ssmtui check`. A NODE is an id or an exact Name tag.
    """


@commands.command("open", hidden=True)
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=offer(Offered.COMMANDS_AND_NODES))
@replay_option
@judged_option
@common_options
def open_app(nodes: tuple[str, ...], **common: object) -> None:
    """Open the full-screen app."""
    from ssmtui.cli.dressing import shows_screens
    from ssmtui.cli.run import Run

    run = Run.of(nodes, common)
    # A word that is no command was taken for a node: it may have been meant as one of these.
    names = tuple(commands.list_commands(click.get_current_context()))
    if shows_screens():
        from ssmtui.cli.opening import open_screen

        sys.exit(open_screen(run, commands=names))
    from ssmtui.cli.checking import check_and_report

    sys.exit(check_and_report(run, commands=names))


@commands.command()
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=offer(Offered.NODES))
@report_options
@document_option
@connection_option
@timeout_option
@chosen_checks_options
@replay_option
@judged_option
@common_options
def check(nodes: tuple[str, ...], **common: object) -> None:
    """Check the nodes named (all, where none is) and report."""
    from ssmtui.cli.checking import check_and_report
    from ssmtui.cli.run import Run
    from ssmtui.report.format import DEFAULT

    wanted = reporting_of(common, DEFAULT)
    sys.exit(check_and_report(Run.of(nodes, common), wanted))


@commands.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, metavar="[TEXT]...", shell_complete=offer(Offered.CAUSES))
@click.option(
    "--format",
    "report_format",
    type=click.Choice(["table", "json"]),
    default="table",
    help="For people, or for programs.",
)
@click.option(
    "--node",
    metavar="ID",
    help="Check this node as well, and say which of the causes are true of it.",
    shell_complete=offer(Offered.NODES),
)
@document_option
@replay_option
@judged_option
@common_options
def explain(text: tuple[str, ...], report_format: str, node: str | None, **common: object) -> None:
    """Name the causes of an error text, given here or on standard input, and how to resolve them."""
    from ssmtui.cli.explaining import explain_text
    from ssmtui.cli.run import Run

    sys.exit(explain_text(text, report_format, Run.of((node,) if node else (), common)))


@commands.command()
@click.argument("cause", required=False, shell_complete=offer(Offered.MENDED_CAUSES))
@click.option(
    "--subject", metavar="ID", help="The subject's id, as the report prints it; left out where there is but one."
)
@click.option(
    "--with",
    "fix",
    metavar="FIX",
    help="The fix to use; the first in rank, where none is named.",
    shell_complete=offer(Offered.FIXES),
)
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="What the fix needs; repeatable.")
@click.option("--as", "format_", type=LateChoice(_handed_over), help="Print it instead.")
@click.option(
    "--complete", "change", metavar="CHANGE", help="Complete a change of the journal that was interrupted, instead."
)
@click.option("--yes", is_flag=True, help="Apply it. Without this, nothing is written.")
@replay_option
@common_options
def fix(
    cause: str | None,
    subject: str | None,
    fix: str | None,
    given: tuple[str, ...],
    format_: str | None,
    change: str | None,
    yes: bool,  # noqa: FBT001
    **common: object,
) -> None:
    """Preview a change; with --yes, make it."""
    from ssmtui.cli.changes.changing import WantedFix, apply_fix, hand_over_fix, preview_fix, where_it_holds
    from ssmtui.cli.changes.choosing import choices_in
    from ssmtui.cli.changes.completing import begun_before, complete_change, go_on_with, preview_completion
    from ssmtui.cli.refusals import UsageError
    from ssmtui.cli.run import Run

    if change is not None:
        if cause is not None or subject or fix or given or format_:
            raise UsageError(say("--complete takes the change that it names: leave the cause and other options out"))
        run = Run.of((), common)
        sys.exit(complete_change(run, change) if yes else preview_completion(run, change))
    if cause is None:
        raise UsageError(say("name a cause, or a change with --complete"))
    slug, _, after = cause.partition("@")
    if after and subject:
        raise UsageError(say("the subject is named twice: leave --subject out, or what follows the @"))
    request = WantedFix(slug, subject or after, fix, choices_in(given))
    run = where_it_holds(Run.of((), common), request)
    if format_ is not None:
        if yes:
            raise UsageError(say("--as prints the change instead of making it: leave --yes out."))
        sys.exit(hand_over_fix(run, request, format_))
    begun = begun_before(run, request)
    if begun is not None and (code := go_on_with(run, begun, makes=yes)) is not None:
        sys.exit(code)
    sys.exit(apply_fix(run, request) if yes else preview_fix(run, request))


@commands.command()
@click.argument("change", required=False)
@click.option("--list", "listed", is_flag=True, help="Show the journal instead.")
@click.option("--yes", is_flag=True, help="Take it back. Without this, nothing is written.")
@common_options
def undo(change: str | None, listed: bool, yes: bool, **common: object) -> None:  # noqa: FBT001
    """Preview taking back the last change, or the one named; with --yes, take it back."""
    from ssmtui.cli.changes.undoing import list_changes, preview_undo, undo_change
    from ssmtui.cli.run import Run

    run = Run.of((), common)
    if listed:
        sys.exit(list_changes(run))
    sys.exit(undo_change(run, change) if yes else preview_undo(run, change))


for _session_command in SESSION_COMMANDS:
    commands.add_command(_session_command)

commands.add_command(reports)
commands.add_command(snapshot)
commands.add_command(report_bug)


@commands.command()
@click.option(
    "--scenario",
    default="demo",
    is_flag=False,
    flag_value="",
    show_default=True,
    metavar="[NAME]",
    help="Another simulated world; without a NAME they are listed.",
    shell_complete=offer(Offered.SCENARIOS),
)
@click.option("--serve", is_flag=True, help="Only run the simulated AWS, and print what points the AWS CLI at it.")
@click.option("--read-only", is_flag=True, help="Remove everything that can write.")
@click.option("--no-color", is_flag=True, help="No colour.")
def demo(scenario: str, serve: bool, read_only: bool, no_color: bool) -> None:  # noqa: FBT001
    """Open the app on a simulated AWS.

    It needs no account and no network, and ends with the app.
    """
    from ssmtui.cli.demonstration import demonstrate, list_scenarios, serve_simulator

    if not scenario:
        sys.exit(list_scenarios())
    if serve:
        sys.exit(serve_simulator(scenario))
    sys.exit(demonstrate(scenario, read_only=read_only, no_color=no_color))


for _reference_command in REFERENCE_COMMANDS:
    commands.add_command(_reference_command)
