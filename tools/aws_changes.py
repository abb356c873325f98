"""List what AWS changed between two versions of botocore: `make -C tools changes FROM=1.43.0 TO=1.44.8`.

The list is made from the service models of both packages, because botocore publishes its changelog only in its
repository. It marks with `*` what ssmtui uses: an operation that it calls, or a structure of such an operation. For
these it also lists the sentences of AWS's documentation that changed.

A person reads the list, writes what affects a result into `docs/facts/changes.md`, and updates the reviewed version
there.
Without versions, the program warns if the lock has a newer botocore than the reviewed one.
"""

from __future__ import annotations

import difflib
import gzip
import html
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from ssmtui.evidence.facts.sources import all_reads
from ssmtui.remediation.operations.catalog import READS, WRITES
from ssmtui.session.client import OPERATIONS
from tools.locked import TREE, locked

CHANGES = TREE / "docs" / "facts" / "changes.md"
ALSO_REVIEWED = frozenset({"s3control"})
"""A service that ssmtui does not call, whose settings can decide a call."""

_REVIEWED = re.compile(r"^Reviewed up to botocore (\d+(?:\.\d+)+)\.", re.MULTILINE)
_MODEL = re.compile(r"botocore/data/([\w.-]+)/([\d-]+)/service-2\.json(\.gz)?")


class Part(TypedDict, total=False):
    """A reference to a shape, with its documentation."""

    shape: str
    documentation: str


class Shape(TypedDict, total=False):
    """A shape of a service model."""

    type: str
    documentation: str
    members: Mapping[str, Part]
    required: Sequence[str]
    enum: Sequence[str]
    member: Part
    key: Part
    value: Part


class Operation(TypedDict, total=False):
    """An operation of a service model."""

    documentation: str
    input: Part
    output: Part
    errors: Sequence[Part]


class Model(TypedDict):
    """A service model."""

    operations: Mapping[str, Operation]
    shapes: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Change:
    """A difference of a service; `used` if ssmtui uses the changed operation or structure."""

    text: str
    used: bool


def reviewed(page: str) -> str:
    """Return the newest version of botocore whose changes were reviewed."""
    found = _REVIEWED.search(page)
    assert found is not None, "docs/facts/changes.md names no reviewed version"
    return found[1]


def lock_warning(lock: str, page: str) -> str:
    """Return a warning if the lock has a newer botocore than the reviewed one, otherwise an empty text."""
    done = reviewed(page)
    (version,) = {each.version for each in locked(lock) if each.name == "botocore"}
    if _order(version) <= _order(done):
        return ""
    return (
        f"requirements.lock has botocore {version}, but docs/facts/changes.md was reviewed up to {done}. "
        f"Run: make -C tools changes FROM={done} TO={version}"
    )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split("."))


def used_operations() -> Mapping[str, frozenset[str]]:
    """Return the operations that ssmtui calls, by service."""
    calls = {*all_reads(), *READS, *WRITES, *OPERATIONS}
    return {service: frozenset(name for own, name in calls if own == service) for service, _ in sorted(calls)}


def changes(old: Model, new: Model, used: frozenset[str]) -> Iterator[Change]:
    """Yield the differences of a service: operations first, then shapes."""
    before, after = old["operations"], new["operations"]
    for name in sorted({*before, *after}):
        if name not in before or name not in after:
            yield Change(f"operation {name} {'added' if name in after else 'removed'}", name in used)
        elif name in used:
            yield from _errors(name, before[name], after[name])
            yield from _sentences(name, before[name].get("documentation", ""), after[name].get("documentation", ""))
    reached = {shape for model in (old, new) for shape in _reached(model, used)}
    for name in sorted({*old["shapes"]} & {*new["shapes"]}):
        yield from _of_shape(name, old["shapes"][name], new["shapes"][name], used=name in reached)


def _errors(name: str, before: Operation, after: Operation) -> Iterator[Change]:
    old, new = ([each["shape"] for each in one.get("errors", ())] for one in (before, after))
    yield from _members(f"operation {name}: error", old, new, used=True)


def _of_shape(name: str, before: Shape, after: Shape, *, used: bool) -> Iterator[Change]:
    old, new = before.get("members", {}), after.get("members", {})
    yield from _members(name, old, new, used=used)
    yield from _members(f"{name}: value", before.get("enum", ()), after.get("enum", ()), used=used)
    yield from _members(f"{name}: required", before.get("required", ()), after.get("required", ()), used=used)
    if not used:
        return
    yield from _sentences(name, before.get("documentation", ""), after.get("documentation", ""))
    for member in sorted({*old} & {*new}):
        parts = old[member], new[member]
        yield from _sentences(f"{name}.{member}", *(each.get("documentation", "") for each in parts))


def _members(what: str, old: Collection[str], new: Collection[str], *, used: bool) -> Iterator[Change]:
    for sign, names in (("+", {*new} - {*old}), ("-", {*old} - {*new})):
        if names:
            yield Change(f"{what} {sign} {', '.join(sorted(names))}", used)


def _sentences(what: str, before: str, after: str) -> Iterator[Change]:
    """Yield the sentences that changed in AWS's documentation of something that ssmtui uses."""
    lines = difflib.ndiff(_split(before), _split(after))
    changed = [each for each in lines if each[0] in "+-"]
    if changed:
        yield Change(f"{what}: documentation\n" + "\n".join(f"      {each}" for each in changed), used=True)


def _split(documentation: str) -> list[str]:
    text = html.unescape(re.sub(r"<[^>]+>", " ", documentation))
    return re.split(r"(?<=[.:]) ", " ".join(text.split()))


def _reached(model: Model, used: frozenset[str]) -> set[str]:
    """Return the shapes in the requests and answers of these operations."""
    parts = [model["operations"][each] for each in used if each in model["operations"]]
    waiting = [one["shape"] for each in parts for one in (each.get("input"), each.get("output")) if one]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        shape = model["shapes"][name]
        inner = (*shape.get("members", {}).values(), shape.get("member"), shape.get("key"), shape.get("value"))
        waiting += [each["shape"] for each in inner if each]
    return found


def models(wheel: Path, services: Sequence[str]) -> dict[str, Model]:
    """Return the newest model of each service in botocore's wheel."""
    found: dict[str, tuple[str, str]] = {}
    with zipfile.ZipFile(wheel) as package:
        for each in package.namelist():
            name = _MODEL.fullmatch(each)
            if name and name[1] in services and name[2] > found.get(name[1], ("", ""))[0]:
                found[name[1]] = name[2], each
        return {service: _model(package.read(file), file) for service, (_, file) in found.items()}


def _model(data: bytes, file: str) -> Model:
    loaded: Model = json.loads(gzip.decompress(data) if file.endswith(".gz") else data)
    return loaded


def download(version: str, folder: Path) -> Path:
    """Return botocore's wheel of a version; pip downloads it once."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"botocore-{version}-py3-none-any.whl"
    if not wheel.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, "--dest", str(folder), f"botocore=={version}"], check=True)
    return wheel


def report(old: str, new: str, folder: Path) -> Iterator[str]:
    """Yield the lines of the list."""
    used = used_operations()
    services = sorted({*used, *ALSO_REVIEWED})
    before, after = (models(download(each, folder), services) for each in (old, new))
    for service in services:
        if service not in before or service not in after:
            yield f"{service}: in neither or only one of the two versions"
            continue
        found = list(changes(before[service], after[service], used.get(service, frozenset())))
        yield f"{service}: {len(found)} changes, {sum(each.used for each in found)} of them of what ssmtui uses"
        yield from (f"  {'*' if each.used else ' '} {each.text}" for each in found)


def main(versions: Sequence[str]) -> None:
    """Print the list for two versions; without versions, print the warning about the lock."""
    if versions:
        old, new = versions
        for line in report(old, new, TREE / "build" / "botocore"):
            sys.stdout.write(f"{line}\n")
        return
    lock, page = (each.read_text(encoding="utf-8") for each in (TREE / "requirements.lock", CHANGES))
    if warning := lock_warning(lock, page):
        # GitHub shows a line of this form beside the file.
        mark = "::warning file=requirements.lock::" if "GITHUB_ACTIONS" in os.environ else "warning: "
        sys.stdout.write(f"{mark}{warning}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
