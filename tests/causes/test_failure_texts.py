"""Every text that the public programs can print has a class, and `explain` agrees with it (tools/failure_texts)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match, match_text
from ssmtui.causes.ranking import match_paste
from ssmtui.diagnosis.explanation import PossibleCause, opening_sentence
from tools.failure_texts.composing import composed, filled
from tools.failure_texts.sources import PROGRAMS
from tools.failure_texts.table import GENERAL, NONE, UNCLASSIFIED, Table, coverage, read_tables

PAGE = Path(__file__).parents[2] / "docs" / "facts" / "failure-texts.md"
CAUSES = catalogue()
TABLES = read_tables()

each_program = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.program)


def matches(text: str) -> tuple[Match, ...]:
    return match_text(text, CAUSES.values())


def opening(found: tuple[Match, ...]) -> str:
    return opening_sentence({match.cause: PossibleCause(match, None) for match in found})


def test_each_program_has_a_table_of_its_version() -> None:
    assert {table.program: table.version for table in TABLES} == {each.name: each.version for each in PROGRAMS}


@each_program
def test_each_text_has_a_class_that_exists(table: Table) -> None:
    known = {GENERAL, NONE, *CAUSES}
    assert [row.text for row in table.rows if UNCLASSIFIED in row.classes or not known.issuperset(row.classes)] == []
    assert [row.text for row in table.rows if NONE in row.classes and len(row.classes) > 1] == []


@each_program
def test_each_text_names_its_cause_first_as_the_program_prints_it(table: Table) -> None:
    wrong = dict[str, str]()
    for row in table.rows:
        causes = {*row.classes} - {GENERAL, NONE}
        first = next((match.cause for match in matches(composed(row))), "") if causes else ""
        if causes and first not in causes:
            wrong[row.text] = first
    assert wrong == {}


@pytest.mark.long
def test_explain_names_the_cause_of_each_text_first_but_for_the_odd_one() -> None:
    """With the words of the text, which the classifier reads, one text in a hundred may get another answer."""
    rows = [(row, {*row.classes} - {GENERAL, NONE}) for table in TABLES for row in table.rows]
    known = [(row, causes) for row, causes in rows if causes]
    wrong = [
        row.text
        for row, causes in known
        if next((match.cause for match in match_paste(composed(row), CAUSES.values())), "") not in causes
    ]
    assert len(wrong) <= len(known) / 100, wrong


@each_program
def test_a_text_that_fits_many_causes_opens_with_what_to_check(table: Table) -> None:
    general = [row for row in table.rows if GENERAL in row.classes]
    assert [row.text for row in general if not opening(matches(composed(row)))] == []


@pytest.mark.heavy
@each_program
def test_a_text_that_does_not_say_why_a_session_fails_names_no_cause(table: Table) -> None:
    silent = [row for row in table.rows if NONE in row.classes]
    assert [row.text for row in silent if matches(filled(row.text))] == []


def test_the_documentation_shows_the_coverage_of_each_table() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert [row for row in map(coverage, TABLES) if row not in shown] == []
