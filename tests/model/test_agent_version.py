from __future__ import annotations

import pytest

from ssmtui.model.ssm_agent import is_older_version, newest_version


@pytest.mark.parametrize(
    ("version", "is_older"),
    [("3.2.581.9", True), ("3.2.582.0", False), ("3.10.0.0", False), ("3.2", True), ("", False), ("latest", False)],
)
def test_versions_are_compared_by_number_and_what_is_none_is_not_older(version: str, is_older: object) -> None:
    assert is_older_version(version, "3.2.582.0") is is_older


def test_the_newest_of_several_is_found_by_number() -> None:
    assert newest_version({"3.3.999.0", "3.3.4624.0", "", "odd"}) == "3.3.4624.0"
    assert newest_version({"odd", ""}) == ""
