"""What people read on a terminal of 80 columns breaks between words: an ARN or an id stays whole, to be copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from rich.cells import cell_len

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.diagnosis.events import NodeInspected
from ssmtui.diagnosis.explanation import PossibleCause
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Evidence, InspectionResult, Subject, SubjectKind
from ssmtui.model.plan import Forecast
from ssmtui.remediation.apply.change import FailedOutcome
from ssmtui.remediation.apply.journal import Journal
from ssmtui.report.catalogue import Explanation, explanation_lines
from ssmtui.report.change_text import journal_lines, outcome_lines, plan_lines
from ssmtui.report.format import Report
from ssmtui.report.formats.table import table_lines
from ssmtui.report.text_layout import Verbatim, folded
from tests.builders.fleet import NOON, a_finding, held
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle
from tests.report.fleet import API, the_fleet

ARN = f"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-3/{'platform-engineering-' * 3}web"
SENTENCE = f"The role {ARN} is not allowed kms:Decrypt on the key of i-0123456789abcdef0, which the session needs."


def report() -> Iterable[str]:
    state = the_fleet()
    found = replace(
        a_finding(subject=Subject(SubjectKind.ROLE, ARN)),
        summary=SENTENCE,
        evidence=(Evidence(SENTENCE, "iam:GetRole"),),
    )
    state.findings = {each.id: each for each in (held(found, API),)}
    state.apply(NodeInspected(API.key, (InspectionResult("console output", "ec2:GetConsoleOutput", SENTENCE),)))
    return table_lines(Report(state, catalogue, NOON, lambda text, _word: text, 80))


def explanation() -> Iterable[str]:
    text = f"User: {ARN} is not authorized to perform: ssm:StartSession on resource: {ARN}"
    matches = match_text(text, catalogue().values())
    return explanation_lines(Explanation({each.cause: PossibleCause(each, None) for each in matches}), catalogue(), 80)


def preview() -> Iterable[str]:
    plan = replace(bucket_toggle(FakeAws([ON])), title=SENTENCE, costs=SENTENCE, notes=(SENTENCE,))
    return plan_lines(plan, Forecast((), (), (), (), ()), FleetState())


def outcome() -> Iterable[str]:
    return outcome_lines(FailedOutcome(SENTENCE))


@pytest.fixture
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterable[str]:
    journal = Journal(tmp_path_factory.mktemp("journal"), lambda: NOON)
    journal.plan(replace(bucket_toggle(FakeAws([ON])), title=SENTENCE))
    return journal_lines(journal.read().changes)


def broken(lines: Iterable[str]) -> list[str]:
    """The lines that are too wide although they have a place to break, and those that lack a part of a word."""
    lines = list(lines)
    assert any(ARN in line for line in lines)
    shown = [each for line in lines for each in folded(line, 80)]
    words = {word for line in lines for word in line.split()}
    # A mark is never alone on a line, so a line can be a mark and a word.
    wide = [line for line in shown if cell_len(line) > 80 and len(line.split()) > 2 and not isinstance(line, Verbatim)]
    return [*wide, *(word for line in shown for word in line.split() if word not in words)]


@pytest.mark.parametrize("lines", [report, explanation, preview, outcome])
def test_no_word_is_broken(lines: Callable[[], Iterable[str]]) -> None:
    assert broken(lines()) == []


def test_no_word_of_the_journal_is_broken(journal: Iterable[str]) -> None:
    assert broken(journal) == []


def test_what_was_looked_at_more_closely_comes_after_the_cause() -> None:
    lines = list(report())
    finding, look = (
        next(place for place, line in enumerate(lines) if line.startswith(start))
        for start in ("✖ kms", "Deep inspection")
    )
    assert finding < look
