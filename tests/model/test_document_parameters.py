"""A setting whose value comes from a parameter of the document, in words."""

from __future__ import annotations

import pytest

from ssmtui.model.preferences import DocumentParameter, describe_parameter

PARAMETERS = (DocumentParameter("bucket", None), DocumentParameter("prefix", ""), DocumentParameter("key", "alias/k"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bucket", "the document's parameter bucket gives it, and has no default"),
        ("other", "the document's parameter other gives it, and has no default"),
        (
            "prefix",
            "the document's parameter prefix gives it: empty, unless a session is started with another value",
        ),
        ("key", "the document's parameter key gives it: alias/k, unless a session is started with another value"),
    ],
)
def test_a_parameter_is_told_with_its_own_default(name: str, words: str) -> None:
    assert describe_parameter(name, PARAMETERS) == words
