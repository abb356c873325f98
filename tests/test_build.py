"""What is built of the tree: a wheel holds the compiled sentences, which the repository does not, and the schemas."""

from __future__ import annotations

import gettext
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.report.schema import Schema

TREE = Path(__file__).parents[1]
MO = "ssmtui/language/fr/LC_MESSAGES/ssmtui.mo"
SCHEMA = r"^ssmtui/report/schema/(\w+)\.json$"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree as it is cloned: nothing in it was compiled."""
    clone = tmp_path / "tree"
    shutil.copytree(
        TREE / "ssmtui", clone / "ssmtui", ignore=shutil.ignore_patterns("*.mo", "front_matters.json", "__pycache__")
    )
    for name in (".gitignore", "LICENSE", "README.md", "hatch_build.py", "pyproject.toml"):
        shutil.copy(TREE / name, clone)
    return clone


def test_a_wheel_made_of_a_source_distribution_speaks_french_and_has_the_schemas(tree: Path, tmp_path: Path) -> None:
    def build(what: str, source: Path) -> Path:
        command = [sys.executable, "-m", "hatchling", "build", "-t", what, "-d", str(tmp_path / what)]
        subprocess.run(command, cwd=source, check=True, capture_output=True)
        [built] = (tmp_path / what).iterdir()
        return built

    shutil.unpack_archive(build("sdist", tree), tmp_path / "unpacked", filter="data")
    [unpacked] = (tmp_path / "unpacked").iterdir()
    with zipfile.ZipFile(build("wheel", unpacked)) as wheel:
        wheel.extract(MO, tmp_path / "installed")
        fronts = json.loads(wheel.read("ssmtui/causes/front_matters.json"))
        schemas = {Schema(document) for document in re.findall(SCHEMA, "\n".join(wheel.namelist()), re.MULTILINE)}
    french = gettext.translation("ssmtui", tmp_path / "installed" / "ssmtui" / "language", ["fr"])
    assert french.gettext("What is wrong") == "Ce qui ne va pas"
    assert schemas == set(Schema)
    assert {front["slug"] for front in fronts.values()} == set(catalogue())
