"""Which tests call which functions of the rooms, and how long each test takes: looked at once, in one run of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.trust.mutants.mutation import Mutant


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
    """What was kept of these tests: of those that are new, nothing."""
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
