from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ssmtui.report.text_layout import Verbatim, cut, folded

ARN = "arn:aws:logs:eu-west-3:123456789012:log-group:/ssm/sessions"


def test_without_a_width_a_line_stays_as_it_is() -> None:
    assert folded("word " * 50, None) == ["word " * 50]


def test_a_line_that_fits_stays_as_it_is() -> None:
    assert folded("  two  gaps", 11) == ["  two  gaps"]


def test_what_follows_stands_below_the_text_of_the_first() -> None:
    told = {
        "prose stands at the margin": ["prose stands", "at the margin"],
        "  as far in as the first": ["  as far in as", "  the first"],
        "    fix 1: one two three": ["    fix 1: one", "    two three"],
        "1. one two three": ["1. one two", "   three"],
        "✖ one two three": ["✖ one two", "  three"],
        "call   one two three": ["call   one two", "       three"],
    }
    assert {line: folded(line, 14) for line in told} == told | {
        "    fix 1: one two three": ["    fix 1: one", "      two", "      three"]
    }


def test_a_long_name_leaves_room_for_what_is_said_of_it() -> None:
    assert folded("  plugin-is-installed: Whether it is", 24) == ["  plugin-is-installed:", "    Whether it is"]


def test_a_word_that_is_wider_stays_whole_and_a_mark_never_stands_alone() -> None:
    assert folded(f"    evidence: {ARN} is refused", 40) == [
        "    evidence:",
        f"              {ARN}",
        "              is refused",
    ]
    assert folded(f"  +      {ARN}", 40) == [f"  +      {ARN}"]


def test_what_is_to_be_copied_stays_whole() -> None:
    command = Verbatim("aws ssm start-session --target i-0123456789abcdef0")
    assert folded(command, 20) == [command]


def test_each_line_gets_the_colour_of_the_whole() -> None:
    assert folded("\x1b[31mone two three\x1b[0m", 8) == ["\x1b[31mone two\x1b[0m", "\x1b[31mthree\x1b[0m"]


def test_a_text_is_cut_by_cells_with_an_ellipsis() -> None:
    assert [cut("web", 5), cut("web-1", 5), cut("web-10", 5), cut("清清清", 4)] == ["web  ", "web-1", "web-…", "清 …"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"))), st.integers(8, 100))
def test_no_word_is_lost_and_no_line_too_wide_that_could_be_parted(line: str, width: int) -> None:
    lines = folded(line, width)
    assert " ".join(lines).split() == line.split()
    assert all(cell_len(each) <= width or len(each.strip(" ").split(" ")) <= 2 for each in lines)
