"""Compare changes: every offered fix of a world, previewed; each fix once applied, and undone.

The offers are read from the reports of the base, so that both sides get the same tasks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools.checkouts.place import Place, Ran, output_in
from tools.checkouts.recording import Pages, Task
from tools.checkouts.reports import REPORTS

PREVIEWS, JOURNAL = "previews", "journal"

_BY_HAND = "steps-"
_CANDIDATE = re.compile(r"^ {6}(\S+=\S+)(?!.*\bwill not do\b)", re.MULTILINE)
_MUST_BE_SET = "--set "


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix that is offered for a finding of a world."""

    world: str
    region: str
    cause: str
    subject: str
    fix: str

    @property
    def line(self) -> tuple[str, ...]:
        """The command line that previews it."""
        return ("fix", self.cause, "--subject", self.subject, "--with", self.fix, "--region", self.region)


def offers(outputs: Path, worlds: Sequence[str]) -> list[Offer]:
    """Return every cause with each of its fixes, from the first report that offers it."""
    first: dict[tuple[str, str], Offer] = {}
    for world in worlds:
        kept = (outputs / REPORTS / world / "json").read_text(encoding="utf-8")
        for offer in _offered(world, json.loads(output_in(kept))):
            first.setdefault((offer.cause, offer.fix), offer)
    return list(first.values())


def _offered(world: str, report: dict[str, list[dict[str, object]]]) -> Iterator[Offer]:
    regions = {str(node["id"]): str(node["region"]) for node in report["nodes"]}
    for finding in report["findings"]:
        nodes, fixes, subject = finding["nodes"], finding["fixes"], finding["subject"]
        assert isinstance(nodes, list)
        assert isinstance(fixes, list)
        assert isinstance(subject, dict)
        region = next((regions[node] for node in nodes if node in regions), str(report["scopes"][0]["region"]))
        for fix in fixes:
            yield Offer(world, region, str(finding["cause"]), subject["id"], fix)


def preview_tasks(offered: Sequence[Offer]) -> list[Task]:
    """Return a task for each preview."""
    return [Task(PREVIEWS, f"{each.world}-{each.cause}-{each.fix}", partial(_preview, each)) for each in offered]


def _preview(offer: Offer, place: Place) -> Pages:
    place.load(offer.world)
    return {"preview": place.run(*offer.line)}


def journal_tasks(offered: Sequence[Offer]) -> list[Task]:
    """Return a task for each automatic fix, on its first offer for a cause: apply and undo it."""
    made = {each.fix: each for each in reversed(offered) if not each.fix.startswith(_BY_HAND)}
    return [Task(JOURNAL, f"{fix}-{offer.world}", partial(_made, offer)) for fix, offer in sorted(made.items())]


def _made(offer: Offer, place: Place) -> Pages:
    place.load(offer.world)
    line = offer.line
    preview = place.run(*line)
    if _MUST_BE_SET in preview.errors and (candidate := _CANDIDATE.search(preview.errors)):
        line = (*line, "--set", candidate[1])
        preview = place.run(*line)
    pages: dict[str, Ran | str] = {"1-preview": preview, "2-handed-over": place.run(*line, "--as", "markdown")}
    pages |= {"3-made": place.run(*line, "--yes"), "4-journal": place.journal}
    pages |= {"5-listed": place.run("undo", "--list"), "6-undone": place.run("undo", "--yes")}
    pages |= {"7-journal": place.journal, "8-listed": place.run("undo", "--list")}
    return pages
