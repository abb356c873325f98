"""In which language the command line speaks: `--lang`, else the locale; what programs read stays as it is."""

from __future__ import annotations

import json

import pytest

from ssmtui.checks.registry import all_checks
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui
from tools.sentences import translations, written

ERROR = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-0 is not connected."


@pytest.mark.parametrize(
    ("line", "variables"),
    [
        (("--lang", "fr", "causes"), {}),
        (("causes", "--lang=fr"), {}),
        (("causes",), {"LANG": "fr_FR.UTF-8"}),
        (("causes",), {"LANG": "de_DE.UTF-8", "LC_ALL": "fr_CA.UTF-8"}),
    ],
)
def test_french_is_spoken_where_it_is_asked_for(
    ssmtui: Ssmtui, line: tuple[str, ...], variables: dict[str, str]
) -> None:
    said = ssmtui(*line, **variables)
    assert (said.returncode, said.stderr) == (0, "")
    assert "Groupe de journaux non chiffré par une clé KMS" in said.stdout
    assert "Log group is not encrypted" not in said.stdout


def test_the_option_outdoes_the_locale(ssmtui: Ssmtui) -> None:
    assert "Log group is not encrypted with a KMS key" in ssmtui("causes", "--lang", "en", LANG="fr_FR.UTF-8").stdout


def test_the_help_is_in_french_down_to_the_words_of_the_library(ssmtui: Ssmtui) -> None:
    said = ssmtui("check", "--help", "--lang", "fr").stdout
    assert "Utilisation\u00a0:" in said
    assert "Utiliser ce profil AWS, ou «\u00a0prod-*\u00a0»\u00a0; répétable." in said
    assert "Afficher ce message et quitter." in said


def test_a_usage_error_is_said_in_french(ssmtui: Ssmtui) -> None:
    said = ssmtui("check", "--nonsense", "--lang", "fr")
    assert said.returncode == 2
    assert said.stderr.startswith("ssmtui: L'option ")


def test_another_language_is_a_usage_error(ssmtui: Ssmtui) -> None:
    said = ssmtui("causes", "--lang", "de")
    assert (said.returncode, said.stdout) == (2, "")


def test_an_error_is_explained_in_french(ssmtui: Ssmtui) -> None:
    said = ssmtui("explain", ERROR, "--lang", "fr").stdout
    assert "Ce qui ne va pas" in said
    assert "Comment résoudre" in said


def test_a_report_in_french_has_the_same_ids_and_slugs_and_french_sentences(ssmtui: Ssmtui, aws: SimulatedAws) -> None:
    aws.load("log-group-unencrypted")
    english, french = (json.loads(ssmtui("check", "--format", "json", "--lang", each).stdout) for each in ("en", "fr"))
    assert [each["id"] for each in french["findings"]] == [each["id"] for each in english["findings"]]
    assert [(each["verdict"], each["root_cause"]) for each in french["nodes"]] == [
        (each["verdict"], each["root_cause"]) for each in english["nodes"]
    ]
    (finding,) = (each for each in french["findings"] if each["cause"] == "log-group-unencrypted")
    assert (
        finding["summary"]
        == "Les préférences exigent un groupe de journaux chiffré, et /ssm/session-manager n'a pas de clé KMS."
    )


def test_the_list_of_checks_is_in_french_down_to_what_each_asks(ssmtui: Ssmtui) -> None:
    said = ssmtui("checks", "--lang", "fr").stdout
    assert "POSTE\n  plugin-is-installed: Si le plugin Session Manager est installé" in said
    translated = {message.id for message in written() if all(translations(message))}
    asked = [check.title for check in all_checks() if check.title in translated]
    assert asked
    assert [title for title in asked if title in said] == []
