"""The French catalogue: a translation is filled in as its sentence is, and what has none is told in English."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from hatch_build import compile_catalogues
from tools.sentences import Waiting, holes, list_waiting, translations, waiting, written

COUNT = {"count!:"}


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


def planted() -> Catalog:
    """One sentence of each kind that is translated, and one that waits."""
    catalogue = Catalog(locale="fr", domain="ssmtui", fuzzy=False)
    catalogue.add("the lamp is out", "la lampe est éteinte")
    catalogue.add("the door is shut", "")
    catalogue.add(("{count} lamp", "{count} lamps"), ("{count} lampe", "{count} lampes"))
    catalogue.add(("{count} door", "{count} doors"), ("", ""))
    return catalogue


def test_a_sentence_that_waits_for_its_translation_is_said_in_english(tmp_path: Path) -> None:
    folder = tmp_path / "ssmtui" / "language"
    po = folder / "fr" / "LC_MESSAGES" / "ssmtui.po"
    po.parent.mkdir(parents=True)
    with po.open("wb") as file:
        write_po(file, planted())
    compile_catalogues(tmp_path)
    french = gettext.translation("ssmtui", folder, ["fr"])
    assert [french.gettext(each) for each in ("the lamp is out", "the door is shut")] == [
        "la lampe est éteinte",
        "the door is shut",
    ]
    assert [french.ngettext("{count} door", "{count} doors", count) for count in (1, 2)] == [
        "{count} door",
        "{count} doors",
    ]
    assert french.ngettext("{count} lamp", "{count} lamps", 2) == "{count} lampes"


def test_what_waits_is_counted_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("en/system/lamp-unlit.md", "fr/system/lamp-unlit.md", "en/system/door-shut.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = waiting(planted(), tmp_path)
    assert found == Waiting(["the door is shut", "{count} door"], ["door-shut"])
    list_waiting(found)
    assert capsys.readouterr().out == (
        'not in French: "the door is shut"\nnot in French: "{count} door"\nnot in French: "door-shut"\n'
        "2 sentences and 1 causes wait for French\n"
    )
