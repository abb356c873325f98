"""A session that failed, explained: the first step of what resolves it."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.failed_session import first_step


@pytest.mark.parametrize(
    ("resolution", "step"),
    [
        ("1. One.\n\n   ```sh\n   two\n   ```\n\n2. Three.", "One.\n\n   ```sh\n   two\n   ```"),
        ("1. One, and\n   no other.", "One, and\n   no other."),
        ("There is none.", "There is none."),
    ],
)
def test_the_first_step_is_told_whole(resolution: str, step: str) -> None:
    assert first_step(resolution) == step


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_every_cause_has_a_first_step(slug: str) -> None:
    step = first_step(catalogue()[slug].how_to_resolve)
    assert step
    assert not step.startswith("1.")
