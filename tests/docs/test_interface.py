"""The page that scripts are written by: true to the command line, and to the schemas."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest

from ssmtui.cli.commands import commands
from ssmtui.report.schema import Schema
from tests.report.schemas import schema_of

PAGE = (Path(__file__).parents[2] / "docs" / "interface.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands below a heading of the page."""
    _, found, rest = PAGE.partition(f" {title}\n")
    assert found
    return rest.partition("\n## ")[0]


def commands_in(text: str) -> set[str]:
    """The commands that the rows of a table begin with."""
    rows = (line.split("|")[1] for line in text.splitlines() if line.startswith("|"))
    return {name for row in rows for name in re.findall(r"`ssmtui ([a-z-]+)", row)}


def examples() -> dict[str, Any]:
    """The documents that the page shows, by their schema."""
    shown = (json.loads(each) for each in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    return {each["schema"]: each for each in shown}


def test_the_commands_are_those_that_there_are() -> None:
    assert commands_in(section("Commands")) == {name for name, each in commands.commands.items() if not each.hidden}


def test_what_is_not_there_yet_is_no_command() -> None:
    waiting = commands_in(section("Not yet"))
    there = {name for name, each in commands.commands.items() if not each.hidden}
    assert not waiting & there


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_every_option_is_on_the_page(name: str) -> None:
    promised = "\n".join(section(title) for title in ("Commands", "Options"))
    options = [each for each in commands.commands[name].params if isinstance(each, click.Option)]
    assert [each.opts[0] for each in options if each.opts[0] not in promised] == []


@pytest.mark.parametrize("document", Schema)
def test_the_examples_have_the_keys_of_the_schemas_in_their_order(document: Schema) -> None:
    schema = schema_of(document)
    example = examples()[schema["properties"]["schema"]["const"]]
    assert list(example) == schema["required"]
    for key, value in example.items():
        part = schema["properties"][key].get("items", schema["properties"][key]).get("$ref", "").rpartition("/")[2]
        for each in value if isinstance(value, list) else [value]:
            assert not part or list(each) == schema["$defs"][part]["required"]
