"""What must hold of the app whenever it has come to rest, whatever was done to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from textual.geometry import Region
from textual.widget import Widget

from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.text.styled_text import sign_of
from ssmtui.ui.widgets.line_table import LineTable

DEEPEST = 12
"""Screens above each other: fleet, cause, node, form, preview, hand-over, steps, palette, help, and some."""

_WIDE = 100
"""Columns in which all counts have room."""


def broken(app: SsmtuiApp) -> Iterator[str]:
    """What does not hold now, a sentence each, without what differs from run to run."""
    yield from _of_the_stack(app)
    yield from _of_the_focus(app)
    yield from _of_the_tables(app)
    if isinstance(app.screen, FleetScreen):
        yield from _of_the_fleet(app, app.screen)


def _of_the_stack(app: SsmtuiApp) -> Iterator[str]:
    if len(app.screen_stack) > DEEPEST:
        yield f"screens are put up without bound: {type(app.screen).__name__} at {DEEPEST + 1}"
    if not isinstance(app.screen_stack[0], FleetScreen):
        yield "the fleet is not the first screen"
    if any(not screen.is_attached or not screen.is_running for screen in app.screen_stack):
        yield "a screen that has ended is up"


def _of_the_focus(app: SsmtuiApp) -> Iterator[str]:
    focused = app.screen.focused
    if focused is None:
        if app.screen.focus_chain:
            yield f"nothing has the keys on {type(app.screen).__name__}"
    elif isinstance(focused, LineTable) and not focused.keys:
        return  # the screen says in its place why there are no rows
    elif not (focused.is_attached and _is_displayed(focused)):
        yield f"what has the keys on {type(app.screen).__name__} is not there: {focused.id or type(focused).__name__}"


def _is_displayed(widget: Widget) -> bool:
    return all(each.display for each in widget.ancestors_with_self if isinstance(each, Widget))


def _of_the_tables(app: SsmtuiApp) -> Iterator[str]:
    for table in app.screen.query(LineTable):
        keys, cursor = table.keys, table.cursor
        if bool(keys) != (cursor is not None) or (cursor is not None and cursor not in keys):
            yield f"no row is selected in {table.id} on {type(app.screen).__name__}"


def _of_the_fleet(app: SsmtuiApp, fleet: FleetScreen) -> Iterator[str]:
    fleet_view = app.context.fleet_view
    counted = Counter(sign_of(fleet_view.verdict(key)) for key in fleet_view.state.nodes)
    if not fleet.filter_line.text and not fleet._moved._waits and set(fleet.nodes.keys) != set(fleet_view.state.nodes):
        yield "without a filter, the rows are not the nodes"
    if len(set(fleet.nodes.keys)) != len(fleet.nodes.keys) or len(set(fleet.causes.keys)) != len(fleet.causes.keys):
        yield "a row is there twice"
    summary = fleet.summary
    if summary.size.width >= _WIDE and summary.size.height == 2:
        told = "".join(strip.text for strip in summary.render_lines(Region(0, 1, summary.size.width, 1)))
        if any(f" {sign.glyph} {count} " not in f" {told}" for sign, count in counted.items()):
            yield "the header does not count the rows"
