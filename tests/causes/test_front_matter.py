"""What a build has read of causes' files is what their YAML says, or is not used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ssmtui.causes
from hatch_build import keep_front_matters
from ssmtui.causes import front_matter
from ssmtui.causes.front_matter import KEPT, loaded, read_yaml, split_front_matter

FOLDER = Path(ssmtui.causes.__file__).parent
ENGLISH = "en/preferences/kms-key-missing.md"
KEYS = frozenset({"slug", "title"})


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    causes = tmp_path / "ssmtui" / "causes"
    for name in ("front_matter.py", ENGLISH, "fr/preferences/kms-key-missing.md"):
        (causes / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER / name, causes / name)
    return tmp_path


def kept(tree: Path) -> object:
    return json.loads((tree / "ssmtui" / "causes" / KEPT).read_text(encoding="utf-8"))


def test_what_is_kept_is_what_the_yaml_says(tree: Path) -> None:
    keep_front_matters(tree)
    fronts = [split_front_matter(file.read_text(encoding="utf-8"))[0] for file in tree.glob("ssmtui/causes/**/*.md")]
    assert kept(tree) == {front: read_yaml(front) for front in fronts}


def test_it_is_read_again_where_a_file_was_written_since(tree: Path) -> None:
    keep_front_matters(tree)
    before = kept(tree)
    file = tree / "ssmtui" / "causes" / ENGLISH
    file.write_text(file.read_text(encoding="utf-8").replace("slug: ", "slug:  "), encoding="utf-8")
    keep_front_matters(tree)
    assert kept(tree) != before


def test_what_was_not_kept_is_read_as_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_matter, "_kept", lambda: {"slug: a\n": {"slug": "kept"}})
    assert loaded("slug: a\n", KEYS) == {"slug": "kept"}
    assert loaded("slug: b\n", KEYS) == {"slug": "b"}


@pytest.mark.parametrize("content", ["", "[]", "{", None])
def test_a_build_that_kept_nothing_of_use_is_done_without(tmp_path: Path, content: str | None) -> None:
    package = tmp_path / "alone"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copy(FOLDER / "front_matter.py", package)
    if content is not None:
        (package / KEPT).write_text(content)
    program = "from alone.front_matter import loaded; print(loaded('slug: a', frozenset({'slug'})))"
    told = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout == "{'slug': 'a'}\n"


def test_the_whole_catalogue_is_read_without_yaml() -> None:
    program = "import sys, ssmtui.causes.catalogue as read; read.catalogue(); print('ruamel.yaml' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


def test_importing_the_catalogue_loads_neither_yaml_nor_an_sdk() -> None:
    program = (
        "import sys, ssmtui.causes.catalogue\n"
        "print([name for name in ('ruamel.yaml', 'botocore', 'textual', 'asyncio') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
