"""Find known vulnerabilities, licences and wheels of the locked dependencies, and store the result."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import metadata, requires
from itertools import product
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools.locked import TREE, Locked, locked

# The first and the latest release of each minor version in use: markers distinguish patch releases too.
PYTHONS = ("3.11.0", "3.11.14", "3.12.0", "3.13.0", "3.14.0")

_PLATFORMS = (
    ("Linux", "linux", "posix", "x86_64", "x86_64-manylinux_2_28"),
    ("Linux", "linux", "posix", "aarch64", "aarch64-manylinux_2_28"),
    ("Darwin", "darwin", "posix", "x86_64", "x86_64-apple-darwin"),
    ("Darwin", "darwin", "posix", "arm64", "aarch64-apple-darwin"),
    ("Windows", "win32", "nt", "AMD64", "x86_64-pc-windows-msvc"),
    ("Windows", "win32", "nt", "ARM64", "aarch64-pc-windows-msvc"),
)


@dataclass(frozen=True, slots=True)
class Environment:
    """One machine with one Python."""

    system: str
    platform: str
    os: str
    machine: str
    target: str
    """The value for `uv pip install --python-platform`."""
    python: str

    def __str__(self) -> str:
        return f"{self.system} {self.machine}, Python {self.minor}"

    @property
    def minor(self) -> str:
        """The Python version without the patch release."""
        return ".".join(self.python.split(".")[:2])

    def markers(self, extra: str = "") -> dict[str, str]:
        """Return the values for the evaluation of a marker."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python,
            "os_name": self.os,
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": self.system,
            "platform_version": "",
            "python_full_version": self.python,
            "python_version": self.minor,
            "sys_platform": self.platform,
            "extra": extra,
        }


def environments() -> Iterator[Environment]:
    """Yield each machine with each Python."""
    for platform, python in product(_PLATFORMS, PYTHONS):
        yield Environment(*platform, python)


_MARKER = re.compile(r"^[^ ]+==[^ ]+ ; (?P<marker>.*) \\$", re.MULTILINE)
LOCK = TREE / "requirements.lock"


@dataclass(frozen=True, slots=True)
class Pinned:
    """An entry of the lock with its marker."""

    entry: Locked
    marker: str

    def counts(self, environment: Environment) -> bool:
        """Return whether a machine installs it."""
        return _met(f"it; {self.marker}" if self.marker else "it", environment)


def pinned(text: str) -> list[Pinned]:
    """Return the entries of a lock."""
    return [Pinned(each, marker["marker"] if (marker := _MARKER.search(each.text)) else "") for each in locked(text)]


def asked(*extras: str) -> list[str]:
    """Return the requirements of the package, with some of its extras."""
    project = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = (each for extra in extras for each in project["optional-dependencies"][extra])
    return [*project["dependencies"], *more]


def wrong(lock: Iterable[Pinned], environment: Environment, wanted: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each package that a machine would lack, have twice, or have in a wrong version."""
    there: dict[str, Locked] = {}
    for each in lock:
        if each.counts(environment):
            if each.entry.name in there:
                yield f"{environment}: {each.entry.name} is there twice"
            there[each.entry.name] = each.entry
    for name, asking, versions in walked(environment, wanted):
        if name not in there:
            yield f"{environment}: {name} is missing, {asking} asks for it"
        elif not versions.contains(there[name].version, prereleases=True):
            yield f"{environment}: {name} is {there[name].version}, {asking} asks for {versions}"


def walked(environment: Environment, wanted: Iterable[str]) -> Iterator[tuple[str, str, SpecifierSet]]:
    """Yield every package that a machine needs, with the package that requires it, and the accepted versions."""
    waiting = [("ssmtui", each, "") for each in wanted]
    seen = set(waiting)
    for asking, text, extra in waiting:  # the list grows during the loop
        requirement = _parsed(text)
        if not _met(text, environment, extra):
            continue
        name = canonicalize_name(requirement.name)
        yield name, asking, requirement.specifier
        for of_extra in ("", *requirement.extras):
            for more in _asks(name):
                step = (name, more, of_extra)
                if step not in seen:
                    seen.add(step)
                    waiting.append(step)


@cache
def _asks(name: str) -> tuple[str, ...]:
    return tuple(requires(name) or ())


@cache
def _parsed(text: str) -> Requirement:
    return Requirement(text)


def _met(text: str, environment: Environment, extra: str = "") -> bool:
    marker = _parsed(text).marker
    return marker is None or marker.evaluate(environment.markers(extra))


def run_time() -> list[Pinned]:
    """Return the part of the lock that users install: the package's own needs and those of the demo."""
    names = {name for each in environments() for name, _, _ in walked(each, asked("demo"))}
    return [each for each in pinned(LOCK.read_text(encoding="utf-8")) if each.entry.name in names]


_SERVICES = ("pypi", "osv")
_MISSING = re.compile(r"Because (?P<name>[\w.-]+)==(?P<version>[\w.]+) has no (?:usable )?wheels")
_DEADLINE = 300


def tool(name: str) -> Path | None:
    """Return a tool of `packaging/tools.in`, if `make` has installed it beside this environment."""
    found = Path(sys.prefix) / "tools" / Path(sys.executable).parent.name / name
    return next((each for each in (found, found.with_suffix(".exe")) if each.exists()), None)


@dataclass(frozen=True, slots=True)
class Advisories:
    """The answers of the services: the queried versions, the known advisories, and the versions without an answer."""

    asked: tuple[str, ...]
    not_asked: tuple[str, ...]
    known: tuple[str, ...]
    """Version, advisory and the versions with a fix, as `name==version: ID (mended in …)`."""


def advisories(auditor: Path, entries: Iterable[Pinned]) -> Advisories:
    """Query with pip-audit: PyPI first, then OSV for the rest."""
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
    """Query one version of each package at a time: pip-audit does not accept two versions of one package."""
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
    """Yield the versions for which a machine finds no wheel with a hash in the lock; nothing is downloaded."""
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
    """The index could not be queried."""


FOUND = TREE / "packaging" / "dependencies.json"
JUDGED = TREE / "packaging" / "dependencies.toml"
PAGE = TREE / "docs" / "dependencies.md"


@dataclass(frozen=True, slots=True)
class Found:
    """The result of `make advisories`, and the lock that it is about."""

    lock: str
    made: str
    licences: dict[str, str]
    asked: list[str]
    """Versions for which a service of advisories answered."""
    not_asked: list[str]
    known: list[str]
    without_wheels: dict[str, list[str]]
    """Versions that a machine would have to build, by machine."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The maintainers' decisions: the purpose of each dependency, and the accepted risks."""

    needed: dict[str, str]
    licences: list[str]
    builds: dict[str, str] = field(default_factory=dict)
    advisories: dict[str, str] = field(default_factory=dict)


def digest(entries: Iterable[Pinned]) -> str:
    """Return the digest of what the result depends on: names, versions, files and markers."""
    return hashlib.sha256("".join(each.entry.text for each in entries).encode()).hexdigest()


def found(file: Path = FOUND) -> Found:
    """Return the stored result."""
    return Found(**json.loads(file.read_text(encoding="utf-8")))


def keep_found(what: Found, file: Path = FOUND) -> None:
    """Store the result."""
    file.write_text(json.dumps(asdict(what), indent=2) + "\n", encoding="utf-8")


def judged(file: Path = JUDGED) -> Judged:
    """Return the decisions."""
    return Judged(**tomllib.loads(file.read_text(encoding="utf-8")))


def losses(what: Found, decided: Judged, accepts: Iterable[str]) -> list[str]:
    """Return a sentence for each problem that was not accepted; `accepts` are the accepted licences."""
    refused = [f"the licence of {name} is {told}" for name, told in what.licences.items() if told not in accepts]
    advised = [each for each in what.known if not any(id_ in each for id_ in decided.advisories)]
    built = [
        f"{machine} finds no wheel of {version}"
        for machine, versions in what.without_wheels.items()
        for version in versions
        if version not in decided.builds
    ]
    return [*refused, *advised, *built]


_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""SPDX identifiers for the words of older metadata."""


def licence_of(name: str) -> str:
    """Return a package's licence; all of several classifiers, because none says that a user can choose."""
    told = metadata(name)
    if "License-Expression" in told:
        return told["License-Expression"]
    classified = [each.split(" :: ")[-1] for each in told.get_all("Classifier") or () if each.startswith("License ::")]
    older = told.get_all("License") or ["not told"]
    named = [each for each in classified if each != "OSI Approved"] or older
    return " AND ".join(sorted(_SPDX.get(each, each) for each in named))


def accepted(expression: str, licences: Collection[str]) -> bool:
    """Return whether all parts of the expression, or one of the alternatives, are accepted licences."""
    return any(
        all(each.strip(" ()") in licences for each in re.split(r" AND ", choice))
        for choice in re.split(r" OR ", expression)
    )
