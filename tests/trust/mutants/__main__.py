"""`make mutants`: a sample of the mutants of the rooms, and which of them no test has noticed.

Two samples unless told otherwise: one of all three rooms, and one of the checks alone, as no mistake is worse than a
wrong verdict. Another one: `make mutants ARGS="--count 400 --seed 7"`; all of a module: `ARGS="--only
ssmtui/checks/access.py"`; those that are left: `ARGS=--survivors`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from tests.trust.mutants.explained import explained
from tests.trust.mutants.mutation import TREE, Mutant, modules, mutants_of
from tests.trust.mutants.trial import Fate, Trial, Tried
from tests.trust.tally import KEPT, Tally, keep

NEAR = ("tests/checks", "tests/model", "tests/diagnosis", "tests/preview", "tests/fixes")
"""The mirrored tests, and those of what stands next to these rooms."""


SAMPLES = ((13, 350, ""), (14, 250, "ssmtui/checks"))
"""Seed, how many, and of what: those that are tried where nothing else is asked for."""

LONG = frozenset(
    {
        "test_deadlines.py",
        "test_faults.py",
        "test_least_policy.py",
        "test_least_policy_on_the_demo.py",
        "test_overruling.py",
        "test_policy_worlds.py",
        "test_reader_defects.py",
        "test_worlds.py",
    }
)
"""The tests of `tests/diagnosis` that diagnose many worlds: what the others do not notice they may, in a long time."""


def sample(seed: int, count: int, only: str) -> list[Mutant]:
    """So many mutants, as many of each operator as there are; all of the files that were named."""
    found = [mutant for path in modules() for mutant in mutants_of(path) if mutant.module.startswith(only or "ssmtui")]
    if only and not count:
        return found
    kinds: dict[str, list[Mutant]] = {}
    for mutant in found:
        kinds.setdefault(mutant.operator, []).append(mutant)
    for of_kind in kinds.values():
        random.Random(seed).shuffle(of_kind)  # noqa: S311 # a sample, and no secret
    return sorted(_in_turn(kinds, count), key=lambda each: (each.module, each.line, each.name))


def _each_once(samples: Iterable[tuple[int, int, str]]) -> list[Mutant]:
    found = {mutant.name: mutant for seed, count, only in samples for mutant in sample(seed, count, only)}
    return sorted(found.values(), key=lambda each: (each.module, each.line, each.name))


def survivors(names: set[str]) -> list[Mutant]:
    """The mutants of these names, as far as the code is still that."""
    files = sorted({TREE / name.partition(":")[0] for name in names})
    return [mutant for file in files for mutant in mutants_of(file) if mutant.name in names]


def _in_turn(kinds: dict[str, list[Mutant]], count: int) -> Iterator[Mutant]:
    while count and kinds:
        for kind in list(kinds)[:count]:
            yield kinds[kind].pop()
            count -= 1
            if not kinds[kind]:
                del kinds[kind]


def main() -> int:
    """Try them, print the survivors, and keep what was counted."""
    asked = argparse.ArgumentParser(prog="make mutants")
    asked.add_argument("--seed", type=int, help="of a sample of one's own")
    asked.add_argument("--count", type=int, default=0, help="how many; 300 unless a file is named, which has all tried")
    asked.add_argument("--only", default="", help="the file or folder whose mutants are tried")
    asked.add_argument("--worlds", action="store_true", help="also by the tests that diagnose many worlds")
    asked.add_argument("--survivors", action="store_true", help="those that survived the last run")
    asked.add_argument("--tests", nargs="*", default=NEAR, help="by which they are tried; all that stands near if none")
    options = asked.parse_args()
    tried: list[Tried] = []
    reasons = explained()

    def told(each: Tried) -> None:
        tried.append(each)
        if each.fate is not Fate.KILLED:
            known = " (explained)" if each.mutant.name in reasons else ""
            print(f"{each.fate.value}{known} [{each.tests}] {each.mutant.line} {each.mutant.name}", flush=True)

    begun = time.monotonic()
    kept = TREE / "build" / "mutants" / "callers.json"
    last = TREE / "build" / "mutants" / "survivors.json"
    names = set(json.loads(last.read_text(encoding="utf-8"))) if options.survivors else set()
    own = options.seed is not None or options.count or options.only
    count = options.count or (0 if options.only else 300)
    samples = ((options.seed or 13, count, options.only),) if own else SAMPLES
    chosen = survivors(names) if options.survivors else _each_once(samples)
    trial = Trial(chosen, kept, told, lambda item: options.worlds or item.path.name not in LONG)
    quietly = (
        "-o",
        "addopts=",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:terminal",
        "-p",
        "no:xdist",
        "--hypothesis-profile",
        "quick",
    )
    pytest.main([*options.tests, *quietly], plugins=[trial])
    fates = Counter(each.fate for each in tried)
    left = [each.mutant for each in tried if each.fate is not Fate.KILLED and each.mutant.name not in reasons]
    last.write_text(json.dumps([each.name for each in left]), encoding="utf-8")
    print(", ".join(f"{number} {fate.value}" for fate, number in fates.items()), f"{len(left)} not explained")
    return keep(
        Tally(
            "mutants",
            "Changes of one comparison, condition, constant, result or argument in `checks/`, `model/` and "
            "`diagnosis/`, a sample: a test notices each, or it is explained why none can.",
            len(tried),
            "mutants",
            lost=tuple(f"{mutant.name} (line {mutant.line})" for mutant in left),
            seeds=tuple(seed for seed, _, _ in samples),
            seconds=time.monotonic() - begun,
            notes=(f"{len(tried) - len(left) - fates[Fate.KILLED]} explained in `tests/trust/mutants/explained.toml`",),
        ),
        TREE / KEPT,
    )


if __name__ == "__main__":
    sys.exit(main())
