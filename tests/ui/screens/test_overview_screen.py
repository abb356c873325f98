"""The pulse: the fleet at a glance while it is told, by the keyboard or the mouse, and from each row to its nodes."""

from __future__ import annotations

import sys

from ssmtui.diagnosis.events import ScopeOpened, VerdictChanged
from ssmtui.model.finding import VerdictStatus
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.overview_screen import OverviewScreen
from tests.ui.builders import HEALTHY, PARIS, found, log_group_unencrypted, node, told, verdict
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Clock, Opened, opened
from tests.ui.scenes import expired
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until


def pulse(shown: Opened) -> OverviewScreen:
    assert isinstance(shown.app.screen, OverviewScreen)
    return shown.app.screen


async def to_the_pulse(shown: Opened) -> OverviewScreen:
    await shown.press("tilde")
    await shown.until_screen(OverviewScreen)
    return pulse(shown)


async def test_every_panel_is_reached_by_tab_and_every_row_leads_to_its_nodes() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        panels = [each.grouping.key for each in (await to_the_pulse(shown)).panels]
        for place, key in enumerate(panels):
            screen = await to_the_pulse(shown) if place else pulse(shown)
            await shown.press(*("tab",) * place)
            panel = screen.panels[place]
            assert panel.grouping.key == key
            assert panel.rows.has_focus
            assert screen.scrolled.region.overlaps(panel.rows.region)
            await shown.press("down")
            group = panel.rows.cursor
            assert group is not None
            wanted = screen.group_counts.nodes(panel.grouping, group)
            await shown.press("enter")
            await shown.until_screen(FleetScreen)
            await until(shown.pilot, lambda wanted=wanted: len(shown.names) == wanted)  # type: ignore[misc]
            assert shown.fleet.filter_line.text == panel.grouping.wanted(group)
            await shown.press("escape")


async def test_the_last_panel_has_the_plot_in_sight_and_before_the_first_is_the_last() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        screen = await to_the_pulse(shown)
        await shown.press("shift+tab")
        await until(shown.pilot, lambda: "History  ◇ 39 Online  ● 39 connected" in shown.painted)
        assert screen.panels[-1].rows.has_focus
        await shown.press("tilde")
        await shown.until_screen(FleetScreen)


async def test_by_mouse_from_the_counts_to_the_pulse_and_from_a_row_to_its_nodes() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.pilot.click("SummaryBar", offset=(4, 0))
        await shown.until_screen(OverviewScreen)
        await until(shown.pilot, lambda: pulse(shown).panels[1].rows.size.height > 1)
        await shown.pilot.click("SummaryBar", offset=(4, 0))
        rows = pulse(shown).panels[1].rows
        await shown.pilot.click(rows, offset=(4, 1), times=2)
        await shown.until_screen(FleetScreen)
        assert shown.fleet.filter_line.text == "root:=log-group-unencrypted verdict:fail"
        assert len(shown.names) == 8
        assert len(shown.app.screen_stack) == 1


async def test_it_lives_while_evidence_comes_in_and_time_passes() -> None:
    handle, clock = ScriptedInquiry(ScopeOpened(PARIS)), Clock()
    nodes = [node(f"web-{number}", number) for number in range(4)]
    async with opened(handle, now=clock) as shown:
        screen = await to_the_pulse(shown)
        assert screen.notice.display
        assert "Listing nodes" in shown.painted
        handle.tell(*told(PARIS, nodes))
        await until(shown.pilot, lambda: "· 4" in shown.painted)
        assert screen.panels[0].rows.has_focus
        assert "No failing nodes." in shown.painted
        clock.seconds = 45
        handle.tell(*(VerdictChanged(each.key, HEALTHY) for each in nodes))
        handle.tell(*found(log_group_unencrypted(nodes[:1]), nodes[:1]))
        await until(shown.pilot, lambda: "✖ 1 ● 3" in shown.painted)
        assert "Log group is not encrypted" in shown.painted
        screen._show_time()
        await until(shown.pilot, lambda: "45 s ago" in shown.painted)
        assert "4 Online  ● 4 connected  ✖ 1 failing" in shown.painted
        handle.tell(VerdictChanged(nodes[0].key, verdict(VerdictStatus.OK)))
        await until(shown.pilot, lambda: "No failing nodes." in shown.painted)


async def test_a_row_is_copied_in_words() -> None:
    async with opened(demo_inquiry()) as shown:
        screen = await to_the_pulse(shown)
        assert screen.to_copy == "eu-west-3: 8 fail, 4 warn, 1 unknown, 22 ok, 2 stopped"
        await shown.press("tab")
        assert screen.to_copy == "Log group is not encrypted with a KMS key: 8 fail"


async def test_where_no_fleet_is_it_says_why() -> None:
    async with opened(expired()) as shown:
        screen = await to_the_pulse(shown)
        assert screen.notice.has_focus
        assert screen.to_copy == ""
        assert "aws sso login --profile prod" in shown.painted


async def test_the_plotting_library_is_loaded_when_it_is_first_shown() -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] in ("plotext", "textual_plotext")]:
        del sys.modules[name]
    sys.modules.pop("ssmtui.ui.widgets.series_plot", None)
    async with opened(demo_inquiry()) as shown:
        assert "plotext" not in sys.modules
        await to_the_pulse(shown)
        assert "plotext" in sys.modules
