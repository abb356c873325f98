"""Store what a program of `tools/trust` tested, and what failed, for the page of `make trust`."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT = Path("build") / "trust"
"""The folder of the tallies, below the project's root; git ignores it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of `docs/reliability.md`."""

    program: str
    """The name of the make target."""
    asked: str
    """What was tested and is required, in one or two sentences of Markdown."""
    tried: int
    unit: str
    """The counted things, in the plural: `calls`, `events`, `accounts`."""
    lost: tuple[str, ...] = ()
    """The failures, a sentence each. It must be empty."""
    seeds: tuple[int, ...] = ()
    """The seeds to repeat random cases; empty if nothing is random."""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """The limits of the numbers: what could not be tested, and why."""
    made: str = ""
    """The time and the machine, set when the tally is stored."""


def keep(tally: Tally, folder: Path = KEPT) -> int:
    """Print a tally, and store it for the page; return the exit code: 1 after a failure."""
    made = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()}"
    folder.mkdir(parents=True, exist_ok=True)
    told = asdict(tally) | {"made": made}
    (folder / f"{tally.program}.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    for loss in tally.lost:
        print(f"LOST   {loss}")
    print(f"{tally.program}: {tally.tried:,} {tally.unit} in {tally.seconds:.0f} s, {len(tally.lost)} lost")
    return 1 if tally.lost else 0


def kept(folder: Path = KEPT) -> Iterable[Tally]:
    """Return the stored tallies, by program name."""
    for file in sorted(folder.glob("*.json")):
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        told |= {key: tuple(told[key]) for key in ("lost", "seeds", "notes")}
        yield Tally(**told)
