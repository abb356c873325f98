"""The page on the house is true: its picture is that of the imports, and whatever it names is there."""

from __future__ import annotations

import builtins
import importlib
import re
import typing
from functools import cache
from pathlib import Path

import pytest

import ssmtui
from tests.tools.picture import PICTURE, picture
from tests.tools.rooms import floors, without_detours

TREE = Path(__file__).parents[1]
PACKAGE = Path(ssmtui.__file__).parent
PAGE = (TREE / "docs" / "architecture.md").read_text(encoding="utf-8")
# A path below the package: a folder, a module, or what is in a module.
NAMED = re.compile(r"`((?:\w+/)+|(?:\w+/)*\w+\.py)(?::([\w.]+))?`")


def test_the_picture_is_that_of_the_imports() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "docs/architecture.svg is stale: run `make docs`"


def test_rooms_hang_right_under_the_lowest_of_those_that_import_them() -> None:
    house = {"app": {"rows", "values"}, "rows": {"values"}, "report": {"values"}, "values": set[str]()}
    assert floors(house) == [["app", "report"], ["rows"], ["values"]]
    assert without_detours(house) == {"app": {"rows"}, "rows": {"values"}, "report": {"values"}, "values": set()}


def test_rooms_that_import_each_other_in_a_circle_have_no_floors() -> None:
    with pytest.raises(ValueError, match="a circle among fixes, model"):
        floors({"app": {"fixes"}, "fixes": {"model"}, "model": {"fixes"}})


def test_whatever_the_page_names_is_there() -> None:
    named = NAMED.findall(PAGE)
    assert named
    assert [f"{path}:{name}" for path, name in named if not there(path, name)] == []


def test_whatever_the_page_names_without_its_place_is_somewhere() -> None:
    files = (*PACKAGE.rglob("*.py"), *TREE.glob("tests/**/*.py"))
    code = {word for each in files for word in re.findall(r"\w+", each.read_text(encoding="utf-8"))}
    known = {*code, *dir(builtins), *dir(typing)}
    named = re.findall(r"`((?:\w+\.)*(?:\w+_\w+|[A-Z]\w+))`", PAGE)
    assert named
    assert [each for each in named if not known.issuperset(each.split("."))] == []


def test_the_page_names_every_room() -> None:
    table = PAGE.partition("## 2")[2].partition("## 3")[0]
    rooms = {f"{each.name}/" for each in PACKAGE.iterdir() if (each / "__init__.py").exists()}
    assert rooms == set(re.findall(r"^\| `([\w./]+)` \|", table, re.MULTILINE))


def test_every_word_of_the_house_leads_to_a_place_and_is_in_order() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| [^|]+ \| (.+) \|$", PAGE.partition("## 11")[2], re.MULTILINE)
    words = [word for word, _ in rows if word != "word"]
    assert words
    assert words == sorted(words)
    assert [word for word, where in rows[1:] if not NAMED.search(where)] == []


def test_every_folder_with_modules_is_a_package() -> None:
    """What is in no package is found by nobody: such a check would be silent."""
    folders = {each.parent for each in PACKAGE.rglob("*.py")}
    assert {each.relative_to(PACKAGE) for each in folders if not (each / "__init__.py").exists()} == set()


@cache
def there(path: str, name: str) -> bool:
    """Whether a folder or a module of the package is there, and what is named in it."""
    place = PACKAGE / path
    if path.endswith("/"):
        return place.is_dir() and not name
    if not place.is_file():
        return False
    found: object = importlib.import_module(".".join(("ssmtui", *Path(path).with_suffix("").parts)))
    for each in name.split(".") if name else ():
        if not hasattr(found, each) and each not in getattr(found, "__dataclass_fields__", ()):
            return False
        found = getattr(found, each, None)
    return True
