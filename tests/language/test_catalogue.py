"""The French catalogue: every sentence of ssmtui is in it, with a translation that is filled in the same way."""

from __future__ import annotations

from babel.messages.catalog import Message

from tests.language.sentences import MO, Said, compiled, holes, said, translations, written

COUNT = {"count!:"}


def key(message: Message) -> Said:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def test_every_sentence_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    known = {key(message) for message in written() if message.id}
    assert (said() - known, known - said()) == (frozenset(), set()), "run: make words"


def test_every_sentence_has_a_translation() -> None:
    assert [key(message) for message in written() if message.id and not all(translations(message))] == []


def test_a_translation_has_the_holes_of_its_sentence() -> None:
    """A plural form may leave the number out, as `one node` does."""
    for message in written():
        if not message.id:
            continue
        one, several = (message.id, message.id) if isinstance(message.id, str) else message.id
        for translation in translations(message):
            if "%(" in one:
                assert translation.count("%(") == one.count("%("), message.id
            elif translation:
                assert holes(translation) - COUNT in (holes(one) - COUNT, holes(several) - COUNT), message.id


def test_a_translation_begins_and_ends_like_its_sentence() -> None:
    """Blanks at the ends join a sentence to what is shown beside it."""
    for message in written():
        sentence = message.id if isinstance(message.id, str) else message.id[0]
        for translation in filter(None, translations(message)):
            blanks = [len(text) - len(text.lstrip(" ")) for text in (sentence, translation)]
            blanks_after = [len(text) - len(text.rstrip(" ")) for text in (sentence, translation)]
            assert (blanks[0], blanks_after[0]) == (blanks[1], blanks_after[1]), sentence


def test_what_is_compiled_is_what_is_written() -> None:
    assert MO.read_bytes() == compiled(written()), "run: make words"
