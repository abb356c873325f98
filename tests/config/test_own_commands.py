"""Own commands: what a declaration can say, and what the values of a row can become."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.config.declared_settings import COMMANDS
from ssmtui.config.file import ConfigError
from ssmtui.config.own_commands import OwnCommand, UnsafeArgument, fill_in
from ssmtui.config.setting_types import as_json, format_toml_value
from ssmtui.config.settings import settings_of
from tests.config.files import said

DECLARED = """
[commands.ping]
key = "f5"
command = ["ping", "-c3", "{name}"]
description = "Ping the node"
background = true

[commands.note]
key = "ctrl+n,f6"
command = ["/opt/note", "--on={id}@{region}", "{{{account}}}"]
read_only = true
"""

PING = OwnCommand("ping", "f5", ("ping", "-c3", "{name}"), "Ping the node", background=True)
NOTE = OwnCommand(
    "note", "ctrl+n,f6", ("/opt/note", "--on={id}@{region}", "{{{account}}}"), background=False, read_only=True
)


def test_commands_are_read_from_the_file_or_a_variable_and_told_again(tmp_path: Path) -> None:
    file = said(tmp_path, DECLARED)
    settings = settings_of(file, {}, {})
    assert settings[COMMANDS] == {"ping": PING, "note": NOTE}
    text = format_toml_value(settings[COMMANDS])
    assert settings_of(said(tmp_path, ""), {"SSMTUI_COMMANDS": text}, {})[COMMANDS] == {"ping": PING, "note": NOTE}
    assert as_json(settings[COMMANDS]) == {
        "ping": {
            "key": "f5",
            "command": ["ping", "-c3", "{name}"],
            "description": "Ping the node",
            "background": True,
        },
        "note": {
            "key": "ctrl+n,f6",
            "command": ["/opt/note", "--on={id}@{region}", "{{{account}}}"],
            "read_only": True,
        },
    }


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('kye = "f5"', "2:1: commands.x.kye: a command has no kye. Did you mean key?"),
        ('command = ["a"]', "1:1: commands.x: key must be a text"),
        ('key = "f5"', "1:1: commands.x: command must be a list: the program, then one text for each argument"),
        ('key = "f5"\ncommand = "a b"', "3:1: commands.x.command: command must be a list: the program, then one"),
        ('key = "f5"\ncommand = []', "3:1: commands.x.command: command must be a list"),
        ('key = "f5"\ncommand = ["a", 3]', "3:1: commands.x.command: command must be a list"),
        ('key = "f5"\ncommand = ["{id}"]', "3:1: commands.x.command: the program of a command cannot have placeholder"),
        (
            'key = "f5"\ncommand = ["a", "{nmae}"]',
            "3:1: commands.x.command: there is no placeholder {nmae}. Did you mean {name}?",
        ),
        ('key = "f5"\ncommand = ["a", "{id.x}"]', "3:1: commands.x.command: there is no placeholder {id.x}."),
        ('key = "f5"\ncommand = ["a", "{id!r}"]', "3:1: commands.x.command: there is no placeholder {id!r}."),
        (
            'key = "f5"\ncommand = ["a", "{"]',
            "3:1: commands.x.command: { has a brace without its counterpart: w",
        ),
        (
            'key = "f5"\ncommand = ["./a"]',
            "3:1: commands.x.command: the program of a command must be a name or",
        ),
        (
            'key = "f5"\ncommand = ["bin/a"]',
            "3:1: commands.x.command: the program of a command must be a name or",
        ),
        (
            'key = "f5"\ncommand = ["sh", "-c", "ping {id}"]',
            "3:1: commands.x.command: a placeholder cannot be",
        ),
        (
            'key = "f5"\ncommand = ["/bin/bash", "-ec", "{id}"]',
            "3:1: commands.x.command: a placeholder cannot be",
        ),
        (
            'key = "f5"\ncommand = ["pwsh.exe", "-File", "{id}"]',
            "3:1: commands.x.command: a placeholder cannot be",
        ),
        ('key = "f5"\ncommand = ["a"]\nbackground = 1', "4:1: commands.x.background: background must be true or false"),
    ],
)
def test_a_mistake_is_refused_with_its_place(text: str, mistake: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        said(tmp_path, f"[commands.x]\n{text}\n")
    assert str(refused.value).startswith(f"{tmp_path / 'config.toml'}:{mistake}")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('[commands."a b"]\nkey = "f5"', "1:1: commands.a b: the name of a command has only letters"),
        ("commands = 3", "1:1: [commands.NAME] must be a table"),
        ("[commands]\nx = 3", "2:1: commands.x: [commands.NAME] must be a table"),
        ("[command.x]", "1:1: [command.NAME] must be [commands.NAME]"),
    ],
)
def test_a_name_or_a_table_that_cannot_be_is_refused(text: str, mistake: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        said(tmp_path, text)
    assert str(refused.value).startswith(f"{tmp_path / 'config.toml'}:{mistake}")


def test_a_shell_gets_values_as_arguments_of_its_script(tmp_path: Path) -> None:
    text = """[commands.x]\nkey = "f5"\ncommand = ["sh", "-c", 'ping "$1"', "sh", "{name}"]"""
    [command] = settings_of(said(tmp_path, text), {}, {})[COMMANDS].values()
    assert fill_in(command, {"name": "$(reboot); x"}, "/bin/sh")[4] == "$(reboot); x"


VALUES = {"id": "i-0abc", "name": "web 1; rm -rf {id} $HOME", "region": "eu-west-3", "account": "123456789012"}


@pytest.mark.parametrize(
    ("argument", "values", "filled"),
    [
        ("plain", {}, "plain"),
        ("{name}", VALUES, "web 1; rm -rf {id} $HOME"),
        ("--on={id}@{region}", VALUES, "--on=i-0abc@eu-west-3"),
        ("{{{account}}}", VALUES, "{123456789012}"),
        ("--name={name}", {"name": "--force"}, "--name=--force"),
        ("x{name}", {"name": "@/etc/passwd"}, "x@/etc/passwd"),
    ],
)
def test_a_value_is_within_one_argument(argument: str, values: dict[str, str], filled: str) -> None:
    assert fill_in(OwnCommand("x", "f5", ("a", argument)), values, "/bin/a") == ("a", filled)


@pytest.mark.parametrize(
    ("argument", "value", "program", "why"),
    [
        ("{name}", "", "a", "{name} has no value here"),
        ("--name={name}", "", "a", "{name} has no value here"),
        ("{name}", "-rf", "a", "{name} is -rf: a program could take it for an option or a file"),
        ("{name}", "--help", "a", "{name} is --help: a program could take it for an option or a file"),
        ("{name}x", "@/etc/passwd", "a", "{name} is @/etc/passwd: a program could take it for an option or a file"),
        ("{name}", "file:///x", "a", "{name} is file:///x: a program could take it for an option or a file"),
        ("x{name}", "a\x00b", "a", "{name} has control characters"),
        ("{name}", "a\x1b[31m", "a", "{name} has control characters"),
        ("{name}", "a\nb", "a", "{name} has control characters"),
        ("x{name}", "a&calc", "C:\\x.CMD", "{name} has characters that a batch file can execute"),
        ("x{name}", "%PATH%", "C:\\x.bat", "{name} has characters that a batch file can execute"),
    ],
)
def test_a_missing_or_unsafe_value_runs_nothing(argument: str, value: str, program: str, why: str) -> None:
    with pytest.raises(UnsafeArgument) as refused:
        fill_in(OwnCommand("x", "f5", ("a", argument)), {"name": value}, program)
    assert str(refused.value) == why


@given(st.text())
def test_no_value_makes_another_argument_or_an_option(value: str) -> None:
    try:
        words = fill_in(OwnCommand("x", "f5", ("a", "-v", "{name}", "end")), {"name": value}, "/bin/a")
    except UnsafeArgument:
        return
    assert words == ("a", "-v", value, "end")
    assert not value.startswith("-")
