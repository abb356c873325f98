"""Which mutants are tried: samples by a seed, as many of each operator as there are."""

from __future__ import annotations

import random
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from tools.trust.mutants.mutation import Mutant, modules, mutants_of


@dataclass(frozen=True, slots=True)
class Sample:
    """So many of the mutants of a file or folder; all of them where no number is given."""

    seed: int
    count: int
    only: str = "ssmtui"

    def mutants(self) -> list[Mutant]:
        """Those that are drawn."""
        found = [each for path in modules() for each in mutants_of(path) if each.module.startswith(self.only)]
        if not self.count:
            return found
        kinds: dict[str, list[Mutant]] = {}
        for mutant in found:
            kinds.setdefault(mutant.operator, []).append(mutant)
        for of_kind in kinds.values():
            random.Random(self.seed).shuffle(of_kind)  # noqa: S311 # a sample, and no secret
        return list(_in_turn(kinds, self.count))


SAMPLES = (Sample(13, 350), Sample(14, 250, "ssmtui/checks"))
"""Of all three rooms, and of the checks by themselves: no mistake is worse than a wrong verdict."""


def each_once(samples: Iterable[Sample]) -> list[Mutant]:
    """All that are drawn, in the order of their places."""
    found = {mutant.name: mutant for sample in samples for mutant in sample.mutants()}
    return sorted(found.values(), key=lambda each: (each.module, each.line, each.name))


def named(names: Container[str]) -> list[Mutant]:
    """Those of these names, as far as the code is still that."""
    return [each for path in modules() for each in mutants_of(path) if each.name in names]


def _in_turn(kinds: dict[str, list[Mutant]], count: int) -> Iterator[Mutant]:
    while count and kinds:
        for kind in list(kinds)[:count]:
            yield kinds[kind].pop()
            count -= 1
            if not kinds[kind]:
                del kinds[kind]
