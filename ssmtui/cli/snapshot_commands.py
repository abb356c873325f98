"""The commands that record evidence, as `commands.py` has the others."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ssmtui.cli.completing.late import Offered, offer
from ssmtui.cli.help_page import HelpPage
from ssmtui.cli.options import common_options, connection_option, document_option, judged_option, timeout_option


@click.command(cls=HelpPage)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=offer(Offered.NODES))
@document_option
@connection_option
@timeout_option
@judged_option
@common_options
def snapshot(file: Path, nodes: tuple[str, ...], **common: object) -> None:
    """Record in FILE all that a check of the nodes named (all, where none is) reads.

    With --replay FILE, the app, check, explain and fix look at that instead of AWS: anywhere, without credentials.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.snapshotting import record_snapshot

    sys.exit(record_snapshot(Run.of(nodes, common), file))
