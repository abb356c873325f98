"""The architecture page is true: its picture matches the imports, and everything that it names exists."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import sys
import typing
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import ssmtui
from tools.package_graph import direct_imports, layers
from tools.picture import PICTURE, picture

TREE = Path(__file__).parents[1]
PACKAGE = Path(ssmtui.__file__).parent
PAGE = (TREE / "docs" / "architecture.md").read_text(encoding="utf-8")
# A path below the package: a folder, a module, or what is in a module.
NAMED = re.compile(r"`((?:\w+/)+|(?:\w+/)*\w+\.py)(?::([\w.]+))?`")


def test_the_picture_matches_the_imports() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "docs/architecture.svg is stale: run `make docs`"


def test_a_package_is_directly_below_the_lowest_of_those_that_import_it() -> None:
    imports = {"app": {"rows", "values"}, "rows": {"values"}, "report": {"values"}, "values": set[str]()}
    assert layers(imports) == [["app", "report"], ["rows"], ["values"]]
    assert direct_imports(imports) == {"app": {"rows"}, "rows": {"values"}, "report": {"values"}, "values": set()}


def test_packages_that_import_each_other_in_a_circle_have_no_layers() -> None:
    with pytest.raises(ValueError, match="a circle among fixes, model"):
        layers({"app": {"fixes"}, "fixes": {"model"}, "model": {"fixes"}})


def test_every_path_and_symbol_of_the_page_exists() -> None:
    named = NAMED.findall(PAGE)
    assert named
    assert [f"{path}:{name}" for path, name in named if not there(path, name)] == []


def test_every_name_of_the_page_without_a_path_exists_somewhere() -> None:
    files = (*PACKAGE.rglob("*.py"), *TREE.glob("tests/**/*.py"))
    code = {word for each in files for word in re.findall(r"\w+", each.read_text(encoding="utf-8"))}
    known = {*code, *dir(builtins), *dir(typing)}
    named = re.findall(r"`((?:\w+\.)*(?:\w+_\w+|[A-Z]\w+))`", PAGE)
    assert named
    assert [each for each in named if not known.issuperset(each.split("."))] == []


def test_the_page_names_every_package() -> None:
    packages = {f"{each.name}/" for each in PACKAGE.iterdir() if (each / "__init__.py").exists()} - {"remediation/"}
    stages = {f"remediation/{each.name}/" for each in PACKAGE.glob("remediation/*") if (each / "__init__.py").exists()}
    stages |= {f"remediation/{each.name}" for each in PACKAGE.glob("remediation/[a-z]*.py")}
    assert packages | stages == set(re.findall(r"^\| `([\w./]+)` \|", section("Packages"), re.MULTILINE))


def test_the_pure_packages_use_only_the_standard_library_and_a_yaml_parser() -> None:
    stages = ("remediation/plans", "remediation/operations")
    pure = ("model", "text", "iam_policy", "analysis", "checks", *stages)
    modules = [module for package in pure for module in (PACKAGE / package).rglob("*.py")]
    modules.append(PACKAGE / "remediation/preview.py")
    found = {name for module in modules for name in imported_packages(module)}
    assert found - sys.stdlib_module_names == {"ssmtui", "ruamel"}


def test_only_the_writer_imports_boto3() -> None:
    # Parsing the whole package takes some seconds, and most modules do not have the word.
    modules = [each for each in PACKAGE.rglob("*.py") if "boto3" in each.read_text(encoding="utf-8")]
    found = {str(each.relative_to(PACKAGE)) for each in modules if "boto3" in imported_packages(each)}
    assert found == {"remediation/apply/writer.py"}


@pytest.mark.parametrize(("package", "others"), [("text", {"language"}), ("language", set[str]())])
def test_a_low_package_imports_no_other_package(package: str, others: set[str]) -> None:
    inside = re.compile(r"^(?:from|import) ssmtui\.(\w+)", re.MULTILINE)
    modules = (PACKAGE / package).rglob("*.py")
    assert {name for each in modules for name in inside.findall(each.read_text(encoding="utf-8"))} - {package} == others


def test_the_glossary_has_at_most_twelve_terms_in_order_each_with_its_place() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| [^|]+ \| (.+) \|$", section("Glossary"), re.MULTILINE)
    words = [word for word, _ in rows if word != "term"]
    assert words
    assert words == sorted(words)
    assert len(words) <= 12
    assert [word for word, where in rows[1:] if not NAMED.search(where)] == []


def test_every_folder_with_modules_is_a_package() -> None:
    """A module outside of a package is never imported: a check in it would never run."""
    folders = {each.parent for each in PACKAGE.rglob("*.py")}
    assert {each.relative_to(PACKAGE) for each in folders if not (each / "__init__.py").exists()} == set()


def test_each_test_stands_where_its_module_stands() -> None:
    """`test_X.py` or `test_X_subject.py` is beside `X.py`; a behaviour of several modules has a folder of its own."""
    folders = Counter(each.parts[0] for each in misplaced_tests())
    assert dict(sorted(folders.items())) == MISPLACED


# How many modules of tests each folder still has that no module of their name stands beside. A number can only go down.
MISPLACED = {
    "analysis": 8,
    "aws": 1,
    "causes": 14,
    "cli": 19,
    "config": 5,
    "evidence": 37,
    "language": 3,
    "model": 34,
    "remediation": 33,
    "report": 16,
    "session": 30,
    "simulator": 22,
    "tools": 1,
    "ui": 33,
}


def misplaced_tests() -> list[Path]:
    """Return the test modules in mirrored folders that no module or package is named by."""
    tests = TREE / "tests"
    mirrored = {tests / each.relative_to(PACKAGE): each for each in (PACKAGE, *PACKAGE.rglob("*/"))}
    mirrored |= {tests / "tools" / each.relative_to(TREE / "tools"): each for each in (TREE / "tools").rglob("*/")}
    mirrored[tests / "tools"] = TREE / "tools"
    del mirrored[tests]
    modules = [each for each in tests.rglob("test_*.py") if each.parent in mirrored]
    return sorted(each.relative_to(tests) for each in modules if not names_a_module(each.stem, mirrored[each.parent]))


def names_a_module(test: str, folder: Path) -> bool:
    """Return whether the name of a test module begins with a module or package of the folder."""
    words = test.split("_")[1:]
    names = ["_".join(words[:end]) for end in range(len(words), 0, -1)]
    return any((folder / f"{each}.py").exists() or (folder / each / "__init__.py").exists() for each in names)


def imported_packages(module: Path) -> set[str]:
    """Return the top-level packages that a module imports, also inside functions."""
    nodes = [*ast.walk(ast.parse(module.read_text(encoding="utf-8")))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def section(title: str) -> str:
    """Return the section of the page with this title."""
    (body,) = re.findall(rf"^## \d+ {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(body)


@cache
def there(path: str, name: str) -> bool:
    """Return whether a folder, a module or a symbol of the package exists, or a file of the tests."""
    if path.startswith("tests/"):
        return (TREE / path).exists() and not name
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
