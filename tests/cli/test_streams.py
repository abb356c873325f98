"""Whatever an output can encode, and whatever the locale: signs can be told apart, and data is told whole."""

from __future__ import annotations

import io
import sys

import click
import pytest

from ssmtui.cli import printing
from ssmtui.cli.printing import ascii_alone, configure_streams, print_lines, use_signs

LINE = "● ok ✖ fail ? unknown é … ─"
PLAIN = "+ ok X fail ? unknown e ~ -"


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1


@pytest.fixture(autouse=True)
def nothing_chosen_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "_chosen", printing._Chosen())
    monkeypatch.setenv("COLUMNS", "80")


def output(monkeypatch: pytest.MonkeyPatch, kind: type[io.TextIOWrapper], encoding: str) -> io.BytesIO:
    written = io.BytesIO()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, kind(written, encoding=encoding))
    return written


@pytest.mark.parametrize(
    ("kind", "encoding", "environment", "signs", "line", "data"),
    [
        (Terminal, "utf-8", {"LANG": "en_US.UTF-8"}, None, LINE, LINE),
        (Terminal, "utf-8", {}, None, LINE, LINE),
        (Terminal, "utf-8", {"LC_ALL": "C"}, None, PLAIN, PLAIN),
        (Terminal, "utf-8", {"LC_ALL": "C.UTF-8", "LANG": "C"}, None, LINE, LINE),
        (Terminal, "utf-8", {"LANG": "POSIX"}, None, PLAIN, PLAIN),
        (Terminal, "utf-8", {"LC_ALL": "C"}, "unicode", LINE, LINE),
        (Terminal, "utf-8", {}, "ascii", PLAIN, PLAIN),
        (Terminal, "ascii", {}, None, PLAIN, PLAIN),
        (Terminal, "latin-1", {}, None, PLAIN.replace("e ~", "é ~"), PLAIN.replace("e ~", "é ~")),
        (io.TextIOWrapper, "utf-8", {"LC_ALL": "C"}, None, PLAIN, LINE),
        (io.TextIOWrapper, "utf-8", {}, "ascii", PLAIN, LINE),
        (io.TextIOWrapper, "utf-8", {}, None, LINE, LINE),
    ],
)
def test_lines_for_people_and_data(
    kind: type[io.TextIOWrapper],
    encoding: str,
    environment: dict[str, str],
    signs: str | None,
    line: str,
    data: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = output(monkeypatch, kind, encoding)
    configure_streams(environment)
    use_signs(signs)
    print_lines([LINE])
    click.echo(LINE)
    sys.stdout.flush()
    told = written.getvalue().decode("latin-1" if encoding == "latin-1" else "utf-8").splitlines()
    assert told == [line, data]
    assert ascii_alone() == (line != LINE)
