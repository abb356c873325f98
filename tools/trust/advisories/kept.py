"""What was found out about the dependencies, kept beside the tools; and what of it is accepted, with the reason."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.locked import TREE
from tools.trust.advisories.locked_walk import Pinned

FOUND = TREE / "packaging" / "dependencies.json"
JUDGED = TREE / "packaging" / "dependencies.toml"
PAGE = TREE / "docs" / "dependencies.md"


@dataclass(frozen=True, slots=True)
class Found:
    """What `make advisories` found, and of which lock."""

    lock: str
    made: str
    licences: dict[str, str]
    asked: list[str]
    """Versions about which a service of advisories answered."""
    not_asked: list[str]
    known: list[str]
    without_wheels: dict[str, list[str]]
    """Versions that a machine would have to build, by the machine."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What people have decided: what each dependency is for, and what is accepted."""

    needed: dict[str, str]
    licences: list[str]
    builds: dict[str, str] = field(default_factory=dict)
    advisories: dict[str, str] = field(default_factory=dict)


def digest(entries: Iterable[Pinned]) -> str:
    """What the kept answers are of: names, versions and files, and where each counts."""
    return hashlib.sha256("".join(each.entry.text for each in entries).encode()).hexdigest()


def found(file: Path = FOUND) -> Found:
    """What was kept."""
    return Found(**json.loads(file.read_text(encoding="utf-8")))


def keep_found(what: Found, file: Path = FOUND) -> None:
    """Keep it."""
    file.write_text(json.dumps(asdict(what), indent=2) + "\n", encoding="utf-8")


def judged(file: Path = JUDGED) -> Judged:
    """What was decided."""
    return Judged(**tomllib.loads(file.read_text(encoding="utf-8")))


def losses(what: Found, decided: Judged, accepts: Iterable[str]) -> list[str]:
    """What is against the dependencies and was not accepted, a sentence each; `accepts` are the licences that were."""
    refused = [f"the licence of {name} is {told}" for name, told in what.licences.items() if told not in accepts]
    advised = [each for each in what.known if not any(id_ in each for id_ in decided.advisories)]
    built = [
        f"{machine} finds no wheel of {version}"
        for machine, versions in what.without_wheels.items()
        for version in versions
        if version not in decided.builds
    ]
    return [*refused, *advised, *built]
