"""What is told of a row below its table: the whole why, the id, and the first fix with its key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.events import Event, FindingChanged, ScopeOpened, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import FleetFinding, Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.ui.text.cause_rows import cause_summary, node_summary
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import unwrapped_text
from tests.ui.builders import HEALTHY, PARIS, finding, log_group_unencrypted, node, scope, told, verdict
from tests.ui.demo_fleet import key_denied

WEB = node("web-1", 1)
GROUP, KEY = log_group_unencrypted([WEB]), key_denied([WEB])
OTHER = finding("x", Link.NETWORK, Subject(SubjectKind.NODE, WEB.id), [WEB])


def fleet(*events: Event) -> Fleet:
    state = FleetState()
    for event in (ScopeOpened(PARIS), *told(PARIS, [WEB]), *events):
        state.apply(event)
    return Fleet(state, catalogue())


def test_a_node_is_told_with_the_fix_of_its_root_cause() -> None:
    found = verdict(VerdictStatus.FAIL, GROUP, KEY)
    fleet_view = fleet(FindingChanged(GROUP), FindingChanged(KEY), VerdictChanged(WEB.key, found))
    why, below = unwrapped_text(node_summary(fleet_view, WEB.key)).split("\n")
    assert why == "✖ preferences: Log group is not encrypted with a KMS key +1 more"
    assert below == f"  {WEB.id}  1 Encrypt the log group with a KMS key"


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(("others", "more"), [([KEY], " +1 autre"), ([KEY, OTHER], " +2 autres")])
def test_the_other_failures_of_a_node_are_counted_with_the_plural(others: list[FleetFinding], more: str) -> None:
    found = verdict(VerdictStatus.FAIL, GROUP, *others)
    fleet_view = fleet(*(FindingChanged(each) for each in (GROUP, *others)), VerdictChanged(WEB.key, found))
    assert unwrapped_text(node_summary(fleet_view, WEB.key)).split("\n")[0].endswith(more)


@pytest.mark.parametrize(
    ("status", "link", "said"),
    [
        (Status.FAIL, Link.NETWORK, "✖ network: x"),
        (Status.WARN, Link.AGENT, "▲ agent: x"),
        (Status.UNKNOWN, Link.CALLER, "? caller: unknown: x"),
        (None, Link.CALLER, "● ok"),
    ],
)
def test_the_link_with_the_problem_is_named_before_the_reason(status: Status | None, link: Link, said: str) -> None:
    events: list[Event] = [VerdictChanged(WEB.key, HEALTHY)]
    if status is not None:
        held = replace(finding("x", link, Subject(SubjectKind.NODE, WEB.id), [WEB], status=status))
        events = [FindingChanged(held), VerdictChanged(WEB.key, verdict(VerdictStatus(status.value), held))]
    assert unwrapped_text(node_summary(fleet(*events), WEB.key)).split("\n") == [said, f"  {WEB.id}"]


def test_the_account_and_the_region_are_beside_the_id_where_they_differ() -> None:
    other = scope("eu-central-1", account="210987654321")
    line = unwrapped_text(node_summary(fleet(ScopeOpened(other)), WEB.key)).split("\n")[1]
    assert line == f"  {WEB.id} · {PARIS.account} · {PARIS.region}"


def test_what_nothing_mends_and_what_is_there_no_more_is_told_without_a_fix() -> None:
    hopeless = replace(GROUP, finding=replace(GROUP.finding, fixes=()))
    fleet_view = fleet(FindingChanged(hopeless), VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, hopeless)))
    assert unwrapped_text(node_summary(fleet_view, WEB.key)).endswith(f"\n  {WEB.id}")
    assert unwrapped_text(cause_summary(fleet_view, hopeless.id)).endswith("\n  no fix is known")
    assert node_summary(fleet_view, node("gone", 9).key) == ()
    assert cause_summary(fleet_view, "no-such@finding") == ()


def test_a_cause_is_told_with_the_whole_id_of_its_subject() -> None:
    title, subject, fix = unwrapped_text(cause_summary(fleet(FindingChanged(GROUP)), GROUP.id)).split("\n")
    assert title == "✖ Log group is not encrypted with a KMS key"
    assert subject == f"  {GROUP.finding.subject.id}"
    assert fix == "  1 Encrypt the log group with a KMS key"


@pytest.mark.parametrize(
    ("id_", "said"),
    [("sg-1", "sg-1 · eu-west-3"), ("arn:aws:ec2:eu-west-3:1:sg/sg-1", "arn:aws:ec2:eu-west-3:1:sg/sg-1")],
)
def test_the_region_of_a_cause_is_beside_an_id_without_it_where_there_are_several(id_: str, said: str) -> None:
    held = finding("x", Link.NETWORK, Subject(SubjectKind.SECURITY_GROUP, id_), [WEB])
    fleet_view = fleet(ScopeOpened(scope("eu-central-1")), FindingChanged(held))
    assert unwrapped_text(cause_summary(fleet_view, held.id)).split("\n")[1] == f"  {said}"


def test_what_is_not_known_names_the_permission_that_would_settle_it() -> None:
    unsure = replace(GROUP, finding=replace(GROUP.finding, status=Status.UNKNOWN, needs=("kms:DescribeKey",), fixes=()))
    fleet_view = fleet(FindingChanged(unsure), VerdictChanged(WEB.key, verdict(VerdictStatus.UNKNOWN, unsure)))
    assert "needs kms:DescribeKey" in unwrapped_text(node_summary(fleet_view, WEB.key))
