"""The commands about sessions, as `commands.py` has the others."""

from __future__ import annotations

import sys

import click

from ssmtui.cli.options import common_options


@click.command("ssh-config")
@click.argument("nodes", nargs=-1, metavar="[NODE]...")
@common_options
def ssh_config(nodes: tuple[str, ...], **common: object) -> None:
    """Print the SSH configuration by which `ssh NODE`, scp and editors reach nodes (all that are managed) by name."""
    from ssmtui.cli.run import Run
    from ssmtui.cli.ssh_configuring import print_ssh_configuration

    sys.exit(print_ssh_configuration(Run.of(nodes, common)))


@click.command()
@click.argument("node")
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
    from ssmtui.cli.tunnelling import tunnel_to

    run = Run.of((node,), {**common, "document": document})
    sys.exit(tunnel_to(run, where, reason=reason, document=document))


SESSION_COMMANDS = (tunnel, ssh_config)
