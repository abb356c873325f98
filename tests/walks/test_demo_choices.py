"""What is chosen in the demo is there at its next start, apart from what is chosen in the app."""

from __future__ import annotations

from pathlib import Path

from tests.walks.walker import walking

SIZE = (120, 40)


def test_the_demo_keeps_the_order_of_rows_for_its_next_start(tmp_path: Path) -> None:
    with walking(tmp_path, "demo", size=SIZE) as walk:
        walk.until_settled()
        walk.until_said("status↑")
        walk.press("N")
        walk.until_said("name↑")
        walk.press("q")
        assert walk.terminal.end() == 0
    written = [each.relative_to(tmp_path) for each in tmp_path.rglob("habits.json")]
    assert [each.parts[-2] for each in written] == ["demo"]
    with walking(tmp_path, "demo", size=SIZE) as walk:
        walk.until_settled()
        walk.until_said("name↑")
        walk.press("q")
        assert walk.terminal.end() == 0
