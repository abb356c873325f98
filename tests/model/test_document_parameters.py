"""A setting whose value comes from a parameter of the document, in words."""

from __future__ import annotations

import pytest

from ssmtui.model.preferences import DocumentParameter, describe_parameter

PARAMETERS = (DocumentParameter("bucket", None), DocumentParameter("prefix", ""), DocumentParameter("key", "alias/k"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bucket", "the document parameter bucket sets the value and has no default"),
        ("other", "the document parameter other sets the value and has no default"),
        (
            "prefix",
            "the document parameter prefix sets the value: empty, unless the session sets another value",
        ),
        ("key", "the document parameter key sets the value: alias/k, unless the session sets another value"),
    ],
)
def test_a_parameter_is_told_with_its_own_default(name: str, words: str) -> None:
    assert describe_parameter(name, PARAMETERS) == words
