"""The catalogue of causes as a list: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ssmtui.causes.cause import Cause
from ssmtui.checks.check import Check
from ssmtui.language import say
from ssmtui.model.plan import JSON
from ssmtui.report.columns import Column, table_rows

SCHEMA = "ssmtui.causes/1"


def along_the_path(causes: Iterable[Cause]) -> list[Cause]:
    """The causes in the order of the path that a session walks, those of one link by their slugs."""
    return sorted(causes, key=lambda each: (each.link.position, each.slug))


def catalogue_lines(causes: Iterable[Cause], width: int | None = None) -> Iterator[str]:
    """One line a cause: slug, title, link and subject; of them what a terminal of that width has room for."""
    columns = (
        Column(say("cause").upper()),
        Column(say("title").upper(), least=46),
        Column(say("link").upper(), yields=2),
        Column(say("subject").upper(), yields=1),
    )
    rows = [(c.slug, c.title, say(c.link.value), say(c.subject.value)) for c in along_the_path(causes)]
    return table_rows(columns, rows, width)


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
