"""What is told of a row below its table: the whole why, the id, and the first fix with its key."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.events import Event, FindingChanged, ScopeOpened, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.ui.text.cause_rows import cause_summary, node_summary
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import unwrapped_text
from tests.ui.builders import PARIS, log_group_unencrypted, node, told, verdict
from tests.ui.demo_fleet import key_denied

WEB = node("web-1", 1)
GROUP, KEY = log_group_unencrypted([WEB]), key_denied([WEB])


def fleet(*events: Event) -> Fleet:
    state = FleetState()
    for event in (ScopeOpened(PARIS), *told(PARIS, [WEB]), *events):
        state.apply(event)
    return Fleet(state, catalogue())


def test_a_node_is_told_with_the_fix_of_its_root_cause() -> None:
    found = verdict(VerdictStatus.FAIL, GROUP, KEY)
    fleet_view = fleet(FindingChanged(GROUP), FindingChanged(KEY), VerdictChanged(WEB.key, found))
    why, below = unwrapped_text(node_summary(fleet_view, WEB.key)).split("\n")
    assert why == "✖ log group is not encrypted with a KMS key +1 more"
    assert below == f"  {WEB.id}  F Encrypt the log group with a KMS key"


def test_what_nothing_mends_and_what_is_there_no_more_is_told_without_a_fix() -> None:
    hopeless = replace(GROUP, finding=replace(GROUP.finding, fixes=()))
    fleet_view = fleet(FindingChanged(hopeless), VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, hopeless)))
    assert unwrapped_text(node_summary(fleet_view, WEB.key)).endswith(f"\n  {WEB.id}")
    assert unwrapped_text(cause_summary(fleet_view, hopeless.id)).endswith("\n  no fix is known")
    assert node_summary(fleet_view, node("gone", 9).key) == ()
    assert cause_summary(fleet_view, "no-such@finding") == ()


def test_a_cause_is_told_with_the_whole_id_of_its_subject() -> None:
    title, subject, fix = unwrapped_text(cause_summary(fleet(FindingChanged(GROUP)), GROUP.id)).split("\n")
    assert title == "✖ log group is not encrypted with a KMS key"
    assert subject == f"  {GROUP.finding.subject.id}"
    assert fix == "  1 Encrypt the log group with a KMS key"


def test_what_is_not_known_names_the_permission_that_would_settle_it() -> None:
    unsure = replace(GROUP, finding=replace(GROUP.finding, status=Status.UNKNOWN, needs=("kms:DescribeKey",), fixes=()))
    fleet_view = fleet(FindingChanged(unsure), VerdictChanged(WEB.key, verdict(VerdictStatus.UNKNOWN, unsure)))
    assert "needs kms:DescribeKey" in unwrapped_text(node_summary(fleet_view, WEB.key))
