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


SESSION_COMMANDS = (ssh_config,)
