"""What a program of `tools/trust` tried, and what was lost: kept for the page that `make trust` writes."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT = Path("build") / "trust"
"""If programs leave their tallies, below the project's root; git ignores it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of `docs/reliability.md`."""

    program: str
    """The name of the target of make."""
    asked: str
    """What was tried, and what must hold, in one or two sentences of Markdown."""
    tried: int
    unit: str
    """What was counted, in the plural: `calls`, `events`, `accounts`."""
    lost: tuple[str, ...] = ()
    """What did not hold, a sentence each. Nothing, as it must be."""
    seeds: tuple[int, ...] = ()
    """What makes random cases repeatable; none if nothing is random."""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """What the numbers leave out: what could not be tried, and why."""
    made: str = ""
    """When and on what, filled in as it is kept."""


def keep(tally: Tally, folder: Path = KEPT) -> int:
    """Print a tally, and leave it for the page; the program's exit code: 1 where something was lost."""
    made = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()}"
    folder.mkdir(parents=True, exist_ok=True)
    told = asdict(tally) | {"made": made}
    (folder / f"{tally.program}.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    for loss in tally.lost:
        print(f"LOST   {loss}")
    print(f"{tally.program}: {tally.tried:,} {tally.unit} in {tally.seconds:.0f} s, {len(tally.lost)} lost")
    return 1 if tally.lost else 0


def kept(folder: Path = KEPT) -> Iterable[Tally]:
    """Return what programs have left, by their names."""
    for file in sorted(folder.glob("*.json")):
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        told |= {key: tuple(told[key]) for key in ("lost", "seeds", "notes")}
        yield Tally(**told)
