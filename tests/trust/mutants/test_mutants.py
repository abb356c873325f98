"""A mutant is the code with one change, known by what it changes; what is explained is a mutant of today's code."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from ssmtui.model import ssm_agent
from tools.trust.mutants.mutation import TREE, changed_code, explained, mutants_of

OLDER = TREE / "ssmtui" / "model" / "ssm_agent.py"


def changed(was: str, becomes: str) -> Any:
    """What becomes of comparing two versions, where one thing is another; the program itself stays as it is."""
    wanted = ("is_older_version", was, becomes)
    [mutant] = [each for each in mutants_of(OLDER) if (each.function, each.was, each.becomes) == wanted]
    return FunctionType(changed_code(mutant), vars(ssm_agent))


def test_a_mutant_answers_by_its_change_and_the_program_as_before() -> None:
    older = changed("numbers < wanted", "numbers >= wanted")
    assert older("3.2.0.0", "3.1.0.0")
    assert not ssm_agent.is_older_version("3.2.0.0", "3.1.0.0")


def test_the_same_change_at_two_places_has_two_names() -> None:
    found = [each.name for each in mutants_of(TREE / "ssmtui" / "iam_policy" / "patterns.py")]
    assert len(set(found)) == len(found)


def test_no_sentence_that_people_read_is_changed() -> None:
    found = mutants_of(TREE / "ssmtui" / "checks" / "identity" / "role.py")
    assert [each.name for each in found if each.was.startswith("say(")] == []


def test_what_is_explained_is_a_mutant_of_todays_code() -> None:
    names = explained()
    modules = {TREE / name.partition(":")[0] for name in names}
    assert sorted(names.keys() - {each.name for module in modules for each in mutants_of(module)}) == []
