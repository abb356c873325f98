"""Mutants held against the tests: each in a child of the process that collected them, until one fails."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from tools.trust.mutants.callers import Callers, read
from tools.trust.mutants.mutation import Mutant
from tools.trust.mutants.swapping import Held, let_all_tell

SECONDS = 8.0
"""How long tests took that are tried on one mutant, at most; those that come first are the nearest."""


_BY, _MOST_TOLD = 3, 250
"""An exit code from the first on is the place of the test that failed, as far as there are codes for it."""

_STILL, _AT_WORK = 20.0, 0.2
"""A child that has used less of a processor than that, within so many seconds, waits for what never comes."""


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNCALLED = "called by no test"
    NOT_THERE = "not there as the tests begin"


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant, what became of it, by how many tests that call it, and in how many seconds."""

    mutant: Mutant
    fate: Fate
    tests: int
    seconds: float


@dataclass(slots=True, eq=False)  # pytest keeps its plugins in sets
class Trial:
    """A plugin of pytest that runs the tests for each mutant, where pytest would run them once."""

    mutants: Iterable[Mutant]
    kept: Path
    told: Callable[[Tried], None]
    takes: Callable[[pytest.Item], bool]
    """Whether a test is run at all."""
    most: float = SECONDS
    failed: bool = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out those that are not to be run."""
        items[:] = filter(self.takes, items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of one run."""
        items = {item.nodeid: item for item in session.items}
        held = Held()
        callers = self._callers(items, held)
        gc.freeze()  # what a child's collector does not look at need not be copied for it
        for mutant in self.mutants:
            near = {name for name, item in items.items() if speaks_of(item, mutant)}
            tests = callers.of(mutant, near, self.most)
            fate, begun = Fate.UNCALLED, time.monotonic()
            if tests:
                fate, by = self._fate(mutant, held, [items[each] for each in tests])
                callers.noticed.pop(mutant.name, None)
                if by is not None:
                    callers.noticed[mutant.name] = by.nodeid
            self.told(Tried(mutant, fate, len(tests), time.monotonic() - begun))
        callers.write(self.kept)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of a failure."""
        self.failed = self.failed or report.failed

    def _fate(self, mutant: Mutant, held: Held, items: list[pytest.Item]) -> tuple[Fate, pytest.Item | None]:
        """What becomes of it, and by which test."""
        with _child(self.most * 4 + 20) as (child, ended):
            if child:
                if not held.swap(mutant):
                    os._exit(2)
                for at, item in enumerate(items):
                    nextitem = items[at + 1] if at + 1 < len(items) else None
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
                    if self.failed:
                        os._exit(_BY + at if at < _MOST_TOLD else 1)
                os._exit(0)
        fate = {0: Fate.SURVIVED, 2: Fate.NOT_THERE}.get(ended[0], Fate.KILLED)
        return fate, items[ended[0] - _BY] if ended[0] >= _BY else None

    def _callers(self, items: dict[str, pytest.Item], held: Held) -> Callers:
        """What tests call, of those that are not known yet by one run of each, in a child."""
        callers = read(self.kept, items)
        order = [item for name, item in items.items() if name not in callers.seconds]
        if not order:
            return callers
        print(f"{len(order)} tests are run once, to learn what they call", flush=True)
        with _child(3600) as (child, ended):
            if child:
                called = let_all_tell(held)
                for at, item in enumerate(order):
                    nextitem = order[at + 1] if at + 1 < len(order) else None
                    with callers.watching(item.nodeid, called):
                        item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
                    if self.failed:
                        print(f"fails without any mutant: {item.nodeid}", file=sys.stderr)
                        callers.forget(item.nodeid)
                        self.failed = False
                callers.write(self.kept)
                os._exit(0)
        if ended != [0]:
            raise RuntimeError("the tests could not be run once")
        return read(self.kept, items)


def speaks_of(item: pytest.Item, mutant: Mutant) -> bool:
    """Whether a test may notice a mutant: one that starts the simulated AWS is for those of the diagnosis alone.

    What a check or a value says is said by a table of facts, next to it.
    """
    return mutant.module.startswith("ssmtui/diagnosis/") or item.get_closest_marker("simulated") is None


@contextlib.contextmanager
def _child(seconds: float) -> Iterator[tuple[bool, list[int]]]:
    """Fork: the child prints nothing and must end itself; its exit code is there for the parent afterwards.

    One that takes longer than its time, of a processor, is killed, and one that does nothing any more: a loop or a wait
    without an end is noticed by whoever runs the tests. By the clock a busy machine takes any time.
    """
    ended: list[int] = []
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        try:
            yield True, ended
        except BaseException:  # noqa: BLE001 # a child that goes on would be a second parent; what fails here has noticed
            traceback.print_exc()
            os._exit(1)
    _wait_for(pid, seconds)
    ended.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    yield False, ended


def _wait_for(pid: int, seconds: float) -> None:
    handle = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    worked, since = 0.0, time.monotonic()
    while not poll.poll(1000):
        used = _used(pid)
        if used > worked + _AT_WORK:
            worked, since = used, time.monotonic()
        if used > seconds or time.monotonic() - since > _STILL:
            os.kill(pid, signal.SIGKILL)
            break
    os.close(handle)


def _used(pid: int) -> float:
    """The seconds of a processor that it has used: what Linux tells."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
