"""Mutants held against the tests: each in a child of the process that collected them, until one fails."""

from __future__ import annotations

import ast
import contextlib
import gc
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tools.trust.mutants.mutation import TREE, Mutant, changed_code, functions_of, modules


@dataclass(slots=True)
class Callers:
    """The tests by what they call, and their seconds."""

    calls: dict[str, set[str]] = field(default_factory=dict)
    """Tests by `file:function`."""
    seconds: dict[str, float] = field(default_factory=dict)
    noticed: dict[str, str] = field(default_factory=dict)
    """The test by which a mutant was noticed the last time, by the mutant's name: it is asked first."""

    @contextmanager
    def watching(self, test: str, called: set[str]) -> Iterator[None]:
        """Note what enters itself as called while a test runs, on whichever thread, and how long that takes."""
        called.clear()
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[test] = time.perf_counter() - begun
            for each in tuple(called):
                self.calls.setdefault(each, set()).add(test)

    def of(self, mutant: Mutant, among: set[str], most: float) -> list[str]:
        """The tests that call its function: those of the mirrored file first, then the quickest; so many seconds."""
        first = self.noticed.get(mutant.name)
        module = Path(mutant.module)
        mirrored = f"tests/{'/'.join(module.parts[1:-1])}/test_{module.stem}.py::"
        tests = self.calls.get(f"{mutant.module}:{mutant.function}", set()) & among
        taken: list[str] = []
        for test in sorted(
            tests, key=lambda each: (each != first, not each.startswith(mirrored), self.seconds[each], each)
        ):
            if (most := most - self.seconds[test]) < 0 and taken:
                break
            taken.append(test)
        return taken

    def forget(self, test: str) -> None:
        """Of a test that fails by itself nothing can be told."""
        for calling in self.calls.values():
            calling.discard(test)

    def write(self, file: Path) -> None:
        """Keep it for the next run, beside what is known of tests that were not asked for now."""
        before = _kept(file)
        for name, tests in before["calls"].items():
            self.calls.setdefault(name, set()).update(set(tests) - self.seconds.keys())
        self.seconds = before["seconds"] | self.seconds
        calls = {name: sorted(tests) for name, tests in sorted(self.calls.items())}
        told = {"calls": calls, "seconds": self.seconds, "noticed": before["noticed"] | self.noticed}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(told), encoding="utf-8")


def read(file: Path, tests: Iterable[str]) -> Callers:
    """Return what was kept of these tests: of those that are new, nothing."""
    told = _kept(file)
    there = set(tests)
    calls = {name: set(calling) & there for name, calling in told["calls"].items()}
    seconds = {test: taken for test, taken in told["seconds"].items() if test in there}
    return Callers(calls, seconds, told["noticed"])


def _kept(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {"calls": {}, "seconds": {}, "noticed": {}}
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


_CALLED = "__called_by_a_test__"


class Held:
    """The functions of the rooms as they are held now, looked up once: looking through all objects takes a while."""

    def __init__(self) -> None:
        self._by_place: dict[tuple[str, str, int], list[FunctionType]] = {}
        self.modules = [_imported(path) for path in modules()]
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(TREE / "ssmtui")):
                self._by_place.setdefault(_place(each.__code__), []).append(each)

    def swap(self, mutant: Mutant) -> int:
        """Give its function the changed code, wherever it is held; in how many places it was."""
        return self.put(changed_code(mutant))

    def put(self, code: CodeType) -> int:
        """Give it to the function of its place, wherever that is held; in how many places it was."""
        found = self._by_place.get(_place(code), [])
        for each in found:
            each.__code__ = code
        return len(found)


def let_all_tell(held: Held) -> set[str]:
    """Have every function of the rooms enter itself where it is called, as `file:function`; gives the place for it.

    A profiler would be told of every call, those within the SDK as well: that takes thrice the time.
    """
    called: set[str] = set()
    for module in held.modules:
        vars(module)[_CALLED] = called
    for path in modules():
        for code in _telling(path):
            held.put(code)
    return called


def _telling(path: Path) -> Iterator[CodeType]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for name, body in functions_of(tree):
        told = ast.parse(f"{_CALLED}.add({f'{path.relative_to(TREE).as_posix()}:{name}'!r})").body[0]
        body.insert(0, ast.copy_location(told, body[0]))
        names.add(name)
    within = [compile(ast.fix_missing_locations(tree), str(path), "exec")]
    for code in within:
        nested = [each for each in code.co_consts if isinstance(each, CodeType)]
        yield from (each for each in nested if each.co_qualname in names)
        within.extend(nested)


def _imported(path: Path) -> ModuleType:
    return import_module(".".join(path.relative_to(TREE).with_suffix("").parts))


def _place(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


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
        """Return what becomes of it, and by which test."""
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
        """Return what tests call, of those that are not known yet by one run of each, in a child."""
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
    """Return whether a test may notice a mutant: one that starts the simulated AWS is for those of the diagnosis alone.

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
    """Return the seconds of a processor that it has used: what Linux tells."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Fates:
    """A file that several runs may write at once."""

    file: Path

    def forget(self) -> None:
        """Begin again."""
        self.file.unlink(missing_ok=True)

    def write(self, tried: Tried) -> None:
        """One more."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps([tried.mutant.name, tried.fate.value, tried.seconds]) + "\n")

    def read(self) -> dict[str, tuple[Fate, float]]:
        """By the names of the mutants, what became of each, and in how many seconds."""
        if not self.file.exists():
            return {}
        lines = [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]
        return {name: (Fate(fate), seconds) for name, fate, seconds in lines}
