"""The lock holds what each supported machine needs, and what is kept about its packages is about those of today."""

from __future__ import annotations

import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.locked import TREE
from tools.trust.advisories.dependencies import (
    LOCK,
    PAGE,
    Found,
    Judged,
    Pinned,
    accepted,
    asked,
    digest,
    environments,
    found,
    judged,
    licence_of,
    losses,
    pinned,
    run_time,
    wrong,
)
from tools.trust.advisories.page import page

WITH_THE_SDK = {"botocore", "urllib3"}
"""The SDK says which versions of these there may be: a word of our own could only contradict."""

CALLED_OTHERWISE = {"ruamel": "ruamel.yaml"}
IMPORT = re.compile(r"^ *(?:from|import) (\w+)[\w.]*(?: import .*| as \w+)?$", re.MULTILINE)


@pytest.fixture(scope="module")
def lock() -> list[Pinned]:
    return pinned(LOCK.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def installed() -> list[Pinned]:
    return run_time()


def test_every_machine_and_python_finds_all_it_needs_once_and_in_a_version_that_was_asked_for(
    lock: list[Pinned],
) -> None:
    assert [each for one in environments() for each in wrong(lock, one, asked("demo", "dev"))] == []


def test_a_package_that_is_missing_on_one_machine_alone_is_told(lock: list[Pinned]) -> None:
    windows = next(each for each in environments() if each.system == "Windows")
    less = [each for each in lock if each.entry.name != "colorama"]
    assert f"{windows}: colorama is missing, pytest asks for it" in list(wrong(less, windows, asked("dev")))


def test_a_version_that_was_not_asked_for_is_told(lock: list[Pinned]) -> None:
    intel = next(each for each in environments() if (each.system, each.machine) == ("Darwin", "x86_64"))
    [told] = wrong(lock, intel, [*asked(), "click<8"])
    assert told.startswith(f"{intel}: click is ")
    assert told.endswith("ssmtui asks for <8")


def test_every_file_of_the_lock_has_its_hash(lock: list[Pinned]) -> None:
    assert [each.entry.name for each in lock if "--hash=sha256:" not in each.entry.text] == []


def test_what_the_package_imports_it_asks_for_and_what_it_asks_for_it_imports() -> None:
    names = {canonicalize_name(CALLED_OTHERWISE.get(top, top)) for top in imported()} - WITH_THE_SDK
    own, more = ({canonicalize_name(Requirement(each).name) for each in asked(*extra)} for extra in ((), ("demo",)))
    assert own - names == set()
    assert names - more == set()


def imported() -> set[str]:
    lines = (file.read_text(encoding="utf-8") for file in (TREE / "ssmtui").rglob("*.py"))
    tops = {top for text in lines for top in IMPORT.findall(text)}
    return tops - sys.stdlib_module_names - {"ssmtui", "_typeshed"}


def test_what_each_dependency_is_for_is_told(installed: list[Pinned]) -> None:
    assert set(judged().needed) == {canonicalize_name(Requirement(each).name) for each in asked("demo")}


def test_what_is_kept_is_of_this_lock_and_nothing_is_against_it(installed: list[Pinned]) -> None:
    kept, decided = found(), judged()
    assert kept.lock == digest(installed), "the lock has changed: make advisories"
    assert kept.licences == {each.entry.name: licence_of(each.entry.name) for each in installed}
    versions = {f"{each.entry.name}=={each.entry.version}" for each in installed}
    assert {*kept.asked, *kept.not_asked} == versions
    assert set(kept.without_wheels) == {str(each) for each in environments()}
    assert losses(kept, decided, {each for each in kept.licences.values() if accepted(each, decided.licences)}) == []
    assert page(kept, decided, installed) == PAGE.read_text(encoding="utf-8")


def test_what_was_accepted_is_still_there() -> None:
    kept, decided = found(), judged()
    assert set(decided.builds) == {version for versions in kept.without_wheels.values() for version in versions}
    assert [id_ for id_ in decided.advisories if not any(id_ in each for each in kept.known)] == []
    assert [each for each in decided.licences if not any(each in told for told in kept.licences.values())] == []


@pytest.mark.parametrize("expression", ["MIT", "Apache-2.0 AND MIT", "GPL-3.0-only OR MIT"])
def test_a_licence_is_accepted_where_all_of_one_choice_are(expression: str) -> None:
    assert accepted(expression, {"MIT", "Apache-2.0"})


@pytest.mark.parametrize("expression", ["GPL-3.0-only", "MIT AND GPL-3.0-only", "not told"])
def test_a_licence_is_not_accepted_where_a_part_of_it_is_not(expression: str) -> None:
    assert not accepted(expression, {"MIT", "Apache-2.0"})


def test_what_nobody_has_accepted_is_a_loss() -> None:
    kept = Found("", "", {"a": "GPL-3.0-only"}, ["b==1"], [], ["b==1: CVE-1 (mended in 2)"], {"Windows": ["c==3"]})
    told = ["the licence of a is GPL-3.0-only", "b==1: CVE-1 (mended in 2)", "Windows finds no wheel of c==3"]
    assert losses(kept, Judged({}, ["MIT"]), {"MIT"}) == told
    calm = Judged({}, ["MIT"], {"c==3": "plain Python"}, {"CVE-1": "never called"})
    assert losses(kept, calm, {"MIT", "GPL-3.0-only"}) == []
