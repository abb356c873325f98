"""A big fleet: it loads, scrolls, orders and filters, and only what is in view is painted."""

from __future__ import annotations

from collections.abc import Mapping

from textual.strip import Strip

from ssmtui.diagnosis.events import NodeGone, ScopeOpened, VerdictChanged
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.ui.text.styled_text import Cell
from tests.ui.builders import HEALTHY, PARIS, node, told, verdict
from tests.ui.opened import Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

COUNT = 10_000


async def test_ten_thousand_nodes_load_scroll_order_and_filter() -> None:
    nodes = [node(f"web-{number:05}", number) for number in range(1, COUNT + 1)]
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    async with opened(handle) as shown:
        await until(shown.pilot, lambda: len(shown.names) == COUNT)
        await shown.press("G")
        assert shown.name_here == "web-10000"
        await shown.press("pageup", "ctrl+u", "g", "ctrl+d", "pagedown", "end", "home", "j", "k")
        assert shown.name_here == "web-00001"
        await shown.press("slash")
        await shown.write("web-0999")
        await until(shown.pilot, lambda: len(shown.names) == 10)
        await shown.press("escape", "o", "O")
        await until(shown.pilot, lambda: shown.names[0] == "web-10000")


async def test_a_change_out_of_view_paints_nothing() -> None:
    nodes = [node(f"web-{number:03}", number) for number in range(1, 301)]
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    async with opened(handle) as shown:
        await until(shown.pilot, lambda: len(shown.names) == 300)
        await shown.press("o")
        warned = verdict(VerdictStatus.WARN)
        handle.tell(VerdictChanged(nodes[-1].key, warned))  # the column is as wide as it gets after this
        await until(shown.pilot, lambda: shown.app.context.fleet_view.verdict(nodes[-1].key) is warned)
        painted: list[object] = []
        cells_of = shown.nodes.cells_of

        def noted(key: NodeKey) -> Mapping[str, Cell]:
            painted.append(key)
            return cells_of(key)

        shown.nodes.cells_of = noted
        handle.tell(VerdictChanged(nodes[250].key, warned))
        await until(shown.pilot, lambda: shown.app.context.fleet_view.verdict(nodes[250].key) is warned)
        assert painted == []
        handle.tell(VerdictChanged(nodes[3].key, warned))
        await until(shown.pilot, lambda: painted == [nodes[3].key])


async def fleet_at_rest(shown: Opened, count: int) -> list[int]:
    """The lines of the table that are painted from now on."""
    await until(shown.pilot, lambda: len(shown.names) == count)
    await shown.pilot.pause()
    table, painted = shown.nodes, list[int]()
    line_of = table.render_line

    def noted(y: int) -> Strip:
        painted.append(y)
        return line_of(y)

    table.render_line = noted  # type: ignore[method-assign]
    return painted


async def test_a_change_of_one_verdict_repaints_one_line() -> None:
    nodes = [node(f"web-{number:03}", number) for number in range(300)]
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    async with opened(handle) as shown:
        await shown.press("o")
        painted = await fleet_at_rest(shown, 300)
        handle.tell(VerdictChanged(nodes[3].key, verdict(VerdictStatus.OK, settled=False)))
        await until(shown.pilot, lambda: bool(painted))
        assert painted == [1 + 3]  # the header stands above


async def test_rows_that_come_and_go_above_repaint_no_line_below() -> None:
    nodes = [node(f"web-{number:03}", number) for number in range(300)]
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    async with opened(handle) as shown:
        bad = verdict(VerdictStatus.FAIL)
        handle.tell(VerdictChanged(nodes[20].key, bad))  # the column is as wide as it gets after this
        await until(shown.pilot, lambda: shown.names[:1] == ["web-020"])
        await shown.press("G")
        here = [shown.app.context.fleet_view.state.nodes[key].name for key in shown.nodes.in_view]
        painted = await fleet_at_rest(shown, 300)
        handle.tell(*(VerdictChanged(each.key, bad) for each in nodes[100:150]), NodeGone(nodes[7].key))
        await until(shown.pilot, lambda: len(shown.names) == 299 and shown.names[1] == "web-100")
        assert [shown.app.context.fleet_view.state.nodes[key].name for key in shown.nodes.in_view] == here
        assert set(painted) <= {0}


async def test_a_filter_and_an_order_put_into_words_only_rows_in_view() -> None:
    nodes = [node(f"web-{number:03}", number) for number in range(300)]
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    async with opened(handle) as shown:
        await until(shown.pilot, lambda: len(shown.names) == 300)
        asked: set[NodeKey] = set()
        cells_of = shown.nodes.cells_of

        def noted(key: NodeKey) -> Mapping[str, Cell]:
            asked.add(key)
            return cells_of(key)

        shown.nodes.cells_of = noted
        await shown.press("o", "O", "asterisk", "slash", "w")
        assert len(asked) <= 4 * len(shown.nodes.in_view)


async def test_lines_that_nobody_sees_any_more_are_not_kept() -> None:
    nodes = [node(f"web-{number:04}", number) for number in range(2_000)]
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    async with opened(handle) as shown:
        await until(shown.pilot, lambda: len(shown.names) == 2_000)
        for _ in range(2_000 // len(shown.nodes.in_view)):
            await shown.press("pagedown")
        assert len(shown.nodes._painted) <= 500
