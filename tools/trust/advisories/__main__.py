"""Find vulnerabilities, licences and wheels of the dependencies, and write a page (`make advisories`)."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from tools.trust.advisories.dependencies import (
    LOCK,
    PAGE,
    Advisories,
    Found,
    IndexSilent,
    Pinned,
    accepted,
    advisories,
    asked,
    digest,
    environments,
    found,
    judged,
    keep_found,
    licence_of,
    losses,
    pinned,
    run_time,
    tool,
    without_wheels,
    wrong,
)
from tools.trust.advisories.page import page
from tools.trust.tally import Tally, keep

_ASKED = (
    "Checks each version that people install for known advisories, its licence, and a wheel for each machine and "
    "Python. The lock must be complete on each of them."
)


def main() -> int:
    """Query the services, store the result, write the page; return 1 if there is a problem with a dependency."""
    begun = time.monotonic()
    entries, decided, notes = run_time(), judged(), list[str]()
    told = _asked_about(entries, notes)
    wheels = _wheels(entries, notes)
    licences = {each.entry.name: licence_of(each.entry.name) for each in entries}
    now = Found(
        digest(entries),
        f"{datetime.now(UTC):%Y-%m-%d}",
        licences,
        [*told.asked],
        [*told.not_asked],
        [*told.known],
        wheels,
    )
    if notes and found().lock == now.lock:
        print("Not changed: some services did not answer, and the lock is the same")
    else:
        keep_found(now)
        PAGE.write_text(page(now, decided, entries), encoding="utf-8")
    lock = pinned(LOCK.read_text(encoding="utf-8"))
    holes = [each for one in environments() for each in wrong(lock, one, asked("demo", "dev"))]
    lost = [*holes, *losses(now, decided, {each for each in licences.values() if accepted(each, decided.licences)})]
    if told.not_asked:
        notes.append(f"no service of advisories answered about {len(told.not_asked)} of {len(entries)} versions")
    seconds = time.monotonic() - begun
    return keep(Tally("advisories", _ASKED, len(entries), "versions", tuple(lost), seconds=seconds, notes=tuple(notes)))


def _asked_about(entries: list[Pinned], notes: list[str]) -> Advisories:
    auditor = tool("pip-audit")
    if auditor is None:
        notes.append("pip-audit is not installed: `make advisories` installs it")
        return Advisories((), tuple(sorted(f"{each.entry.name}=={each.entry.version}" for each in entries)), ())
    return advisories(auditor, entries)


def _wheels(entries: list[Pinned], notes: list[str]) -> dict[str, list[str]]:
    installer = tool("uv")
    if installer is None:
        notes.append("uv is not installed: wheels were not checked")
        return found().without_wheels
    try:
        each_minor = {str(each): each for each in environments()}
        return {name: list(without_wheels(installer, each, entries)) for name, each in each_minor.items()}
    except IndexSilent as silent:
        notes.append(f"the package index did not answer about wheels: {silent}")
        return found().without_wheels


if __name__ == "__main__":
    sys.exit(main())
