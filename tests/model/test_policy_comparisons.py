"""What a condition's value and a request's are to each other."""

from __future__ import annotations

from operator import lt

import pytest

from ssmtui.iam_policy.conditions import bool_equals, date_comparison, numeric_comparison
from ssmtui.iam_policy.patterns import VariableValues
from ssmtui.iam_policy.truth import Truth

YES, PERHAPS, NO = Truth.YES, Truth.PERHAPS, Truth.NO
SECURE = VariableValues({"aws:SecureTransport": ("true",)})


@pytest.mark.parametrize(
    ("wanted", "value", "fits"),
    [
        ("True", "true", YES),
        ("false", "true", NO),
        ("yes", "true", PERHAPS),
        ("${aws:SecureTransport}", "true", YES),
        ("${aws:SecureTransport}", "false", NO),
    ],
)
def test_a_boolean_is_true_or_false_or_what_a_variable_stands_for(wanted: str, value: str, fits: Truth) -> None:
    assert bool_equals(wanted, value, SECURE) is fits


@pytest.mark.parametrize(
    ("wanted", "value", "fits"), [("2", "1", YES), ("1", "1.0", NO), ("1", "one", PERHAPS), ("one", "1", PERHAPS)]
)
def test_a_number_is_compared_where_both_are_numbers(wanted: str, value: str, fits: Truth) -> None:
    assert numeric_comparison(lt)(wanted, value, SECURE) is fits


@pytest.mark.parametrize(
    ("wanted", "value", "fits"),
    [
        ("2026-11-26", "2026-11-25T12:00:00Z", YES),
        ("2026-11", "2026-11-25T12:00:00Z", NO),
        ("1795000000", "2026-11-25T12:00:00Z", NO),
        ("soon", "2026-11-25", PERHAPS),
        ("2026-11-25", "soon", PERHAPS),
    ],
)
def test_a_moment_is_compared_where_both_are_moments(wanted: str, value: str, fits: Truth) -> None:
    assert date_comparison(lt)(wanted, value, SECURE) is fits
