"""The fixes of findings while the checks go on: what is found no more is offered no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ssmtui.diagnosis.events import FindingChanged, FindingGone
from ssmtui.model.finding import Status
from ssmtui.ui.screens.change_screen import ChangeScreen, ChangeSetScreen
from ssmtui.ui.screens.fixes_screen import FixesScreen
from ssmtui.ui.state.changes import FixOffers
from tests.ui.builders import FRANKFURT, log_group_unencrypted
from tests.ui.demo_fleet import frankfurt
from tests.ui.opened import Opened, opened
from tests.ui.screens.test_marks import fixes, grant, inquiry_with_both, only
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until

GROUP = log_group_unencrypted(frankfurt(), FRANKFURT)


async def fixes_of_both(shown: Opened) -> FixesScreen:
    for name in ("batch-1", "eu-worker-1"):
        await only(shown, name, 1)
        await shown.press("space")
    await shown.until_said("2 marked")
    return await fixes(shown)


def at(screen: FixesScreen, fix: str) -> tuple[str, str]:
    key = next(each for each in screen.offers.keys if each[1] == fix)
    screen.rows.go_to(key)
    return key


async def test_the_number_of_nodes_is_that_of_the_preview(tmp_path: Path) -> None:
    """The finding is asked about for one node, and its fix changes the result of eight."""
    async with opened(inquiry_with_both(), StoredDocument().desk(tmp_path), size=(80, 24)) as shown:
        await only(shown, "eu-worker-1", 1)
        screen = await fixes(shown)
        at(screen, "toggle-cloudwatch-encryption")
        await shown.until_said("8 nodes change to ok: eu-worker-1")
        numbers = {key[1]: screen.rows.cells_of(key)["nodes"][0][0] for key in screen.offers.keys}
        assert numbers == {"encrypt-log-group": "–", "toggle-cloudwatch-encryption": "8"}
        await shown.press("enter")
        await shown.until_screen(ChangeScreen)
        await shown.until_said("8 nodes change to ok")


async def test_what_is_found_no_more_is_told_and_cannot_be_chosen_or_opened(tmp_path: Path) -> None:
    handle = inquiry_with_both()
    async with opened(handle, StoredDocument().desk(tmp_path), notifications=True) as shown:
        screen = await fixes_of_both(shown)
        toggle = at(screen, "toggle-cloudwatch-encryption")
        await shown.press("space")
        assert screen.offers.is_chosen(toggle)
        handle.tell(FindingGone(GROUP.id))
        await shown.until_said("The checks no longer report this finding.")
        assert not screen.offers.is_chosen(toggle)
        await shown.press("space", "enter")
        assert shown.app.screen is screen
        assert screen.offers.plans == ()
        await shown.until_said("the checks no longer report this finding")


def test_one_change_for_two_findings_is_still_offered_for_the_one_that_is_left() -> None:
    first, second = (
        replace(held, id=f"{held.id}{number}", nodes=frozenset([node.key]))
        for number, (held, node) in enumerate((GROUP, each) for each in frankfurt()[:2])
    )
    offers = FixOffers([first, second])
    plan = grant()
    for each in offers:
        if each.fix == "toggle-cloudwatch-encryption":
            offers.answered(each.key, plan)
    toggles = [each for each in offers if each.fix == "toggle-cloudwatch-encryption"]
    assert [each.nodes for each in toggles] == [first.nodes | second.nodes]
    offers.toggle(toggles[0].key)
    assert offers.follow({second.id: second})
    left = [each for each in offers if each.fix == "toggle-cloudwatch-encryption" and not each.is_gone]
    assert [(each.finding.id, each.nodes, each.answer) for each in left] == [(second.id, second.nodes, plan)]
    assert offers.plans == ()
    assert not offers.follow({second.id: second})


def test_what_the_checks_do_not_offer_for_it_any_more_is_not_offered() -> None:
    offers = FixOffers([GROUP])
    untold = replace(GROUP, finding=replace(GROUP.finding, status=Status.UNKNOWN, fixes=()))
    assert offers.follow({GROUP.id: untold})
    assert all(each.is_gone for each in offers)
    assert offers.open == ()


async def test_what_is_found_again_is_worked_out_again(tmp_path: Path) -> None:
    handle = inquiry_with_both()
    async with opened(handle, StoredDocument().desk(tmp_path)) as shown:
        screen = await fixes_of_both(shown)
        handle.tell(FindingGone(GROUP.id))
        at(screen, "toggle-cloudwatch-encryption")
        await shown.until_said("The checks no longer report this finding.")
        handle.tell(FindingChanged(GROUP))
        await until(shown.pilot, lambda: "no longer report this finding" not in shown.said)
        for fix in ("grant-node-key-access", "toggle-cloudwatch-encryption"):
            at(screen, fix)
            await shown.press("space")
        await shown.until_said("2 fixes are selected")
        await shown.press("enter")
        await shown.until_screen(ChangeSetScreen)
