"""What the configuration says of some profiles and accounts: the colour of the header, and what is shown at first."""

from __future__ import annotations

from ssmtui.diagnosis.events import ScopeOpened, ScopeSettled
from ssmtui.ui.text.styled_text import SCOPE_COLOURS
from tests.ui.builders import PARIS, node, scope, told
from tests.ui.opened import NODE, opened
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
