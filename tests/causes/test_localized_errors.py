"""Errors in other languages: the code, the operation, the action and the ARNs tell the cause, and nothing else does."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match, match_text
from tests.causes.texts import TEXTS, UNRELATED, Text

CAUSES = tuple(catalogue().values())

LANGUAGES = {
    "de": {
        "An error occurred ": "Fehler ",
        "when calling the ": "beim Aufruf der Operation ",
        " operation:": ":",
        "User: ": "Benutzer: ",
        "is not authorized to perform: ": "ist nicht berechtigt, Folgendes auszuführen: ",
        "on resource: ": "auf der Ressource: ",
        "because no identity-based policy allows the": "da keine identitätsbasierte Richtlinie erlaubt:",
    },
    "es": {
        "An error occurred ": "Se produjo un error ",
        "when calling the ": "al llamar a la operación ",
        " operation:": ":",
        "User: ": "Usuario: ",
        "is not authorized to perform: ": "no está autorizado para realizar: ",
        "on resource: ": "en el recurso: ",
        "because no identity-based policy allows the": "porque ninguna política basada en identidad permite la acción",
    },
    "ja": {
        "An error occurred ": "エラーが発生しました ",
        "when calling the ": "オペレーション: ",
        " operation:": " の呼び出し中:",
        "User: ": "ユーザー: ",
        "is not authorized to perform: ": "は次のアクションを実行する権限がありません: ",
        "on resource: ": "リソース: ",
        "because no identity-based policy allows the": "アイデンティティベースのポリシーで許可されていません:",
    },
}

DENIALS = tuple(each for each in TEXTS if "assumed-role" in each.text and "is not authorized to perform: " in each.text)


def matches(text: str) -> tuple[Match, ...]:
    return match_text(text, CAUSES)


def translated(text: str, language: str) -> str:
    for english, other in LANGUAGES[language].items():
        text = text.replace(english, other)
    return text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("each", DENIALS, ids=lambda each: " ".join(each.text.split())[-60:])
def test_a_translated_denial_names_what_the_english_one_names(each: Text, language: str) -> None:
    other = translated(each.text, language)
    assert "authorized" not in other
    assert matches(other)[0].cause in each.causes


def test_what_stays_is_told_as_fields() -> None:
    [first, *_] = matches(
        "Benutzer: arn:aws:sts::123456789012:assumed-role/Engineer/ada ist nicht berechtigt, Folgendes auszuführen: "
        "ssm:StartSession auf der Ressource: arn:aws:ec2:eu-west-3:123456789012:instance/i-0123456789abcdef0, da …"
    )
    assert first == Match(
        "caller-start-denied",
        0.9,
        {
            "account": "123456789012",
            "action": "ssm:StartSession",
            "arn": "arn:aws:ec2:eu-west-3:123456789012:instance/i-0123456789abcdef0",
            "caller": "arn:aws:sts::123456789012:assumed-role/Engineer/ada",
            "instance_id": "i-0123456789abcdef0",
            "region": "eu-west-3",
            "role": "Engineer",
        },
    )


def test_a_code_and_an_operation_are_enough_in_either_order() -> None:
    for text in (
        "Se produjo un error (ExpiredTokenException) al llamar a la operación StartSession: el token ha caducado",
        "Beim Aufruf von StartSession ist ein Fehler aufgetreten (ExpiredTokenException)",
    ):
        assert matches(text)[0].cause == "credentials-expired"


@pytest.mark.parametrize(
    "text",
    [
        *UNRELATED,
        '{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/web"}, "Action": "ssm:StartSession"}',
        "arn:aws:iam::123456789012:role/web darf ssm:StartSession und ssm:ResumeSession",
        "ssm:StartSession ist die Aktion, die eine Sitzung beginnt",
        "AccessDeniedException",
        "Fehler (ValidationException) beim Aufruf von DescribeInstances",
    ],
)
def test_a_policy_a_list_or_a_lone_word_is_no_denial(text: str) -> None:
    assert matches(text) == ()
