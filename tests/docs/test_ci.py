"""The gate that people copy: of the form that GitHub and GitLab ask for, and every line of it understood."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from ssmtui.cli.commands import commands
from ssmtui.cli.options import report_request_of
from ssmtui.cli.report_treatment import read_mutes
from ssmtui.report.formats import DEFAULT

TREE = Path(__file__).parents[2]
PAGE = (TREE / "docs" / "ci.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    """The code blocks of that language, those in lists as well."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def runs(value: Any) -> list[str]:
    """What a pipeline runs."""
    if isinstance(value, dict):
        told = [value["run"]] if isinstance(value.get("run"), str) else list(value.get("script", []))
        return told + [line for each in value.values() for line in runs(each)]
    return [line for each in value for line in runs(each)] if isinstance(value, list) else []


def ssmtui_lines() -> list[list[str]]:
    """Every command of ssmtui that the page tells to run, as its words."""
    told = [line for text in examples("yaml") for line in runs(YAML(typ="safe").load(text))]
    told += re.findall(r"`(ssmtui (?:check|report merge) [^`]*)`", PAGE)
    return [shlex.split(line) for line in told if line.startswith("ssmtui ")]


@pytest.mark.parametrize(("schema", "number"), [("github-workflows", 0), ("gitlab-ci", 1)])
def test_a_pipeline_keeps_its_schema(schema: str, number: int, tmp_path: Path) -> None:
    file = tmp_path / "pipeline.json"
    file.write_text(json.dumps(YAML(typ="safe").load(examples("yaml")[number])), encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_command_is_one_that_ssmtui_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    for name in (".ssmtui/baseline.json", ".ssmtui/mutes.toml", "sessions.json", "reports/1.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    lines = ssmtui_lines()
    assert len(lines) >= 5
    for _, *words in lines:
        command: click.Command = commands
        with click.Context(commands) as context:
            while isinstance(command, click.Group):
                command = command.commands[words.pop(0)]
            options = command.make_context("ssmtui", list(words), parent=context).params
            assert report_request_of(dict(options), DEFAULT).outputs


def test_the_mute_file_is_read(tmp_path: Path) -> None:
    (told,) = examples("toml")
    (tmp_path / "mutes.toml").write_text(told, encoding="utf-8")
    assert len(read_mutes(tmp_path / "mutes.toml")) == 2
