"""Test two samples of mutants, and list those that no test detects (`make mutants`).

Another sample: `make mutants ARGS="--count 400 --seed 7"`; all of a file: `ARGS="--only ssmtui/analysis/access.py"`.
`ARGS=--survivors` tests only the undetected ones; earlier detections still count.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from tools.trust.mutants.mutation import SAMPLES, TREE, Mutant, Sample, each_once, explained, named
from tools.trust.mutants.trial import SECONDS, Fate, Fates, Trial, Tried
from tools.trust.tally import KEPT, Tally, keep

NEAR = (
    *("tests/checks", "tests/model", "tests/diagnosis", "tests/remediation/plans"),
    *("tests/aws_faults", "tests/minimal_policy", "tests/worlds"),
)
"""The mirrored tests, those of the neighbouring package, and those of behaviours of the diagnosis."""

LONG = frozenset(
    {
        "test_allow_overrides.py",
        "test_demo_account.py",
        "test_denying_policies.py",
        "test_expected_verdicts.py",
        "test_failing_operations.py",
        "test_hanging_operations.py",
        "test_reader_errors.py",
        "test_reading_policy.py",
    }
)
"""The tests that diagnose many worlds: they can detect what the others miss, but take long."""

_QUIETLY = ("-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:xdist")
_BUILT = TREE / "build" / "mutants"


def main() -> int:
    """Test the mutants, print the survivors, and store the counts."""
    asked = argparse.ArgumentParser(prog="make mutants")
    asked.add_argument("--seed", type=int, help="of a sample of one's own")
    asked.add_argument("--count", type=int, default=0, help="how many; 300 unless a file is named, which has all tried")
    asked.add_argument("--only", default="", help="the file or folder whose mutants are tried")
    asked.add_argument("--worlds", action="store_true", help="also by the tests that diagnose many worlds")
    asked.add_argument("--survivors", action="store_true", help="what no test has noticed yet")
    asked.add_argument("--seconds", type=float, default=SECONDS, help="that the tests of one mutant take at most")
    options = asked.parse_args()
    own = not options.survivors and (options.seed is not None or options.count or options.only)
    count = options.count or (0 if options.only else 300)
    samples = (Sample(options.seed or 13, count, options.only or "ssmtui"),) if own else SAMPLES
    fates = Fates(_BUILT / ("own.jsonl" if own else "fates.jsonl"))
    if not options.survivors:
        fates.forget()
    chosen = named(fates.read()) if options.survivors else each_once(samples)
    reasons = explained()

    def told(each: Tried) -> None:
        fates.write(each)
        if each.fate is not Fate.KILLED:
            known = " (explained)" if each.mutant.name in reasons else ""
            print(f"{each.fate.value}{known} [{each.tests}] {each.mutant.line} {each.mutant.name}", flush=True)

    left = (each for each in _unnoticed(chosen, fates) if each.module.startswith(options.only))
    trial = Trial(
        left, _BUILT / "callers.json", told, lambda item: options.worlds or item.path.name not in LONG, options.seconds
    )
    pytest.main([*NEAR, *_QUIETLY, "--hypothesis-profile", "quick"], plugins=[trial])
    return keep(_tally(samples, fates, reasons), TREE / KEPT)


def _unnoticed(chosen: Sequence[Mutant], fates: Fates) -> Iterator[Mutant]:
    for mutant in chosen:
        fate, _ = fates.read().get(mutant.name, (None, 0.0))
        if fate is not Fate.KILLED:
            yield mutant


def _tally(samples: Sequence[Sample], fates: Fates, reasons: dict[str, str]) -> Tally:
    tried = fates.read()
    known = {each: tried[each.name][0] for each in named(tried)}
    counts = Counter(known.values())
    why = len([each for each, fate in known.items() if fate is not Fate.KILLED and each.name in reasons])
    alive = [each for each, fate in known.items() if fate is not Fate.KILLED]
    lost = [f"{each.name} (line {each.line}): {known[each].value}" for each in alive if each.name not in reasons]
    print(", ".join(f"{number} {fate.value}" for fate, number in counts.items()), f"{len(lost)} open")
    return Tally(
        "mutants",
        "Changes one comparison, condition, constant, result or argument in `checks/`, `model/` and `diagnosis/`, a "
        "sample of each operator. A test must fail for each change, or an entry must explain why no test can.",
        len(known),
        "mutants",
        lost=tuple(lost),
        seeds=tuple(each.seed for each in samples),
        seconds=sum(tried[each.name][1] for each in known),
        notes=(
            f"{counts[Fate.KILLED]} detected by a test",
            f"{why} explained in `tools/trust/mutants/explained.toml`",
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
