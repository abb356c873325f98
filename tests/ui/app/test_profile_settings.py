"""What the configuration says of some profiles and accounts: the colour of the header, and what is shown at first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ssmtui.cli.app_launch import apply_ui_state
from ssmtui.config.settings import Settings, settings_of
from ssmtui.diagnosis.events import ScopeClosed, ScopeOpened, ScopeSettled
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.app.themes import DARK, LIGHT
from ssmtui.ui.screens.dialogs import ThemeDialog
from ssmtui.ui.text.styled_text import SCOPE_COLOURS
from ssmtui.ui.widgets.line_table import LineTable
from tests.config.files import said as configured
from tests.ui.builders import NOON, PARIS, node, scope, told
from tests.ui.opened import NODE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

PROD = scope("eu-west-1", "210987654321", "prod")


def in_two_accounts() -> ScriptedInquiry:
    return ScriptedInquiry(
        *(ScopeOpened(each) for each in (PARIS, PROD)),
        *told(PARIS, [node("db-1", 1), node("web-1", 2)]),
        *told(PROD, [node("web-2", 3, PROD)]),
        *(ScopeSettled(each.name) for each in (PARIS, PROD)),
    )


async def test_the_header_wears_the_colour_of_the_account_that_keys_act_on() -> None:
    def colour_of(where: object) -> str:
        return "red" if where == PROD else ""

    async with opened(in_two_accounts(), colour_of=colour_of, first_filter="web") as shown:
        assert shown.names == ["web-1", "web-2"]
        assert not shown.fleet.has_class("-worn-red")
        styles = {str(span.style) for span in shown.fleet.summary.render().spans}  # type: ignore[union-attr]
        assert SCOPE_COLOURS["red"].value in styles
        # It is named first, though it was opened last.
        assert "210987654321  123456789012" in shown.painted.splitlines()[0]
        await shown.press("down")
        await until(shown.pilot, lambda: shown.fleet.has_class("-worn-red"))
        assert shown.painted.startswith("▌ssmtui")
        await shown.press("enter")
        await shown.until_screen(NODE)
        await until(shown.pilot, lambda: shown.app.screen.has_class("-worn-red"))
        assert shown.painted.splitlines()[1].startswith("▌")
        await shown.press("escape", "up")
        await until(shown.pilot, lambda: not shown.fleet.has_class("-worn-red"))
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.names == ["db-1", "web-1", "web-2"])


@asynccontextmanager
async def with_settings(handle: ScriptedInquiry, settings: Settings, folder: Path) -> AsyncIterator[Opened]:
    app = SsmtuiApp(lambda: handle, mode="demo", now=lambda: NOON)
    apply_ui_state(app, folder, None, settings)
    app.themes.sixteen_colours = False
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.context.handle is not None and handle.events.empty())
        yield Opened(app, pilot)


@pytest.mark.parametrize(
    ("text", "variables", "both", "prod", "paris"),
    [
        ('[accounts.210987654321]\ntheme = "nord"', {}, DARK.name, "nord", DARK.name),
        ('[profiles.prod]\ntheme = "nord"', {}, DARK.name, "nord", DARK.name),
        ('theme = "nord"\n[profiles.prod]\ntheme = "dracula"', {}, "nord", "dracula", "nord"),
        ('[profiles."*"]\ntheme = "nord"', {}, "nord", "nord", "nord"),
        ('[profiles.prod]\ntheme = "nord"', {"SSMTUI_THEME": "dracula"}, "dracula", "dracula", "dracula"),
    ],
)
async def test_the_theme_of_an_account_is_shown_while_only_that_account_is_open(
    text: str, variables: dict[str, str], both: str, prod: str, paris: str, tmp_path: Path
) -> None:
    handle = in_two_accounts()
    async with with_settings(handle, settings_of(configured(tmp_path, text), variables, {}), tmp_path) as shown:
        for event, theme in (
            (ScopeSettled(PROD.name), both),
            (ScopeClosed(PARIS.name), prod),
            (ScopeOpened(PARIS), both),
            (ScopeClosed(PROD.name), paris),
        ):
            handle.events.put(event)
            await until(shown.pilot, lambda theme=theme: handle.events.empty() and shown.app.theme == theme)  # type: ignore[misc]


async def test_a_chosen_theme_stays_until_other_scopes_are_opened(tmp_path: Path) -> None:
    handle = in_two_accounts()
    settings = settings_of(configured(tmp_path, '[profiles.prod]\ntheme = "nord"'), {}, {})
    async with with_settings(handle, settings, tmp_path) as shown:
        handle.events.put(ScopeClosed(PARIS.name))
        await until(shown.pilot, lambda: shown.app.theme == "nord")
        shown.app.action_change_theme()
        await until(shown.pilot, lambda: isinstance(shown.app.screen, ThemeDialog))
        shown.app.screen.query_one("#themes", LineTable).go_to(LIGHT.name)
        await until(shown.pilot, lambda: shown.app.theme == LIGHT.name)
        await shown.press("enter")
        await shown.until_said("The configuration sets theme = nord")
        handle.events.put(ScopeSettled(PROD.name))
        await until(shown.pilot, handle.events.empty)
        assert shown.app.theme == LIGHT.name
        handle.events.put(ScopeOpened(PARIS))
        handle.events.put(ScopeClosed(PARIS.name))
        await until(shown.pilot, lambda: handle.events.empty() and shown.app.theme == LIGHT.name)
        handle.events.put(ScopeOpened(PARIS))
        await until(shown.pilot, lambda: len(shown.app.context.fleet_view.scopes) == 2)
        handle.events.put(ScopeClosed(PARIS.name))
        await until(shown.pilot, lambda: shown.app.theme == "nord")
