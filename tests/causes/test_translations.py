"""The French translations: one that is there says the same as its cause, with the same commands, links and steps.

A cause without a translation is told in English, and fails nothing here.
"""

from __future__ import annotations

import re
from pathlib import Path

import ssmtui.causes
from ssmtui.causes.catalogue import Cause, catalogue, cause_file, causes_in
from ssmtui.language import Language
from tests.causes import test_read_cause, test_read_translation

ENGLISH, FRENCH = catalogue(Language.ENGLISH), catalogue(Language.FRENCH)

_FENCED = re.compile(r"^ *```(.*?)^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"https?://[^\s)>`]+")
_STEP = re.compile(r"^(\d+)\. ", re.MULTILINE)
_POINT = re.compile(r"^- ", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_ENGLISH_WORDS = re.compile(r"\b(?:the|which|with|does|that|from the|you may|must not|instead)\b", re.IGNORECASE)

FOLDER = Path(ssmtui.causes.__file__).parent
SLUGS = [slug for slug, each in ENGLISH.items() if cause_file(FOLDER, Language.FRENCH, each).is_file()]


def texts(cause: Cause) -> tuple[str, str, str]:
    return cause.what_is_wrong, cause.how_to_resolve, cause.to_know


def code(text: str) -> set[str]:
    """What stands in code within a text, however its lines are broken."""
    return {" ".join(each.split()) for each in _CODE.findall(_FENCED.sub("", text))}


def prose(text: str) -> str:
    """A text without its commands, links, code and bold words, which may be in English."""
    bare = _CODE.sub("", _LINK.sub("", _FENCED.sub("", text)))
    return re.sub(r"\*\*?[^*]+\*\*?|\[[^\]]*\]|«[^»]*»|“[^”]*”", "", bare)


def test_a_cause_is_told_in_french_with_the_same_commands_links_and_steps() -> None:
    for slug in SLUGS:
        english, french = ENGLISH[slug], FRENCH[slug]
        assert french.title != english.title
        for ours, theirs in zip(texts(english), texts(french), strict=True):
            assert _FENCED.findall(theirs) == _FENCED.findall(ours)
            assert sorted(_LINK.findall(theirs)) == sorted(_LINK.findall(ours))
            assert _STEP.findall(theirs) == _STEP.findall(ours)
            assert len(_POINT.findall(theirs)) == len(_POINT.findall(ours))
            assert code(theirs) == code(ours)
            assert bool(theirs) is bool(ours)
            assert theirs != ours or not ours


def test_a_translation_leaves_no_english_in_its_prose() -> None:
    for slug in SLUGS:
        french = FRENCH[slug]
        said = [french.title, *(offer.title for offer in french.fixes), *(offer.loses for offer in french.fixes)]
        assert [_ENGLISH_WORDS.findall(prose(text)) for text in (*said, *texts(french))] == [
            [] for _ in (*said, *texts(french))
        ]


def test_what_machines_go_by_is_the_same_in_every_language() -> None:
    for slug in SLUGS:
        english, french = ENGLISH[slug], FRENCH[slug]
        assert (french.known_by, french.link, french.subject) == (english.known_by, english.link, english.subject)
        assert [offer.slug for offer in french.fixes] == [offer.slug for offer in english.fixes]


def test_a_cause_without_a_translation_is_told_in_english(tmp_path: Path) -> None:
    lamp = test_read_cause.text_of()
    for name, text in (
        ("en/instance/lamp-unlit.md", lamp),
        ("fr/instance/lamp-unlit.md", test_read_translation.french()),
        ("en/instance/door-shut.md", lamp.replace("lamp-unlit", "door-shut")),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    english, french = (causes_in(tmp_path, language) for language in (Language.ENGLISH, Language.FRENCH))
    assert french["door-shut"] == english["door-shut"]
    assert french["lamp-unlit"].title == "la lampe est éteinte"
