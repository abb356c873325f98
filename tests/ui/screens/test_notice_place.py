"""Where notices stand: the largest room that is left."""

from __future__ import annotations

import pytest

from ssmtui.ui.screens.base_screen import largest_free_block


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], (0, 24)),
        ([(23, 24)], (0, 23)),
        ([(23, 24), (20, 23)], (0, 20)),
        ([(2, 3), (23, 24)], (3, 23)),
        ([(18, 19), (23, 24)], (0, 18)),
        ([(12, 12)], (0, 24)),
        ([(0, 10), (14, 24)], (10, 14)),
        ([(0, 11), (5, 12), (12, 13)], (13, 24)),
        ([(4, 20)], (20, 24)),
        ([(-3, 40)], (0, 24)),
    ],
)
def test_it_is_between_what_is_taken(taken: list[tuple[int, int]], free: tuple[int, int]) -> None:
    assert largest_free_block(24, taken) == free
