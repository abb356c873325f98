"""What is built of the tree, and of what: the same each time, and with the compiled sentences that the tree lacks."""

from __future__ import annotations

import gettext
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.vocabulary import vocabulary
from ssmtui.report.schema import Schema
from tools.locked import asked_for, needed

TREE = Path(__file__).parents[1]
MO = "ssmtui/language/fr/LC_MESSAGES/ssmtui.mo"
SCHEMA = r"^ssmtui/report/schema/(\w+)\.json$"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree as it is cloned: nothing in it was compiled."""
    clone = tmp_path / "tree"
    shutil.copytree(
        TREE / "ssmtui",
        clone / "ssmtui",
        ignore=shutil.ignore_patterns("*.mo", "front_matters.json", "words.json", "__pycache__"),
    )
    for name in (".gitignore", "LICENSE", "README.md", "hatch_build.py", "pyproject.toml"):
        shutil.copy(TREE / name, clone)
    return clone


def build(what: str, source: Path, into: Path) -> Path:
    """A distribution built of a tree, as of a moment."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", what, "-d", str(into)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1764230400"}
    subprocess.run(command, cwd=source, check=True, capture_output=True, env=environment)
    [built] = into.iterdir()
    return built


@pytest.mark.long
def test_a_wheel_made_of_a_source_distribution_speaks_french_has_the_schemas_and_is_that_of_the_tree(
    tree: Path, tmp_path: Path
) -> None:
    shutil.unpack_archive(build("sdist", tree, tmp_path / "sdist"), tmp_path / "unpacked", filter="data")
    [unpacked] = (tmp_path / "unpacked").iterdir()
    built = build("wheel", unpacked, tmp_path / "wheel")
    with zipfile.ZipFile(built) as wheel:
        wheel.extract(MO, tmp_path / "installed")
        fronts = json.loads(wheel.read("ssmtui/causes/front_matters.json"))
        words = json.loads(wheel.read("ssmtui/causes/words.json"))
        schemas = {Schema(document) for document in re.findall(SCHEMA, "\n".join(wheel.namelist()), re.MULTILINE)}
        assert {each.date_time[:3] for each in wheel.infolist()} == {(2025, 11, 27)}
        assert [each for each in wheel.namelist() if each.endswith(".data/data/share/man/man1/ssmtui.1")] != []
    french = gettext.translation("ssmtui", tmp_path / "installed" / "ssmtui" / "language", ["fr"])
    assert french.gettext("What is wrong") == "Ce qui ne va pas"
    assert "POT-Creation-Date: 1970-01-01 00:00+0000" in french.gettext("").splitlines(), (
        "and not the minute of the build"
    )
    assert schemas == set(Schema)
    assert {front["slug"] for front in fronts.values()} == set(catalogue())
    assert words["phrases"] == vocabulary()
    # Another folder, other times and other rights of the files: byte by byte the same.
    for file in tree.rglob("*.py"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
        file.chmod(0o600)
    assert build("wheel", tree, tmp_path / "again").read_bytes() == built.read_bytes()


def test_what_runs_it_of_the_lock_is_what_its_packages_say_they_need() -> None:
    lock = (TREE / "requirements.lock").read_text(encoding="utf-8")
    found = {each.name: each for each in needed(lock, asked_for())}
    assert all("--hash=sha256:" in each.text and "#" not in each.text for each in found.values())
    assert not {"moto", "pytest", "mypy"} & found.keys()
    missing = [
        (name, str(wanted))
        for name in found
        for wanted in map(Requirement, requires(name) or ())
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if canonicalize_name(wanted.name) not in found
    ]
    assert missing == []


def test_the_image_runs_as_nobody_what_came_by_its_hash() -> None:
    lines = (TREE / "packaging" / "Containerfile").read_text(encoding="utf-8").splitlines()
    said = [line.strip() for line in lines if line and not line.startswith("#")]
    assert all(
        re.match(r"FROM docker\.io/library/python:3\.\d+-slim\b", line) for line in said if line.startswith("FROM")
    )
    installs = " ".join(said).replace(" \\ ", " ").split("pip install")[1:]
    assert ["--require-hashes" in each.split("&&")[0] or "--no-index" in each for each in installs] == [True, True]
    user = said.index("USER 10001")
    assert not any(line.startswith(("RUN", "COPY")) for line in said[user:])
    assert said[-1] == 'ENTRYPOINT ["ssmtui"]'


def test_the_formula_takes_what_is_built_and_nothing_without_a_hash() -> None:
    formula = (TREE / "packaging" / "homebrew" / "ssmtui.rb").read_text(encoding="utf-8")
    assert formula.count("@VERSION@") == formula.count("@SHA256@") == 1
    assert [line.strip() for line in formula.splitlines() if "system(*pip" in line] == [
        'system(*pip, "--require-hashes", "--requirement", buildpath/"locked.txt")',
        'system(*pip, "--no-deps", "--no-build-isolation", buildpath)',
    ]
    builds = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    [asked] = re.findall(r'"tools\.locked", (.*)\)', formula)
    assert {Requirement(each).name for each in builds} - {"ruamel.yaml"} == set(re.findall(r'"(\w+)"', asked))
    assert "ruamel-yaml" in asked_for()
