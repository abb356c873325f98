"""The five first tasks of a user on a terminal of 80 columns and 24 rows, with keys alone and with the mouse alone.

Each task counts what it took. More keys or clicks than stated here are an error, and so are fewer: then the new number
is written here. A paste is one action of the terminal: a key there, or its mouse button.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.walks.walker import Place, Walker, walking

SIZE = (80, 24)

ENCRYPTION_ERROR = (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
    "Either encrypt the log group or choose an option to enable logging without encryption."
)

FIRST_NODE = "checkout-1"
ROLE_NODE = "queue-1"
"""A node whose fix changes its role: it is confirmed with a key or a click, not with a typed word."""


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walker]:
    with walking(tmp_path, "demo", size=SIZE) as walker:
        walker.until_settled()
        walker.until_said(FIRST_NODE)
        yield walker


@contextmanager
def takes(walk: Walker, *, keys: int = 0, clicks: int = 0, pastes: int = 0) -> Iterator[None]:
    """Count what a task takes."""
    before = (walk.keys, walk.clicks, walk.pastes)
    yield
    after = (walk.keys, walk.clicks, walk.pastes)
    assert tuple(now - then for now, then in zip(after, before, strict=True)) == (keys, clicks, pastes)


def says_what_is_wrong(walk: Walker) -> None:
    """Assert that the first screen shows, without a key: totals, the worst node, its cause, a fix and the next keys."""
    assert f"✖ {walk.state['failing']} fail" in walk.lines[1]
    assert "○" not in walk.lines[1]
    assert walk.lines[3].startswith(f"✖  {FIRST_NODE}")
    why = "Log group is not encrypted with a KMS key"
    assert why in walk.lines[3]
    assert walk.lines[-3].strip() == f"✖ preferences: {why}"
    assert "1 Encrypt the log group with a KMS key" in walk.lines[-2]
    for words in ("⏎ Open", "Tab Causes", "Fix", "/ Filter", "s Shell", "? Help", "q Quit"):
        assert words in walk.lines[-1]


def says_the_whole_path(walk: Walker) -> None:
    """Assert that the node's screen names each link of the path with its result."""
    walk.until_up("NodeScreen")
    walk.until_said("root cause")
    for words in (
        "● workstation      ok",
        "● identity         ok",
        "✖ preferences      root cause",
        "– operating system not checked",
        "The preferences require an encrypted log",
        "Evidence",
        "1 Encrypt the log group with a KMS key",
    ):
        walk.until_said(words)


def says_the_keys(walk: Walker) -> None:
    """Assert that the help names the keys that the first screen has no room for."""
    walk.until_up("HelpDialog")
    walk.until_said("type to search")
    walk.until_said("Paste an error message and show its causes")


def test_the_first_screen_is_understood_with_keys(walk: Walker) -> None:
    says_what_is_wrong(walk)
    with takes(walk, keys=4):
        walk.press("enter")
        says_the_whole_path(walk)
        walk.press("escape")
        walk.until_up("FleetScreen")
        walk.press("?")
        says_the_keys(walk)
        walk.press("?")
        walk.until_up("FleetScreen")


def test_the_first_screen_is_understood_with_the_mouse(walk: Walker) -> None:
    says_what_is_wrong(walk)
    with takes(walk, clicks=5):
        walk.click(FIRST_NODE, times=2)
        says_the_whole_path(walk)
        walk.click("Nodes", row=0)
        walk.until_up("FleetScreen")
        walk.click("? Help", row=-1)
        says_the_keys(walk)
        walk.click("Esc Back")
        walk.until_up("FleetScreen")


def test_the_first_node_is_fixed_with_keys(walk: Walker) -> None:
    """The second fix needs no value and takes effect at once; it changes a whole Region, whose name confirms it."""
    failing = walk.state["failing"]
    with takes(walk, keys=len("2") + len("eu-central-1") + len("⏎")):
        walk.press("2")
        walk.until_up("ChangeScreen")
        walk.until_said("8 nodes change to ok")
        walk.press("eu-central-1", "enter")
        walk.until_said("8 of 8 ok")
    assert walk.state["failing"] == failing - 8


def test_the_first_fix_without_a_typed_word_is_applied_with_the_mouse(walk: Walker) -> None:
    """A change of a whole Region is confirmed by typing its name; the first one that a click confirms is a role's."""
    failing = walk.state["failing"]
    with takes(walk, clicks=3):
        select_with_mouse(walk, ROLE_NODE)
        fix_with_mouse(walk)
    assert walk.state["failing"] == failing - 2


def fix_with_mouse(walk: Walker) -> None:
    walk.click("1 ", row=-1)
    walk.until_up("ChangeScreen")
    walk.until_said("2 nodes change to ok")
    walk.click("A Apply", row=-1)
    walk.until_said("2 of 2 ok")


def select_with_mouse(walk: Walker, name: str) -> None:
    """Click on a node, which the wheel brings in sight, and wait until its fix is offered."""
    while walk.find(f"✖  {name}") is None:
        walk.wheel(Place(20, 10))
        walk.look()
    walk.click(f"✖  {name}")
    walk.until_said("1 Allow the role to read log groups")


def test_a_region_is_switched_with_keys(walk: Walker) -> None:
    with takes(walk, keys=3):
        walk.press("a")
        walk.until_up("ScopesDialog")
        walk.until_said("eu-west-3")
        walk.press("down", "enter")
        shows_only_paris(walk)


def test_a_region_is_switched_with_the_mouse(walk: Walker) -> None:
    with takes(walk, clicks=3):
        walk.click("eu-central-1 eu-west-3", row=0)
        walk.until_up("ScopesDialog")
        walk.click("123456789012 eu-west-3")  # in the dialog: the header names the Regions too
        walk.until_said("default · eu-west-3  open")
        walk.click("⏎ Only these")
        shows_only_paris(walk)


def shows_only_paris(walk: Walker) -> None:
    """Wait until only the nodes of eu-west-3 are shown, all checked."""
    walk.until_up("FleetScreen")
    walk.until(lambda: "eu-west-3" in walk.lines[0] and "eu-central-1" not in walk.lines[0], "was it eu-west-3 alone")
    walk.until_said("66 nodes")
    walk.until_settled()
    assert walk.find(FIRST_NODE) is None


def test_an_error_is_pasted_with_keys(walk: Walker) -> None:
    with takes(walk, keys=1, pastes=1):
        walk.paste(ENCRYPTION_ERROR)
        explains_the_error(walk)
        walk.press("enter")
        walk.until_up("FindingScreen")


def test_an_error_is_pasted_with_the_mouse(walk: Walker) -> None:
    with takes(walk, clicks=1, pastes=1):
        walk.paste(ENCRYPTION_ERROR)
        explains_the_error(walk)
        walk.click("⏎ Open", row=-1)
        walk.until_up("FindingScreen")


def explains_the_error(walk: Walker) -> None:
    """Wait until the causes of the error are listed, the one that is true here first, with its fix."""
    walk.until_up("ExplainScreen")
    walk.until_said("✖ true here")
    walk.until_said("✖ Log group is not encrypted with a KMS key")
    walk.until(lambda: "1 2 Fix" in walk.lines[-1], "was a fix offered")


def test_a_shell_that_fails_is_fixed_and_opened_with_keys(walk: Walker) -> None:
    select_with_keys(walk, ROLE_NODE)
    with takes(walk, keys=7):
        walk.press("s")
        walk.until_up("KeyDialog")
        walk.until_said(f"{ROLE_NODE} has a known failure")
        walk.press("enter")
        explains_the_shell(walk)
        walk.press("1")
        walk.until_up("ChangeScreen")
        walk.until_said("2 nodes change to ok")
        walk.press("A")
        walk.until_said("2 of 2 ok")
        walk.press("escape")
        walk.until_up("ExplainScreen")
        walk.press("escape")
        walk.until_up("FleetScreen")
        walk.press("s")
        walk.until_said(f"simulated shell on {ROLE_NODE} — nothing here runs on a computer")


def test_a_shell_that_fails_is_fixed_and_opened_with_the_mouse(walk: Walker) -> None:
    select_with_mouse(walk, ROLE_NODE)
    with takes(walk, clicks=6):
        walk.click("s Shell", row=-1)
        walk.until_up("KeyDialog")
        walk.until_said(f"{ROLE_NODE} has a known failure")
        walk.click("⏎ Try")
        explains_the_shell(walk)
        fix_with_mouse(walk)
        walk.click("Nodes", row=0)
        walk.until_up("FleetScreen")
        walk.click("s Shell", row=-1)
        walk.until_said(f"simulated shell on {ROLE_NODE} — nothing here runs on a computer")


def select_with_keys(walk: Walker, name: str) -> None:
    walk.press("/", name, "enter")
    walk.until_said(f"/ {name}")
    walk.until_said("1 Allow the role to read log groups")


def explains_the_shell(walk: Walker) -> None:
    """Wait until the error of the session is explained, with the cause that the checks found and its fix."""
    walk.until_up("ExplainScreen")
    walk.until_said(f"checked on node {ROLE_NODE}")
    walk.until_said("We couldn't start the session because encryption is not set up")
    walk.until_said("✖ true here")
    walk.until_said("1 Allow the role to read log groups")
    walk.until(lambda: "Fix" in walk.lines[-1], "was a fix offered")
