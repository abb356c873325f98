"""A cause as plain text, for pipes, and as a terminal of some width shows it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.text import Text

from ssmtui.causes.catalogue import catalogue
from ssmtui.report.catalogue import cause_lines, text_lines
from ssmtui.report.terminal_markdown import code_lines, heading
from ssmtui.text.printable import printable

CAUSE = replace(
    catalogue()["vpc-dns-off"],
    slug="a-cause",
    title="it is off",
    what_is_wrong="The attribute `on` is\nset to **off**. See [AWS](https://docs.aws.amazon.com/on.html).",
    how_to_resolve="1. Turn it on:\n\n   ```sh\n   aws ec2 on --id 'a b'\n   ```\n",
    to_know="",
    documentation=(),
)


def test_a_pipe_gets_plain_text_with_the_addresses_of_its_links() -> None:
    assert list(cause_lines(CAUSE)) == [
        "── a-cause: it is off",
        "",
        "What is wrong",
        "The attribute on is set to off. See AWS (https://docs.aws.amazon.com/on.html).",
        "",
        "How to resolve",
        "1. Turn it on:",
        "",
        "     aws ec2 on --id 'a b'",
        "",
    ]


LONG = f"arn:aws:kms:eu-west-3:123456789012:key/{'0123456789abcdef' * 4}"


@pytest.mark.parametrize("width", [40, 80, None])
def test_no_width_breaks_a_word(width: int | None) -> None:
    text = f"The key `{LONG}` is **off**.\n\n1. See `{LONG}`, and\n\n   ```sh\n   aws kms on --key-id {LONG}\n   ```"
    lines = [Text.from_ansi(line).plain for line in text_lines(text, width)]
    assert " ".join(" ".join(lines).replace("\\", "").split()) == (
        f"The key {LONG} is off. 1. See {LONG}, and aws kms on --key-id {LONG}"
    )
    assert [line for line in lines if cell_len(line) > (width or 100) and len(line.split()) > 1] == []


@pytest.mark.parametrize("width", [30, 31, 32, 33])
def test_no_line_breaks_at_a_non_breaking_space(width: int) -> None:
    text = "Le premier mot de la ligne\u00a0: le second\u00a0; et le dernier\u00a0!"
    lines = [Text.from_ansi(line).plain for line in (*text_lines(text, width), *heading(text, width))]
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert [line for line in lines if line[0] in ":;!" or cell_len(line) > width] == []


@pytest.mark.parametrize("width", [80, None])
def test_no_mark_of_the_markdown_is_left_of_any_cause(width: int | None) -> None:
    marked = [
        (slug, line)
        for slug, cause in catalogue().items()
        for text in (cause.what_is_wrong, cause.how_to_resolve, cause.to_know)
        for line in text_lines(text, width)
        if "**" in line or "```" in line or re.search(r"(?<!`)`[^`\s][^`]*`", line)
    ]
    assert marked == []


def test_a_terminal_gets_it_rendered_with_the_addresses_of_its_links_below() -> None:
    lines = list(cause_lines(CAUSE, 40))
    assert [Text.from_ansi(line).plain.rstrip() for line in lines] == [
        "── a-cause: it is off",
        "",
        "What is wrong",
        "The attribute on is set to off. See AWS.",
        "",
        "How to resolve",
        "1. Turn it on:",
        "",
        "     aws ec2 on --id 'a b'",
        "",
        "AWS: AWS: https://docs.aws.amazon.com/on.html",
    ]
    assert "\x1b]8;" in lines[3]


def test_without_colour_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not [line for line in cause_lines(replace(CAUSE, what_is_wrong="**off**"), 40) if "\x1b[" in line]


def test_what_is_hostile_in_it_is_shown_and_not_obeyed() -> None:
    hostile = replace(CAUSE, title="\x1b[2J", what_is_wrong="\x1b]0;pwned\x07 [red]x[/red] \u202e")
    shown = "\n".join(cause_lines(hostile, 60))
    assert "\x1b[2J" not in shown
    assert "\x1b]0" not in shown
    assert "[red]x[/red]" in shown
    assert printable("\u202e") in shown


@pytest.mark.heavy
@pytest.mark.parametrize("width", [40, 80])
def test_every_cause_fits_but_for_words_and_quotations_that_are_wider(width: int) -> None:
    wide = [
        (slug, line)
        for slug, cause in catalogue().items()
        for line in cause_lines(replace(cause, documentation=()), width)
        if Text.from_ansi(line).cell_len > width and not line.startswith("AWS: ")
        if len(list(code_lines(Text.from_ansi(line).plain.rstrip(" \\`"), "", width))) > 1
    ]
    assert wide == []


@pytest.mark.parametrize(
    ("line", "language", "pieces"),
    [
        ("aws ec2 on --id 1 --all", "sh", ["aws ec2 on --id 1 \\", "  --all"]),
        ('aws ec2 x \'{"a": 1, "b": 2}\'', "sh", ["aws ec2 x \\", '  \'{"a": 1, "b": 2}\'']),
        ("Get-Service -Name Agent", "powershell", ["Get-Service `", "  -Name Agent"]),
        ('"Action": ["a:One", "a:Two"]', "json", ['"Action": ["a:One",', '  "a:Two"]']),
        ("a-word-that-is-wider --id 1", "sh", ["a-word-that-is-wider \\", "  --id 1"]),
        ("short", "sh", ["short"]),
    ],
)
def test_code_is_parted_so_that_it_means_the_same(line: str, language: str, pieces: list[str]) -> None:
    assert list(code_lines(line, language, 19)) == pieces
