from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ssmtui.text.printable import ascii_text
from ssmtui.ui.text.styled_text import CHANGED, CHECKING, LINKS, MARKED, PRESUMED, STATUSES, VERDICTS

PACKAGE = Path(__file__).parents[2] / "ssmtui"
OURS = (*VERDICTS.values(), PRESUMED, CHECKING, CHANGED, MARKED, *LINKS.values(), *STATUSES.values())


def test_signs_that_differ_still_do_and_only_what_is_unknown_is_a_question_mark() -> None:
    plain = {sign.glyph: ascii_text(sign.glyph) for sign in OURS}
    assert all(len(each) == 1 and each.isascii() for each in plain.values())
    assert len(set(plain.values())) == len(plain)
    assert {glyph for glyph, each in plain.items() if each == "?"} == {"?"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain text\t\x1b[1m", "plain text\t\x1b[1m"),
        ("╭─ Thème ─╮│┃━", "+- Theme -+||-"),
        ("é à ç œ É ñ", "e a c o E n"),
        ("“a” ‘b’ «c» d…", '"a" \'b\' "c" d~'),
        ("コマンド", "????????"),
        ("\u2427", "?"),
        ("e\u0301\u200d", "e"),
        ("▇▃█⣿⠁⠀", "####"[:3] + ":. "),
        ("\u2803\u2807", ".:"),
        ("\ud800", "?"),
    ],
)
def test_what_is_no_ascii_becomes_what_is_like_it(text: str, plain: str) -> None:
    assert ascii_text(text) == plain


EUROPE, SIGNS = ((st.characters(min_codepoint=a, max_codepoint=b)) for a, b in ((0xA1, 0x24F), (0x2190, 0x2BFF)))


@given(st.text(EUROPE.filter(lambda each: each != "\xad") | SIGNS, max_size=20))
def test_a_line_stays_as_wide_as_it_was(text: str) -> None:
    assert ascii_text(text).isascii()
    widths = [(character, cell_len(character), len(ascii_text(character))) for character in text]
    assert [each for each in widths if each[1] != each[2]] == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ウェブ",
            "日本語サーバー",
            "Ｗｅｂ－１",
            "ﾊﾛｰ",
            "한글",
            unicodedata.normalize("NFD", "한글서버"),
            "각",
            "㎏",
            "①",
            "ﬁ",
        ),
        *("👨\u200d👩\u200d👧", "👍🏽", "🇫🇷", "❤\ufe0f", "❤", "☎\ufe0f web", "e\u0301", "a\u200db", "\u3000x"),
    ],
)
def test_names_of_every_width_stay_as_wide_as_they_were(text: str) -> None:
    plain = ascii_text(text)
    assert (plain.isascii(), len(plain)) == (True, cell_len(text))


@pytest.mark.heavy
def test_every_letter_and_sign_stays_as_wide_as_it_was() -> None:
    known = (chr(code) for code in range(0xA1, 0x20000) if unicodedata.category(chr(code))[0] in "LNSP")
    widths = ((each, cell_len(each), len(ascii_text(each))) for each in known)
    assert [each for each in widths if each[1] != each[2]] == []


def test_nothing_that_ssmtui_draws_itself_becomes_a_question_mark() -> None:
    sources = [path for room in ("ui", "report", "cli", "language") for path in (PACKAGE / room).rglob("*.py")]
    drawn = {each for path in sources for each in path.read_text(encoding="utf-8") if not each.isascii()}
    assert {each for each in drawn if "?" in ascii_text(each)} == {"❔"}
