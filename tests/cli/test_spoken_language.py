"""Which language a run speaks: whoever is asked first, from the option down to the locale."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ssmtui.cli.language_choice import language_of_run
from ssmtui.language import Language
from tests.cli.conftest import Ssmtui


@pytest.mark.parametrize(
    ("line", "environment", "language"),
    [
        ((), {}, Language.ENGLISH),
        ((), {"SSMTUI_LANG": "fr", "LANG": "en_US.UTF-8"}, Language.FRENCH),
        (("--lang=en",), {"SSMTUI_LANG": "fr"}, Language.ENGLISH),
        ((), {"SSMTUI_LANG": "de", "LANG": "fr_FR.UTF-8"}, Language.FRENCH),
    ],
)
def test_the_language_is_that_of_the_option_then_our_variable_then_the_locale(
    line: tuple[str, ...], environment: dict[str, str], language: Language
) -> None:
    assert language_of_run(line, environment) is language


@pytest.mark.parametrize(
    ("line", "environment", "said", "language"),
    [
        (("check",), {"LANG": "en_US.UTF-8"}, 'lang = "fr"', Language.FRENCH),
        (("check",), {"SSMTUI_LANG": "en"}, 'lang = "fr"', Language.ENGLISH),
        (("check", "--lang", "en"), {}, 'lang = "fr"', Language.ENGLISH),
        (("check",), {"LANG": "fr_FR.UTF-8"}, 'lang = "de"', Language.FRENCH),
        (("check",), {}, "lang = [", Language.ENGLISH),
    ],
)
def test_the_configuration_outranks_the_locale_and_is_outranked(
    line: tuple[str, ...], environment: dict[str, str], said: str, language: Language, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(said)
    assert language_of_run((*line, f"--config={file}"), environment) is language
    assert language_of_run(line, {**environment, "SSMTUI_CONFIG": str(file)}) is language


def test_the_language_of_the_configuration_is_spoken_and_where_it_was_said_is_told(
    ssmtui: Ssmtui, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "nord"\nlang = "fr"\n')
    french = ssmtui("info", "--config", str(file)).stdout
    assert "par défaut" in french
    told = json.loads(ssmtui("info", "--format", "json", "--lang", "en", SSMTUI_CONFIG=str(file)).stdout)
    assert told["settings"]["lang"] == {"value": "en", "layer": "option", "from": "--lang"}
    told = json.loads(ssmtui("info", "--format", "json", SSMTUI_CONFIG=str(file)).stdout)
    assert told["settings"]["lang"] == {"value": "fr", "layer": "file", "from": f"{file}:2:1"}


def test_a_language_that_is_not_spoken_is_told_with_its_line(ssmtui: Ssmtui, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('lang = "de"\n')
    said = ssmtui("info", "--config", str(file))
    assert (said.returncode, said.stderr) == (2, f"ssmtui: {file}:1:1: lang must be one of en, fr\n")
