"""Run the app on a world with hostile texts, as a program, so that every byte to its terminal can be checked.

python -m tools.trust.hostile.app_on_terminal FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from ssmtui.ui.app.app import SsmtuiApp
from tests.ui.builders import NOON
from tests.ui.fake_sessions import FakeSessions
from tests.ui.listed_sessions import with_sessions
from tests.ui.past_changes import desk_with_a_past
from tools.trust.hostile.texts import KINDS, poison_journal, poisoned_inquiry

ALL = "".join(KINDS.values())


def main() -> None:
    """Run the app until `q`."""
    folder = Path(sys.argv[1])
    desk = desk_with_a_past(folder)
    poison_journal(folder, ALL)
    handle = poisoned_inquiry(with_sessions(), ALL)
    app = SsmtuiApp(lambda: handle, desk, mode="demo", now=lambda: NOON, sessions=FakeSessions())
    app.animation_level = "none"
    app.run()


if __name__ == "__main__":
    main()
