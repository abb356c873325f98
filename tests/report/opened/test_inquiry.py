"""A report opened tells what it says, as a diagnosis would have told it, and nothing more."""

from __future__ import annotations

import io
import json
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.model.access_denied import Denial
from ssmtui.model.finding import Link, LinkState, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FixNotApplicable
from ssmtui.report.merge import ReportSource, ReportStore, merge
from ssmtui.report.report_diagnosis import ReportDiagnosis
from tests.report.fleet import the_fleet
from tests.report.whole_document import report_document
from tests.report.written_reports import (
    LINKS,
    Document,
    a_finding_object,
    a_node_object,
    a_report,
    a_row,
    an_account,
    as_document,
)

WHY_NOT = "this is a report"
AT = datetime(2026, 11, 24, 22, tzinfo=UTC)


def opened(*reports: Document) -> ReportDiagnosis:
    with tempfile.TemporaryDirectory() as folder:
        store = ReportStore(Path(folder))
        sources = [ReportSource("one", partial(io.BytesIO, as_document(each).encode())) for each in reports]
        try:
            return ReportDiagnosis(merge(sources, store), catalogue(), WHY_NOT)
        finally:
            store.close()


def state_of(*reports: Document) -> FleetState:
    return follow(opened(*reports))


def document(state: FleetState) -> Any:
    return json.loads(json.dumps(report_document(state, AT)))


def test_a_report_that_is_opened_says_the_same_again() -> None:
    nodes = [
        a_node_object("i-a"),
        a_node_object("i-b", state="stopped", verdict="stopped", managed=False, ping=None, agent_version=None),
        a_node_object("i-c", managed=None, ping=None, agent_version=None, connection=None, verdict="unknown"),
        a_node_object("mi-d", kind="hybrid", state=None, ping="ConnectionLost", connection="notconnected"),
    ]
    bucket = a_finding_object("arn:aws:s3:::logs", ["i-a", "mi-d"], "s3-bucket-missing")
    report = a_report([a_row(), a_row(None, "eu-west-1", error="It failed.", profile="audit")], nodes, [bucket])
    assert document(state_of(report)) == report
    fleet = json.loads(json.dumps(report_document(the_fleet(), AT)))
    assert document(state_of(fleet)) == fleet


def test_accounts_that_were_looked_at_as_themselves_are_kept_apart() -> None:
    state = state_of(an_account(1, 2), an_account(2, 2), an_account(3, 0))
    assert sorted(scope.account for scope in state.scopes.values()) == ["000000000001", "000000000002", "000000000003"]
    assert state.settled == state.scopes.keys()
    assert state.api_calls() == {"ec2:DescribeInstances": 3}
    assert {key.account: scope.account for key, scope in state.scope_of.items()} == {
        "000000000001": "000000000001",
        "000000000002": "000000000002",
    }


def test_scopes_in_error_of_which_nothing_is_known_are_all_there() -> None:
    report = a_report([a_row(None, "eu-west-1", error="One."), a_row(None, "eu-west-1", error="Two.")], [])
    assert sorted(error.message for error in state_of(report).errors.values()) == ["One.", "Two."]


@pytest.mark.parametrize(
    ("told", "of_preferences", "of_others"),
    [
        ("ok", LinkState.OK, LinkState.OK),
        ("not-checked", LinkState.NOT_CHECKED, LinkState.NOT_CHECKED),
        # Checks that did not end have no result.
        ("pending", LinkState.NOT_CHECKED, LinkState.NOT_CHECKED),
        # A state that only a later version knows.
        ("half-checked", LinkState.UNKNOWN, LinkState.UNKNOWN),
        # A report of an older version has findings only: no link is known to be ok.
        (None, LinkState.FAIL, LinkState.NOT_CHECKED),
    ],
)
def test_links_are_as_far_known_as_the_report_tells(
    told: str | None, of_preferences: LinkState, of_others: LinkState
) -> None:
    bucket = a_finding_object("arn:aws:s3:::logs", ["i-a"], "s3-bucket-missing")
    node = a_node_object("i-a", links=dict.fromkeys(LINKS, told))
    if told is None:
        del node["links"]
    state = state_of(a_report([a_row()], [node], [bucket]))
    links = state.verdict(NodeKey("111111111111", "eu-west-3", "i-a")).links
    assert {link: links[link.position] for link in Link} == {
        link: of_preferences if link is Link.PREFERENCES else of_others for link in Link
    }


def test_nodes_that_are_told_the_same_of_share_a_verdict() -> None:
    state = state_of(an_account(1, 20))
    assert len({id(each) for each in state.verdicts.values()}) == 2
    assert state.counts() == {VerdictStatus.OK: 10, VerdictStatus.FAIL: 10}


def test_a_cause_of_a_later_version_is_shown_by_its_slug() -> None:
    told = a_finding_object("arn:aws:ufo:::x", ["i-a"], "abducted", subject={"kind": "saucer", "id": "arn:aws:ufo:::x"})
    state = state_of(a_report([a_row()], [a_node_object("i-a", state="orbiting")], [told]))
    assert [each.finding.cause for each in state.findings.values()] == ["abducted"]


def test_whatever_is_asked_of_it_it_says_why_not() -> None:
    handle = opened(an_account(1, 1))
    scope = next(iter(follow(opened(an_account(1, 1))).scopes))
    assert handle.plan(scope, "reboot", None).result() == FixNotApplicable("reboot", WHY_NOT)
    assert [each.why_not for each in handle.look_up([Denial("ec2:StopInstances")]).result()] == [WHY_NOT]
    for asked in (handle.region_facts(scope), handle.facts_of(NodeKey("1", "2", "3")), handle.forecast()):
        with pytest.raises(LookupError, match=WHY_NOT):
            asked.result()
