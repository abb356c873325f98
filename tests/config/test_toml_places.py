"""Where keys stand in a file: by its lines, whatever the lines are made of."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ssmtui.config.toml_text import LONGEST, InvalidToml, TomlPlace, key_places, parse_toml, toml_text

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
    assert key_places(FILE) == {
        ("profile",): TomlPlace(2, 1),
        ("text",): TomlPlace(3, 1),
        ("region",): TomlPlace(8, 1),
        ("indented",): TomlPlace(12, 3),
        ("dotted",): TomlPlace(13, 1),
        ("dotted", "key"): TomlPlace(13, 1),
        ("inline",): TomlPlace(14, 1),
        ("inline", "one"): TomlPlace(14, 1),
        ("inline", "two"): TomlPlace(14, 1),
        ("inline", "two", "three"): TomlPlace(14, 1),
        ("profiles",): TomlPlace(16, 1),
        ("profiles", "prod-*"): TomlPlace(16, 1),
        ("profiles", "prod-*", "read_only"): TomlPlace(17, 1),
        ("profiles", "a.b"): TomlPlace(18, 1),
        ("profiles", "a.b", "read_only"): TomlPlace(19, 3),
        ("saved",): TomlPlace(20, 1),
        ("saved", "name"): TomlPlace(21, 1),
    }


def test_lines_that_windows_ends_count_alike() -> None:
    assert key_places(FILE.replace("\n", "\r\n")) == key_places(FILE)


def test_a_line_separator_within_a_text_is_no_line() -> None:
    assert key_places('one = "a\u2028b"\ntwo = 2\n') == {("one",): TomlPlace(1, 1), ("two",): TomlPlace(2, 1)}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("profile = \n", TomlPlace(1, 11)),
        ('profile = "dev"\n= 1\n', TomlPlace(2, 1)),
        ('profile = "dev"\nregion = [', TomlPlace(2, 11)),
        ("one = 1\none = 2\n", TomlPlace(2, 8)),
    ],
)
def test_what_is_no_toml_is_told_with_its_place(text: str, place: TomlPlace) -> None:
    with pytest.raises(InvalidToml) as broken:
        parse_toml(text)
    assert broken.value.place == place
    assert "line" not in str(broken.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"a = {'[' * 5_000}{']' * 5_000}", "the text is nested too deeply"),
        (f"[a]\nb = 1\n{'.'.join('a' * 50_000)} = 1", "the text is nested too deeply"),
        (f"[{'.'.join('a' * 5_000)}]", "the text is nested too deeply"),
        (f"a = {'9' * 5_000}", "a number has too many digits"),
        (f"a = '{'x' * LONGEST}'", "the text is too long (1048576 characters at most)"),
    ],
)
def test_what_is_beyond_all_measure_is_said_in_words(text: str, why: str) -> None:
    with pytest.raises(InvalidToml) as broken:
        parse_toml(text)
    assert str(broken.value) == why


def test_an_array_of_many_lines_is_one_statement_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    loads = tomllib.loads

    def noted(text: str) -> dict[str, object]:
        read.append(text)
        return loads(text)

    monkeypatch.setattr(tomllib, "loads", noted)
    lines = "".join(f'  "i-{number}", # "]\n' for number in range(1_000))
    assert key_places(f"# first\nnodes = [\n{lines}]\nlast = 1\n") == {
        ("nodes",): TomlPlace(2, 1),
        ("last",): TomlPlace(1004, 1),
    }
    assert len(read) <= 4


def test_of_a_file_without_an_end_so_much_is_read_that_it_is_told(tmp_path: Path) -> None:
    with (tmp_path / "zeros").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(InvalidToml, match="the text is too long"):
        parse_toml(toml_text(tmp_path / "zeros"))
    (tmp_path / "whole").write_text("a = 'é'\n", encoding="utf-8")
    assert parse_toml(toml_text(tmp_path / "whole")) == {"a": "é"}
