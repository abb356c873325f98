"""A command's progress in one line on standard error: on a terminal only, after a second, removed at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from threading import Event as Signal
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

import click

from ssmtui.cli.printing import in_signs, is_quiet, is_terminal, terminal_width
from ssmtui.language import say
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.diagnosis.events import Event
    from ssmtui.diagnosis.fleet_state import FleetState

_SECONDS_BEFORE_SHOWN = 1.0
_PAUSE = 0.25


class ProgressLine:
    """The visible progress line. It moves the cursor only to its own start."""

    def __init__(self, words: Callable[[], str], begins: Callable[[], bool]) -> None:
        self._words, self._begins = words, begins
        self._ended = Signal()
        self._since = monotonic()
        self._thread = Thread(target=self._show, name="ssmtui-progress", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Remove the line for good. Afterwards, others may write."""
        self._ended.set()
        self._thread.join()

    def _show(self) -> None:
        from ssmtui.report.text_layout import cut

        pause, blank = _SECONDS_BEFORE_SHOWN, ""
        while not self._ended.wait(pause):
            width = terminal_width(sys.stderr)
            if width is None or not self._begins():
                continue
            pause = _PAUSE
            # One cell stays free: a full line would wrap.
            line = cut(in_signs(f"{printable(self._words())} · {monotonic() - self._since:.0f} s"), width - 1)
            blank = " " * (width - 1)
            click.echo(f"\r{line}", err=True, nl=False)
        if blank:
            click.echo(f"\r{blank}\r", err=True, nl=False)


@contextmanager
def show_progress(
    words: str | Callable[[], str], begins: Callable[[], bool] = lambda: True
) -> Iterator[Callable[[], None]]:
    """Show progress while the block runs, after `begins` is true. Yield a function that ends it early."""
    if is_quiet() or not is_terminal(sys.stderr):
        yield lambda: None
        return
    shown = ProgressLine(words if callable(words) else lambda: words, begins)
    try:
        yield shown.end
    finally:
        shown.end()


def follow_with_progress(
    handle: DiagnosisHandle,
    state: FleetState | None = None,
    tell: Callable[[FleetState, Event], None] = lambda _state, _event: None,
) -> FleetState:
    """Return the state of a complete diagnosis, with progress shown meanwhile.

    The line appears only after all MFA codes were asked for.
    """
    from ssmtui.diagnosis.events import ProgressChanged, ScopeDelayed
    from ssmtui.diagnosis.fleet_state import follow
    from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis

    told = ProgressCounters()

    def take(state: FleetState, event: Event) -> None:
        if isinstance(event, ProgressChanged | ScopeDelayed):
            told.take(state)
        tell(state, event)

    begins = handle.unprompted.done if isinstance(handle, LiveDiagnosis) else lambda: True
    with show_progress(told.words, begins):
        return follow(handle, state, take)


class ProgressCounters:
    """Progress counters from events: plain values, which another thread can read at any time."""

    def __init__(self) -> None:
        self._settled = self._listed = self._calls = 0
        self._waits = ""

    def take(self, state: FleetState) -> None:
        """Update the counters from all scopes."""
        told = state.progress.values()
        self._settled, self._listed = sum(each.settled for each in told), sum(each.listed for each in told)
        self._calls = sum(count for each in told for _, count in each.api_calls)
        waiting = (*(each.waiting_for for each in state.delayed.values()), *(each.waiting_for for each in told))
        self._waits = next(chain.from_iterable(waiting), "")

    def words(self) -> str:
        """Return the progress in a few words, with the call that AWS has not answered for longest, if any."""
        waits = self._waits
        return f"{self._numbers()} · {say('waiting for {call}', call=waits)}" if waits else self._numbers()

    def _numbers(self) -> str:
        if not self._listed:
            return say("looking for nodes · {calls:,} API calls", calls=self._calls)
        return say(
            "{settled:,} of {listed:,} nodes checked · {calls:,} API calls",
            settled=self._settled,
            listed=self._listed,
            calls=self._calls,
        )
