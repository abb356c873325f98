"""`ssmtui`: the screen opened on a running diagnosis."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ssmtui.cli.changes.desk import finish
from ssmtui.cli.dressing import dress, wear_colours
from ssmtui.cli.keymapping import give_keys
from ssmtui.cli.lending import lending
from ssmtui.cli.refusals import UsageError
from ssmtui.cli.reports.saving import save_report
from ssmtui.cli.running_app import run_app
from ssmtui.cli.sane_terminal import make_sane
from ssmtui.cli.snapshots.opening import open_replay
from ssmtui.cli.snapshots.recording import saved_from_app
from ssmtui.cli.unknown_words import did_you_mean
from ssmtui.config.declared import COLUMNS, FILTER, KEYS, PROFILE, REFRESH, THEME
from ssmtui.config.folders import folders
from ssmtui.config.setting import Told
from ssmtui.evidence.wire.prompting import may_prompt
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.report.outcome import ExitCode

if TYPE_CHECKING:
    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.live import LiveDiagnosis


def open_screen(run: Run, *, mode: str = "", commands: Sequence[str] = ()) -> ExitCode:
    """Run the app until the person leaves it. What may ask for an MFA code asks before the screen is taken.

    Where nodes were named and none of them is there, the app leaves by itself, and that is said as `check` says it.
    """
    if run.replay is not None:
        return open_replay(run, run.replay, commands)
    from ssmtui.changes.journal import Journal
    from ssmtui.ui.app.app import SsmtuiApp
    from ssmtui.ui.app.key_reading import end_reading_keys

    make_sane()
    first_filter = _filter(run.settings.in_force(FILTER))
    columns = _columns(run.settings.how(COLUMNS))
    profiles = run.settings[PROFILE] or (None,)
    asks_first = any(may_prompt(profile, os.environ) for profile in profiles)
    inquiry = _already_open(run) if asks_first else None
    begun = [inquiry] if inquiry is not None else []

    def begin() -> LiveDiagnosis:
        begun.append(run.inquiry(looked_at=True))
        return begun[-1]

    # Sessions and changes are of scopes that the diagnosis has told of: by then it has begun.
    lend = lending(run.settings, lambda: begun[-1])
    desk, sessions = run.desk(lend=lend), run.sessions(lend)
    kept, refresh = Journal(run.journal), run.settings[REFRESH]
    app = SsmtuiApp(inquiry or begin, desk, mode=mode, journal=kept, sessions=sessions, refresh=refresh)
    wear_colours(app, run.settings)
    app.bench.first_filter, app.bench.configured_columns = first_filter, columns
    app.saves_snapshot = lambda: saved_from_app(begun[-1])
    app.bench.is_read_only = lambda scope: run.settings.is_read_only(scope.profile)
    # In a demonstration nothing of the person's is looked at.
    dress(app, run.state, None if mode else folders().themes, run.settings[THEME])
    app.save = save_report
    give_keys(app, run.settings.how(KEYS))
    try:
        run_app(app)
    finally:
        end_reading_keys(app)
        if sessions is not None:
            sessions.close()
        if desk is not None:
            finish(desk)
    from ssmtui.cli.checking import say_unknown_nodes

    run.remember(app.bench.board.state)
    if not app.bench.board.state.nodes and (code := say_unknown_nodes(app.bench.board.state, commands)):
        return code
    return ExitCode(app.return_code or 0)


def _filter(told: Told[str | None]) -> str:
    from ssmtui.ui.words.filtering import FilterFault, parse_filter
    from ssmtui.ui.words.fleet_rows import FIELDS

    try:
        parse_filter(told.value or "", FIELDS)
    except FilterFault as fault:
        raise UsageError(f"{printable(told.origin.name)}: {fault}") from fault
    return told.value or ""


def _columns(told: Told[tuple[str, ...]]) -> tuple[str, ...]:
    from ssmtui.ui.words.fleet_rows import COLUMN_KEYS

    for key in told.value:
        if key not in COLUMN_KEYS:
            sentence = say("there is no column {name}.", name=printable(key))
            near = did_you_mean(key, COLUMN_KEYS) or " " + say("There are: {names}", names=", ".join(COLUMN_KEYS))
            raise UsageError(f"{printable(told.origin.name)}: {sentence}{near}")
    return told.value


def _already_open(run: Run) -> LiveDiagnosis:
    """A diagnosis that has what it prompts for."""
    inquiry = run.inquiry(looked_at=True)
    inquiry.unprompted.result()
    return inquiry
