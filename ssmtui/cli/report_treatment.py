"""Prepare a report before it is written: input files, mute file, baseline and redaction."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ssmtui.cli.errors import UndeterminedError, UsageError
from ssmtui.cli.notices import suggest
from ssmtui.cli.printing import print_message
from ssmtui.cli.progress import show_progress
from ssmtui.config.toml_text import InvalidToml, key_places, parse_toml, toml_text
from ssmtui.language import say
from ssmtui.text.printable import printable
from ssmtui.text.times import moment_in

if TYPE_CHECKING:
    from ssmtui.report.annotated_report import AnnotatedReport, Baseline, Mute
    from ssmtui.report.merge import MergedReport, ReportSource
    from ssmtui.report.model import ReportModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENDINGS = (".json", ".ndjson")


@contextmanager
def merged_reports(files: Sequence[str]) -> Iterator[MergedReport]:
    """Yield the reports, merged into one.

    Raises:
        UsageError: a folder has no reports, or the disk is full.

    """
    import sqlite3
    import tempfile

    from ssmtui.report.merge import ReportStore, merge

    sources = [source for name in files for source in _sources(name)]
    with tempfile.TemporaryDirectory(prefix="ssmtui-reports-") as folder:
        store = ReportStore(Path(folder))
        try:
            # The progress line must not overwrite typed input.
            with show_progress(say("reading reports"), lambda: not sys.stdin.isatty()):
                merged_report = merge(sources, store)
            yield merged_report
        except sqlite3.OperationalError as error:  # the disk is full
            sentence = say("the temporary files in {folder} cannot be written: {error}", folder=folder, error=error)
            raise UsageError(sentence) from error
        finally:
            store.close()


def _sources(name: str) -> Iterator[ReportSource]:
    from ssmtui.report.merge import ReportSource

    if name == "-":
        yield ReportSource(say("standard input"), _standard_input)
        return
    path = Path(name)
    if not path.is_dir():
        yield ReportSource(printable(path.name), partial(_opened, path))
        return
    found = sorted(
        Path(folder) / each for folder, _, names in os.walk(path) for each in names if each.endswith(_ENDINGS)
    )
    if not found:
        raise UsageError(say("the folder {folder} has no report: no .json or .ndjson file", folder=printable(name)))
    for each in found:
        yield ReportSource(printable(str(each.relative_to(path))), partial(_opened, each))


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _standard_input() -> BinaryIO:
    # A copy, because the reader of a report closes it.
    return io.FileIO(os.dup(sys.stdin.fileno()))


def print_unreadable_files(merged_report: MergedReport) -> None:
    """Print to standard error which files are not reports, are incomplete, or have ignored members."""
    for each in merged_report.sources:
        if each.why_not:
            sentence = say("{file} {why_not}.", file=each.name, why_not=printable(each.why_not))
            print_message(sentence)
        elif each.cut:
            sentence = say("{file} is truncated: the missing part is unknown.", file=each.name)
            print_message(sentence)
        if each.unknown:
            sentence = say(
                "{file} has unknown members, which are ignored: {members}.",
                file=each.name,
                members=", ".join(map(printable, sorted(each.unknown))),
            )
            print_message(sentence)


def made_at(merged_report: MergedReport) -> datetime:
    """Return when the newest report was made."""
    return moment_of(merged_report.head.generated_at)


def moment_of(text: str) -> datetime:
    """Parse a report's time; the epoch if it is invalid."""
    with suppress(ValueError):  # for example a thirteenth month
        return moment_in(text)
    return EPOCH


_ENTRY = re.compile(r"^[ \t]*\[\[[ \t]*(?:mute|\"mute\"|'mute')[ \t]*\]\]", re.MULTILINE)
_PATTERNS = ("cause", "subject", "node")
_KEYS = (*_PATTERNS, "reason", "expires")


class _Mistake(ValueError):
    """An error in an entry; `key` is the wrong key, empty for the entry itself."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(why)
        self.key = key


def read_mutes(file: Path) -> tuple[Mute, ...]:
    """Return the entries of a mute file.

    Raises:
        UsageError: the file cannot be read or is invalid; the message names each line.

    """
    try:
        text = toml_text(file, is_read_once=True)
        said = parse_toml(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(say("the mute file {file} cannot be read: {error}", file=file, error=error)) from error
    except InvalidToml as error:
        raise UsageError(f"{file}:{error.place.line}:{error.place.column}: {error}") from error
    entries = said.pop("mute", [])
    if said or not isinstance(entries, list) or not all(isinstance(each, Mapping) for each in entries):
        strange = next(iter(said), "mute")
        line = key_places(text)[strange,].line
        sentence = say(
            "{file}:{line}: a mute file has only [[mute]] entries, not {key}", file=file, line=line, key=strange
        )
        raise UsageError(sentence)
    mutes, mistakes = [], []
    for entry, (line, lines) in zip(entries, _entries(text, len(entries)), strict=True):
        try:
            mutes.append(_mute(entry, line))
        except _Mistake as mistake:
            mistakes.append(f"{file}:{line + lines.get(mistake.key, 0)}: {mistake}")
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return tuple(mutes)


def active_mutes(mutes: Sequence[Mute], today: date) -> tuple[tuple[Mute, ...], tuple[Mute, ...]]:
    """Return the entries that are valid on a day, and those that have expired."""
    return tuple(each for each in mutes if each.expires >= today), tuple(each for each in mutes if each.expires < today)


def expired_mute_message(file: Path, mute: Mute) -> str:
    """Return the message about an expired entry, with its place."""
    return say(
        "{file}:{line}: expired on {day}, so the findings count again: {reason}",
        file=file,
        line=mute.line,
        day=mute.expires.isoformat(),
        reason=printable(mute.reason),
    )


def unused_mute_message(file: Path, mute: Mute) -> str:
    """Return the message about an entry that mutes nothing, with its place."""
    return say(
        "{file}:{line}: this entry mutes no finding: {reason}", file=file, line=mute.line, reason=printable(mute.reason)
    )


def _entries(text: str, count: int) -> Iterator[tuple[int, Mapping[str, int]]]:
    """Yield each entry's line, and the relative lines of its keys. Entries of an inline array share its line."""
    starts = [found.start() for found in _ENTRY.finditer(text)]
    if len(starts) != count:
        line = key_places(text)["mute",].line if count else 1
        yield from ((line, {}) for _ in range(count))
        return
    for start, end in pairwise((*starts, len(text))):
        within = {path[1]: place.line - 1 for path, place in key_places(text[start:end]).items() if len(path) == 2}
        yield text.count("\n", 0, start) + 1, within


def _mute(entry: Mapping[str, object], line: int) -> Mute:
    from ssmtui.causes.catalogue import catalogue
    from ssmtui.report.annotated_report import Mute

    for key in entry:
        if key not in _KEYS:
            raise _Mistake(key, say("unknown key: {key}.", key=printable(key)) + suggest(key, _KEYS))
    causes, subjects, nodes = (_patterns(entry, key) for key in _PATTERNS)
    if not (causes or subjects or nodes):
        raise _Mistake("", say("an entry needs a cause, subject or node"))
    for pattern in causes:
        mute = Mute((pattern,), (), (), "", date.max)
        if not any(mute.is_about_cause(slug) for slug in catalogue()):
            sentence = say("unknown cause: {cause}.", cause=printable(pattern))
            raise _Mistake("cause", sentence + suggest(pattern.strip("*?"), catalogue()))
    reason, expires = entry.get("reason"), entry.get("expires")
    if not isinstance(reason, str) or not reason.strip():
        raise _Mistake("reason", say('an entry needs a reason: reason = "…"'))
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise _Mistake("expires", say("an entry needs an expiry date: expires = {day}", day="2027-01-31"))
    return Mute(causes, subjects, nodes, reason.strip(), expires, line)


def _patterns(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    if key not in entry:
        return ()
    value = entry[key]
    given = value if isinstance(value, list) else [value]
    if not given or not all(isinstance(each, str) and each for each in given):
        raise _Mistake(key, say("{key} must be a text or a list of texts", key=key))
    return tuple(str(each) for each in given)


_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class TreatmentOptions:
    """The requested treatment. `before` is a report to compare with; `only_new`: findings in it do not count."""

    mute: Path | None = None
    before: Path | None = None
    only_new: bool = False
    redact: bool = False

    @property
    def changes_nothing(self) -> bool:
        """Return whether the report stays unchanged."""
        return self == NO_TREATMENT


NO_TREATMENT = TreatmentOptions()
"""The default: no treatment."""


@dataclass(frozen=True, slots=True)
class TreatedReport:
    """A report as others may see it; `words` redacts a sentence about it."""

    report_model: ReportModel
    words: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment with its files already read."""

    treatment_options: TreatmentOptions
    mutes: tuple[Mute, ...] = ()
    baseline: Baseline | None = None

    @property
    def marks(self) -> bool:
        """Return whether findings can be marked as not counting."""
        return self.treatment_options.mute is not None or self.treatment_options.before is not None

    def marked(self, report_model: ReportModel) -> AnnotatedReport | None:
        """Return the report with its marks; None if no option marks findings."""
        if not self.marks:
            return None
        from ssmtui.report.annotated_report import AnnotatedReport, AnnotationRules

        rules = AnnotationRules(self.mutes, self.baseline, self.treatment_options.only_new)
        return AnnotatedReport.of(report_model, rules)

    def print_unused_mutes(self, marked: AnnotatedReport | None) -> None:
        """Print to standard error which entries of the mute file mute nothing."""
        if self.treatment_options.mute is not None and marked is not None:
            for each in marked.unused_mutes:
                print_message(unused_mute_message(self.treatment_options.mute, each))

    def shown(self, report_model: ReportModel) -> TreatedReport:
        """Return the report to write. Each redaction replaces addresses with its own random key, which is not kept."""
        if not self.treatment_options.redact:
            return TreatedReport(report_model, str)
        import secrets

        from ssmtui.report.redactor import RedactedReport

        redacted = RedactedReport(report_model, secrets.token_bytes(_KEY_BYTES))
        return TreatedReport(redacted, redacted.sentence)


@contextmanager
def prepare_treatment(treatment_options: TreatmentOptions) -> Iterator[Treatment]:
    """Yield the treatment. Errors in its files are reported before the work starts.

    Raises:
        UsageError: the mute file is invalid.
        UndeterminedError: the report to compare with is not a report, or is redacted.

    """
    with ExitStack() as stack:
        mutes = _mutes(treatment_options.mute) if treatment_options.mute is not None else ()
        baseline = _baseline(treatment_options.before, stack) if treatment_options.before is not None else None
        yield Treatment(treatment_options, mutes, baseline)


def _mutes(file: Path) -> tuple[Mute, ...]:
    held, expired = active_mutes(read_mutes(file), datetime.now(UTC).date())
    for each in expired:
        print_message(expired_mute_message(file, each))
    return held


def _baseline(file: Path, stack: ExitStack) -> Baseline:
    from ssmtui.report.annotated_report import Baseline

    merged_report = stack.enter_context(merged_reports([str(file)]))
    for told in merged_report.sources:
        if told.why_not:
            raise UndeterminedError(say("{file} {why_not}.", file=told.name, why_not=printable(told.why_not)))
        if told.redacted:
            raise UndeterminedError(
                say("{file} is redacted: it cannot be compared, because its names are replaced.", file=told.name)
            )
    print_unreadable_files(merged_report)
    return Baseline(merged_report)
