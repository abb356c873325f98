"""The commands about sessions, as `commands.py` has the others."""

from __future__ import annotations

import sys

import click

from ssmtui.cli.completing.late import Offered, offer
from ssmtui.cli.help_page import HelpPage
from ssmtui.cli.options import common_options, document_option, timeout_option


@click.command(cls=HelpPage)
@click.argument("node", shell_complete=offer(Offered.NODES))
@click.argument("command", nargs=-1, metavar="[-- COMMAND]...")
@click.option("--document-name", "opened_by", metavar="NAME", help="Open it by this Session document.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter of it; repeatable.")
@click.option("--reason", default="", metavar="TEXT", help="Why, for CloudTrail and who approves access.")
@click.option("--builtin", is_flag=True, help="Do without the session-manager-plugin.")
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
    """Open a session on a NODE, or run a COMMAND there, as `aws ssm start-session` does, and say why where none opens.

    The exit code is the session's.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.sessions.connecting import connect as open_session
    from ssmtui.cli.sessions.request import wanted_session

    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    wanted = wanted_session(
        node, command, opened_by, parameters, reason=reason, builtin=builtin, on_terminal=on_terminal
    )
    document = opened_by if opened_by is not None and not opened_by.startswith("AWS-") else None
    sys.exit(open_session(Run.of((node,), {**common, "document": document}), wanted))


@click.command("ssh-config", cls=HelpPage)
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=offer(Offered.NODES))
@common_options
def ssh_config(nodes: tuple[str, ...], **common: object) -> None:
    """Print the SSH configuration by which `ssh NODE`, scp and editors reach nodes (all that are managed) by name."""
    from ssmtui.cli.run import Run
    from ssmtui.cli.sessions.ssh_configuring import print_ssh_configuration

    sys.exit(print_ssh_configuration(Run.of(nodes, common)))


@click.command(cls=HelpPage)
@click.argument("node", shell_complete=offer(Offered.NODES))
@click.argument("where", metavar="[LOCAL:][HOST:]PORT")
@click.option("--reason", default="", metavar="TEXT", help="Why, for CloudTrail and who approves access.")
@click.option("--document-name", "document", metavar="NAME", help="Open it by this document instead of AWS's own.")
@common_options
def tunnel(node: str, where: str, reason: str, document: str | None, **common: object) -> None:
    """Forward a port of this computer to PORT of a node, or of a HOST behind it, until interrupted.

    It is opened again after AWS has ended its session, this computer has slept or the connection was lost. Without
    LOCAL it is any free port; `rdp` stands for the port of a Windows node's remote desktop.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.sessions.tunnelling import tunnel_to

    run = Run.of((node,), {**common, "document": document})
    sys.exit(tunnel_to(run, where, reason=reason, document=document))


@click.command(cls=HelpPage)
@click.argument("nodes", nargs=-1, required=True, metavar="NODE...", shell_complete=offer(Offered.NODES))
@click.option(
    "--port",
    "by_port",
    is_flag=True,
    help="Probe a port session: it skips the session key, the logging checks and Run As.",
)
@click.option("--compare", is_flag=True, help="Probe both, a shell and a port, and say what they tell together.")
@click.option(
    "--at-once",
    type=click.IntRange(1, 20),
    default=4,
    show_default=True,
    metavar="N",
    help="How many nodes side by side.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask first.")
@click.option("--format", "report_format", type=click.Choice(["table", "json"]), default="table", help="Format.")
@document_option
@timeout_option
@common_options
def probe(nodes: tuple[str, ...], **options: object) -> None:
    """Open a real session to nodes, say at which stage it stops and why, and end it at once.

    Nothing is typed. What is met outranks what the checks say of the node. Exit code 0 where every session opened, 3
    where one stopped for a known reason, 4 where the reason is not known.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.sessions.probing import probe_nodes, wanted_probes

    sys.exit(probe_nodes(Run.of(nodes, options), wanted_probes(options)))


SESSION_COMMANDS = (connect, probe, tunnel, ssh_config)
