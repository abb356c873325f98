"""How a report is wanted, and its writing: whole, or not at all, to each place that it goes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain

from ssmtui.cli.output_file import OutputFile, tried
from ssmtui.cli.printing import print_data, terminal_width
from ssmtui.cli.reports.outputs import ON_THE_SCREEN, Output
from ssmtui.cli.reports.treatment import AS_FOUND, Asked
from ssmtui.cli.streams import in_signs
from ssmtui.diagnosis.events import Event
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.plain_text import printable_painted
from ssmtui.report.format import DEFAULT, Format, Paint, Report, all_formats
from ssmtui.report.outcome import FailOn


@dataclass(frozen=True, slots=True)
class Reporting:
    """How a report is wanted: where and as what, what counts, and what is done with it before."""

    outputs: Sequence[Output] = ON_THE_SCREEN
    fail_on: FailOn = FailOn.FAIL
    asked: Asked = AS_FOUND


@dataclass(slots=True)
class Writer:
    """One report being written. What comes before the end is printed at once, or held until its file is whole."""

    format: Format
    file: OutputFile | None
    at_once: bool
    held: list[str] = field(default_factory=list)
    printed: bool = False

    def tell(self, state: FleetState, event: Event) -> None:
        """Take in an event, already applied to the state."""
        if self.at_once and self.format.stream is not None:
            for line in self.format.stream.as_it_comes(state, event):
                self._take(line)

    def finish(self, report: Report) -> None:
        """Write what comes at the end.

        Raises:
            UsageError: the file cannot be written.

        """
        stream = self.format.stream if self.at_once else None
        lines = self.format.lines(report) if stream is None else stream.at_the_end(report)
        if self.file is not None:
            self.file.write_all(f"{line}\n" for line in chain(self.held, lines))
            return
        for line in lines:
            self._take(in_signs(printable_painted(line)) if self.format.name == DEFAULT else line)
            self.printed = True

    @property
    def streams(self) -> bool:
        """Whether it prints while the diagnosis is under way."""
        return self.file is None and self.at_once and self.format.stream is not None

    @property
    def told_errors(self) -> bool:
        """Whether whoever reads standard output was told why a scope could not be looked at."""
        return self.format.tells_errors and self.printed

    def _take(self, line: str) -> None:
        if self.file is None:
            print_data(f"{line}\n")
        else:
            self.held.append(line)


@contextmanager
def writers(outputs: Iterable[Output], *, at_once: bool) -> Iterator[list[Writer]]:
    """What writes the reports; each file is tried before the work whose result it will hold.

    Raises:
        UsageError: one cannot be written.

    """
    with ExitStack() as stack:
        yield [
            Writer(all_formats()[each.format], stack.enter_context(tried(each.file, shared=each.shared)), at_once)
            for each in outputs
        ]


def finish_all(made: Iterable[Writer], report_for: Callable[[Paint, int | None], Report], paint: Paint) -> None:
    """Write all of them; only standard output is painted, and fitted to the terminal."""
    for writer in made:
        report = report_for(paint, terminal_width()) if writer.file is None else report_for(unpainted, None)
        writer.finish(report)


def unpainted(text: str, _word: str) -> str:
    """The text as it is."""
    return text
