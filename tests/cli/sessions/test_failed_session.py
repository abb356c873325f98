"""A session that failed, explained: the first step of what resolves it."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.connect import causes_without_contradiction, first_step


@pytest.mark.parametrize(
    ("resolution", "step"),
    [
        ("1. One.\n\n   ```sh\n   two\n   ```\n\n2. Three.", "One.\n\n   ```sh\n   two\n   ```"),
        ("1. One, and\n   no other.", "One, and\n   no other."),
        ("This change cannot be undone.", "This change cannot be undone."),
    ],
)
def test_the_first_step_is_told_whole(resolution: str, step: str) -> None:
    assert first_step(resolution) == step


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_every_cause_has_a_first_step(slug: str) -> None:
    step = first_step(catalogue()[slug].how_to_resolve)
    assert step
    assert not step.startswith("1.")


def test_beside_a_cause_that_is_true_the_others_may_be_told_not_to_be() -> None:
    here = {"log-group-missing": False, "log-group-unreadable": True, "role-core-denied": None}
    assert causes_without_contradiction(here) == here


def test_checks_that_find_none_of_the_causes_say_nothing_against_what_has_just_been_met() -> None:
    here = {"caller-start-denied": False, "caller-needs-access-request": None}
    assert causes_without_contradiction(here) == {"caller-start-denied": None, "caller-needs-access-request": None}
