"""Measure how well `explain` understands pasted texts (`make pasted`): a row per text, and totals."""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match, match_text

FOLDER = Path(__file__).parents[1] / "tests" / "causes" / "pasted"
KINDS, LOOKED_AT, HELD_OUT, OTHERS = "kinds", "looked_at", "held_out", "others"
"""The files: one text for each kind that was once misunderstood; two halves of the collection; unrelated texts."""

RIGHT_FIRST = 0.9
"""The share of each half whose first cause must be right. For the kinds and the unrelated texts, all must be."""
_CAUSES = tuple(catalogue().values())
_TOLD_OF = 3
_SHOWN = 60


class Answer(Enum):
    """The result compared with the expectation."""

    FIRST = "first"
    AMONG = "in three"
    WRONG = "wrong"
    NOT_KNOWN = "not known"
    SILENT = "silent"
    SPOKE = "spoke"


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted text, its source, and the acceptable first causes; none, if the text is unrelated."""

    text: str
    source: str
    first: frozenset[str]


def pasted(name: str) -> Sequence[Pasted]:
    """Return the texts of one file."""
    held = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return [Pasted(each["pasted"], each["source"], frozenset(each["first"])) for each in held["text"]]


def answer(each: Pasted) -> tuple[Answer, Sequence[Match]]:
    """Return the result of `explain` for a text, compared with the expectation."""
    told = match_text(each.text, _CAUSES)
    named = [match.cause for match in told[:_TOLD_OF]]
    if not each.first:
        return (Answer.SPOKE if told else Answer.SILENT), told
    if not told:
        return Answer.NOT_KNOWN, told
    if named[0] in each.first:
        return Answer.FIRST, told
    return (Answer.AMONG if each.first.intersection(named) else Answer.WRONG), told


def measured(texts: Iterable[Pasted]) -> Mapping[Answer, int]:
    """Return the number of texts by answer."""
    return Counter(answer(each)[0] for each in texts)


def main() -> int:
    """Print a row per text and the totals; return 1 below the goal."""
    short = False
    sums = []
    for name in (KINDS, LOOKED_AT, HELD_OUT, OTHERS):
        texts = pasted(name)
        for each in texts:
            how, told = answer(each)
            best = f"{told[0].likelihood:.0%} {told[0].cause}" if told else "-"
            print(f"{how.value:<10} {best:<36} {' '.join(each.text.split())[:_SHOWN]}")
        counts = measured(texts)
        right = counts[Answer.SILENT if name == OTHERS else Answer.FIRST]
        short |= right < len(texts) * (RIGHT_FIRST if name in {LOOKED_AT, HELD_OUT} else 1)
        told_of = ", ".join(f"{counts[how]} {how.value}" for how in Answer if counts[how])
        sums.append(f"{name:<10} {len(texts):>3} texts, {right / len(texts):.0%} right: {told_of}")
    print("\n" + "\n".join(sums))
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
