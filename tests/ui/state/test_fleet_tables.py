"""The order of rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import total_ordering

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.ui.state.fleet_tables import SortedRows

steps = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3), st.sampled_from(["put", "hide", "go", "look"])))


@total_ordering
class Counted:
    """A value that counts how often it was compared."""

    comparisons = 0

    def __init__(self, value: int) -> None:
        self.value = value

    def __lt__(self, other: Counted) -> bool:
        Counted.comparisons += 1
        return self.value < other.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counted) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


def filled(keys: Iterable[int], *, descending: bool = False) -> SortedRows[int]:
    arrangement: SortedRows[int] = SortedRows()
    for key in keys:
        arrangement.put(key, (Counted(key),), (key,))
    arrangement.order_by(lambda key: (Counted(key),), descending=descending)
    assert arrangement.ordered() == sorted(keys, reverse=descending)
    return arrangement


@given(steps, st.booleans())
def test_row_by_row_comes_to_the_same_as_sorting_all(steps: list[tuple[int, int, str]], descending: bool) -> None:  # noqa: FBT001
    arrangement: SortedRows[int] = SortedRows()
    arrangement.order_by(lambda _: (), descending=descending)
    shown: dict[int, int] = {}
    for key, rank, step in steps:
        match step:
            case "put":
                arrangement.put(key, (rank,), (key,))
                shown[key] = rank
            case "hide":
                arrangement.put(key, (rank,), (key,), shown=False)
                shown.pop(key, None)
            case "go":
                arrangement.remove(key)
                shown.pop(key, None)
            case _:
                arrangement.ordered()
    assert arrangement.ordered() == sorted(sorted(shown), key=lambda key: shown[key], reverse=descending)
    assert len(arrangement) == len(shown)
    assert all((key in arrangement) is (key in shown) for key in range(21))


def test_a_row_that_is_as_it_was_moves_nothing() -> None:
    arrangement: SortedRows[str] = SortedRows()
    assert arrangement.put("a", (1,), ("a",))
    assert not arrangement.put("a", (1,), ("a",))
    assert not arrangement.put("a", (1,))
    assert arrangement.put("a", (2,))
    assert arrangement.remove("a")
    assert not arrangement.remove("a")


def test_the_order_is_the_same_list_until_it_changes() -> None:
    arrangement = filled(range(20))
    before = arrangement.ordered()
    assert arrangement.ordered() is before
    arrangement.put(3, (Counted(30),))
    assert arrangement.ordered() is not before
    assert before == list(range(20))


@given(st.booleans())
def test_one_row_that_moves_is_compared_with_a_few_others(descending: bool) -> None:  # noqa: FBT001
    arrangement = filled(range(10_000), descending=descending)
    Counted.comparisons = 0
    arrangement.put(17, (Counted(5_000),))
    assert arrangement.ordered().index(17) in (4_999, 5_000, 5_001)
    assert Counted.comparisons <= 2 * 14


def test_a_filter_compares_nothing() -> None:
    arrangement = filled(range(1_000))
    Counted.comparisons = 0
    arrangement.set_visibility(lambda key: key % 2 == 0)
    assert arrangement.ordered() == list(range(0, 1_000, 2))
    arrangement.set_visibility(lambda _: True)
    assert arrangement.ordered() == list(range(1_000))
    assert Counted.comparisons == 0
