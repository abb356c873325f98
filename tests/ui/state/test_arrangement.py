"""The order of rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.ui.state.arrangement import Arrangement

rows = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3), st.booleans()), max_size=60)


@given(rows, st.booleans())
def test_row_by_row_comes_to_the_same_as_sorting_all(steps: list[tuple[int, int, bool]], descending: bool) -> None:  # noqa: FBT001
    arrangement: Arrangement[int] = Arrangement()
    arrangement.descending = descending
    shown: dict[int, int] = {}
    for key, rank, keep in steps:
        if keep:
            arrangement.put(key, (rank,), (key,))
            shown[key] = rank
        else:
            arrangement.leave_out(key)
            shown.pop(key, None)
    expected = sorted(sorted(shown), key=lambda key: shown[key], reverse=descending)
    assert arrangement.ordered() == expected


def test_a_row_that_is_as_it_was_moves_nothing() -> None:
    arrangement: Arrangement[str] = Arrangement()
    assert arrangement.put("a", (1,), ("a",))
    assert not arrangement.put("a", (1,), ("a",))
    assert arrangement.put("a", (2,), ("a",))
    assert arrangement.leave_out("a")
    assert not arrangement.leave_out("a")
