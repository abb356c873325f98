"""Which tests a run takes: all that are quick, and of those that take long a share, by turns.

Long take those that start the simulated AWS or the app, and some others. All tests take two processors most of an
hour: `make test`, which everybody runs, takes a share, another one with each commit; `make whole` takes all.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

TURNS = 24
"""Into how many shares they are parted."""

ALL = "all"
OF_THE_COMMIT = "commit"

Test = TypeVar("Test")


def turn(asked: str, tree: Path) -> int | None:
    """The turn that is asked for, from 1; None: all at once.

    That of a commit is counted: after so many commits each Python, each at another turn, has run every test.
    Raises ValueError: there is no such turn.
    """
    if asked == ALL:
        return None
    if asked == OF_THE_COMMIT:
        return (_commits(tree) + sys.version_info.minor) % TURNS + 1
    if asked not in {str(each) for each in range(1, TURNS + 1)}:
        raise ValueError(f"no turn: {asked} (it is 1 to {TURNS}, {OF_THE_COMMIT} or {ALL})")
    return int(asked)


def share(tests: Sequence[Test], turn: int) -> list[Test]:
    """What a turn takes of tests in their order: of each module and each parameter some."""
    return list(tests[turn - 1 :: TURNS])


def _commits(tree: Path) -> int:
    """How many led to what is checked out; none where it is not told, as in an archive."""
    counting = ["git", "rev-list", "--count", "HEAD"]
    try:
        counted = subprocess.run(counting, cwd=tree, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(counted.stdout)
