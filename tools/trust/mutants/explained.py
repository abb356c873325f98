"""Mutants that may survive, each with the reason: what it changes cannot be seen, or is not for a test to say."""

from __future__ import annotations

import tomllib
from pathlib import Path

FILE = Path(__file__).with_name("explained.toml")


def explained() -> dict[str, str]:
    """The reason by the mutant's name."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: why for why, names in told.items() for name in names}
