"""A cause as Markdown, for pipes, and as a terminal of some width shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.text import Text

from ssmtui.causes.catalogue import catalogue
from ssmtui.report.catalogue import cause_lines
from ssmtui.report.terminal_markdown import code_lines
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


def test_a_pipe_gets_the_markdown_as_it_is() -> None:
    assert list(cause_lines(CAUSE)) == [
        "── a-cause: it is off",
        "",
        "What is wrong",
        *CAUSE.what_is_wrong.split("\n"),
        "",
        "How to resolve",
        *CAUSE.how_to_resolve.strip("\n").split("\n"),
        "",
    ]


def test_a_terminal_gets_it_rendered_with_the_addresses_of_its_links_below() -> None:
    lines = list(cause_lines(CAUSE, 40))
    assert [Text.from_ansi(line).plain.rstrip() for line in lines] == [
        "── a-cause: it is off",
        "",
        "What is wrong",
        "The attribute on is set to off. See AWS.",
        "",
        "How to resolve",
        " 1 Turn it on:",
        "",
        "     aws ec2 on --id 'a b'",
        "",
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
def test_every_cause_fits(width: int) -> None:
    wide = [
        (slug, line)
        for slug, cause in catalogue().items()
        for line in cause_lines(replace(cause, documentation=()), width)
        if Text.from_ansi(line).cell_len > width and not line.startswith("AWS: ")
    ]
    assert wide == []


@pytest.mark.parametrize(
    ("line", "language", "pieces"),
    [
        ("aws ec2 on --id 1 --all", "sh", ["aws ec2 on --id 1 \\", "  --all"]),
        ('aws ec2 x \'{"a": 1, "b": 2}\'', "sh", ["aws ec2 x \\", '  \'{"a": 1, "b": 2}\'']),
        ("Get-Service -Name Agent", "powershell", ["Get-Service `", "  -Name Agent"]),
        ('"Action": ["a:One", "a:Two"]', "json", ['"Action": ["a:One",', '  "a:Two"]']),
        ("short", "sh", ["short"]),
    ],
)
def test_code_is_parted_so_that_it_means_the_same(line: str, language: str, pieces: list[str]) -> None:
    assert list(code_lines(line, language, 19)) == pieces
