"""ssmtui on a terminal of its own: every screen and every kind of fix, with keys alone, and with the mouse alone.

Which screens there are is asked of the code, and which fixes, of the demo: what joins them joins the walks, or fails
them. Nothing is pressed or clicked but what stands on the terminal, and nothing waited for but what is shown there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ssmtui.remediation.plans.registry import all_steps
from ssmtui.ui.screens.screen_requests import all_screens
from tests.walks.screens import screens
from tests.walks.walker import Place, Walker, walking

NOT_ON_THE_DEMO = {
    "TunnelForm": "asks for ports of a node that a tunnel can reach (tests/ui/screens/test_tunnels_screen.py)",
    "WaitingDialog": "stands while a session is being opened (tests/ui/screens/test_shell.py)",
}
"""Screens that a fleet which is all there never shows, and where they are shown."""

_PREVIEWS = ("ChangeScreen", "ChoiceDialog", "StepsDialog")


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walker]:
    with walking(tmp_path, "demo", size=(150, 44)) as walker:
        walker.until_settled()
        yield walker


@pytest.mark.whole
def test_with_keys_alone(walk: Walker) -> None:
    previewed = previewed_by_keys(walk)
    assert len(previewed) > 20
    by_name(walk)
    through_dialogs(walk)
    through_the_form(walk)
    through_marks(walk)
    made_and_undone_by_keys(walk)
    assert screens() - walk.reached == NOT_ON_THE_DEMO.keys()
    walk.press("q")
    assert walk.terminal.end() == 0
    assert walk.terminal.is_sane


def home(walk: Walker) -> None:
    """Back to the fleet."""
    while walk.up != "FleetScreen":
        here = list(walk.state["screens"])
        walk.press("escape")
        walk.until(lambda here=here: walk.state["screens"] != here, "did Esc lead away")  # type: ignore[misc]


def previewed_by_keys(walk: Walker) -> set[str]:
    """Every kind of fix that the causes offer, through its preview or its steps; which they were."""
    walk.press("tab")
    walk.until(lambda: walk.state["cause"] is not None, "were the causes up")
    seen: set[str] = set()
    while True:
        for number, fix in enumerate(walk.state["offers"], start=1):
            if fix in seen or str(number) in walk.state["dim"]:
                continue
            seen.add(fix)
            walk.press(str(number))
            if walk.until_up(*_PREVIEWS) == "ChoiceDialog":
                walk.press("down", "enter")
                walk.until_up("ChangeScreen")
            assert (walk.up == "StepsDialog") == (fix in all_steps() or fix == "update-agent"), fix
            home(walk)
        if walk.state["last"]:
            walk.press("tab")
            walk.until(lambda: walk.state["cause"] is None, "were the nodes up")
            return seen
        here = walk.state["cause"]
        walk.press("down")
        walk.until(lambda here=here: walk.state["cause"] != here, "was there another cause")  # type: ignore[misc]


def by_name(walk: Walker) -> None:
    """To every screen that has a name, by typing it; a new one is reached without a word here."""
    for name in ("theme", "choose the columns", *sorted(each for each in all_screens() if isinstance(each, str))):
        walk.press(":")
        walk.until_up("PaletteDialog")
        walk.press(name, "enter")
        walk.until(lambda: walk.up not in ("PaletteDialog", "FleetScreen"), f"was {name} up")
        home(walk)


def through_dialogs(walk: Walker) -> None:
    """What is asked and told about a node, by the keys of the fleet and of the node."""
    for key, screen in (
        ("?", "HelpDialog"),
        ("a", "ScopesDialog"),
        ("i", "TextDialog"),
        ("x", "ExplainScreen"),
        ("t", "KeyDialog"),
    ):
        walk.press(key)
        walk.until_up(screen)
        home(walk)
    only(walk, "queue-1")
    walk.press("enter")
    walk.until_up("NodeScreen")
    walk.press("J")
    walk.until_up("PanelJump")
    walk.press("escape")
    walk.until_up("NodeScreen")
    walk.press("F")
    walk.until_up("FixesScreen")
    home(walk)
    walk.press("v")
    walk.until_up("ProbeScreen")
    home(walk)
    walk.press("tab")
    walk.until(lambda: walk.state["cause"] is not None, "were the causes up")
    walk.press("enter")
    walk.until_up("FindingScreen")
    home(walk)
    walk.press("tab")
    walk.until(lambda: walk.state["cause"] is None, "were the nodes up")
    all_again(walk)


def all_again(walk: Walker) -> None:
    """Show every node again. What follows an Esc waits for it: sent at once, it would be one key with Alt."""
    walk.press("escape")
    walk.until(lambda: walk.find("/ ", row=2) is None, "was the filter gone")


def only(walk: Walker, text: str) -> None:
    """Show the nodes alone that have a text."""
    walk.press("/", text, "enter")
    walk.until_said(f"/ {text}")


def through_the_form(walk: Walker) -> None:
    """The preferences: a value that is typed, commands that are, and leaving without them."""
    only(walk, "region:eu-central-1")
    walk.press("p")
    walk.until_up("PreferencesScreen")
    walk.until_said("Linux")
    while walk.up == "PreferencesScreen":
        walk.press("end", "enter")
        walk.until(lambda: walk.up != "PreferencesScreen", "was anything to be typed")
    assert walk.up == "MultilineDialog"
    walk.press("date", "ctrl+s")
    walk.until_up("PreferencesScreen")
    walk.until_said("1 edit is not saved")
    walk.press("escape")
    walk.until_up("ConfirmDialog")
    walk.press("y")
    walk.until_up("FleetScreen")
    all_again(walk)


def through_marks(walk: Walker) -> None:
    """Several fixes together, and a change handed over."""
    only(walk, "etl-1")
    walk.press("F")
    walk.until_up("FixesScreen")
    walk.press("space", "down", "down", "space", "enter")
    walk.until_up("ChangeSetScreen")
    home(walk)
    all_again(walk)
    only(walk, "region:eu-central-1")
    walk.press("w")
    walk.until_up("ChangeScreen")
    walk.press("tab", "h")
    walk.until_up("ExportScreen")
    home(walk)
    all_again(walk)


def made_and_undone_by_keys(walk: Walker) -> None:
    """A change of a whole Region: eight nodes change to ok, and red again once it is taken back."""
    failing = walk.state["failing"]
    only(walk, "region:eu-central-1")
    walk.press("w")
    walk.until_up("ChangeScreen")
    walk.until_said("8 nodes change to ok")
    walk.press("eu-central-1", "enter")
    walk.until_said("8 of 8 ok")
    assert walk.state["failing"] == failing - 8
    walk.press("z")
    walk.until_said("Undo: ")
    walk.press("eu-central-1", "enter")
    walk.until(lambda: walk.state["failing"] == failing, "was it taken back")
    home(walk)
    all_again(walk)


@pytest.fixture
def wide_walk(tmp_path: Path) -> Iterator[Walker]:
    with walking(tmp_path, "demo", size=(220, 50)) as walker:
        walker.until_settled()
        yield walker


def test_with_the_mouse_alone(wide_walk: Walker) -> None:
    walk = wide_walk
    previewed = previewed_by_mouse(walk)
    assert len(previewed) > 20
    through_the_bar(walk)
    down_the_path(walk)
    made_and_undone_by_mouse(walk)
    assert screens() - walk.reached == NOT_ON_THE_DEMO.keys() | ONLY_TYPED.keys()
    walk.until_settled()  # what the selected row offers stands left of it
    walk.click("q Quit", row=-1)
    assert walk.terminal.end() == 0
    assert walk.terminal.is_sane


ONLY_TYPED = {
    "MultilineDialog": "commands are typed, and taken with a key",
    "ConfirmDialog": "asks about what was typed",
    "PanelJump": "its letters are pressed",
}
"""Screens that nobody needs who types nothing."""


def back(walk: Walker) -> None:
    """Back to the fleet, by the last `Esc` that stands there: that of the screen that is up."""
    while walk.up != "FleetScreen":
        here = list(walk.state["screens"])
        rows = range(len(walk.lines) - 1) if lies_over(walk) else range(len(walk.lines))
        walk.until(lambda rows=rows: any("Esc " in walk.lines[row] for row in rows), "stood Esc there")  # type: ignore[misc]
        walk.click("Esc ", row=max(row for row in rows if "Esc " in walk.lines[row]))
        walk.until(lambda here=here: walk.state["screens"] != here, "did Esc lead away")  # type: ignore[misc]


def lies_over(walk: Walker) -> bool:
    """Whether the screen that is up lies over another one, and has its keys at its own foot."""
    return walk.up.endswith(("Dialog", "Form")) or walk.up == "ConfirmDialog"


def to_the_causes(walk: Walker) -> None:
    walk.click("Tab Causes", row=-1)
    walk.until(lambda: walk.state["cause"] is not None, "were the causes up")


def to_the_nodes(walk: Walker) -> None:
    walk.click("Tab Nodes", row=-1)
    walk.until(lambda: walk.state["cause"] is None, "were the nodes up")


def previewed_by_mouse(walk: Walker) -> set[str]:
    """Every kind of fix: a click on the cause's row, and one on the number of the fix at the foot of the screen."""
    to_the_causes(walk)
    walk.until_said(" subject ")
    rows = list(walk.lines)
    seen: set[str] = set()
    for row in range(3, 3 + walk.state["rows"]):
        walk.click(rows[row][8:40].strip(), row=row)
        walk.until(lambda row=row: walk.state["line"] == row - 3, "was the row taken")  # type: ignore[misc]
        for number, fix in enumerate(walk.state["offers"], start=1):
            if fix in seen or str(number) in walk.state["dim"]:
                continue
            seen.add(fix)
            walk.click(f"{number} ", row=-1)
            if walk.until_up(*_PREVIEWS) == "ChoiceDialog":
                walk.until_said("Accept")
                walk.click("⏎ Accept")
                walk.until_up("ChangeScreen")
            back(walk)
    to_the_nodes(walk)
    return seen


def through_the_bar(walk: Walker) -> None:
    """Every key at the foot of the fleet's screen that leads to another one, clicked."""
    for words, screen in (
        ("? Help", "HelpDialog"),
        ("x Explain", "ExplainScreen"),
        ("~ Overview", "OverviewScreen"),
        ("Z Changes", "ChangeHistoryScreen"),
        ("S Sessions", "SessionsScreen"),
        ("F Fix", "FixesScreen"),
        ("t Tunnel", "KeyDialog"),
        ("v Probe", "ProbeScreen"),
        ("p Prefs", "PreferencesScreen"),
    ):
        walk.click(words, row=-1)
        walk.until_up(screen)
        back(walk)
    for name, screen in (
        ("Show the open tunnels", "TunnelsScreen"),
        ("Choose accounts, profiles", "ScopesDialog"),
        ("Choose a color theme", "ThemeDialog"),
        ("Choose the columns and their order", "ColumnsDialog"),
    ):
        walk.click(": Commands", row=-1)
        walk.until_up("PaletteDialog")
        walk.until_said("type to search commands and screens")
        while walk.find(name) is None:
            walk.wheel(Place(walk.columns // 2, walk.rows // 2), turns=3)
            walk.look()
        walk.click(name, times=2)
        walk.until_up(screen)
        back(walk)


def down_the_path(walk: Walker) -> None:
    """From a cause to its node, and to what was read for it; several fixes together, and one handed over."""
    to_the_causes(walk)
    walk.click("Role cannot read the log group", times=2)
    walk.until_up("FindingScreen")
    walk.until_said("queue-1")
    walk.click("queue-1", times=2)
    walk.until_up("NodeScreen")
    walk.until_said("F Fix")  # once what can be done is known, keys move
    walk.click("y Raw", row=-1)
    walk.until_up("TextDialog")
    back(walk)
    to_the_nodes(walk)
    walk.click("etl-1")
    walk.click("F Fix", row=-1)
    walk.until_up("FixesScreen")
    walk.until_said("role etl to")
    walk.click("Space Select", row=-1)
    walk.until_said("1 fix is selected")
    walk.click("role etl to describe")  # in the table: the pane beside it names the first fix
    walk.click("Space Select", row=-1)
    walk.until_said("2 fixes are selected")
    walk.click("⏎ Preview", row=-1)
    walk.until_up("ChangeSetScreen")
    walk.click("h Export", row=-1)
    walk.until_up("ExportScreen")
    back(walk)


def made_and_undone_by_mouse(walk: Walker) -> None:
    """A role that gets a policy: nodes change to ok once AWS has it, and red again once it is taken back."""
    failing = walk.state["failing"]
    to_the_causes(walk)
    walk.click("queue-worker role")  # in the table: the pane beside it takes the focus, and other keys then stand below
    walk.until_said("1 2 F Fix")
    walk.click("1 2 F Fix", row=-1)
    walk.until_up("ChangeScreen")
    walk.until_said("to ok")
    walk.click("A Apply", row=-1)
    walk.until(lambda: walk.state["failing"] < failing, "did a node turn green")
    walk.click("z Undo", row=-1)
    walk.until_said("Undo: ")
    walk.click("A ", row=-1)
    walk.until(lambda: walk.state["failing"] == failing, "was it taken back")
    back(walk)
    to_the_nodes(walk)
