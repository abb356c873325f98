"""A big fleet: it loads, scrolls, orders and filters, and only what is in view is painted."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.diagnosis.events import ScopeOpened, VerdictChanged
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.ui.words.ink import Cell
from tests.ui.builders import HEALTHY, PARIS, node, told, verdict
from tests.ui.opened import opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

COUNT = 10_000


async def test_ten_thousand_nodes_load_scroll_order_and_filter() -> None:
    nodes = [node(f"web-{number:05}", number) for number in range(1, COUNT + 1)]
    inquiry = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    async with opened(inquiry) as shown:
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
    inquiry = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY))
    async with opened(inquiry) as shown:
        await until(shown.pilot, lambda: len(shown.names) == 300)
        await shown.press("o")
        warned = verdict(VerdictStatus.WARN)
        inquiry.tell(VerdictChanged(nodes[-1].key, warned))  # the column is as wide as it gets after this
        await until(shown.pilot, lambda: shown.app.bench.board.verdict(nodes[-1].key) is warned)
        painted: list[object] = []
        cells_of = shown.nodes._cells_of

        def noted(key: NodeKey) -> Mapping[str, Cell]:
            painted.append(key)
            return cells_of(key)

        shown.nodes._cells_of = noted
        inquiry.tell(VerdictChanged(nodes[250].key, warned))
        await until(shown.pilot, lambda: shown.app.bench.board.verdict(nodes[250].key) is warned)
        assert painted == []
        inquiry.tell(VerdictChanged(nodes[3].key, warned))
        await until(shown.pilot, lambda: painted == [nodes[3].key])
