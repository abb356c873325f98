from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.turns import ALL, OF_THE_COMMIT, TURNS, share, turn


@given(st.lists(st.integers(), unique=True))
def test_each_test_has_one_turn_and_no_turn_has_many_more_than_another(tests: list[int]) -> None:
    shares = [share(tests, each) for each in range(1, TURNS + 1)]
    assert sorted(taken for each in shares for taken in each) == sorted(tests)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_so_many_commits_have_every_turn(tmp_path: Path) -> None:
    mine = ("user.name=a", "user.email=a@example.com", "commit.gpgsign=false")
    git = ["git", "-C", str(tmp_path), *(word for each in mine for word in ("-c", each))]
    subprocess.run([*git, "init", "--quiet"], check=True)
    taken = set()
    for _ in range(TURNS):
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--no-verify", "--message", "one"], check=True)
        taken.add(turn(OF_THE_COMMIT, tmp_path))
    assert taken == set(range(1, TURNS + 1))


def test_where_no_commit_is_told_there_is_a_turn_all_the_same(tmp_path: Path) -> None:
    assert turn(OF_THE_COMMIT, tmp_path / "gone") == sys.version_info.minor % TURNS + 1


def test_one_may_be_asked_for_or_all() -> None:
    assert [turn(each, Path()) for each in ("1", str(TURNS), ALL)] == [1, TURNS, None]


@pytest.mark.parametrize("asked", ["0", str(TURNS + 1), "some", "-1", "1.0", ""])
def test_a_turn_that_is_none_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match="no turn"):
        turn(asked, Path())
