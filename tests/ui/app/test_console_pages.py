"""`b` opens what the cursor is on in AWS's web console; where there is no browser the address is told, and copied."""

from __future__ import annotations

import pytest

from ssmtui.ui.app.navigation import has_browser
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CAUSE, opened
from tests.ui.waiting import until


@pytest.mark.parametrize(
    ("environment", "platform", "has"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "linux", False),
        ({"SSH_TTY": "/dev/ttys001"}, "darwin", False),
    ],
)
def test_a_browser_is_opened_only_where_the_person_sits(
    environment: dict[str, str], platform: str, *, has: bool
) -> None:
    assert has_browser(environment, platform) is has


async def test_the_page_is_opened_or_told_and_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    visited: list[str] = []

    def visit(url: str, _environment: object) -> bool:
        visited.append(url)
        return True

    monkeypatch.setattr("ssmtui.ui.app.navigation.open_in_browser", visit)
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    async with opened(demo_inquiry()) as shown:
        assert shown.nodes.cursor is not None
        node = (
            f"https://{shown.nodes.cursor.region}.console.aws.amazon.com/ec2/home?region={shown.nodes.cursor.region}"
            f"#InstanceDetails:instanceId={shown.nodes.cursor.id}"
        )
        await shown.press("b")
        await until(shown.pilot, lambda: visited == [node])
        monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
        await shown.press("tab", "enter")
        await shown.until_screen(CAUSE)
        await shown.press("b")
        await until(shown.pilot, lambda: "console.aws.amazon.com" in shown.app.clipboard)
        assert len(visited) == 1
