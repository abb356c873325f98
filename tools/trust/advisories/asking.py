"""What only an index can tell: what is known against a version, and whether each machine finds a wheel of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.trust.advisories.environments import Environment
from tools.trust.advisories.locked_walk import Pinned

_SERVICES = ("pypi", "osv")
_MISSING = re.compile(r"Because (?P<name>[\w.-]+)==(?P<version>[\w.]+) has no (?:usable )?wheels")
_DEADLINE = 300


def tool(name: str) -> Path | None:
    """A tool of `packaging/tools.in`, where `make` has installed it beside this environment."""
    found = Path(sys.prefix) / "tools" / Path(sys.executable).parent.name / name
    return next((each for each in (found, found.with_suffix(".exe")) if each.exists()), None)


@dataclass(frozen=True, slots=True)
class Advisories:
    """What was answered: of which versions, and what is known against them; of which nothing could be asked."""

    asked: tuple[str, ...]
    not_asked: tuple[str, ...]
    known: tuple[str, ...]
    """Version, advisory and the versions that mend it, as `name==version: ID (mended in …)`."""


def advisories(auditor: Path, entries: Iterable[Pinned]) -> Advisories:
    """Ask by pip-audit: PyPI first, and what it does not answer, OSV."""
    waiting = sorted({f"{each.entry.name}=={each.entry.version}" for each in entries})
    asked: list[str] = []
    known: list[str] = []
    for service in _SERVICES:
        answered = dict(_answered(auditor, service, waiting))
        asked.extend(answered)
        known.extend(f"{version}: {each}" for version, against in answered.items() for each in against)
        waiting = [each for each in waiting if each not in answered]
    return Advisories(tuple(sorted(asked)), tuple(waiting), tuple(sorted(known)))


def _answered(auditor: Path, service: str, versions: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """One version of each package at a time: pip-audit takes no two of one."""
    waiting = list(versions)
    while waiting:
        turn = {each.partition("==")[0]: each for each in waiting}
        waiting = [each for each in waiting if each not in turn.values()]
        for name, told in _audited(auditor, service, turn.values()).items():
            yield turn[name], told


def _audited(auditor: Path, service: str, versions: Iterable[str]) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "asked.txt", Path(folder) / "answer.json"
        asked.write_text("".join(f"{each}\n" for each in versions), encoding="utf-8")
        options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "15")
        command: list[str | Path] = [auditor, *options, "-s", service, "-r", asked, "-f", "json", "-o", answer]
        subprocess.run(command, capture_output=True, timeout=_DEADLINE, check=False)
        told = json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else {"dependencies": []}
    return {
        each["name"]: [f"{one['id']} (mended in {', '.join(one['fix_versions']) or 'none'})" for one in each["vulns"]]
        for each in told["dependencies"]
        if "skip_reason" not in each
    }


def without_wheels(installer: Path, environment: Environment, entries: Iterable[Pinned]) -> Iterator[str]:
    """Of which versions a machine finds no wheel that has a hash of the lock; nothing is downloaded."""
    taken = [each for each in entries if each.counts(environment)]
    while True:
        with tempfile.TemporaryDirectory() as folder:
            wanted = Path(folder) / "wanted.txt"
            wanted.write_text("".join(each.entry.text for each in taken), encoding="utf-8")
            command: list[str | Path] = [
                *(installer, "pip", "install", "--dry-run", "--no-deps", "--require-hashes", "--only-binary", ":all:"),
                *("--target", Path(folder) / "nowhere", "--python", sys.executable, "--requirement", wanted),
                *("--python-platform", environment.target, "--python-version", environment.minor),
            ]
            ran = subprocess.run(command, capture_output=True, text=True, timeout=_DEADLINE, check=False)
        if ran.returncode == 0:
            return
        found = _MISSING.search(ran.stderr)
        if found is None:
            raise IndexSilent(ran.stderr.strip()[-300:])
        yield f"{found['name']}=={found['version']}"
        taken = [each for each in taken if each.entry.name != found["name"]]


class IndexSilent(Exception):
    """The index could not be asked."""
