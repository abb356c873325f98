"""`ssmtui report-bug`: a redacted snapshot for whoever is to look at a defect, and what is in it."""

from __future__ import annotations

import platform
import secrets
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import TYPE_CHECKING

from ssmtui import __version__
from ssmtui.cli.checking import say_errors
from ssmtui.cli.output_file import tried
from ssmtui.cli.printing import print_lines
from ssmtui.cli.progress import followed, working
from ssmtui.cli.snapshots.recording import summary_lines, waited_for, write_to
from ssmtui.cli.snapshots.redacted_snapshot import redacted
from ssmtui.config.declared import SETTINGS
from ssmtui.config.setting import Layer
from ssmtui.diagnosis.following import follow
from ssmtui.diagnosis.replayed import ReplayedDiagnosis
from ssmtui.language import marked, say, say_many
from ssmtui.model.plain_text import printable
from ssmtui.report.outcome import ExitCode
from ssmtui.report.redaction.pseudonyms import Kind

if TYPE_CHECKING:
    from ssmtui.cli.run import Run
    from ssmtui.evidence.recorded.writing import Snapshot

_LIBRARIES = ("textual", "aiobotocore", "boto3", "botocore", "click")
_OF_ISSUES = ("issues", "bug tracker", "tracker")

Judged = tuple[str, str | None, frozenset[tuple[str, str]]]
"""A node's verdict, its root cause, and its findings by cause and status."""


_CALLED: Mapping[Kind, str] = {
    Kind.NAME: marked("name"),
    Kind.NODE: marked("node"),
    Kind.PROFILE: marked("profile"),
    Kind.ROLE: marked("role"),
    Kind.USER: marked("user"),
    Kind.INSTANCE_PROFILE: marked("instance profile"),
    Kind.DOCUMENT: marked("document"),
    Kind.BUCKET: marked("bucket"),
    Kind.LOG_GROUP: marked("log group"),
    Kind.KEY: marked("key"),
    Kind.HOST: marked("host"),
    Kind.ACCOUNT: marked("account"),
    Kind.ID: marked("id"),
    Kind.ADDRESS: marked("address"),
}
"""What names of yours are called where it is said how many of them were replaced."""


def write_bug_report(run: Run, file: Path | None) -> ExitCode:
    """Write it, and say what is in it. Nothing is sent."""
    file = file or Path(f"ssmtui-bug-{run.present:%Y%m%d-%H%M}.snapshot")
    with tried(file) as output:
        original, defects = (run.replay.snapshot, ()) if run.replay is not None else _recorded(run)
        with working(say("replacing names, and judging by what is left")):
            shown, told = redacted(original, secrets.token_bytes(32))
            shown = replace(shown, about=(*shown.about, *about_this_run(run), *defects))
            otherwise = judged_otherwise(original, shown)
        if output is not None:
            write_to(output, shown)
    print_lines(_lines(shown, file, told, otherwise))
    return ExitCode.DONE


def _recorded(run: Run) -> tuple[Snapshot, tuple[tuple[str, str], ...]]:
    """The evidence, and the defects that were met on the way: what the report is about, perhaps."""
    inquiry = run.inquiry()
    try:
        state = followed(inquiry)
        say_errors(state)
        with working(say("reading what previews of fixes take")):
            snapshot = waited_for(inquiry.snapshot())
        return snapshot, tuple(("defect", each.summary) for each in state.crashes)
    finally:
        inquiry.close()


def about_this_run(run: Run) -> Iterator[tuple[str, str]]:
    """Versions, the system, and which settings somebody has set: of those that may name something, no value."""
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
        if told.origin.layer is not Layer.DEFAULT:
            value = told.value if isinstance(told.value, bool | int | float | timedelta) else "set"
            yield f"setting {setting.name}", f"{value} ({told.origin.layer.name.lower()})"


def judged_otherwise(original: Snapshot, shown: Snapshot) -> tuple[int, int]:
    """How many nodes are judged otherwise where names are replaced, and of how many."""
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


def _lines(snapshot: Snapshot, file: Path, told: Mapping[Kind, int], otherwise: tuple[int, int]) -> Iterator[str]:
    yield next(iter(summary_lines(snapshot, file)))
    yield ""
    yield say("What is in it:")
    replaced = ", ".join(
        f"{say(_CALLED[kind])} {count}" for kind, count in sorted(told.items(), key=lambda each: each[0].value)
    )
    yield "  " + say("What AWS and this computer answered, with every name of yours replaced by another:")
    yield f"    {replaced or say('nothing was to be replaced')}"
    yield "  " + say("What stays: Regions, times, states, versions, ports, and AWS's own names, actions and words.")
    yield "  " + say("Of this run:")
    for name, value in snapshot.about:
        yield f"    {name}: {printable(value)}"
    yield ""
    different, of = otherwise
    if different:
        yield say_many(
            "{count} of {of} nodes is judged otherwise than by the original: say so in the report.",
            "{count} of {of} nodes are judged otherwise than by the original: say so in the report.",
            count=different,
            of=of,
        )
    else:
        yield say("Every node is judged as by the original: same verdict, same causes.")
    yield say("Look at it before you give it away: {command}", command=shlex.join(("ssmtui", "--replay", str(file))))
    where = issues_page()
    yield (
        say("Nothing was sent. To report the bug, attach the file here: {url}", url=where)
        if where
        else say("Nothing was sent. To report the bug, attach the file to an issue where you got ssmtui from.")
    )


def issues_page() -> str:
    """Where issues are filed, by the package's own word; empty where it has none."""
    try:
        told = metadata("ssmtui").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    urls = {label.strip().casefold(): url.strip() for label, _, url in (each.partition(",") for each in told)}
    return next((urls[label] for label in _OF_ISSUES if label in urls), "")
