"""Write `docs/dependencies.md` from the results and the decisions."""

from __future__ import annotations

from collections.abc import Iterator

from tools.trust.advisories.dependencies import Found, Judged, Pinned

_HEAD = """\
# Dependencies

`make advisories` writes this page from the lock, from the metadata of the packages, and from the decisions in
`packaging/dependencies.toml`. Do not edit it by hand. A test compares it with the current lock. The test also checks,
for each supported machine and Python, that the lock contains all requirements of every package.

## Direct dependencies, and why each is needed

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
    yield "\n## Licences\n\nAll packages that are installed with ssmtui and with its demonstration. Accepted licences: "
    yield f"{', '.join(decided.licences)}.\n\n| package | version | licence |\n|---|---|---|\n"
    for name, licence in what.licences.items():
        versions = ", ".join(each.entry.version for each in entries if each.entry.name == name)
        yield f"| {name} | {versions} | {licence} |\n"


def _advisories(what: Found, decided: Judged) -> Iterator[str]:
    all_ = len(what.asked) + len(what.not_asked)
    yield f"\n## Advisories\n\nOn {what.made}, {all_} versions were checked. "
    yield f"A service of advisories answered about {len(what.asked)}"
    known = (
        f"{len(what.known) or 'no'} advisories are known"
        if what.asked
        else "so it is not known if they have advisories"
    )
    yield f"; {known}.\n"
    for each in what.known:
        reason = next((why for id_, why in decided.advisories.items() if id_ in each), "not accepted")
        yield f"\n- {each}: {reason}"
    if what.not_asked:
        yield "\nNo service of advisories answered about the following versions. Run `make advisories` again on a\n"
        yield f"machine that can reach one.\n\n{', '.join(f'`{each}`' for each in what.not_asked)}\n"


def _wheels(what: Found, decided: Judged) -> Iterator[str]:
    yield "\n## Wheels\n\nFound by the hashes of the lock, for each supported machine and Python.\n\n"
    yield "| machine | built from source |\n|---|---|\n"
    for machine, versions in what.without_wheels.items():
        told = "; ".join(f"{each} ({decided.builds.get(each, 'not accepted')})" for each in versions)
        yield f"| {machine} | {told or 'nothing'} |\n"
