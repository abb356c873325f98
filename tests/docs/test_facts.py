"""The pages of facts: the causes that they name are those of the catalogue, and those that `explain` comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text

FACTS = Path(__file__).parents[2] / "docs" / "facts"
QUOTED = re.compile(r"`([^`]+)`")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+|throttled")


class Row(NamedTuple):
    """A row of a table with a column that is headed `cause`: the texts that it begins with, and the causes."""

    texts: tuple[str, ...]
    causes: frozenset[str]


def rows(page: str) -> Iterator[Row]:
    """The rows of a page's tables that name causes."""
    column: int | None = None
    for line in (FACTS / page).read_text(encoding="utf-8").splitlines():
        # A bar inside a text that is quoted divides no cells.
        cells = QUOTED.sub(lambda quoted: quoted.group().replace("|", ""), line).split("|")
        if len(cells) < 3:
            column = None
        elif column is None:
            column = next((place for place, cell in enumerate(cells) if cell.strip() == "cause"), None)
        else:
            causes = frozenset(filter(SLUG.fullmatch, QUOTED.findall(cells[column])))
            yield Row(tuple(map(filled, QUOTED.findall(cells[1]))), causes)


def filled(text: str) -> str:
    """A text with something in its holes."""
    for hole, filling in (("… ", ""), ("\\n", "\n"), ("\\t", "\t"), ("%s", "x"), ("%v", "x"), ("%d", "1")):
        text = text.replace(hole, filling)
    return text


@pytest.mark.parametrize("page", ["failure-texts.md", "field-reports.md"])
def test_a_page_names_causes_that_there_are(page: str) -> None:
    named = frozenset[str]().union(*(row.causes for row in rows(page)))
    assert len(named) > 20
    assert named - set(catalogue()) == set()


def test_explain_says_of_no_text_something_else_than_the_page() -> None:
    answered, otherwise = 0, []
    for row in rows("failure-texts.md"):
        for text in row.texts if row.causes else ():
            matches = match_text(text, catalogue().values())
            likeliest = {each.cause for each in matches if each.likelihood == matches[0].likelihood}
            answered += bool(likeliest)
            if likeliest and likeliest.isdisjoint(row.causes):
                otherwise.append((text, likeliest))
    # The others are inner parts of a message, which prove nothing without the frame around them.
    assert answered > 120
    assert otherwise == []
