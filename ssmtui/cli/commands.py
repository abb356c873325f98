"""The click commands.

Each is a few lines that call the other packages; the app, evidence and the SDKs are imported only if needed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from ssmtui.cli.help_page import HelpPage
from ssmtui.cli.options import (
    SHELLS,
    Commands,
    CompletionSource,
    DeferredChoice,
    SpokenCommands,
    chosen_checks_options,
    common_options,
    complete_from,
    connection_option,
    document_option,
    judged_option,
    quiet_option,
    replay_option,
    report_options,
    report_request_of,
    timeout_option,
    version_option,
)
from ssmtui.cli.printing import print_data
from ssmtui.language import say
from ssmtui.report.exit_code import ExitCode
from ssmtui.report.schema import Schema

_listing_format = click.option(
    "--format",
    "listing_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Set the output format: for people or for programs.",
)


@click.command(cls=HelpPage)
@click.argument("slug", required=False, shell_complete=complete_from(CompletionSource.CAUSES))
@_listing_format
def causes(slug: str | None, listing_format: str) -> None:
    """List the causes that ssmtui can find, or show all information about one cause."""
    from ssmtui.cli.lookup import show_causes

    sys.exit(show_causes(listing_format, slug))


@click.command(cls=HelpPage)
@_listing_format
def checks(listing_format: str) -> None:
    """List the checks in their order, with the IAM actions that they need."""
    from ssmtui.cli.lookup import show_checks

    sys.exit(show_checks(listing_format))


@click.command(cls=HelpPage)
@click.argument("document", type=click.Choice([each.value for each in Schema]), default=Schema.REPORT.value)
def schema(document: str) -> None:
    """Print the JSON Schema of the report, or of the JSON output of explain."""
    print_data(Schema(document).text)
    sys.exit(ExitCode.DONE)


@click.command(cls=HelpPage)
@click.option("--read", is_flag=True, help="Include the permissions for reading; the default.")
@click.option("--fixes", is_flag=True, help="Include the permissions to apply and undo changes.")
@click.option(
    "--sessions", is_flag=True, help="Include the permissions to open sessions: shells, commands, tunnels, probes."
)
@click.option("--account", metavar="ID", help="Set the account; by default that of the profile.")
@click.option(
    "--profile",
    metavar="P",
    help="Use the account of this profile, if the AWS files contain it.",
    shell_complete=complete_from(CompletionSource.PROFILES),
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="R",
    help="Set a Region; repeatable. Default: all Regions.",
    shell_complete=complete_from(CompletionSource.REGIONS),
)
@click.option(
    "--role-arn", "roles", multiple=True, metavar="ARN", help="Include a role that the caller assumes; repeatable."
)
@click.option(
    "--organization",
    metavar="ROLE",
    help="Include the role that the caller assumes in each account of the organization.",
)
def policy(
    read: bool,  # noqa: FBT001
    fixes: bool,  # noqa: FBT001
    sessions: bool,  # noqa: FBT001
    account: str | None,
    profile: str | None,
    regions: tuple[str, ...],
    roles: tuple[str, ...],
    organization: str | None,
) -> None:
    """Print the minimal IAM policy for ssmtui, for one account and the specified Regions. AWS is not contacted."""
    from ssmtui.cli.lookup import show_policy
    from ssmtui.cli.policy_actions import policy_target
    from ssmtui.model.scope_request import OtherAccounts
    from ssmtui.report.policy import Purpose

    wanted = {Purpose.READ: read or not (fixes or sessions), Purpose.FIXES: fixes, Purpose.SESSIONS: sessions}
    target = policy_target(account, profile, regions, OtherAccounts(roles, organization))
    sys.exit(show_policy((purpose for purpose, treatment_options in wanted.items() if treatment_options), target))


@click.command(cls=HelpPage)
@_listing_format
@click.option("--example", is_flag=True, help="Print an example configuration file instead.")
@common_options
def info(listing_format: str, example: bool, **common: object) -> None:  # noqa: FBT001
    """Show the versions, the paths of the files of ssmtui, and every setting with its source."""
    from ssmtui.cli.info import show_example, show_information

    sys.exit(show_example() if example else show_information(common, listing_format))


@click.command(cls=HelpPage)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.option("--install", is_flag=True, help="Install the script for all new shells.")
def completion(shell: str | None, install: bool) -> None:  # noqa: FBT001
    """Print or install the script that completes commands, options, nodes and other values with Tab.

    Without a SHELL, ssmtui uses the shell of the environment. Completion uses only data of this computer: the nodes of
    the last listing, the Regions of botocore, and the profiles of the AWS files.
    """
    from ssmtui.cli.completion import install_script, script_for, shell_in_use

    chosen = shell or shell_in_use()
    if install:
        sys.exit(install_script(chosen))
    print_data(script_for(chosen))
    sys.exit(ExitCode.DONE)


REFERENCE_COMMANDS = (causes, checks, policy, schema, info, completion)


@click.group("report", cls=SpokenCommands, no_args_is_help=False)
def reports() -> None:
    """Work with reports of ssmtui check (--format json or ndjson)."""


@reports.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, allow_dash=True))
@report_options
@quiet_option
def merge(files: tuple[str, ...], **options: object) -> None:
    """Merge reports of several accounts into one.

    A FILE is a report, a folder (all .json and .ndjson files in it and in its subfolders), or - for standard input. If
    two reports have the same account and Region, the newer report counts. The default format is json.
    """
    from ssmtui.cli.saved_reports import merge_reports

    sys.exit(merge_reports(files, report_request_of(options, "json")))


@reports.command("open")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True))
@click.option("--no-color", is_flag=True, help="Turn off colours.")
def open_reports(files: tuple[str, ...], no_color: bool) -> None:  # noqa: FBT001
    """Open reports in the app, merged as by report merge. AWS is not contacted.

    If standard output is not a terminal, print the report as a table.
    """
    from ssmtui.cli.saved_reports import open_reports as show

    if no_color:
        os.environ["NO_COLOR"] = "1"
    sys.exit(show(files))


@click.command(cls=HelpPage)
@click.argument("node", shell_complete=complete_from(CompletionSource.NODES))
@click.argument("command", nargs=-1, metavar="[-- COMMAND]...")
@click.option("--document-name", "opened_by", metavar="NAME", help="Open the session with this Session document.")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter of the document; repeatable.",
)
@click.option("--reason", default="", metavar="TEXT", help="Record this reason in CloudTrail and in access requests.")
@click.option("--builtin", is_flag=True, help="Use the built-in client instead of the session-manager-plugin.")
@common_options
def connect(
    node: str,
    command: tuple[str, ...],
    opened_by: str | None,
    parameters: tuple[str, ...],
    reason: str,
    builtin: bool,  # noqa: FBT001
    **common: object,
) -> None:
    """Open a session on a NODE or run a COMMAND there, like `aws ssm start-session`, and explain errors.

    A single word is a line for the shell of the node: sh, or PowerShell on Windows. Several words are a program and its
    arguments. The exit code is that of the COMMAND. A shell ends with 0, and so does a COMMAND on a terminal if the
    node or this computer runs Windows.
    """
    from ssmtui.cli.connect import connect as open_session
    from ssmtui.cli.connect import connect_request
    from ssmtui.cli.run import Run

    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    wanted = connect_request(
        node, command, opened_by, parameters, reason=reason, builtin=builtin, on_terminal=on_terminal
    )
    document = opened_by if opened_by is not None and not opened_by.startswith("AWS-") else None
    sys.exit(open_session(Run.of((node,), {**common, "document": document}), wanted))


@click.command("ssh-config", cls=HelpPage)
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=complete_from(CompletionSource.NODES))
@common_options
def ssh_config(nodes: tuple[str, ...], **common: object) -> None:
    """Print the SSH configuration to access nodes (default: all managed nodes) by name with ssh, scp and editors."""
    from ssmtui.cli.run import Run
    from ssmtui.cli.ssh_config import print_ssh_configuration

    sys.exit(print_ssh_configuration(Run.of(nodes, common)))


@click.command(cls=HelpPage)
@click.argument("node", shell_complete=complete_from(CompletionSource.NODES))
@click.argument("where", metavar="[LOCAL:][HOST:]PORT")
@click.option("--reason", default="", metavar="TEXT", help="Record this reason in CloudTrail and in access requests.")
@click.option(
    "--document-name",
    "document",
    metavar="NAME",
    help="Open the tunnel with this document instead of the AWS document.",
)
@common_options
def tunnel(node: str, where: str, reason: str, document: str | None, **common: object) -> None:
    """Forward a port of this computer to PORT of a node, or of a HOST behind the node, until you press Ctrl-C.

    The tunnel reconnects after AWS ends the session, after this computer sleeps and after the connection is lost.
    Without LOCAL, ssmtui uses any free port. `rdp` stands for the remote desktop port of a Windows node.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.tunnel import tunnel_to

    run = Run.of((node,), {**common, "document": document})
    tunnel_to(run, where, reason=reason, document=document)


@click.command(cls=HelpPage)
@click.argument(
    "nodes", nargs=-1, required=True, metavar="NODE...", shell_complete=complete_from(CompletionSource.NODES)
)
@click.option(
    "--port",
    "by_port",
    is_flag=True,
    help="Probe a port session, which does not use the session key, session logging or Run As.",
)
@click.option("--compare", is_flag=True, help="Probe a shell and a port, and compare the results.")
@click.option(
    "--at-once",
    type=click.IntRange(1, 20),
    default=4,
    show_default=True,
    metavar="N",
    help="Probe this number of nodes in parallel.",
)
@click.option("--yes", "-y", is_flag=True, help="Skip the confirmation.")
@click.option(
    "--format", "report_format", type=click.Choice(["table", "json"]), default="table", help="Set the output format."
)
@document_option
@timeout_option
@common_options
def probe(nodes: tuple[str, ...], **options: object) -> None:
    """Open a real session to nodes, show at which stage it stops and why, and end it immediately.

    No input is sent. The result of the probe overrides the results of the checks for the node. The exit code is 0 if
    every session opened, 3 if a session stopped for a known reason, and 4 if the reason is not known.
    """
    from ssmtui.cli.probe import probe_nodes, probe_request
    from ssmtui.cli.run import Run

    sys.exit(probe_nodes(Run.of(nodes, options), probe_request(options)))


SESSION_COMMANDS = (connect, probe, tunnel, ssh_config)


@click.command(cls=HelpPage)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=complete_from(CompletionSource.NODES))
@click.option("--redact", is_flag=True, help="Replace all your names; the results stay the same.")
@document_option
@connection_option
@timeout_option
@judged_option
@common_options
def snapshot(file: Path, nodes: tuple[str, ...], redact: bool, **common: object) -> None:  # noqa: FBT001
    """Record in FILE all data that a check of the specified nodes (default: all) reads.

    With --replay FILE, the app, check, explain and fix use this data instead of AWS: anywhere, without credentials.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.snapshot import record_snapshot

    sys.exit(record_snapshot(Run.of(nodes, common), file, redact=redact))


@click.command("report-bug", cls=HelpPage)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@replay_option
@document_option
@connection_option
@timeout_option
@judged_option
@common_options
def report_bug(file: Path | None, **common: object) -> None:
    """Write a redacted snapshot for a bug report to FILE, and show its content. Nothing is sent.

    With --replay FILE, ssmtui redacts that snapshot and does not contact AWS.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.snapshot import write_bug_report

    sys.exit(write_bug_report(Run.of((), common), file))


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _handed_over() -> Iterable[str]:
    from ssmtui.remediation.export.format import all_formats

    return all_formats()


@click.group(cls=Commands, context_settings=CONTEXT, subcommand_metavar="[NODE]... | COMMAND [ARGS]...")
@version_option
def commands() -> None:
    """Find out why an AWS Session Manager session does not open, and fix the cause.

    Without a command, `ssmtui [NODE…]` opens the app on the account and Region that the AWS CLI would use. If standard
    output is not a terminal, it runs `ssmtui check`. A NODE is an ID or an exact Name tag.
    """


@commands.command("open", hidden=True)
@click.argument(
    "nodes", nargs=-1, metavar="[NODE]...", shell_complete=complete_from(CompletionSource.COMMANDS_AND_NODES)
)
@replay_option
@judged_option
@common_options
def open_app(nodes: tuple[str, ...], **common: object) -> None:
    """Open the full-screen app."""
    from ssmtui.cli.app_launch import can_show_screens
    from ssmtui.cli.run import Run

    run = Run.of(nodes, common)
    # A word that is no command counts as a node name. It may be a misspelt command.
    names = tuple(commands.list_commands(click.get_current_context()))
    if can_show_screens():
        from ssmtui.cli.app_launch import open_screen

        sys.exit(open_screen(run, commands=names))
    from ssmtui.cli.check import check_and_report

    sys.exit(check_and_report(run, commands=names))


@commands.command()
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=complete_from(CompletionSource.NODES))
@report_options
@document_option
@connection_option
@timeout_option
@chosen_checks_options
@replay_option
@judged_option
@common_options
def check(nodes: tuple[str, ...], **common: object) -> None:
    """Check the specified nodes (default: all) and write a report."""
    from ssmtui.cli.check import check_and_report
    from ssmtui.cli.run import Run
    from ssmtui.report.formats import DEFAULT

    wanted = report_request_of(common, DEFAULT)
    sys.exit(check_and_report(Run.of(nodes, common), wanted))


@commands.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, metavar="[TEXT]...", shell_complete=complete_from(CompletionSource.CAUSES))
@click.option(
    "--format",
    "report_format",
    type=click.Choice(["table", "json"]),
    default="table",
    help="Set the output format: for people or for programs.",
)
@click.option(
    "--node",
    metavar="ID",
    help="Check this node, and show which of the causes apply to it. A node ID in the text is enough.",
    shell_complete=complete_from(CompletionSource.NODES),
)
@document_option
@replay_option
@judged_option
@common_options
def explain(text: tuple[str, ...], report_format: str, node: str | None, **common: object) -> None:
    """Show the causes of an error text, given here or on standard input, and how to fix them."""
    from ssmtui.cli.explain import explain_text
    from ssmtui.cli.run import Run

    sys.exit(explain_text(text, report_format, Run.of((node,) if node else (), common)))


@commands.command()
@click.argument(
    "cause", metavar="CAUSE|NODE", required=False, shell_complete=complete_from(CompletionSource.MENDED_CAUSES)
)
@click.option(
    "--subject", metavar="ID", help="Set the subject by its ID in the report; not needed if there is only one."
)
@click.option(
    "--with",
    "fix",
    metavar="FIX",
    help="Use this fix; by default the first one.",
    shell_complete=complete_from(CompletionSource.FIXES),
)
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Set an option of the fix; repeatable.")
@click.option("--as", "format_", type=DeferredChoice(_handed_over), help="Export the change in this format instead.")
@click.option("--complete", "change", metavar="CHANGE", help="Complete an interrupted change of the journal instead.")
@click.option("--yes", is_flag=True, help="Apply the change. Without this option, nothing is changed.")
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
    """Preview the fix of a cause or of a node; with --yes, apply it."""
    from ssmtui.cli.errors import UsageError
    from ssmtui.cli.fix import (
        FixRequest,
        apply_fix,
        begun_before,
        choices_in,
        complete_change,
        complete_or_preview,
        export_fix,
        preview_completion,
        preview_fix,
        run_of_request,
    )
    from ssmtui.cli.run import Run

    if change is not None:
        if cause is not None or subject or fix or given or format_:
            raise UsageError(say("--complete continues an existing change: leave out the cause and the other options"))
        run = Run.of((), common)
        sys.exit(complete_change(run, change) if yes else preview_completion(run, change))
    if cause is None:
        raise UsageError(say("specify a cause, or a change with --complete"))
    request = FixRequest.of(cause, subject or "", fix, choices_in(given))
    run = run_of_request(Run.of((), common), request)
    if format_ is not None:
        if yes:
            raise UsageError(say("--as exports the change and does not apply it: leave out --yes."))
        sys.exit(export_fix(run, request, format_))
    begun = begun_before(run, request)
    if begun is not None and (code := complete_or_preview(run, begun, makes=yes)) is not None:
        sys.exit(code)
    sys.exit(apply_fix(run, request) if yes else preview_fix(run, request))


@commands.command()
@click.argument("change", required=False)
@click.option("--list", "listed", is_flag=True, help="Show the journal instead.")
@click.option("--yes", is_flag=True, help="Undo the change. Without this option, nothing is changed.")
@common_options
def undo(change: str | None, listed: bool, yes: bool, **common: object) -> None:  # noqa: FBT001
    """Preview the undo of the last change or of CHANGE; with --yes, undo it."""
    from ssmtui.cli.run import Run
    from ssmtui.cli.undo import list_changes, preview_undo, undo_change

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
    help="Open another scenario; without a NAME, list the scenarios.",
    shell_complete=complete_from(CompletionSource.SCENARIOS),
)
@click.option("--serve", is_flag=True, help="Run only the simulated AWS, and print how to use it with the AWS CLI.")
@click.option(
    "--real-node",
    is_flag=False,
    flag_value="",
    metavar="[FOLDER]",
    help="Add a node with the SSM Agent installed here or in FOLDER; Linux, as root.",
)
@click.option("--read-only", is_flag=True, help="Turn off changes and sessions.")
@click.option("--no-color", is_flag=True, help="Turn off colours.")
def demo(scenario: str, serve: bool, real_node: str | None, read_only: bool, no_color: bool) -> None:  # noqa: FBT001
    """Open the app on a simulated AWS.

    The demo needs no account and no network. The simulated AWS ends with the app.
    """
    from ssmtui.cli.demo import demonstrate, list_scenarios, serve_simulator, with_real_node
    from ssmtui.cli.errors import UsageError

    if not scenario:
        sys.exit(list_scenarios())
    if serve and real_node is not None:
        raise UsageError(say("use --serve or --real-node, not both"))
    if serve:
        sys.exit(serve_simulator(scenario))
    if real_node is not None:
        sys.exit(with_real_node(scenario, real_node, read_only=read_only, no_color=no_color))
    sys.exit(demonstrate(scenario, read_only=read_only, no_color=no_color))


for _reference_command in REFERENCE_COMMANDS:
    commands.add_command(_reference_command)
