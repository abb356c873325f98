"""Run many cases of one seed, and find the smallest of those that differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ssmtui.iam_policy.truth import Truth
from tools.trust.oracle.families import FAMILIES, Family
from tools.trust.oracle.trial import Case, Trial, shrunk


@dataclass
class Told:
    """The results of one family's cases.

    `refused` of the `unknown` ones are known if no read is refused. `hidden` of the `unknown` ones have another answer
    with other values that nobody sees from outside.
    """

    tried: int = 0
    undocumented: int = 0
    unknown: int = 0
    refused: int = 0
    hidden: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, other: Told) -> None:
        """Add the results of another run."""
        self.tried += other.tried
        self.undocumented += other.undocumented
        self.unknown += other.unknown
        self.refused += other.refused
        self.hidden += other.hidden
        self.differences += other.differences

    @property
    def share_unknown(self) -> float:
        """The percentage of documented cases that the product leaves undecided."""
        return self._share(self.unknown)

    @property
    def share_refused(self) -> float:
        """The percentage of documented cases that the product would decide if no read were refused."""
        return self._share(self.refused)

    @property
    def share_hidden(self) -> float:
        """The percentage of documented cases that nobody can decide from outside."""
        return self._share(self.hidden)

    def _share(self, count: int) -> float:
        return 100 * count / max(self.tried - self.undocumented, 1)


_NOTHING_REFUSED: Case = {"unread": [], "simulates": True}
"""What a case says if no read is refused."""

_TOLD_AT_MOST = 3
"""The most differences of one kind to shrink: the rest are likely the same."""


def chance(seed: int | str) -> Random:
    """Return a random generator that can be repeated."""
    return Random(seed)  # noqa: S311 - no secret comes of it


def seeds_of(seed: int, family: str) -> Iterable[int]:
    """Yield the seed of each case, by which the case can be repeated."""
    random = chance(f"{seed} {family}")
    while True:
        yield random.getrandbits(48)


def run(family: Family, seed: int, count: int, part: int = 0, parts: int = 1) -> Told:
    """Judge one part of the first `count` cases of a seed."""
    told = Told()
    met: Counter[str] = Counter()
    for number, own in zip(range(count), seeds_of(seed, family.name), strict=False):
        if number % parts != part:
            continue
        case = family.made(chance(own))
        trial = _judged(family, case)
        told.tried += 1
        if isinstance(trial, Trial) and trial.says is None:
            told.undocumented += 1
        elif isinstance(trial, Trial) and trial.product is Truth.PERHAPS:
            told.unknown += 1
            whole = {**case, **{key: value for key, value in _NOTHING_REFUSED.items() if key in case}}
            told.refused += whole != case and _is_decided(_judged(family, whole))
            told.hidden += any(each is not trial.says for each in family.hidden(case))
        difference = trial if isinstance(trial, str) else trial.difference
        if difference is None:
            continue
        met[difference] += 1
        if met[difference] <= _TOLD_AT_MOST:
            told.differences.append(_words(family, own, case, difference))
    return told


def case_of(family: Family, own: int) -> Case:
    """Return one case by its own seed."""
    return family.made(chance(own))


def _is_decided(trial: Trial | str) -> bool:
    return isinstance(trial, Trial) and trial.product is not Truth.PERHAPS


def _judged(family: Family, case: Case) -> Trial | str:
    try:
        return family.judged(case)
    except Exception as error:  # noqa: BLE001 - whatever a product raises at what AWS may hold is a difference
        return f"{type(error).__name__}: {error}"


def _words(family: Family, own: int, case: Case, difference: str) -> str:
    def differs(smaller: dict[str, Any]) -> bool:
        told = _judged(family, smaller)
        return (told if isinstance(told, str) else told.difference) == difference

    smallest = shrunk(case, differs, family.budget)
    return f"{family.name}, seed {own}: {difference}: {json.dumps(smallest)}"


def whole_run(seed: int, count: int, part: int = 0, parts: int = 1) -> dict[str, Told]:
    """Run all families, each with its share."""
    return {each.name: run(each, seed, each.count(count), part, parts) for each in FAMILIES}
