"""Commands that the configuration declares: their keys, what they are given, and how they end."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ssmtui.cli.app_launch import apply_key_bindings, apply_own_commands
from ssmtui.cli.errors import UsageError
from ssmtui.config.declared_settings import COMMANDS, KEYS
from ssmtui.config.settings import settings_of
from ssmtui.diagnosis.events import ScopeOpened
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.dialogs import TextDialog
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.screens.search_dialogs import PaletteDialog
from tests.config.files import said
from tests.ui.builders import NOON, node, scope, told
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import NODE, Opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until

PRINT = f'command = ["{sys.executable}", "-c", "import sys; print(sys.argv[1:])", '


def declared(*arguments: str, key: str = "f5", more: str = "background = true") -> str:
    words = ", ".join(f'"{each}"' for each in arguments)
    return f'[commands.show]\nkey = "{key}"\n{PRINT}{words}]\n{more}\n'


@asynccontextmanager
async def with_commands(
    text: str, folder: Path, handle: ScriptedInquiry | None = None, *, read_only: bool = False
) -> AsyncIterator[Opened]:
    inquiry = handle or demo_inquiry()
    desk = None if read_only else StoredDocument().desk(folder)
    app = SsmtuiApp(lambda: inquiry, desk, mode="demo", now=lambda: NOON)
    apply_own_commands(app, settings_of(said(folder, text), {}, {}).how(COMMANDS))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.context.handle is not None and inquiry.events.empty())
        await until(pilot, lambda: app.screen.focused is not None)
        yield Opened(app, pilot)


def notices(shown: Opened) -> list[str]:
    return [each.message for each in shown.app._notifications]


async def test_a_background_command_gets_the_values_of_the_row_and_its_output_is_shown(tmp_path: Path) -> None:
    text = declared("{id}", "{name}", "{region}", "{account}", "--x={finding}")
    async with with_commands(text, tmp_path) as shown:
        shown.fleet.narrow("eu-worker-1")
        await until(shown.pilot, lambda: shown.names == ["eu-worker-1"])
        key = shown.nodes.cursor
        assert key is not None
        await shown.press("enter")
        await shown.until_screen(NODE)
        finding = shown.app.screen.fixable_finding  # type: ignore[attr-defined]
        await shown.press("f5")
        await shown.until_screen(TextDialog)
        where = shown.app.context.fleet_view.scope_of(key)
        assert where is not None
        expected = [key.id, "eu-worker-1", where.region, where.account, f"--x={finding.id}"]
        assert str(expected) in shown.app.screen.query_one("TextPane").text.replace("\n", "")  # type: ignore[attr-defined]
        await shown.until_said("exit code 0")


PROD = scope("eu-west-1", "210987654321", "prod")
HOSTILE = tuple(
    node(name, number, PROD) for number, name in enumerate(("--help", "a b; $(touch x)", "[b]red[/b]"), start=1)
)


async def test_hostile_names_are_one_argument_or_refused(tmp_path: Path) -> None:
    handle = ScriptedInquiry(ScopeOpened(PROD), *told(PROD, list(HOSTILE)))
    async with with_commands(declared("{name}", "{profile}"), tmp_path, handle) as shown:
        for name, words in (
            ("--help", ""),
            ("a b; $(touch x)", "['a b; $(touch x)', 'prod']"),
            ("[b]red[/b]", "['[b]red[/b]', 'prod']"),
        ):
            shown.nodes.go_to(next(each.key for each in HOSTILE if each.name == name))
            await shown.press("f5")
            if words:
                await shown.until_screen(TextDialog)
                assert words in shown.said
                await shown.press("escape")
            else:
                why = "{name} is --help: a program could take it for an option or a file"
                assert notices(shown)[-1] == why


@pytest.mark.parametrize(
    ("more", "read_only", "runs"),
    [
        ("background = true", False, True),
        ("background = true", True, False),
        ("background = true\nread_only = true", True, True),
    ],
)
async def test_read_only_runs_only_what_declares_to_be_read_only(
    more: str,
    read_only: bool,  # noqa: FBT001
    runs: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    async with with_commands(declared("{id}", more=more), tmp_path, read_only=read_only) as shown:
        await shown.press("f5")
        if runs:
            await shown.until_screen(TextDialog)
        else:
            assert "read-only: changes are disabled in this run" in notices(shown)
            assert shown.app.screen is shown.fleet


async def test_a_read_only_profile_runs_nothing_that_is_not_read_only(tmp_path: Path) -> None:
    async with with_commands(declared("{id}"), tmp_path) as shown:
        shown.app.context.is_read_only = lambda _scope: True
        await shown.press("f5")
        assert "read-only: the configuration sets this profile to read-only" in notices(shown)
        assert shown.app.screen is shown.fleet


async def test_a_command_has_the_terminal_unless_it_is_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[tuple[str, ...], bool]] = []

    async with with_commands(declared("{id}", more=""), tmp_path) as shown:
        is_lent = False

        def lend(run: object) -> None:
            nonlocal is_lent
            is_lent = True
            run()  # type: ignore[operator]
            is_lent = False

        def run_in_terminal(words: tuple[str, ...], _environment: object) -> int:
            ran.append((words, is_lent))
            return 0

        monkeypatch.setattr("ssmtui.ui.app.own_commands.run_in_terminal", run_in_terminal)
        monkeypatch.setattr(shown.app, "lend_terminal", lend)
        await shown.press("f5")
        assert shown.nodes.cursor is not None
        assert [(words[-1], lent) for words, lent in ran] == [(shown.nodes.cursor.id, True)]


async def test_a_program_that_is_not_there_and_one_that_writes_without_end_are_reported(tmp_path: Path) -> None:
    text = '[commands.gone]\nkey = "f5"\ncommand = ["no-such-program"]\nbackground = true\n'
    endless = f'[commands.endless]\nkey = "f6"\ncommand = ["{sys.executable}", "-c", "while True: print(1)"]\n'
    async with with_commands(f"{text}{endless}background = true\n", tmp_path) as shown:
        await shown.press("f5")
        await until(shown.pilot, lambda: any("no-such-program" in each for each in notices(shown)))
        await shown.press("f6")
        await shown.until_screen(TextDialog)
        await shown.until_said("exit code -9")


async def test_help_and_palette_list_the_commands_with_why_they_cannot_run(tmp_path: Path) -> None:
    text = '[commands.tell]\nkey = "f5"\ncommand = ["tell", "{name}"]\ndescription = "Tell {it} to [b]all"\n'
    async with with_commands(text, tmp_path, read_only=True) as shown:
        await shown.press("question_mark")
        await shown.until_screen(HelpDialog)
        await shown.write("tell")
        await shown.until_said("tell: Tell {it} to [b]all")
        await shown.press("escape", "colon")
        await shown.until_screen(PaletteDialog)
        await shown.write("tell")
        await shown.until_said("read-only: changes are disabled in this run")


@pytest.mark.parametrize(
    ("keys", "key", "mistake"),
    [
        ("", "s", "commands.show: s is already the key of shell"),
        ("", "j", "commands.show: j is already the key of down"),
        ("", "ctrl+q", "commands.show: ctrl+q is already the key of leave"),
        ('[keys]\nshell = "f5"\n', "f5", "commands.show: f5 is already the key of shell"),
        ("", "contrl+f", "commands.show: contrl+f is not a key. Did you mean ctrl?"),
        ('[commands.first]\nkey = "f5"\ncommand = ["a"]\n', "f5", "commands.show: f5 is already the key of first"),
    ],
)
def test_a_key_that_is_taken_or_is_none_is_refused_at_the_start(
    keys: str, key: str, mistake: str, tmp_path: Path
) -> None:
    text = f"{keys}{declared('{id}', key=key)}"
    settings = settings_of(said(tmp_path, text), {}, {})
    app = SsmtuiApp(demo_inquiry)
    apply_key_bindings(app, settings.how(KEYS))
    with pytest.raises(UsageError) as refused:
        apply_own_commands(app, settings.how(COMMANDS))
    line = text.splitlines().index("[commands.show]") + 1
    assert refused.value.message == f"{tmp_path / 'config.toml'}:{line}:1: {mistake}"


def test_the_key_of_a_freed_action_can_be_given(tmp_path: Path) -> None:
    settings = settings_of(said(tmp_path, f'[keys]\nchoose_columns = "f9"\n{declared("{id}", key="W")}'), {}, {})
    app = SsmtuiApp(demo_inquiry)
    apply_key_bindings(app, settings.how(KEYS))
    apply_own_commands(app, settings.how(COMMANDS))
