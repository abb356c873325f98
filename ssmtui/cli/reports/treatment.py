"""What is done with a report before it is written: marked by a mute file and a baseline, and redacted."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ssmtui.cli.printing import complain
from ssmtui.cli.refusals import CouldNotTell
from ssmtui.cli.reports.files import merged_reports, say_what_is_missing
from ssmtui.cli.reports.mute_file import expired_sentence, idle_sentence, read_mutes, still_held
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.report.marking.baseline import Baseline
from ssmtui.report.marking.marked_paper import MarkedPaper, Marking
from ssmtui.report.marking.mutes import Mute
from ssmtui.report.paper import Paper
from ssmtui.report.redaction.redacted_paper import RedactedPaper

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options ask for. `before` is a report to compare with; `only_new` that nothing else of it counts."""

    mute: Path | None = None
    before: Path | None = None
    only_new: bool = False
    redact: bool = False

    @property
    def changes_nothing(self) -> bool:
        """Whether the report is written as it was found."""
        return self == AS_FOUND


AS_FOUND = Asked()
"""What is done where nothing is asked for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A report as others see it; `words` makes of a sentence about it what they may read."""

    paper: Paper
    words: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Treatment:
    """What it comes to, everything that it takes being read."""

    asked: Asked
    marking: Marking

    @property
    def marks(self) -> bool:
        """Whether something may count less than it says."""
        return self.asked.mute is not None or self.asked.before is not None

    def marked(self, paper: Paper) -> MarkedPaper | None:
        """The report with its marks; None where nothing was asked for that marks it."""
        return MarkedPaper.of(paper, self.marking) if self.marks else None

    def say_idle_mutes(self, marked: MarkedPaper | None) -> None:
        """Say on standard error which entries of the mute file have nothing left to mute."""
        if self.asked.mute is not None and marked is not None:
            for each in marked.idle_mutes:
                complain(idle_sentence(self.asked.mute, each))

    def shown(self, paper: Paper) -> Shown:
        """The report as it is to be written. Each redaction turns addresses by a key of its own, which nobody keeps."""
        if not self.asked.redact:
            return Shown(paper, str)
        redacted = RedactedPaper(paper, secrets.token_bytes(_KEY_BYTES))
        return Shown(redacted, redacted.sentence)


@contextmanager
def prepared(asked: Asked) -> Iterator[Treatment]:
    """The treatment, for as long as it is wanted: what is wrong with its files is said before the work.

    Raises:
        UsageError: the mute file is none.
        CouldNotTell: what is to be compared with is no report, or is one that was redacted.

    """
    with ExitStack() as stack:
        mutes = _mutes(asked.mute) if asked.mute is not None else ()
        baseline = _baseline(asked.before, stack) if asked.before is not None else None
        yield Treatment(asked, Marking(mutes, baseline, asked.only_new))


def _mutes(file: Path) -> tuple[Mute, ...]:
    held, expired = still_held(read_mutes(file), datetime.now(UTC).date())
    for each in expired:
        complain(expired_sentence(file, each))
    return held


def _baseline(file: Path, stack: ExitStack) -> Baseline:
    merged = stack.enter_context(merged_reports([str(file)]))
    for told in merged.told:
        if told.why_not:
            raise CouldNotTell(say("{file} {why_not}.", file=told.name, why_not=printable(told.why_not)))
        if told.redacted:
            raise CouldNotTell(
                say("{file} was redacted: nothing can be compared with what it calls otherwise.", file=told.name)
            )
    say_what_is_missing(merged)
    return Baseline(merged)
