"""What can be said is read from the compiled catalogues: in both languages, with its holes."""

from __future__ import annotations

from ssmtui.language import Language, say, set_language
from ssmtui.language.translation import all_sentences


def test_each_sentence_is_there_in_both_languages() -> None:
    sentences = set(all_sentences())
    set_language(Language.FRENCH)
    try:
        french = say("This computer: ")
    finally:
        set_language(Language.ENGLISH)
    assert french != "This computer: "
    assert {"This computer: ", french} <= sentences


def test_the_forms_of_a_number_are_sentences_of_their_own() -> None:
    assert "{count} nodes: {verdicts} ({calls} API calls)" in set(all_sentences())
