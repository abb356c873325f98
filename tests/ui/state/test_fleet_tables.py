"""The order of rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import total_ordering

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.diagnosis.events import Event, FindingChanged, NodeGone, NodeListed, ScopeOpened, VerdictChanged
from ssmtui.model.finding import Confidence, FleetFinding, Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.model.node import Node
from ssmtui.ui.state.fleet_tables import NodeTableModel, SortedRows
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.filters import NO_FILTER, parse_filter
from ssmtui.ui.text.node_rows import FIELDS
from tests.ui.builders import HEALTHY, PARIS, STOPPED, finding, node, told, verdict

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


NODES = {name: node(name, number) for number, name in enumerate("abcdefgh", start=1)}


def cause(slug: str, *names: str, status: Status = Status.FAIL) -> tuple[FleetFinding, list[Node]]:
    nodes = [NODES[name] for name in names]
    return finding(
        slug, Link.NETWORK, Subject(SubjectKind.ROLE, f"arn:aws:iam::1:role/{slug}"), nodes, status=status
    ), nodes


class Table:
    """The table of nodes on a fleet that has all these nodes, being checked."""

    def __init__(self) -> None:
        self.fleet_view = FleetView()
        self.model = NodeTableModel(self.fleet_view)
        self.tell(ScopeOpened(PARIS), *told(PARIS, NODES.values()))

    def tell(self, *events: Event) -> bool:
        for event in events:
            self.fleet_view.apply(event)
        changes, self.fleet_view.changes = self.fleet_view.changes, type(self.fleet_view.changes)()
        return self.model.take(changes.nodes)

    def found(self, held: tuple[FleetFinding, list[Node]], status: VerdictStatus = VerdictStatus.FAIL) -> bool:
        found, nodes = held
        return self.tell(FindingChanged(found), *(VerdictChanged(each.key, verdict(status, found)) for each in nodes))

    @property
    def names(self) -> str:
        names = {each.key: name for name, each in NODES.items()}
        return "".join(names[key] for key in self.model.ordered())


def test_rows_are_ordered_by_status_and_then_by_how_many_nodes_one_fix_turns_green() -> None:
    table = Table()
    table.found(cause("alone", "a"))
    table.found(cause("three", "b", "f", "h"))
    table.found(cause("warned", "g", status=Status.WARN), VerdictStatus.WARN)
    table.found(cause("unread", "d", status=Status.UNKNOWN), VerdictStatus.UNKNOWN)
    presumed = replace(HEALTHY, confidence=Confidence.POSSIBLE)
    table.tell(VerdictChanged(NODES["c"].key, presumed), VerdictChanged(NODES["e"].key, STOPPED))
    assert table.names == "bfhagdce"
    table.model.order_by("verdict", descending=True)
    assert table.names == "ecdgabfh"
    table.model.order_by("name", descending=False)
    assert table.names == "abcdefgh"
    table.model.order_by("verdict", descending=False)
    assert table.names == "bfhagdce"


def test_rows_follow_their_root_cause_while_results_arrive_also_those_that_a_filter_hides() -> None:
    table = Table()
    table.found(cause("first", "c", "d"))
    table.found(cause("second", "a"))
    assert table.names == "cdabefgh"
    assert table.found(cause("second", "a", "e"))
    assert table.names == "cdaebfgh"
    assert table.found(cause("second", "a", "e", "f"))
    assert table.names == "aefcdbgh"
    table.model.filter_by(parse_filter("!name:=a", FIELDS))
    assert table.names == "efcdbgh"
    assert table.tell(NodeGone(NODES["f"].key), NodeGone(NODES["e"].key))
    table.model.filter_by(parse_filter("", FIELDS))
    assert table.names == "cdabgh"
    assert table.tell(VerdictChanged(NODES["c"].key, HEALTHY), VerdictChanged(NODES["d"].key, HEALTHY))
    assert table.names == "abghcd"


def test_a_filter_finds_what_a_node_has_become() -> None:
    table = Table()
    table.model.filter_by(parse_filter("renamed", FIELDS))
    assert table.names == ""
    table.tell(NodeListed(PARIS, replace(NODES["c"], name="renamed")))
    assert table.names == "c"
    table.model.filter_by(parse_filter("kms-", FIELDS))
    assert table.names == ""
    table.found(cause("kms-node-denied", "a", "b"))
    assert table.names == "ab"
    table.tell(VerdictChanged(NODES["a"].key, HEALTHY), NodeGone(NODES["b"].key))
    assert table.names == ""
    table.model.filter_by(NO_FILTER)
    table.found(cause("kms-node-denied", "d"))
    table.tell(NodeListed(PARIS, replace(NODES["c"], name="other")))
    for words, names in (("kms-", "d"), ("renamed", ""), ("other", "c")):
        table.model.filter_by(parse_filter(words, FIELDS))
        assert table.names == names


def test_a_root_cause_that_grows_keeps_every_row_in_its_place() -> None:
    table = Table()
    table.found(cause("first", "a", "b"))
    table.found(cause("second", "c"))
    before = table.names
    assert not table.tell(FindingChanged(cause("second", "c")[0]))
    table.found(cause("first", "a", "b", "g"))
    assert (before, table.names) == ("abcdefgh", "abgcdefh")
