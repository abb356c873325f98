"""The recipes of CONTRIBUTING.md are true: all that they add is added to a copy of the tree, and its suite passes.

What judges the additions runs here; `make recipes` runs the whole suite in the copy.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.registry import all_checks
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.remediation.plans.registry import all_fixes
from ssmtui.report.format import all_formats
from ssmtui.simulator.worlds import names
from ssmtui.ui.screens.screen_requests import all_screens
from ssmtui.ui.text.node_columns import COLUMNS
from tests.recipes.recipe import PAGE, NoSuchPlace, Place, Recipe, recipes
from tests.ui.scenes import SCENES

AT_MOST = {
    "A cause": 4,
    "A read": 3,
    "Extend a fact": 3,
    "A check": 1,
    "A fix": 4,
    "A write operation": 1,
    "A column": 1,
    "A report format": 1,
    "A screen": 3,
    "A sentence": 1,
}
"""In how many places each may be written by hand."""

WHOLE = os.environ.get("SSMTUI_RECIPES") == "whole"
ROOT = PAGE.parent
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__")

JUDGES = (
    *("tests/causes/test_catalogue.py", "tests/causes/test_translations.py"),
    *("tests/checks/test_registry_all_checks.py", "tests/remediation/plans/frame"),
    *("tests/language", "tests/docs", "tests/report"),
    *("tests/evidence/facts/test_sources.py", "tests/evidence/aws/test_operations.py"),
    *("tests/ui/text", "tests/ui/screens/test_screen_requests.py"),
    *("tests/remediation/apply/test_one_call.py", "tests/remediation/apply/test_writing.py"),
    "tests/causes/test_matching.py::test_every_text_that_a_cause_is_known_by_names_it",
    "tests/worlds/test_every_cause.py",
    "tests/worlds/test_allow_overrides.py::test_a_fact_that_a_check_can_do_without_may_allow_or_is_said_why_not",
)
"""What judges the catalogues: of causes, checks, reads, fixes, sentences, and what is made from them."""

NO_JUDGES = (
    *("tests/docs/test_scale.py", "tests/report/formats/test_memory.py"),
    *("tests/report/merging", "tests/report/reading/test_values.py"),
)
"""What takes long there, and asks nothing of what was added; the tree's own suite has it."""

A_PICTURE = "tests/ui/app/test_screenshots.py::test_the_screen_is_as_it_was[tags]"

OF_A_WORLD = (
    "tests/simulator/test_worlds.py::test_every_node_suffers_from_what_is_expected",
    "tests/simulator/test_worlds.py::test_world_is_named_as_it_is_registered",
    "tests/worlds/test_expected_verdicts.py::test_every_node_has_the_verdict_and_root_cause_of_what_is_broken",
)
OF_A_FIX = (
    "tests/remediation/apply/test_every_fix.py::test_every_fix_is_tried",
    "tests/remediation/apply/test_every_fix.py::test_red_forecast_apply_as_forecast_undo_as_before[{fix}-{world}]",
)

SEEN = """
import json
from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.registry import all_checks
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.remediation.plans.registry import all_fixes
from ssmtui.report.format import all_formats
from ssmtui.simulator.worlds import names
from ssmtui.ui.screens.screen_requests import all_screens
from ssmtui.ui.text.node_columns import COLUMNS
print(json.dumps({
    "causes": list(catalogue()), "checks": [each.name for each in all_checks()], "fixes": list(all_fixes()),
    "reads": [":".join(each) for each in all_reads()], "worlds": list(names()), "report formats": list(all_formats()),
    "columns": [each.column.key for each in COLUMNS], "screens": list(map(str, all_screens())),
}))
"""

ALL = recipes(PAGE.read_text(encoding="utf-8"))
by_recipe = pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: recipe.name)


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program of Python in the copy, which imports what is there; what one compiles the next ones need not."""
    environment = {**os.environ, "PYTHONPATH": str(folder), **variables}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def done(folder: Path, *arguments: str, **variables: str) -> str:
    """What it prints; it must not fail."""
    told = run(folder, *arguments, **variables)
    assert told.returncode == 0, f"{told.stdout[-12_000:]}\n{told.stderr[-4_000:]}"
    return told.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tree with everything added, and with what `make docs words screenshots` makes of it."""
    folder = tmp_path_factory.mktemp("added") / "ssmtui"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    for recipe in ALL:
        for place in recipe.places:
            place.write(folder)
    done(folder, "-m", "tools.sentences")
    done(folder, "-m", "tools.generated_pages", "build/docs")
    done(folder, "-m", "tools.manual_page")
    done(folder, "-m", "tools.picture")
    pictures = A_PICTURE.partition("::")[0] if WHOLE else A_PICTURE
    done(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", pictures, SSMTUI_UPDATE_SCREENSHOTS="1")
    yield folder
    if sys.pycache_prefix is not None:
        shutil.rmtree(Path(sys.pycache_prefix, *folder.parts[1:]), ignore_errors=True)


@pytest.fixture(scope="module")
def added(copy: Path) -> Mapping[str, Sequence[str]]:
    """What the copy has more than this tree, by its kind."""
    there: Mapping[str, Sequence[str]] = json.loads(done(copy, "-c", SEEN))
    here: Mapping[str, Sequence[str]] = {
        "causes": list(catalogue()),
        "checks": [each.name for each in all_checks()],
        "fixes": list(all_fixes()),
        "reads": [":".join(each) for each in all_reads()],
        "worlds": names(),
        "report formats": list(all_formats()),
        "columns": [each.column.key for each in COLUMNS],
        "screens": list(map(str, all_screens())),
    }
    return {kind: [each for each in those if each not in here[kind]] for kind, those in there.items()}


def test_the_page_has_every_recipe() -> None:
    assert {recipe.name for recipe in ALL} == AT_MOST.keys()


@by_recipe
def test_a_recipe_is_as_short_as_was_promised(recipe: Recipe) -> None:
    assert len(recipe.places) <= AT_MOST[recipe.name]


@by_recipe
def test_a_recipe_names_each_place_once(recipe: Recipe) -> None:
    assert len({(place.path, place.below, place.above) for place in recipe.places}) == len(recipe.places)


@pytest.mark.simulated
def test_what_is_added_is_found_without_being_listed_anywhere(added: Mapping[str, Sequence[str]]) -> None:
    assert added == {
        "causes": ["session-key-retiring"],
        "checks": ["session-key-is-kept", "session-key-is-meant-for-sessions"],
        "fixes": ["keep-session-key"],
        "reads": ["kms:GetKeyRotationStatus"],
        "worlds": ["session-key-retiring"],
        "report formats": ["names"],
        "columns": ["owner"],
        "screens": ["tags"],
    }


@pytest.mark.simulated
def test_a_sentence_waits_for_french_and_stops_nobody(copy: Path) -> None:
    catalogue_of_french = next(copy.glob("ssmtui/language/**/*.po")).read_text(encoding="utf-8")
    assert 'msgid "This node has no tags."\nmsgstr ""\n' in catalogue_of_french


@pytest.mark.simulated
def test_the_examples_are_formed_as_the_code_is(copy: Path) -> None:
    files = sorted({place.path for recipe in ALL for place in recipe.places if place.path.endswith(".py")})
    done(copy, "-m", "ruff", "check", "--no-cache", *files)
    done(copy, "-m", "ruff", "format", "--no-cache", "--check", *files)


@pytest.mark.whole
@pytest.mark.simulated
def test_the_suite_passes_with_everything_added(copy: Path, added: Mapping[str, Sequence[str]]) -> None:
    worlds, fixes = added["worlds"], added["fixes"]
    of_worlds = [f"{test}[{world}]" for test in OF_A_WORLD for world in worlds]
    of_fixes = [test.format(fix=fix, world=world) for test in OF_A_FIX for fix in fixes for world in worlds]
    suite = (
        ["-n", "2", "--dist", "loadfile", "--ignore=tests/recipes"]
        if WHOLE
        else [*JUDGES, A_PICTURE, *of_worlds, *of_fixes, *(f"--ignore={each}" for each in NO_JUDGES)]
    )
    if WHOLE:
        done(copy, "-m", "mypy")
    done(copy, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *dict.fromkeys(suite))


def test_what_the_page_says_to_run_names_tests_worlds_and_scenes_that_are_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    commands = re.findall(r'^make \w+ ARGS="([^"]+)"', text, re.MULTILINE)
    assert len(commands) > 3
    paths = {word for each in commands for word in each.split() if word.startswith("tests/")}
    assert [path for path in paths if not (ROOT / path).exists()] == []
    worlds_and_scenes = {*names(), *(scene.name for scene in SCENES)}
    asked = re.findall(r"(?: -k |--scenario |SCENE=)([a-z0-9]+-[a-z0-9-]+)", text)
    assert asked
    assert set(asked) <= worlds_and_scenes


PAGE_OF_ONE = """\
## Recipes

### A lamp

1. A new file `lamps/one.py`: what it is.

   ```python
   LIT = True
   ```

2. In `lamps/all.py`, below `LAMPS = (`:

   ````python
       "one",
   ````

## Asking
"""


def test_a_recipe_is_read_from_the_page_and_written_where_it_says(tmp_path: Path) -> None:
    (lamp,) = recipes(PAGE_OF_ONE)
    new, more = Place("lamps/one.py", "LIT = True\n"), Place("lamps/all.py", '    "one",\n', "LAMPS = (")
    assert lamp == Recipe("A lamp", (new, more))
    (tmp_path / "lamps").mkdir()
    (tmp_path / "lamps/all.py").write_text('LAMPS = (\n    "two",\n)\n', encoding="utf-8")
    for place in lamp.places:
        place.write(tmp_path)
    assert (tmp_path / "lamps/one.py").read_text(encoding="utf-8") == "LIT = True\n"
    assert (tmp_path / "lamps/all.py").read_text(encoding="utf-8") == 'LAMPS = (\n    "one",\n    "two",\n)\n'
    with pytest.raises(NoSuchPlace, match="there already"):
        new.write(tmp_path)
    (tmp_path / "lamps/all.py").write_text("LAMPS = ()\n", encoding="utf-8")
    with pytest.raises(NoSuchPlace, match="no line LAMPS"):
        more.write(tmp_path)
