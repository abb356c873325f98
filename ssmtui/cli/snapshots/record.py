"""`ssmtui snapshot`: record everything that a diagnosis read in a file."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterable
from concurrent.futures import Future, wait
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ssmtui.cli.check import print_scope_errors, print_unknown_nodes
from ssmtui.cli.errors import UsageError
from ssmtui.cli.output_file import OutputFile, open_output_file
from ssmtui.cli.printing import print_lines
from ssmtui.cli.progress import follow_with_progress, show_progress
from ssmtui.language import say, say_many
from ssmtui.report.exit_code import ExitCode, FailOn, exit_code
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.live import LiveDiagnosis
    from ssmtui.evidence.snapshots.writing import Snapshot


T = TypeVar("T")

_LOOK_UP = 0.2
"""Seconds after which who waits looks up, so that Ctrl-C is heard on every platform."""


def record_snapshot(run: Run, file: Path, *, redact: bool = False) -> ExitCode:
    """Check, and write what was read to a file that only its owner may read."""
    with open_output_file(file) as output:
        handle = run.handle()
        try:
            state = follow_with_progress(handle)
            with show_progress(say("reading what previews of fixes take")):
                snapshot = result_of(handle.snapshot())
        finally:
            handle.close()
        print_scope_errors(state)
        if redact:
            from ssmtui.cli.snapshots.redaction import redacted

            snapshot, _ = redacted(snapshot, secrets.token_bytes(32))
        if output is not None:
            write_snapshot_file(output, snapshot)
    print_lines(summary_lines(snapshot, file))
    return print_unknown_nodes(state) or exit_code(state, FailOn.NEVER)


def result_of(future: Future[T]) -> T:
    """What a future is fulfilled with."""
    while not future.done():
        wait((future,), timeout=_LOOK_UP)
    return future.result()


def save_from_app(handle: LiveDiagnosis) -> tuple[str, ...]:
    """Save what an app knows in the folder that it was started in; what to tell of it.

    Raises:
        OSError: it cannot be written there.

    """
    snapshot = result_of(handle.snapshot())
    file = Path(f"ssmtui-{snapshot.made:%Y%m%d-%H%M%S}.snapshot")
    try:
        with open_output_file(file) as output:
            if output is not None:
                write_snapshot_file(output, snapshot)
    except UsageError as refused:
        raise OSError(refused.message) from refused
    return tuple(summary_lines(snapshot, file.resolve()))


def write_snapshot_file(output: OutputFile, snapshot: Snapshot) -> None:
    """Write a snapshot, whole."""
    from ssmtui.evidence.snapshots.writing import write_snapshot

    output.write_private(partial(write_snapshot, snapshot))


def summary_lines(snapshot: Snapshot, file: Path) -> Iterable[str]:
    """What has been recorded, in words."""
    nodes = sum(len(each.nodes) for each in snapshot.scopes)
    facts = sum(len(each.facts) for each in snapshot.scopes)
    yield say(
        "{file}: {nodes}, {scopes}, {facts}, recorded at {made} UTC",
        file=printable(str(file)),
        nodes=say_many("{count} node", "{count} nodes", count=nodes),
        scopes=say_many("{count} account and Region", "{count} accounts and Regions", count=len(snapshot.scopes)),
        facts=say_many("{count} fact", "{count} facts", count=facts),
        made=f"{snapshot.made:%Y-%m-%d %H:%M}",
    )
    if not snapshot.redacted:
        yield say("It holds names, addresses and policies of the account, and no credentials. Only you may read it.")
    yield say("To look at it: {command}", command=shlex.join(("ssmtui", "--replay", printable(str(file)))))
