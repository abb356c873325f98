"""The product's evaluator on the table of cases from AWS's documents."""

from __future__ import annotations

import pytest

from ssmtui.iam_policy.truth import Truth
from tests.policy_cases import CASES, Case, Expected
from tests.policy_cases.answers import of_the_product

_TRUTH = {
    Expected.ALLOWED: Truth.YES,
    Expected.CANNOT_TELL: Truth.PERHAPS,
    Expected.EXPLICIT_DENY: Truth.NO,
    Expected.IMPLICIT_DENY: Truth.NO,
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_product_answers_as_aws_documents(case: Case) -> None:
    assert of_the_product(case) == (_TRUTH[case.expected], case.expected), case.source
