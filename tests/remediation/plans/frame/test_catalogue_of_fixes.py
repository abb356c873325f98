"""Every fix that anything names exists, and is offered in rank: least privilege and least reach first."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import ssmtui.checks
from ssmtui.analysis.finding_parts import fixes_for
from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.registry import all_checks
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, Question
from ssmtui.remediation.plans.registry import all_fixes, all_steps
from tests.causes.test_catalogue import weakening


class Named(NamedTuple):
    """The fixes that a module of checks names at one place."""

    module: str
    slugs: tuple[str, ...]


def named_in_checks() -> Iterator[Named]:
    """Every tuple of slugs of fixes that a check holds, with the module that holds it."""
    folder = Path(ssmtui.checks.__path__[0])
    for path in sorted(folder.rglob("*.py")):
        for part in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(part, ast.keyword) and part.arg == "fixes":
                constants = (each for each in ast.walk(part.value) if isinstance(each, ast.Constant))
                slugs = tuple(each.value for each in constants if isinstance(each.value, str) and "-" in each.value)
                if slugs:
                    yield Named(".".join(("ssmtui.checks", *path.relative_to(folder).with_suffix("").parts)), slugs)


def offered_by(causes: Iterable[str]) -> set[str]:
    return {offer.slug for cause in causes for offer in catalogue()[cause].fixes}


def out_of_rank(slugs: tuple[str, ...]) -> bool:
    """Whether a fix stands behind one that weakens more, or that reaches further without weakening."""
    changes = [slug for slug in slugs if slug not in all_steps()]
    ranks = [(slug in weakening(), all_fixes()[slug].whole_region) for slug in changes]
    return ranks != sorted(ranks)


def test_every_fix_is_offered_by_a_cause() -> None:
    assert all_fixes().keys() | all_steps().keys() == offered_by(catalogue())


def test_a_module_of_checks_names_fixes_that_its_causes_offer() -> None:
    causes: defaultdict[str, set[str]] = defaultdict(set)
    for check in all_checks():
        causes[check.judge.__module__].update(check.causes)
    named = list(named_in_checks())
    assert len({slug for each in named for slug in each.slugs}) > 20
    # What several modules of checks have in common stands in one of its own, which has no check.
    apart = [each for each in named if not set(each.slugs) <= offered_by(causes.get(each.module) or catalogue())]
    assert apart == []


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_a_cause_offers_what_grants_before_what_weakens_and_the_near_before_the_far(slug: str) -> None:
    assert not out_of_rank(tuple(offer.slug for offer in catalogue()[slug].fixes))


def test_a_check_offers_them_in_the_same_rank() -> None:
    assert [each for each in named_in_checks() if out_of_rank(each.slugs)] == []


def test_a_grant_comes_before_what_was_to_come_after_it_and_goes_where_it_would_not_help() -> None:
    def denied(denier: Denier) -> EvaluationResult:
        return EvaluationResult(Question("kms:Decrypt", "*"), Decision.IMPLICIT_DENY, denier)

    by_role, by_organization = denied(Denier.IDENTITY), denied(Denier.ORGANIZATION)
    assert fixes_for((by_role,), "grant-node-key-access", "clear-session-key") == (
        "grant-node-key-access",
        "clear-session-key",
    )
    assert fixes_for((by_organization,), "grant-node-key-access", "clear-session-key") == (
        "steps-organization-policy",
        "clear-session-key",
    )
