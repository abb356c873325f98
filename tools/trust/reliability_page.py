"""Write `docs/reliability.md` from the tallies of the programs in `tools/trust` (`make trust`).

After one program ran, this module writes its row and its notes anew, and keeps the rest of the page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.trust.tally import KEPT, Tally, kept

PAGE = Path("docs") / "reliability.md"

_HEAD = """\
# Reliability tests

Each row is a program of the project that tries to break ssmtui. `make -C tools NAME` runs one; each takes some minutes.
`python -m tools.trust.reliability_page` then writes its row and its notes anew, and keeps the others.
`make -C tools trust` runs all of them and writes this page. A short part of each program is a test, and `make test`
takes a share of these tests. All programs use only the simulated AWS, on loopback. The notes name the limits of each
program.

| program | tried | description | seeds | failures | date |
|---|---:|---|---|---|---|
"""


_PROGRAM = re.compile(r"(?:\| |- )`(?P<program>[a-z]+)`(?: \||: )")
"""How a row begins, and a note."""


def page(tallies: Iterable[Tally], before: str = "") -> str:
    """Return the page, as Markdown: a row for each program, then the limits of its numbers.

    `before` is the page so far: the rows and notes of programs without a tally stay. Other lines of it do not.
    """
    lines: dict[str, list[str]] = {}
    for line in before.splitlines(keepends=True):
        if begins := _PROGRAM.match(line):
            lines.setdefault(begins["program"], []).append(line)
    lines |= {tally.program: list(_lines(tally)) for tally in tallies}
    rows = "".join(lines[program][0] for program in sorted(lines))
    notes = "".join(note for program in sorted(lines) for note in lines[program][1:])
    return _HEAD + rows + ("\n## Notes and limits\n" + notes if notes else "")


def _lines(tally: Tally) -> Iterator[str]:
    seeds = ", ".join(map(str, tally.seeds)) or "–"
    lost = "; ".join(tally.lost) or "nothing"
    cells = (f"`{tally.program}`", f"{tally.tried:,} {tally.unit}", tally.asked, seeds, lost, tally.made)
    yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"
    yield from (f"- `{tally.program}`: {note}\n" for note in tally.notes)


def main() -> int:
    """Write the rows of the programs with a stored tally; return 1 if one of these programs failed."""
    tallies = list(kept(KEPT))
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(tallies, before), encoding="utf-8")
    print(f"{PAGE}: {len(tallies)} programs")
    return 1 if any(tally.lost for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
