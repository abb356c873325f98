from __future__ import annotations

from collections.abc import Iterator

import pytest

from ssmtui.evidence.aws.reader_api import ReadFailed
from ssmtui.evidence.aws.scope_errors import accounts_not_listed, role_not_taken
from ssmtui.language import Language, current_language, language_of, say, say_many, set_language
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import VerdictStatus, count_with_status, status_word
from ssmtui.model.scope import ScopeName


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    set_language(Language.ENGLISH)


def test_english_is_in_force_until_another_is_put_in_force() -> None:
    assert current_language() is Language.ENGLISH
    set_language(Language.FRENCH)
    assert current_language() is Language.FRENCH


def test_a_hole_takes_its_value_as_it_is() -> None:
    assert say("{name} may not", name="{role} %s") == "{role} %s may not"


def test_a_sentence_without_a_translation_is_said_in_english() -> None:
    set_language(Language.FRENCH)
    assert say("no catalogue holds this {what}", what="sentence") == "no catalogue holds this sentence"


def test_a_number_takes_its_plural() -> None:
    assert [say_many("{count} dog of {of}", "{count} dogs of {of}", count=n, of=9) for n in (1, 2)] == [
        "1 dog of 9",
        "2 dogs of 9",
    ]


@pytest.mark.parametrize(
    ("status", "english", "one", "several"),
    [
        (VerdictStatus.OK, "2 ok", "1 ok", "2 ok"),
        (VerdictStatus.WARN, "2 warn", "1 alerte", "2 alertes"),
        (VerdictStatus.FAIL, "2 fail", "1 échec", "2 échecs"),
        (VerdictStatus.UNKNOWN, "2 unknown", "1 inconnu", "2 inconnus"),
        (VerdictStatus.STOPPED, "2 stopped", "1 arrêté", "2 arrêtés"),
    ],
)
def test_the_status_of_several_nodes_has_a_plural_in_french(
    status: VerdictStatus, english: str, one: str, several: str
) -> None:
    assert count_with_status(status, 2) == english
    set_language(Language.FRENCH)
    assert [count_with_status(status, 1), count_with_status(status, 2)] == [one, several]
    assert f"2 {status_word(status, 2)}" == several


def test_a_failed_read_is_said_in_french_with_its_elision() -> None:
    set_language(Language.FRENCH)
    scope = ScopeName(None, "eu-west-3", "arn:aws:iam::123456789012:role/Audit")
    late = ReadFailed(Unreadable("", "no answer", ReadFailure.TIMED_OUT, "sts:AssumeRole"))
    assert [role_not_taken(scope, late).message, accounts_not_listed(scope, late).message] == [
        "Impossible d'endosser le rôle arn:aws:iam::123456789012:role/Audit\u00a0: no answer.",
        "Impossible de lister les comptes de l'organisation\u00a0: no answer.",
    ]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.ENGLISH),
        ({"LANG": "fr_FR.UTF-8"}, Language.FRENCH),
        ({"LANG": "de_DE.UTF-8"}, Language.ENGLISH),
        ({"LANG": "fr_CA.UTF-8", "LC_ALL": "C"}, Language.ENGLISH),
        ({"LANG": "C", "LC_MESSAGES": "fr_BE"}, Language.FRENCH),
        ({"LANGUAGE": "oc:fr:en", "LANG": "en_US.UTF-8"}, Language.FRENCH),
        ({"LANGUAGE": "", "LANG": "FR"}, Language.FRENCH),
    ],
)
def test_the_locale_names_the_language(environment: dict[str, str], language: Language) -> None:
    assert language_of(environment) is language
