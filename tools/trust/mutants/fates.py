"""What became of mutants, kept from run to run: a line for each that was tried, of which the last one counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tools.trust.mutants.trial import Fate, Tried


@dataclass(frozen=True, slots=True)
class Fates:
    """A file that several runs may write at once."""

    file: Path

    def forget(self) -> None:
        """Begin anew."""
        self.file.unlink(missing_ok=True)

    def write(self, tried: Tried) -> None:
        """One more."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps([tried.mutant.name, tried.fate.value, tried.seconds]) + "\n")

    def read(self) -> dict[str, tuple[Fate, float]]:
        """By the names of the mutants, what became of each, and in how many seconds."""
        if not self.file.exists():
            return {}
        lines = [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]
        return {name: (Fate(fate), seconds) for name, fate, seconds in lines}
