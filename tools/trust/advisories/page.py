"""Write `docs/dependencies.md` from the results and the decisions."""

from __future__ import annotations

from collections.abc import Iterator

from tools.trust.advisories.dependencies import Found, Judged, Pinned

_HEAD = """\
# What ssmtui stands on

Made by `make advisories` from the lock, from the packages' own metadata and from what people have decided
(`packaging/dependencies.toml`); never edited by hand. A test compares it with the lock of today, walks what every
package asks for on each machine and Python that is supported, and finds it in the lock.

## What the package asks for itself, and why it cannot go

"""


def page(what: Found, decided: Judged, entries: list[Pinned]) -> str:
    """Return the page, as Markdown."""
    return "".join(
        [
            _HEAD,
            *_needed(decided),
            *_licences(what, decided, entries),
            *_advisories(what, decided),
            *_wheels(what, decided),
        ]
    )


def _needed(decided: Judged) -> Iterator[str]:
    yield "| package | what for |\n|---|---|\n"
    for name, why in decided.needed.items():
        yield f"| {name} | {why} |\n"


def _licences(what: Found, decided: Judged, entries: list[Pinned]) -> Iterator[str]:
    yield "\n## Licences\n\nOf all that is installed with it and with its demonstration. Accepted are "
    yield f"{', '.join(decided.licences)}.\n\n| package | version | licence |\n|---|---|---|\n"
    for name, licence in what.licences.items():
        versions = ", ".join(each.entry.version for each in entries if each.entry.name == name)
        yield f"| {name} | {versions} | {licence} |\n"


def _advisories(what: Found, decided: Judged) -> Iterator[str]:
    all_ = len(what.asked) + len(what.not_asked)
    yield f"\n## Advisories\n\nAsked on {what.made} about {all_} versions, and answered about {len(what.asked)}"
    known = f"known against them: {len(what.known) or 'nothing'}" if what.asked else "so nothing is known either way"
    yield f"; {known}.\n"
    for each in what.known:
        reason = next((why for id_, why in decided.advisories.items() if id_ in each), "not accepted")
        yield f"\n- {each}: {reason}"
    if what.not_asked:
        yield "\nNo service of advisories answered about these, which says nothing about them: ask anew where one can\n"
        yield f"be reached (`make advisories`).\n\n{', '.join(what.not_asked)}\n"


def _wheels(what: Found, decided: Judged) -> Iterator[str]:
    yield "\n## Wheels\n\nLooked for by the hashes of the lock, for each machine and Python that is supported.\n\n"
    yield "| machine | to be built from source |\n|---|---|\n"
    for machine, versions in what.without_wheels.items():
        told = "; ".join(f"{each} ({decided.builds.get(each, 'not accepted')})" for each in versions)
        yield f"| {machine} | {told or 'nothing'} |\n"
