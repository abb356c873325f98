from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no such limit", allow_module_level=True)

import resource

from ssmtui.evidence.facts.event_loop import raise_open_file_limit


@pytest.fixture
def hard() -> Iterator[int]:
    """The most that may be asked for; what was allowed before is allowed again afterwards."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def allowed() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_as_many_as_are_wanted_are_asked_for(hard: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    raise_open_file_limit(300)
    assert allowed() == 300


def test_no_more_than_may_be_asked_for(hard: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    raise_open_file_limit(2**40)
    assert allowed() in (hard, 256)


def test_what_is_allowed_already_stays(hard: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    raise_open_file_limit(300)
    assert allowed() == 512
