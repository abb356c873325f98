"""`ssmtui snapshot` and `report-bug`: record everything that a diagnosis reads in a file; redacted for a bug report."""

from __future__ import annotations

import platform
import secrets
import shlex
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ssmtui import __version__
from ssmtui.cli.check import print_scope_errors, print_unknown_nodes
from ssmtui.cli.errors import UsageError
from ssmtui.cli.output_file import OutputFile, open_output_file
from ssmtui.cli.printing import print_lines
from ssmtui.cli.progress import follow_with_progress, show_progress
from ssmtui.cli.snapshot_redaction import redacted
from ssmtui.config.declared_settings import SETTINGS
from ssmtui.config.setting_types import SettingLayer
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
from ssmtui.language import say, say_many, translatable
from ssmtui.report.exit_code import ExitCode, FailOn, exit_code
from ssmtui.report.redactor import NameKind
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
    from ssmtui.evidence.snapshots.snapshot_file import Snapshot


T = TypeVar("T")

_LOOK_UP = 0.2
"""Seconds between two looks of a waiting command, so that Ctrl-C works on every platform."""


def record_snapshot(run: Run, file: Path, *, redact: bool = False) -> ExitCode:
    """Check, and write the evidence to a file that only its owner can read."""
    with open_output_file(file) as output:
        handle = run.handle()
        try:
            state = follow_with_progress(handle)
            with show_progress(say("reading the data for previews of fixes")):
                snapshot = result_of(handle.snapshot())
        finally:
            handle.close()
        print_scope_errors(state)
        if redact:
            snapshot, _ = redacted(snapshot, secrets.token_bytes(32))
        if output is not None:
            write_snapshot_file(output, snapshot)
    print_lines(summary_lines(snapshot, file))
    return print_unknown_nodes(state) or exit_code(state, FailOn.NEVER)


def result_of(future: Future[T]) -> T:
    """Wait for a future and return its result."""
    while not future.done():
        wait((future,), timeout=_LOOK_UP)
    return future.result()


def save_from_app(handle: LiveDiagnosis) -> tuple[str, ...]:
    """Save the app's evidence in the working directory, and return the message about it.

    Raises:
        OSError: the file cannot be written.

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
    """Write a complete snapshot file."""
    from ssmtui.evidence.snapshots.snapshot_file import write_snapshot

    output.write_private(partial(write_snapshot, snapshot))


def summary_lines(snapshot: Snapshot, file: Path) -> Iterable[str]:
    """Return a summary of the recording."""
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
        yield say(
            "The file contains names, addresses and policies of the account, but no credentials. Only you can read it."
        )
    yield say("To open it: {command}", command=shlex.join(("ssmtui", "--replay", printable(str(file)))))


_LIBRARIES = ("textual", "aiobotocore", "boto3", "botocore", "click")
_OF_ISSUES = ("issues", "bug tracker", "tracker")

Judged = tuple[str, str | None, frozenset[tuple[str, str]]]
"""A node's verdict, its root cause, and its findings by cause and status."""


_CALLED: Mapping[NameKind, str] = {
    NameKind.NAME: translatable("name"),
    NameKind.NODE: translatable("node"),
    NameKind.PROFILE: translatable("profile"),
    NameKind.ROLE: translatable("role"),
    NameKind.USER: translatable("user"),
    NameKind.INSTANCE_PROFILE: translatable("instance profile"),
    NameKind.DOCUMENT: translatable("document"),
    NameKind.BUCKET: translatable("bucket"),
    NameKind.LOG_GROUP: translatable("log group"),
    NameKind.KEY: translatable("key"),
    NameKind.HOST: translatable("host"),
    NameKind.ACCOUNT: translatable("account"),
    NameKind.ID: translatable("id"),
    NameKind.ADDRESS: translatable("address"),
}
"""The names of the kinds, for the numbers of replaced names."""


def write_bug_report(run: Run, file: Path | None) -> ExitCode:
    """Write the bug report and print its contents. Nothing is sent."""
    file = file or Path(f"ssmtui-bug-{run.present:%Y%m%d-%H%M}.snapshot")
    with open_output_file(file) as output:
        original, defects = (run.replay.snapshot, ()) if run.replay is not None else _recorded(run)
        with show_progress(say("replacing names and checking the result")):
            shown, told = redacted(original, secrets.token_bytes(32))
            shown = replace(shown, about=(*shown.about, *about_this_run(run), *defects))
            otherwise = count_changed_verdicts(original, shown)
        if output is not None:
            write_snapshot_file(output, shown)
    print_lines(_lines(shown, file, told, otherwise))
    return ExitCode.DONE


def _recorded(run: Run) -> tuple[Snapshot, tuple[tuple[str, str], ...]]:
    """Return the evidence, and the bugs that occurred during the diagnosis: the report may be about one."""
    handle = run.handle()
    try:
        state = follow_with_progress(handle)
        print_scope_errors(state)
        with show_progress(say("reading the data for previews of fixes")):
            snapshot = result_of(handle.snapshot())
        return snapshot, tuple(("defect", each.summary) for each in state.crashes)
    finally:
        handle.close()


def about_this_run(run: Run) -> Iterator[tuple[str, str]]:
    """Yield versions, the system, and the changed settings. Values that may contain names are left out."""
    yield "ssmtui", __version__
    yield "python", platform.python_version()
    yield "system", f"{platform.system()} {platform.machine()}"
    for library in _LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            continue
    for setting in SETTINGS:
        told = run.settings.in_force(setting)
        if told.origin.layer is not SettingLayer.DEFAULT:
            value = told.value if isinstance(told.value, bool | int | float | timedelta) else "set"
            yield f"setting {setting.name}", f"{value} ({told.origin.layer.name.lower()})"


def count_changed_verdicts(original: Snapshot, shown: Snapshot) -> tuple[int, int]:
    """Return how many nodes get another verdict after the redaction, and the number of nodes."""
    pairs = list(zip(_judged(original), _judged(shown), strict=True))
    return sum(before != after for before, after in pairs), len(pairs)


def _judged(snapshot: Snapshot) -> list[Judged]:
    replay = ReplayedDiagnosis(snapshot, "")
    try:
        state = follow(replay)
    finally:
        replay.close()
    judged: list[Judged] = []
    for record in snapshot.scopes:
        for node in record.nodes:
            verdict = state.verdict(node.key)
            held = (state.findings[each].finding for each in verdict.finding_ids)
            causes = frozenset((finding.cause, finding.status.value) for finding in held)
            judged.append((verdict.status.value, verdict.root_cause, causes))
    return judged


def _lines(snapshot: Snapshot, file: Path, told: Mapping[NameKind, int], otherwise: tuple[int, int]) -> Iterator[str]:
    yield next(iter(summary_lines(snapshot, file)))
    yield ""
    yield say("Content:")
    replaced = ", ".join(
        f"{say(_CALLED[kind])} {count}" for kind, count in sorted(told.items(), key=lambda each: each[0].value)
    )
    yield "  " + say("Data from AWS and this computer, with all your names replaced:")
    yield f"    {replaced or say('no names were replaced')}"
    yield "  " + say("Not replaced: Regions, times, states, versions, ports, and the names, actions and texts of AWS.")
    yield "  " + say("About this run:")
    for name, value in snapshot.about:
        yield f"    {name}: {printable(value)}"
    yield ""
    different, of = otherwise
    if different:
        yield say_many(
            "{count} of {of} nodes has a different result than in the original: mention this in the report.",
            "{count} of {of} nodes have a different result than in the original: mention this in the report.",
            count=different,
            of=of,
        )
    else:
        yield say("All nodes have the same results and causes as in the original.")
    yield say("Review the file before you share it: {command}", command=shlex.join(("ssmtui", "--replay", str(file))))
    where = issues_page()
    yield (
        say("Nothing was sent. To report the bug, attach the file here: {url}", url=where)
        if where
        else say(
            "Nothing was sent. To report the bug, attach the file to an issue in the project from which you "
            "installed ssmtui."
        )
    )


def issues_page() -> str:
    """Return the URL for issues from the package's metadata; empty if it has none."""
    try:
        told = metadata("ssmtui").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    urls = {label.strip().casefold(): url.strip() for label, _, url in (each.partition(",") for each in told)}
    return next((urls[label] for label in _OF_ISSUES if label in urls), "")
