"""`ssmtui --replay FILE`: the app on a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ssmtui.cli.dressing import dress, wear_colours
from ssmtui.cli.keymapping import give_keys
from ssmtui.cli.running_app import run_app
from ssmtui.cli.sane_terminal import make_sane
from ssmtui.config.declared import KEYS, THEME
from ssmtui.config.folders import folders
from ssmtui.report.outcome import ExitCode

if TYPE_CHECKING:
    from ssmtui.cli.run import Run
    from ssmtui.cli.snapshots.replaying import Replay


def open_replay(run: Run, replay: Replay, commands: Sequence[str]) -> ExitCode:
    """Run the app until the person leaves it. Nothing is read anew, changed or opened by it."""
    from ssmtui.ui.app.app import SsmtuiApp
    from ssmtui.ui.app.key_reading import end_reading_keys
    from ssmtui.ui.words.snapshot_text import SnapshotShown

    make_sane()
    app = SsmtuiApp(run.diagnosis, now=lambda: replay.made)
    snapshot = replay.snapshot
    looked_at = tuple(each.head.at for each in snapshot.scopes)
    app.bench.snapshot = SnapshotShown(
        replay.made, looked_at, replay.why_not, lambda: datetime.now(UTC), redacted=snapshot.redacted
    )
    wear_colours(app, run.settings)
    dress(app, run.state, folders().themes, run.settings[THEME])
    give_keys(app, run.settings.how(KEYS))
    try:
        run_app(app)
    finally:
        end_reading_keys(app)
    from ssmtui.cli.checking import say_unknown_nodes

    if not app.bench.board.state.nodes and (code := say_unknown_nodes(app.bench.board.state, commands)):
        return code
    return ExitCode(app.return_code or 0)
