"""The change desk of a run: what may be written by it, and how what it did is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ssmtui.changes.afterwards import Effect, effect_of
from ssmtui.changes.outcome import ChangeOutcome, Defective
from ssmtui.cli.printing import complain, print_lines
from ssmtui.cli.refusals import NothingToDo
from ssmtui.cli.run import Run
from ssmtui.language import marked, say
from ssmtui.report.change import outcome_lines
from ssmtui.report.outcome import ExitCode

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk, Lend

_CODES = {
    Effect.MADE: ExitCode.DONE,
    Effect.IN_PART: ExitCode.REFUSED,
    Effect.PERHAPS: ExitCode.COULD_NOT_TELL,
    Effect.NONE: ExitCode.REFUSED,
}

_READ_ONLY = marked("this run is read-only: nothing can be changed")


@contextmanager
def desk_of(run: Run, *, lend: Lend | None = None, ask: Callable[[str], str] | None = None) -> Iterator[ChangeDesk]:
    """The desk of a run, closed at the end.

    Raises:
        NothingToDo: the run is read-only.

    """
    refuse_if_read_only(run)
    desk = run.desk(lend=lend, ask=ask)
    if desk is None:
        raise NothingToDo(say(_READ_ONLY))
    try:
        yield desk
    finally:
        finish(desk)


def finish(desk: ChangeDesk) -> None:
    """Close a desk. A change that is under way is gone on with for a while, and how it ended is said on standard error.

    Told to end once more, it sends nothing further.
    """
    from ssmtui.changes.stopping import FINISH_SECONDS

    try:
        if desk.is_at_work:
            # A terminal that is gone hears nothing of it.
            with suppress(OSError):
                seconds = int(FINISH_SECONDS)
                complain(say("a change is under way: finishing it, for at most {seconds} s", seconds=seconds))
        desk.close()
    except (KeyboardInterrupt, SystemExit):
        desk.close(0)
        raise
    finally:
        for outcome in desk.finished_late:
            with suppress(OSError):
                print_lines(outcome_lines(outcome), err=True)


def refuse_if_read_only(run: Run, profile: str | None = None) -> None:
    """Refuse where a run, or a profile that it would write by, is read-only.

    Raises:
        NothingToDo: it is.

    """
    if run.replay is not None:
        raise NothingToDo(run.replay.why_not)
    if run.settings.read_only or run.settings.is_read_only(profile):
        raise NothingToDo(say(_READ_ONLY))


def code_of(outcome: ChangeOutcome) -> ExitCode:
    """The exit code of an attempt to change something."""
    return ExitCode.DEFECT if isinstance(outcome, Defective) else _CODES[effect_of(outcome)]


def tell(outcome: ChangeOutcome) -> None:
    """Say how it ended: on standard output what was done, on standard error why it was not."""
    print_lines(outcome_lines(outcome), err=effect_of(outcome) is not Effect.MADE)


def say_lines(lines: Iterable[str]) -> None:
    """Print lines on standard output."""
    print_lines(lines)
