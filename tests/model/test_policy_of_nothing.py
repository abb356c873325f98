"""Statements with an element that names nothing (docs/facts/permissions.md §9)."""

from __future__ import annotations

import pytest

from ssmtui.iam_policy.document import policy_from_data
from ssmtui.iam_policy.evaluation import AuthorizationRequest, evaluate_request, undecided_keys
from ssmtui.iam_policy.truth import Truth

NO, PERHAPS, YES = Truth.NO, Truth.PERHAPS, Truth.YES
BASE = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    ("changed", "applies"),
    [
        ({}, YES),
        ({"Resource": []}, NO),
        ({"Action": []}, NO),
        ({"Principal": []}, NO),
        ({"Principal": {}}, NO),
        ({"Principal": {"AWS": []}}, NO),
        ({"Resource": None, "NotResource": []}, PERHAPS),
        ({"Action": None, "NotAction": []}, PERHAPS),
        ({"NotPrincipal": {"AWS": []}}, PERHAPS),
        ({"Condition": {"StringEquals": {"aws:username": []}}}, PERHAPS),
        ({"Condition": {"StringNotEquals": {"aws:username": []}}}, PERHAPS),
        ({"Condition": {"Null": {"aws:username": []}}}, PERHAPS),
        ({"Condition": {"StringEquals": {}}}, YES),
        ({"Condition": {}}, YES),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_what_names_nothing_never_allows_and_never_denies_for_sure(
    effect: str, changed: dict[str, object], applies: Truth
) -> None:
    raw = {name: held for name, held in {**BASE, "Effect": effect, **changed}.items() if held is not None}
    policy = policy_from_data({"Version": "2012-10-17", "Statement": [raw]})
    request = AuthorizationRequest("s3:GetObject", "arn:aws:s3:::logs/x", context={"aws:username": ("alex",)})
    told = evaluate_request((policy,), request)
    assert (told.allows if effect == "Allow" else told.denies) is applies
    assert undecided_keys((policy,), request) == ()
