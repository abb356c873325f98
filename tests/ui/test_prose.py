"""Laying out text."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.ui.cause_text import prose_of
from ssmtui.ui.prose import heading, item, laid_out, lines_of, paragraph


@given(st.text(max_size=200), st.integers(20, 120), st.integers(0, 4))
def test_no_line_is_wider_than_the_pane(text: str, width: int, indent: int) -> None:
    blocks = (paragraph(text, indent=indent), item("•", text, indent=indent), *lines_of(text, indent=indent))
    assert all(line.cell_length <= width for line in laid_out(blocks, width))


@given(st.text(max_size=100))
def test_no_control_character_reaches_a_line(text: str) -> None:
    for line in laid_out((paragraph(text), *lines_of(text)), 40):
        assert not any(unicodedata.category(each)[0] == "C" for each in line.plain)


def test_lists_hang_under_their_text_and_headings_stand_apart() -> None:
    prose = (
        heading("Steps"),
        *prose_of("1. Open the *console* and choose `Preferences` there.\n2. Save."),
        heading("End"),
    )
    assert [line.plain for line in laid_out(prose, 24)] == [
        "Steps",
        "1. Open the console and",
        "   choose Preferences",
        "   there.",
        "2. Save.",
        "",
        "End",
    ]


def test_code_keeps_its_lines_and_links_their_address() -> None:
    prose = prose_of("Run this:\n\n```\naws ssm  get-document\n```\n\nSee [the guide](https://docs.aws.amazon.com/x).")
    assert [line.plain for line in laid_out(prose, 80)] == [
        "Run this:",
        "  aws ssm  get-document",
        "",
        "See the guide (https://docs.aws.amazon.com/x).",
    ]
