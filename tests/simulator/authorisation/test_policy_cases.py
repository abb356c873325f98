"""The simulator's evaluator on the table of cases from AWS's documents."""

from __future__ import annotations

import pytest

from tests.policy_cases import CASES, Case, Expected
from tests.policy_cases.answers import of_the_simulator


@pytest.mark.parametrize("case", [case for case in CASES if not case.unknown], ids=lambda case: case.name)
def test_the_simulator_answers_as_aws_documents(case: Case) -> None:
    assert of_the_simulator(case, {}) is case.expected, case.source


@pytest.mark.parametrize("case", [case for case in CASES if case.unknown], ids=lambda case: case.name)
def test_what_nobody_knows_makes_the_difference_that_the_table_says(case: Case) -> None:
    (key,) = case.unknown
    found = [of_the_simulator(case, {} if value is None else {key: value}) for value, _ in case.settled]
    assert found == [expected for _, expected in case.settled], case.source
    assert (len(set(found)) > 1) is (case.expected is Expected.CANNOT_TELL)


def test_there_are_many_cases_and_no_two_of_one_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 120
    assert all(case.source.startswith("https://docs.aws.amazon.com/") for case in CASES)
