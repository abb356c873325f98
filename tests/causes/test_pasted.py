"""Texts as people paste them: the right cause comes first, and what is not Session Manager's gets no answer."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from tools.pasted import (
    COLLECTIONS,
    HELD_OUT,
    KINDS,
    LOOKED_AT,
    OTHERS,
    RIGHT_FIRST,
    Answer,
    Kind,
    Pasted,
    answer,
    measured,
    of_kinds,
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


@pytest.mark.long
@pytest.mark.parametrize("name", COLLECTIONS)
def test_later_collections_keep_their_shares(name: str) -> None:
    floors = COLLECTIONS[name]
    output = measured(of_kinds(name, Kind.OUTPUT))
    together = measured(of_kinds(name, Kind.OUTPUT, Kind.DESCRIPTION))
    unrelated = measured(of_kinds(name, Kind.OTHER))
    assert output[Answer.FIRST] >= floors.output * output.total()
    assert together[Answer.FIRST] >= floors.together * together.total()
    assert unrelated[Answer.SILENT] >= floors.silent * unrelated.total()


@pytest.mark.parametrize("each", pasted(OTHERS), ids=row)
def test_what_is_not_session_managers_gets_no_answer(each: Pasted) -> None:
    assert answer(each)[1] == ()


def test_enough_was_collected_and_every_expected_cause_exists() -> None:
    texts = [*pasted(KINDS), *pasted(LOOKED_AT), *pasted(HELD_OUT), *pasted("fresh"), *pasted("second")]
    assert len(texts) >= 150
    assert len(pasted(OTHERS)) >= 40
    assert len({each.text for each in texts}) == len(texts)
    later = [each for name in COLLECTIONS for each in pasted(name)]
    assert {slug for each in (*texts, *later) for slug in each.first} <= catalogue().keys()
