"""Texts as people paste them: the right cause comes first, and what is not Session Manager's gets no answer."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from tools.pasted import (
    BLIND,
    BLIND_FOURTH,
    BLIND_SECOND,
    BLIND_THIRD,
    DESCRIBED,
    FRESH,
    HELD_OUT,
    KINDS,
    LOOKED_AT,
    OTHERS,
    RIGHT_FIRST,
    RIGHT_FIRST_OF_BLIND,
    RIGHT_FIRST_OF_BLIND_FOURTH,
    RIGHT_FIRST_OF_BLIND_THIRD,
    RIGHT_OF_ALL,
    RIGHT_OF_ALL_BLIND_FOURTH,
    RIGHT_OF_ALL_BLIND_SECOND,
    RIGHT_OF_ALL_BLIND_THIRD,
    RIGHT_OF_DESCRIBED,
    SECOND,
    SILENT,
    SILENT_OF_BLIND_FOURTH,
    SILENT_OF_BLIND_SECOND,
    SILENT_OF_BLIND_THIRD,
    SILENT_OF_DESCRIBED,
    Answer,
    Kind,
    Pasted,
    answer,
    measured,
    of_kind,
    pasted,
)


def row(each: Pasted) -> str:
    return " ".join(each.text.split())[-60:]


@pytest.mark.parametrize("each", pasted(KINDS), ids=row)
def test_every_kind_that_was_once_not_understood_names_its_cause_first(each: Pasted) -> None:
    assert answer(each)[0] is Answer.FIRST


@pytest.mark.parametrize("half", [LOOKED_AT, HELD_OUT])
def test_of_what_people_paste_nine_in_ten_name_a_right_cause_first(half: str) -> None:
    texts = pasted(half)
    assert measured(texts)[Answer.FIRST] >= RIGHT_FIRST * len(texts)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        (FRESH, RIGHT_FIRST),
        (SECOND, RIGHT_FIRST),
        (BLIND, RIGHT_FIRST_OF_BLIND),
        (BLIND_SECOND, RIGHT_FIRST_OF_BLIND),
        (BLIND_THIRD, RIGHT_FIRST_OF_BLIND_THIRD),
        (BLIND_FOURTH, RIGHT_FIRST_OF_BLIND_FOURTH),
    ],
)
def test_of_the_fresh_output_most_texts_name_a_right_cause_first(name: str, share: float) -> None:
    texts = of_kind(Kind.OUTPUT, name)
    assert measured(texts)[Answer.FIRST] >= share * len(texts)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        (FRESH, RIGHT_OF_ALL),
        (SECOND, RIGHT_OF_ALL),
        (BLIND, RIGHT_OF_ALL),
        (BLIND_SECOND, RIGHT_OF_ALL_BLIND_SECOND),
        (BLIND_THIRD, RIGHT_OF_ALL_BLIND_THIRD),
        (BLIND_FOURTH, RIGHT_OF_ALL_BLIND_FOURTH),
    ],
)
def test_with_descriptions_most_fresh_texts_name_a_right_cause_first(name: str, share: float) -> None:
    texts = [*of_kind(Kind.OUTPUT, name), *of_kind(Kind.DESCRIPTION, name)]
    assert measured(texts)[Answer.FIRST] >= share * len(texts)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        (FRESH, SILENT),
        (SECOND, SILENT),
        (BLIND, SILENT),
        (BLIND_SECOND, SILENT_OF_BLIND_SECOND),
        (BLIND_THIRD, SILENT_OF_BLIND_THIRD),
        (BLIND_FOURTH, SILENT_OF_BLIND_FOURTH),
        (DESCRIBED, SILENT_OF_DESCRIBED),
    ],
)
def test_fresh_texts_about_something_else_get_no_answer(name: str, share: float) -> None:
    texts = of_kind(Kind.OTHER, name)
    assert measured(texts)[Answer.SILENT] >= share * len(texts)


def test_most_descriptions_of_the_measurements_name_a_right_cause_first() -> None:
    texts = of_kind(Kind.DESCRIPTION, DESCRIBED)
    assert measured(texts)[Answer.FIRST] >= RIGHT_OF_DESCRIBED * len(texts)


@pytest.mark.parametrize("each", pasted(OTHERS), ids=row)
def test_what_is_not_session_managers_gets_no_answer(each: Pasted) -> None:
    assert answer(each)[1] == ()


def test_enough_was_collected_and_every_expected_cause_exists() -> None:
    texts = [*pasted(KINDS), *pasted(LOOKED_AT), *pasted(HELD_OUT), *pasted(FRESH), *pasted(SECOND)]
    assert len(texts) >= 150
    assert len(pasted(OTHERS)) >= 40
    assert len({each.text for each in texts}) == len(texts)
    later = [each for name in (BLIND, BLIND_SECOND, BLIND_THIRD, BLIND_FOURTH, DESCRIBED) for each in pasted(name)]
    assert {slug for each in (*texts, *later) for slug in each.first} <= catalogue().keys()
