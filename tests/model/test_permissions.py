"""IAM's answer to a question, from everything that denies it."""

from __future__ import annotations

import pytest

from ssmtui.model.permissions import (
    Decision,
    Denier,
    DenyingPolicy,
    EvaluationResult,
    Question,
    answer_of,
    best_of,
)

ASKED = Question("kms:Decrypt", "*")
SILENT = DenyingPolicy(Denier.IDENTITY, explicit=False)
BOUNDARY = DenyingPolicy(Denier.BOUNDARY, explicit=False)
EXPLICIT = DenyingPolicy(Denier.IDENTITY, explicit=True)
PERHAPS = DenyingPolicy(Denier.IDENTITY, explicit=True, hangs_on=("aws:SourceVpc",))
ALLOWED = EvaluationResult(ASKED, Decision.ALLOWED)
IMPLICIT = Decision.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("denials", "answer"),
    [
        pytest.param((), ALLOWED, id="nothing denies"),
        pytest.param((SILENT,), EvaluationResult(ASKED, IMPLICIT, Denier.IDENTITY), id="nothing allows"),
        pytest.param(
            (SILENT, BOUNDARY),
            EvaluationResult(ASKED, IMPLICIT, Denier.BOUNDARY, also=(SILENT,)),
            id="what the role's own policies do not overrule comes first",
        ),
        pytest.param(
            (BOUNDARY, EXPLICIT),
            EvaluationResult(ASKED, Decision.EXPLICIT_DENY, Denier.IDENTITY, also=(BOUNDARY,)),
            id="what denies explicitly comes before that",
        ),
        pytest.param(
            (PERHAPS,),
            EvaluationResult(
                ASKED,
                Decision.EXPLICIT_DENY,
                Denier.IDENTITY,
                ("aws:SourceVpc",),
                undecided=True,
                may_be_barred=True,
            ),
            id="what may deny",
        ),
        pytest.param(
            (PERHAPS, SILENT),
            EvaluationResult(ASKED, IMPLICIT, Denier.IDENTITY, may_be_barred=True, also=(PERHAPS,)),
            id="what denies for sure counts before what may",
        ),
    ],
)
def test_the_answer_is_what_stands_in_the_way_the_most(
    denials: tuple[DenyingPolicy, ...], answer: EvaluationResult
) -> None:
    assert answer_of(ASKED, denials) == answer


def test_whoever_asks_under_several_names_has_the_best_answer() -> None:
    denied, undecided = answer_of(ASKED, (SILENT,)), answer_of(ASKED, (PERHAPS,))
    other = answer_of(ASKED, (EXPLICIT,))
    assert best_of((denied, undecided, ALLOWED)) is ALLOWED
    assert best_of((denied, undecided, other)) is undecided
    assert best_of((denied, other)) is other
