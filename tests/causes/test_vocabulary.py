"""The words of descriptions: which phrases a text has, and what a build keeps of the files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hatch_build import keep_words
from ssmtui.causes import vocabulary
from ssmtui.causes.vocabulary import KEPT, WORDS, ideas_in, languages, phrases_in, read_phrases

FOLDER = Path(vocabulary.__file__).parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    causes = tmp_path / "ssmtui" / "causes"
    shutil.copytree(FOLDER / WORDS, causes / WORDS)
    shutil.copy(FOLDER / "vocabulary.py", causes)
    return tmp_path


def causes_of(tree: Path) -> Path:
    return tree / "ssmtui" / "causes"


def test_a_build_keeps_the_phrases_of_the_files(tree: Path) -> None:
    keep_words(tree)
    kept = json.loads((causes_of(tree) / KEPT).read_bytes())
    assert kept["phrases"] == read_phrases(languages().values())
    assert phrases_in(causes_of(tree)) == kept["phrases"]


def test_kept_phrases_are_not_used_if_a_file_has_changed_since(tree: Path) -> None:
    keep_words(tree)
    (causes_of(tree) / WORDS / "en.toml").write_text('disk = ["diskette"]\n', encoding="utf-8")
    assert "diskette " in phrases_in(causes_of(tree))["dis"]
    keep_words(tree)
    assert "diskette " in json.loads((causes_of(tree) / KEPT).read_bytes())["phrases"]["dis"]


@pytest.mark.long
@pytest.mark.parametrize("content", ["", "[]", "{", "{}", '{"of": 1}', None])
def test_without_usable_kept_phrases_the_files_are_read(tree: Path, content: str | None) -> None:
    if content is not None:
        (causes_of(tree) / KEPT).write_text(content, encoding="utf-8")
    assert phrases_in(causes_of(tree)) == read_phrases(languages().values())


@pytest.mark.parametrize(
    ("text", "idea"),
    [
        ("The disk", "disk"),
        ("ENCRYPTION", "encryption"),
        ("cannot find the plugin", "plugin"),
        ("it is not in the list", "unlisted"),
        ("it is not in our list", "unlisted"),
        ("it isn't in that list", "unlisted"),
        ("die Instanz ist nicht in der Liste", "unlisted"),
        ("l'instance n'est pas dans la liste", "unlisted"),
        ("aws ssm start-session", "about-sessions"),
        ("SSMエージェント", "agent"),
    ],
)
def test_a_text_has_the_idea_of_its_words(text: str, idea: str) -> None:
    assert idea in ideas_in(text)[0]


@pytest.mark.parametrize(
    ("text", "idea"),
    [
        ("disks", "domain-controller"),
        ("diskette", "disk"),
        ("cannot start the session", "about-sessions"),
        ("could not execute the command", "about-sessions"),
    ],
)
def test_a_part_of_a_word_or_of_a_command_is_no_word(text: str, idea: str) -> None:
    assert idea not in ideas_in(text)[0]


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("The plugin is not installed", True),
        ("プラグインがインストールされていません", True),
        ("403 after 60 minutes", True),
        ("The toaster is not installed", False),
    ],
)
def test_it_is_known_whether_a_text_has_other_words(text: str, complete: object) -> None:
    assert ideas_in(text)[1] is complete
