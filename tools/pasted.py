"""Measure how well `explain` understands pasted texts (`make pasted`): a row per text, and totals."""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match
from ssmtui.causes.ranking import match_paste

FOLDER = Path(__file__).parents[1] / "tests" / "causes" / "pasted"
KINDS, LOOKED_AT, HELD_OUT, OTHERS = "kinds", "looked_at", "held_out", "others"
"""The first files: one text for each kind that was once misunderstood; two halves of a collection; unrelated texts."""

RIGHT_FIRST = 0.9
"""The share of each half whose first cause must be right. For the kinds and the unrelated texts, all must be."""

_CAUSES = tuple(catalogue().values())
_TOLD_OF = 3
_SHOWN = 60


class Kind(Enum):
    """What a person pasted."""

    OUTPUT = "output"
    DESCRIPTION = "description"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Floors:
    """The least shares of a collection: right first, of output and of output and descriptions together; silent."""

    output: float
    together: float
    silent: float


_AIM = Floors(0.9, 0.75, 0.97)
COLLECTIONS: Mapping[str, Floors] = {
    "fresh": _AIM,
    "second": _AIM,
    "blind": Floors(0.85, 0.75, 0.97),
    "blind_second": Floors(0.85, 0.64, 0.95),
    "blind_third": Floors(0.68, 0.57, 0.82),
    "blind_fourth": Floors(0.83, 0.75, 0.8),
    "blind_fifth": Floors(0.67, 0.61, 0.81),
    "blind_sixth": Floors(0.88, 0.78, 0.92),
    "blind_seventh": Floors(0.96, 0.86, 0.89),
    "blind_eighth": Floors(0.69, 0.67, 0.86),
    "blind_ninth": Floors(0.67, 0.61, 0.93),
    "blind_tenth": Floors(0.52, 0.49, 0.91),
    "described": Floors(0.0, 0.8, 0.88),
}
"""The later collections, whose texts have a kind. The floors of the blind ones are about their first results (in
docs/facts/failure-texts.md): their misses are not corrected text by text. `described` has no output."""

EVERY_FILE = sorted(each.stem for each in FOLDER.glob("*.toml"))
"""All files, also that of the texts that only trained the classifier."""


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
    """A pasted text, its source, and the acceptable first causes; none, if the text is unrelated.

    Only the texts of the later collections have a kind.
    """

    text: str
    source: str
    first: frozenset[str]
    kind: Kind | None = None


def pasted(name: str) -> Sequence[Pasted]:
    """Return the texts of one file."""
    held = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return [_pasted(each) for each in held["text"]]


def of_kinds(name: str, *kinds: Kind) -> Sequence[Pasted]:
    """Return the texts of these kinds in a later collection."""
    return [each for each in pasted(name) if each.kind in kinds]


def _pasted(each: Mapping[str, Any]) -> Pasted:
    kind = Kind(each["kind"]) if "kind" in each else None
    return Pasted(each["pasted"], each["source"], frozenset(each["first"]), kind)


def answer(each: Pasted) -> tuple[Answer, Sequence[Match]]:
    """Return the result of `explain` for a text, compared with the expectation."""
    told = match_paste(each.text, _CAUSES)
    return compared(each, told), told


def compared(each: Pasted, told: Sequence[Match]) -> Answer:
    """Compare an answer with the expectation."""
    named = [match.cause for match in told[:_TOLD_OF]]
    if not each.first:
        return Answer.SPOKE if told else Answer.SILENT
    if not told:
        return Answer.NOT_KNOWN
    if named[0] in each.first:
        return Answer.FIRST
    return Answer.AMONG if each.first.intersection(named) else Answer.WRONG


def measured(texts: Iterable[Pasted]) -> Counter[Answer]:
    """Return the number of texts by answer."""
    return Counter(answer(each)[0] for each in texts)


def main() -> int:
    """Print a row per text and the totals; return 1 below a floor."""
    named = [(KINDS, pasted(KINDS), 1.0), (OTHERS, pasted(OTHERS), 1.0)]
    named += [(half, pasted(half), RIGHT_FIRST) for half in (LOOKED_AT, HELD_OUT)]
    for name, floors in COLLECTIONS.items():
        named += [
            (f"{name}: output", of_kinds(name, Kind.OUTPUT), floors.output),
            (f"{name}: descriptions", of_kinds(name, Kind.DESCRIPTION), 0.0),
            (f"{name}: unrelated", of_kinds(name, Kind.OTHER), floors.silent),
        ]
    totals = [_total(*each) for each in named if each[1]]
    print("\n" + "\n".join(total for total, _ in totals))
    return int(not all(reached for _, reached in totals))


def _total(name: str, texts: Sequence[Pasted], floor: float) -> tuple[str, bool]:
    """Print a row per text; return the line with the total, and whether the floor is reached."""
    for each in texts:
        how, told = answer(each)
        best = f"{told[0].likelihood:.0%} {told[0].cause}" if told else "-"
        print(f"{how.value:<10} {best:<36} {' '.join(each.text.split())[:_SHOWN]}")
    counts = measured(texts)
    right = counts[Answer.FIRST] + counts[Answer.SILENT]
    told_of = ", ".join(f"{counts[how]} {how.value}" for how in Answer if counts[how])
    line = f"{name:<26} {len(texts):>3} texts, {right / len(texts):.0%} right: {told_of}"
    return line, right >= floor * len(texts)


if __name__ == "__main__":
    sys.exit(main())
