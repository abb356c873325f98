"""Prepare the app and the terminal, and open the app on a live diagnosis or on a snapshot."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ssmtui.cli.errors import UsageError
from ssmtui.cli.notices import suggest
from ssmtui.cli.printing import ascii_alone, is_terminal, print_message
from ssmtui.cli.signals import note_ctrl_c, report_crashes_to, shut_down_with
from ssmtui.config.declared_settings import COLOUR, COLUMNS, COMMANDS, FILTER, KEYS, PROFILE, REFRESH, THEME
from ssmtui.config.private_files import folders
from ssmtui.config.setting_types import SettingValue
from ssmtui.evidence.aws.profiles import can_prompt
from ssmtui.language import say
from ssmtui.model.scope import CredentialsUnavailable, SharedCredentials
from ssmtui.report.exit_code import ExitCode
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause
    from ssmtui.cli.replay import Replay
    from ssmtui.cli.run import Run
    from ssmtui.config.own_commands import OwnCommand
    from ssmtui.config.settings import Settings
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
    from ssmtui.model.scope import Scope, ScopeName
    from ssmtui.ui.app.app import SsmtuiApp
    from ssmtui.ui.textual_workarounds import HardenedApp


def restore_terminal() -> None:
    """Reset a terminal that a killed program left raw. Windows resets the modes itself."""
    if sys.platform != "win32":
        from ssmtui.session.terminal import make_sane

        make_sane()


def run_app(app: HardenedApp) -> None:
    """Run the app until the person leaves it. Raises the app's fatal error, which `main` reports."""
    with (
        shut_down_with(app.request_exit, app.has_begun_to_end, app.let_terminal_go),
        report_crashes_to(app.exit_on_error),
    ):
        try:
            app.run()
        finally:
            app.release_terminal()
        if app.return_code == ExitCode.INTERRUPTED:
            note_ctrl_c()
    if app.fatal_error is not None:
        raise app.fatal_error


def apply_key_bindings(app: SsmtuiApp, told: SettingValue[Mapping[str, str]]) -> None:
    """Apply the configured keys to an app before it runs. Without configured keys, no screen is loaded.

    Raises:
        UsageError: an unknown action or key, or two actions for one key; the message names the setting's source.

    """
    if not told.value:
        return
    from ssmtui.ui.screens.key_catalogue import KeymapError, checked_keymap

    try:
        app.keymap = checked_keymap(told.value, type(app))
    except KeymapError as wrong:
        where = told.origin.below.get(wrong.action, told.origin.name)
        raise UsageError(f"{printable(where)}: keys.{printable(wrong.action)}: {wrong}") from wrong


def apply_own_commands(app: SsmtuiApp, told: SettingValue[Mapping[str, OwnCommand]]) -> None:
    """Bind the configured commands to their keys, after the configured keys and before the app runs.

    Raises:
        UsageError: an unknown key, or a key that an action or another command has.

    """
    if not told.value:
        return
    from ssmtui.ui.screens.key_catalogue import KeymapError, checked_command_keys

    try:
        keys = checked_command_keys({name: each.key for name, each in told.value.items()}, app.keymap, type(app))
    except KeymapError as wrong:
        where = told.origin.below.get(wrong.action, told.origin.name)
        raise UsageError(f"{printable(where)}: commands.{printable(wrong.action)}: {wrong}") from wrong
    app.own_commands.declare(told.value, keys)


def can_show_screens() -> bool:
    """Return whether the app can start. If only the input is no terminal, print why a report follows instead.

    A dumb terminal cannot position text. If the output is a file, a report is expected.
    """
    if is_terminal(sys.stdin, sys.stdout):
        return True
    if is_terminal(sys.stdout):
        print_message(say("Standard input is not a terminal, so the app cannot start. The report follows."))
    return False


def apply_colours(app: SsmtuiApp, settings: Settings) -> None:
    """Show the configured colours of profiles and accounts in the header. Call before the app runs."""
    if not settings.says(COLOUR):
        return

    @cache
    def colour_of(scope: Scope) -> str:
        return settings.alone(COLOUR, scope.name.profile, scope.account).value or ""

    app.context.colour_of = colour_of


def apply_ui_state(app: SsmtuiApp, state: Path, themes: Path | None, settings: Settings) -> None:
    """Apply the stored user interface state and the colour themes to an app before it runs.

    `state` is the folder of the UI state, `themes` the folder of the person's own themes.

    Raises:
        UsageError: the settings name an unknown theme, in general or for a profile or account.

    """
    from ssmtui.ui.state.ui_state import UiStateFile, UiStateStore

    app.context.ui_state = UiStateStore(UiStateFile(state))
    app.plain_keys = ascii_alone()
    mistakes = app.themes.apply(themes, settings[THEME])
    for told in settings.everywhere(THEME):
        _check_theme(app, themes, told)
    if any(THEME.name in each.told for table in settings.some.values() for each in table):

        @cache
        def theme_of(scope: Scope) -> str | None:
            return settings.alone(THEME, scope.name.profile, scope.account).value

        app.themes.theme_of = theme_of
    app.startup_problems += mistakes


def _check_theme(app: SsmtuiApp, themes: Path | None, told: SettingValue[str | None]) -> None:
    names, theme = tuple(app.available_themes), told.value
    # The app reports an error in a person's own theme; the start does not fail because of colours.
    own = themes / f"{theme}.toml" if theme is not None and themes is not None else None
    is_broken = own is not None and os.path.isfile(own)  # noqa: PTH113 - Path's own raises for a long one
    if theme is not None and theme not in names and not is_broken:
        where = f"{printable(told.origin.name)}: " if told.origin.name else ""
        sentence = say("the configuration names an unknown theme: {theme}.", theme=printable(theme))
        near = suggest(theme, names)
        raise UsageError(where + sentence + (near or " " + say("Possible values: {names}", names=", ".join(names))))


class CredentialSource(Protocol):
    """The source of credentials for scopes: the diagnosis, after it has started."""

    def credentials(self, scope: ScopeName, refused: SharedCredentials | None = None) -> Future[SharedCredentials]:
        """Return a scope's credentials; new ones if AWS refused the given ones. Raises CredentialsUnavailable."""


def credential_sharing(
    settings: Settings, lender: Callable[[], CredentialSource]
) -> Callable[..., Future[SharedCredentials]]:
    """Return a function that lends the diagnosis's credentials, except for profiles that are configured as read-only.

    The person can add profiles while the app runs, so each call asks whether the profile is read-only.
    """

    def lend(scope: ScopeName, refused: SharedCredentials | None = None) -> Future[SharedCredentials]:
        if settings.is_read_only(scope.profile):
            nothing: Future[SharedCredentials] = Future()
            nothing.set_exception(CredentialsUnavailable(say("the profile is read-only in the configuration")))
            return nothing
        return lender().credentials(scope, refused)

    return lend


def open_replay(run: Run, replay: Replay, commands: Sequence[str]) -> ExitCode:
    """Run the app on a snapshot until the person leaves it. Nothing is read, changed or opened."""
    from ssmtui.ui.app.app import SsmtuiApp
    from ssmtui.ui.text.notices import OfflineSnapshot

    restore_terminal()
    app = SsmtuiApp(run.diagnosis, now=lambda: replay.made)
    snapshot = replay.snapshot
    looked_at = tuple(each.head.at for each in snapshot.scopes)
    app.context.snapshot = OfflineSnapshot(
        replay.made, looked_at, replay.why_not, lambda: datetime.now(UTC), redacted=snapshot.redacted
    )
    apply_colours(app, run.settings)
    apply_ui_state(app, run.state, folders().themes, run.settings)
    apply_key_bindings(app, run.settings.how(KEYS))
    apply_own_commands(app, run.settings.how(COMMANDS))
    run_app(app)
    from ssmtui.cli.check import print_unknown_nodes

    if not app.context.fleet_view.state.nodes and (code := print_unknown_nodes(app.context.fleet_view.state, commands)):
        return code
    return ExitCode(app.return_code or 0)


def open_screen(run: Run, *, mode: str = "", commands: Sequence[str] = ()) -> ExitCode:
    """Run the app until the person leaves it. Ask for MFA codes before the app owns the screen.

    If none of the requested nodes exists, the app exits, and the message is the same as that of `check`.
    """
    if run.replay is not None:
        return open_replay(run, run.replay, commands)
    from ssmtui.remediation.apply.journal import Journal
    from ssmtui.ui.app.app import SsmtuiApp

    restore_terminal()
    first_filter = _filter(run.settings.in_force(FILTER))
    columns = _columns(run.settings.how(COLUMNS))
    profiles = run.settings[PROFILE] or (None,)
    asks_first = any(can_prompt(profile, os.environ) for profile in profiles)
    handle = _already_open(run) if asks_first else None
    begun = [handle] if handle is not None else []

    def begin() -> LiveDiagnosis:
        begun.append(run.handle(looked_at=True))
        return begun[-1]

    def save_report(state: FleetState, causes: Mapping[str, Cause], made: datetime, name: str) -> Path:
        from ssmtui.cli.report_writing import save_report as save

        return save(state, causes, made, name)

    def save_snapshot() -> tuple[str, ...]:
        from ssmtui.cli.snapshot import save_from_app

        return save_from_app(begun[-1])

    # Sessions and changes belong to scopes that the diagnosis has reported, so it has started by then.
    lend = credential_sharing(run.settings, lambda: begun[-1])
    service, sessions = run.service(lend=lend), run.sessions(lend)
    kept, refresh = Journal(run.journal), run.settings[REFRESH]
    app = SsmtuiApp(handle or begin, service, mode=mode, journal=kept, sessions=sessions, refresh=refresh)
    apply_colours(app, run.settings)
    app.context.first_filter, app.context.configured_columns = first_filter, columns
    app.saving.write_snapshot = save_snapshot
    app.context.is_read_only = lambda scope: run.settings.is_read_only(scope.profile)
    # The demo ignores the person's own files, and its journal ends with it: its choices have a folder of their own.
    choices, themes = (folders().state / mode, None) if mode else (run.state, folders().themes)
    apply_ui_state(app, choices, themes, run.settings)
    app.saving.write_report = save_report
    apply_key_bindings(app, run.settings.how(KEYS))
    apply_own_commands(app, run.settings.how(COMMANDS))
    try:
        run_app(app)
    finally:
        if sessions is not None:
            sessions.close()
        if service is not None:
            from ssmtui.cli.change_service import finish

            finish(service)
    from ssmtui.cli.check import print_unknown_nodes

    run.remember(app.context.fleet_view.state)
    if not app.context.fleet_view.state.nodes and (code := print_unknown_nodes(app.context.fleet_view.state, commands)):
        return code
    return ExitCode(app.return_code or 0)


def _filter(told: SettingValue[str | None]) -> str:
    from ssmtui.ui.text.filters import FilterError, parse_filter
    from ssmtui.ui.text.node_rows import FIELDS

    try:
        parse_filter(told.value or "", FIELDS)
    except FilterError as fault:
        raise UsageError(f"{printable(told.origin.name)}: {fault}") from fault
    return told.value or ""


def _columns(told: SettingValue[tuple[str, ...]]) -> tuple[str, ...]:
    from ssmtui.ui.text.node_columns import column_of
    from ssmtui.ui.text.node_rows import COLUMN_KEYS

    for key in told.value:
        if column_of(key) is None:
            sentence = say("unknown column: {name}.", name=printable(key))
            near = suggest(key, COLUMN_KEYS) or " " + say("Possible values: {names}", names=", ".join(COLUMN_KEYS))
            raise UsageError(f"{printable(told.origin.name)}: {sentence}{near}")
    return told.value


def _already_open(run: Run) -> LiveDiagnosis:
    """Start a diagnosis and wait until it has asked for MFA codes."""
    handle = run.handle(looked_at=True)
    handle.unprompted.result()
    return handle
