"""Laying out text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Region

from ssmtui.ui.text.markdown_prose import prose_from_markdown
from ssmtui.ui.text.styled_text import (
    Block,
    TextStyle,
    heading,
    item,
    lines_of,
    paragraph,
    to_pieces,
)
from ssmtui.ui.widgets.text_pane import RowLine, TextPane, wrap_prose


@given(st.text(max_size=200), st.integers(20, 120), st.integers(0, 4))
def test_no_line_is_wider_than_the_pane(text: str, width: int, indent: int) -> None:
    blocks = (paragraph(text, indent=indent), item("•", text, indent=indent), *lines_of(text, indent=indent))
    assert all(line.cell_length <= width for line in wrap_prose(blocks, width))


@given(st.text(max_size=100))
def test_no_control_character_reaches_a_line(text: str) -> None:
    for line in wrap_prose((paragraph(text), *lines_of(text)), 40):
        assert not any(unicodedata.category(each)[0] == "C" for each in line.plain)


def test_what_is_cut_at_the_width_is_cut_at_the_ends_of_its_lines_too() -> None:
    (*lines,) = wrap_prose((Block(to_pieces("fix  a\n\nb"), indent=2, solid=True),), 40)
    assert [line.plain.rstrip() for line in lines] == ["  fix  a", "", "  b"]


def test_lists_hang_under_their_text_and_headings_stand_apart() -> None:
    prose = (
        heading("Steps"),
        *prose_from_markdown("1. Open the *console* and choose `Preferences` there.\n2. Save."),
        heading("End"),
    )
    assert [line.plain for line in wrap_prose(prose, 24)] == [
        "Steps",
        "1. Open the console and",
        "   choose Preferences",
        "   there.",
        "2. Save.",
        "",
        "End",
    ]


def test_code_keeps_its_lines_and_links_their_address() -> None:
    prose = prose_from_markdown(
        "Run this:\n\n```\naws ssm  get-document\n```\n\nSee [the guide](https://docs.aws.amazon.com/x)."
    )
    assert [line.plain for line in wrap_prose(prose, 80)] == [
        "Run this:",
        "  aws ssm  get-document",
        "",
        "See the guide (https://docs.aws.amazon.com/x).",
    ]


def test_an_address_is_a_link_on_every_line_that_it_goes_over_and_nothing_else_is_one() -> None:
    address = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html"
    lines = wrap_prose(prose_from_markdown(f"See [the guide]({address}) and `https://x`."), 40)
    links = {line.plain[span.start : span.end]: str(span.style) for line in lines for span in line.spans}
    of_address = {text for text, style in links.items() if f"link='{address}'" in style}
    assert "".join(of_address).count("/") >= address.count("/")
    assert "link=" not in links["https://x"]


def test_what_could_end_the_address_makes_no_link() -> None:
    (line,) = wrap_prose((paragraph(("https://x'evil=y", TextStyle.LINK)),), 80)
    assert [str(span.style) for span in line.spans] == [TextStyle.LINK.value]


class OnePane(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.pane = TextPane((paragraph("one"), paragraph("two"), paragraph("three")))

    def compose(self) -> ComposeResult:
        yield self.pane


@pytest.mark.parametrize(
    ("words", "painted"),
    [
        (("one", "two", "three"), []),
        (("one", "other", "three"), [1]),
        (("other", "two", "other"), [0, 2]),
        (("one", "two"), None),
    ],
)
async def test_only_the_lines_that_changed_are_painted(
    words: tuple[str, ...], painted: list[int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed: list[tuple[Region, ...]] = []
    app = OnePane()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(app.pane, "refresh", lambda *regions, **_: refreshed.append(regions))
        app.pane.show(tuple(map(paragraph, words)))
        lines = [each.y for regions in refreshed for each in regions]
        assert (lines, () in refreshed) == (painted or [], painted is None)
        assert app.pane.text == "\n".join(words)


class OneRow(App[None]):
    def __init__(self, line: RowLine) -> None:
        super().__init__()
        self.line = line

    def compose(self) -> ComposeResult:
        yield self.line


@pytest.mark.parametrize(("actions", "last"), [(3, "ssm:Action2"), (20, "…")])
async def test_the_details_of_a_row_that_do_not_fit_end_with_an_ellipsis(actions: int, last: str) -> None:
    needs = ", ".join(f"ssm:Action{number}" for number in range(actions))
    app = OneRow(RowLine())
    async with app.run_test(size=(40, 10)) as pilot:
        app.line.tell((paragraph(f"unknown: needs {needs}"), paragraph("i-1", indent=2)))
        await pilot.pause()
        *first, below = app.line.text.splitlines()
        assert first[-1].endswith(last)
        assert below == "  i-1"
        assert all(len(each) <= 38 for each in first)
