"""Where a defect is said to be."""

from __future__ import annotations

import pytest

from ssmtui.model.fact import describe_internal_error


def raised_in(file: str) -> Exception:
    """What code of a file raised."""
    code = compile("def calls(told):\n    raise ValueError(told)\n", file, "exec")
    space: dict[str, object] = {}
    exec(code, space)  # noqa: S102
    calls = space["calls"]
    assert callable(calls)
    try:
        calls("a secret")
    except ValueError as error:
        return error
    raise AssertionError


def test_a_file_beside_the_package_is_not_ours_though_the_checkout_has_its_name() -> None:
    assert describe_internal_error(raised_in("/home/somebody/ssmtui/tests/cli/test_entry.py")) == "ValueError"


def test_the_innermost_place_in_the_package_is_told_from_the_package_on() -> None:
    with pytest.raises(AttributeError) as raised:
        describe_internal_error(None)  # type: ignore[arg-type]
    assert describe_internal_error(raised.value).startswith("AttributeError at ssmtui/model/fact.py:")
