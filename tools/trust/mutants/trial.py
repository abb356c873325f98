"""Run the tests on mutants: each in a child of the process that collected the tests, until one fails."""

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
    """The tests by the functions that they call, with their seconds."""

    calls: dict[str, set[str]] = field(default_factory=dict)
    """Tests by `file:function`."""
    seconds: dict[str, float] = field(default_factory=dict)
    noticed: dict[str, str] = field(default_factory=dict)
    """The test that last detected a mutant, by the mutant's name: it runs first."""

    @contextmanager
    def watching(self, test: str, called: set[str]) -> Iterator[None]:
        """Record the functions called while a test runs, on any thread, and its duration."""
        called.clear()
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[test] = time.perf_counter() - begun
            for each in tuple(called):
                self.calls.setdefault(each, set()).add(test)

    def of(self, mutant: Mutant, among: set[str], most: float) -> list[str]:
        """Return the tests that call the function, up to a total time: the mirrored file's first, then the fastest."""
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
        """Forget a test that fails without a mutant."""
        for calling in self.calls.values():
            calling.discard(test)

    def write(self, file: Path) -> None:
        """Store the data for the next run, together with that of tests that were not requested now."""
        before = _kept(file)
        for name, tests in before["calls"].items():
            self.calls.setdefault(name, set()).update(set(tests) - self.seconds.keys())
        self.seconds = before["seconds"] | self.seconds
        calls = {name: sorted(tests) for name, tests in sorted(self.calls.items())}
        told = {"calls": calls, "seconds": self.seconds, "noticed": before["noticed"] | self.noticed}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(told), encoding="utf-8")


def read(file: Path, tests: Iterable[str]) -> Callers:
    """Return the stored data of these tests; none for new tests."""
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
    """The references to the packages' functions, looked up once: searching all objects takes long."""

    def __init__(self) -> None:
        self._by_place: dict[tuple[str, str, int], list[FunctionType]] = {}
        self.modules = [_imported(path) for path in modules()]
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(TREE / "ssmtui")):
                self._by_place.setdefault(_place(each.__code__), []).append(each)

    def swap(self, mutant: Mutant) -> int:
        """Replace the function's code everywhere; return the number of replaced places."""
        return self.put(changed_code(mutant))

    def put(self, code: CodeType) -> int:
        """Replace the code of the function at its place everywhere; return the number of places."""
        found = self._by_place.get(_place(code), [])
        for each in found:
            each.__code__ = code
        return len(found)


def let_all_tell(held: Held) -> set[str]:
    """Instrument every function to record its calls, as `file:function`; return the set of records.

    A profiler would also see all calls within the SDK, and take three times as long.
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
"""The most seconds of tests for one mutant; the nearest tests come first."""


_BY, _MOST_TOLD = 3, 250
"""Exit codes from the first value on give the place of the failed test, as far as there are codes."""

_STILL, _AT_WORK = 20.0, 0.2
"""A child that uses less CPU time than `_AT_WORK` within `_STILL` seconds waits for something that never happens."""


class Fate(StrEnum):
    """The result for a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNCALLED = "called by no test"
    NOT_THERE = "not there as the tests begin"


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant, its result, the number of tests that call it, and the seconds."""

    mutant: Mutant
    fate: Fate
    tests: int
    seconds: float


@dataclass(slots=True, eq=False)  # pytest stores its plugins in sets
class Trial:
    """A pytest plugin that runs the tests for each mutant instead of once."""

    mutants: Iterable[Mutant]
    kept: Path
    told: Callable[[Tried], None]
    takes: Callable[[pytest.Item], bool]
    """Whether a test is run at all."""
    most: float = SECONDS
    failed: bool = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remove the tests that are not run."""
        items[:] = filter(self.takes, items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests for each mutant, instead of once."""
        items = {item.nodeid: item for item in session.items}
        held = Held()
        callers = self._callers(items, held)
        gc.freeze()  # objects that a child's collector skips need not be copied for it
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
        """Record a failure."""
        self.failed = self.failed or report.failed

    def _fate(self, mutant: Mutant, held: Held, items: list[pytest.Item]) -> tuple[Fate, pytest.Item | None]:
        """Return the result, and the test that decided it."""
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
        """Return the functions that tests call, from one run of each unknown test, in a child."""
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
    """Return whether a test can detect a mutant; tests with the simulated AWS are only for the diagnosis.

    Checks and values are tested by tables of facts beside them.
    """
    return mutant.module.startswith("ssmtui/diagnosis/") or item.get_closest_marker("simulated") is None


@contextlib.contextmanager
def _child(seconds: float) -> Iterator[tuple[bool, list[int]]]:
    """Fork: the child prints nothing and must exit; the parent reads its exit code afterwards.

    A child that uses too much CPU time, or that does nothing any more, is killed: people who run the tests would notice
    an endless loop or wait. Wall time says little on a busy machine.
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
    """Return the CPU seconds that a process has used (Linux only)."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Fates:
    """A file that several runs can write at once."""

    file: Path

    def forget(self) -> None:
        """Delete all results."""
        self.file.unlink(missing_ok=True)

    def write(self, tried: Tried) -> None:
        """Add a result."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps([tried.mutant.name, tried.fate.value, tried.seconds]) + "\n")

    def read(self) -> dict[str, tuple[Fate, float]]:
        """Return the results by mutant name, with their seconds."""
        if not self.file.exists():
            return {}
        lines = [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]
        return {name: (Fate(fate), seconds) for name, fate, seconds in lines}
