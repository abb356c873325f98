"""The commands that record evidence, as `commands.py` has the others."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ssmtui.cli.completing.late import Offered, offer
from ssmtui.cli.help_page import HelpPage
from ssmtui.cli.options import (
    common_options,
    connection_option,
    document_option,
    judged_option,
    replay_option,
    timeout_option,
)


@click.command(cls=HelpPage)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=offer(Offered.NODES))
@click.option("--redact", is_flag=True, help="Replace what names anybody's own: it is judged as before.")
@document_option
@connection_option
@timeout_option
@judged_option
@common_options
def snapshot(file: Path, nodes: tuple[str, ...], redact: bool, **common: object) -> None:  # noqa: FBT001
    """Record in FILE all that a check of the nodes named (all, where none is) reads.

    With --replay FILE, the app, check, explain and fix look at that instead of AWS: anywhere, without credentials.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.snapshots.recording import record_snapshot

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
    """Write a redacted snapshot for a bug report to FILE, and say what is in it. Nothing is sent.

    With --replay FILE, that snapshot is redacted, and AWS is not asked.
    """
    from ssmtui.cli.run import Run
    from ssmtui.cli.snapshots.bug_reporting import write_bug_report

    sys.exit(write_bug_report(Run.of((), common), file))
