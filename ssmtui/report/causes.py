"""The catalogue of causes as a list: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from ssmtui.causes.cause import Cause
from ssmtui.checks.check import Check
from ssmtui.language import marked, say
from ssmtui.model.plan import JSON

SCHEMA = "ssmtui.causes/1"
_TITLES = (marked("cause"), marked("title"), marked("link"), marked("subject"))


def along_the_path(causes: Iterable[Cause]) -> list[Cause]:
    """The causes in the order of the path that a session walks, those of one link by their slugs."""
    return sorted(causes, key=lambda each: (each.link.position, each.slug))


def cause_lines(causes: Iterable[Cause]) -> Iterator[str]:
    """One line a cause: slug, title, link and subject."""
    rows = [
        tuple(say(title).upper() for title in _TITLES),
        *((c.slug, c.title, say(c.link.value), say(c.subject.value)) for c in along_the_path(causes)),
    ]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(_TITLES))]
    for row in rows:
        yield "  ".join(set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def causes_document(causes: Iterable[Cause], checks: Sequence[Check]) -> Mapping[str, JSON]:
    """The same with the texts that each is known by.

    `checks` names those that can prove it: none, where a text is all that there is to go by.
    """
    return {"schema": SCHEMA, "causes": [_cause(each, checks) for each in along_the_path(causes)]}


def _cause(cause: Cause, checks: Sequence[Check]) -> Mapping[str, JSON]:
    return {
        "slug": cause.slug,
        "title": cause.title,
        "link": cause.link.value,
        "subject": cause.subject.value,
        "known_by": [{"text": each.text, "likelihood": each.likelihood} for each in cause.known_by],
        "documentation": [{"title": each.title, "url": each.url} for each in cause.documentation],
        "fixes": [each.slug for each in cause.fixes],
        "checks": [check.name for check in checks if cause.slug in check.causes],
    }
