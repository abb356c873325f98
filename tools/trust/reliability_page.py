"""Write `docs/reliability.md` from the tallies of the programs in `tools/trust` (`make trust`)."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from tools.trust.tally import KEPT, Tally, kept

PAGE = Path("docs") / "reliability.md"

_HEAD = """\
# Reliability tests

Each row is a program of the project that tries to break ssmtui. `make -C tools NAME` runs one; each takes some minutes.
`make -C tools trust` runs all of them and writes this page. A short part of each program runs in every `make test`. All
programs use only the simulated AWS, on loopback. The notes name the limits of each program.

| program | tried | description | seeds | failures | date |
|---|---:|---|---|---|---|
"""


def page(tallies: Iterable[Tally]) -> str:
    """Return the page, as Markdown: a line for each program, then the limits of its numbers."""
    lines: list[str] = []
    notes: list[str] = []
    for tally in tallies:
        seeds = ", ".join(map(str, tally.seeds)) or "–"
        lost = "; ".join(tally.lost) or "nothing"
        cells = (f"`{tally.program}`", f"{tally.tried:,} {tally.unit}", tally.asked, seeds, lost, tally.made)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n")
        notes.extend(f"- `{tally.program}`: {note}\n" for note in tally.notes)
    told = "".join(lines)
    return _HEAD + told + ("\n## Notes and limits\n" + "".join(notes) if notes else "")


def main() -> int:
    """Write the page from the stored tallies; return 1 if a program failed."""
    tallies = list(kept(KEPT))
    PAGE.write_text(page(tallies), encoding="utf-8")
    print(f"{PAGE}: {len(tallies)} programs")
    return 1 if any(tally.lost for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
