"""The stages of probes as they come, on standard error: on a terminal a line a probe that changes, else a line each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from ssmtui.cli.printing import print_lines
from ssmtui.cli.streams import is_terminal
from ssmtui.language import say
from ssmtui.model.node import NodeKey
from ssmtui.model.plain_text import printable
from ssmtui.model.probe import ProbeKind, StageState, StageTold
from ssmtui.report.probing import KINDS, stage_words

if TYPE_CHECKING:
    from rich.text import Text

Job = tuple[NodeKey, ProbeKind]
_A_SECOND = 4


class Progress(Protocol):
    """Where stages are told. A teller is called on other threads."""

    def teller(self, job: Job) -> Callable[[StageTold], None]:
        """What the stages of one probe are told to."""


@contextmanager
def progress(names: Mapping[NodeKey, str], jobs: Sequence[Job]) -> Iterator[Progress]:
    """The progress of these probes, shown until the end."""
    if not is_terminal(sys.stderr):
        yield _Lines(names)
        return
    from rich.console import Console
    from rich.live import Live

    lines = _Living(names, jobs)
    console = Console(stderr=True, highlight=False, markup=False)
    with Live(console=console, get_renderable=lines.shown, refresh_per_second=_A_SECOND, transient=True):
        yield lines


def _title(names: Mapping[NodeKey, str], job: Job) -> str:
    key, kind = job
    return f"{names[key]} ({say(KINDS[kind])})"


class _Lines:
    """A line for each stage that is done with."""

    def __init__(self, names: Mapping[NodeKey, str]) -> None:
        self._names = names
        self._lock = Lock()

    def teller(self, job: Job) -> Callable[[StageTold], None]:
        """One probe's."""
        title = _title(self._names, job)

        def tell(told: StageTold) -> None:
            if told.state is not StageState.UNDER_WAY or told.words:
                with self._lock:
                    print_lines([f"{title}: {stage_words(told)}"], err=True)

        return tell


class _Living:
    """A line for each probe, with its stages so far; the one under way counts its seconds."""

    def __init__(self, names: Mapping[NodeKey, str], jobs: Sequence[Job]) -> None:
        self._titles = {job: _title(names, job) for job in jobs}
        self._told: dict[Job, list[StageTold]] = {}
        self._under_way: dict[Job, tuple[StageTold, float]] = {}
        self._lock = Lock()

    def teller(self, job: Job) -> Callable[[StageTold], None]:
        """One probe's."""

        def tell(told: StageTold) -> None:
            with self._lock:
                self._under_way.pop(job, None)
                if told.state is StageState.UNDER_WAY:
                    self._under_way[job] = (told, monotonic() - told.seconds)
                else:
                    self._told.setdefault(job, []).append(told)

        return tell

    def shown(self) -> Text:
        """The lines as they are now."""
        from rich.text import Text

        with self._lock:
            return Text("\n".join(self._line(job) for job in self._titles), no_wrap=True, overflow="ellipsis")

    def _line(self, job: Job) -> str:
        stages = [stage_words(each) for each in self._told.get(job, ()) if each.state is not StageState.SKIPPED]
        if job in self._under_way:
            told, since = self._under_way[job]
            stages.append(f"{stage_words(told)} {monotonic() - since:.0f} s")
        return printable(f"{self._titles[job]}  {'  '.join(stages) or '…'}")
