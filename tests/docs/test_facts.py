"""The pages of facts: the causes that they name are those of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssmtui.causes.catalogue import catalogue

FACTS = Path(__file__).parents[2] / "docs" / "facts"
SLUG = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`")


def causes_in(page: str) -> Iterator[str]:
    """The slugs in the columns that are headed `cause`."""
    column: int | None = None
    for line in page.splitlines():
        # A bar inside a text that is quoted divides no cells.
        cells = re.sub(r"`[^`]*`", lambda quoted: quoted.group().replace("|", ""), line).split("|")
        if len(cells) < 3:
            column = None
        elif column is None:
            column = next((place for place, cell in enumerate(cells) if cell.strip() == "cause"), None)
        else:
            yield from SLUG.findall(cells[column])


@pytest.mark.parametrize("page", ["failure-texts.md", "field-reports.md"])
def test_a_page_names_causes_that_there_are(page: str) -> None:
    named = set(causes_in((FACTS / page).read_text(encoding="utf-8")))
    assert len(named) > 20
    assert named - set(catalogue()) == set()
