"""Where keys stand in a file: by its lines, whatever the lines are made of."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ssmtui.config.toml_places import LONGEST, BrokenToml, Place, parsed, places, toml_text

FILE = '''\
# profile = "in a comment"
profile = "dev"
text = """
region = "in a text"
[profiles.none]
"""

region = [
  "eu-west-3", # = [
  "eu-west-1",
]
  indented = 1
dotted.key = true
inline = { one = 1, two = { three = 3 } }

[profiles."prod-*"]
read_only = true
[profiles.'a.b']
  read_only = false
[[saved]]
name = "first"
[[saved]]
name = "second"
'''


def test_each_key_stands_where_it_is_first_named() -> None:
    assert places(FILE) == {
        ("profile",): Place(2, 1),
        ("text",): Place(3, 1),
        ("region",): Place(8, 1),
        ("indented",): Place(12, 3),
        ("dotted",): Place(13, 1),
        ("dotted", "key"): Place(13, 1),
        ("inline",): Place(14, 1),
        ("inline", "one"): Place(14, 1),
        ("inline", "two"): Place(14, 1),
        ("inline", "two", "three"): Place(14, 1),
        ("profiles",): Place(16, 1),
        ("profiles", "prod-*"): Place(16, 1),
        ("profiles", "prod-*", "read_only"): Place(17, 1),
        ("profiles", "a.b"): Place(18, 1),
        ("profiles", "a.b", "read_only"): Place(19, 3),
        ("saved",): Place(20, 1),
        ("saved", "name"): Place(21, 1),
    }


def test_lines_that_windows_ends_count_alike() -> None:
    assert places(FILE.replace("\n", "\r\n")) == places(FILE)


def test_a_line_separator_within_a_text_is_no_line() -> None:
    assert places('one = "a\u2028b"\ntwo = 2\n') == {("one",): Place(1, 1), ("two",): Place(2, 1)}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("profile = \n", Place(1, 11)),
        ('profile = "dev"\n= 1\n', Place(2, 1)),
        ('profile = "dev"\nregion = [', Place(2, 11)),
        ("one = 1\none = 2\n", Place(2, 8)),
    ],
)
def test_what_is_no_toml_is_told_with_its_place(text: str, place: Place) -> None:
    with pytest.raises(BrokenToml) as broken:
        parsed(text)
    assert broken.value.place == place
    assert "line" not in str(broken.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"a = {'[' * 5_000}{']' * 5_000}", "it nests deeper than ssmtui reads"),
        (f"[a]\nb = 1\n{'.'.join('a' * 50_000)} = 1", "it nests deeper than ssmtui reads"),
        (f"[{'.'.join('a' * 5_000)}]", "it nests deeper than ssmtui reads"),
        (f"a = {'9' * 5_000}", "a number in it has too many digits"),
        (f"a = '{'x' * LONGEST}'", "it is longer than ssmtui reads (1048576 characters)"),
    ],
)
def test_what_is_beyond_all_measure_is_said_in_words(text: str, why: str) -> None:
    with pytest.raises(BrokenToml) as broken:
        parsed(text)
    assert str(broken.value) == why


def test_an_array_of_many_lines_is_one_statement_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    loads = tomllib.loads

    def noted(text: str) -> dict[str, object]:
        read.append(text)
        return loads(text)

    monkeypatch.setattr(tomllib, "loads", noted)
    lines = "".join(f'  "i-{number}", # "]\n' for number in range(1_000))
    assert places(f"# first\nnodes = [\n{lines}]\nlast = 1\n") == {("nodes",): Place(2, 1), ("last",): Place(1004, 1)}
    assert len(read) <= 4


def test_of_a_file_without_an_end_so_much_is_read_that_it_is_told(tmp_path: Path) -> None:
    with (tmp_path / "zeros").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(BrokenToml, match="it is longer than ssmtui reads"):
        parsed(toml_text(tmp_path / "zeros"))
    (tmp_path / "whole").write_text("a = 'é'\n", encoding="utf-8")
    assert parsed(toml_text(tmp_path / "whole")) == {"a": "é"}
