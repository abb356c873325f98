"""As whom a node reports, by CloudTrail."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ssmtui.checks.identity.role import node_reports_as_its_role
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.identity import HostManagement
from ssmtui.model.node import ConnectionStatus
from ssmtui.model.node_facts import Observation, UnconnectedNode
from ssmtui.model.ssm_agent import AgentReport, LastReport
from tests.builders.fleet import ACCOUNT, NOON, NOTHING_MADE, a_change, a_node
from tests.builders.identity import HOST_MANAGEMENT_ROLE, ROLE_ARN, a_node_role, host_management
from tests.checks.outcome import Said, said

AWAY = UnconnectedNode(a_node(ping=None), Observation(None, ConnectionStatus.NOT_CONNECTED))
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:user/deployer"
SHARED = f"arn:aws:iam::{ACCOUNT}:role/{HOST_MANAGEMENT_ROLE}"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-1"
OTHER_SESSION = "arn:aws:sts::210987654321:assumed-role/web/i-1"
OFF = host_management(None)


def reported(principal: str, error: str = "", *, by_address: object = False) -> LastReport:
    return LastReport(AgentReport("i-1", "10.0.0.9", principal, NOON, error), bool(by_address))


@pytest.mark.parametrize(
    ("last", "setting", "sure"),
    [
        pytest.param(reported(ROLE_ARN), OFF, None, id="as its role"),
        pytest.param(reported(SESSION), OFF, None, id="as a session of its role"),
        pytest.param(reported(OTHER_SESSION), OFF, Confidence.PROVED, id="as a session of another accounts role"),
        pytest.param(reported(""), OFF, None, id="the record does not say"),
        pytest.param(reported(DEPLOYER), OFF, Confidence.PROVED, id="as a user"),
        pytest.param(reported(DEPLOYER, "AccessDenied"), OFF, Confidence.PROVED, id="as a user who may not"),
        pytest.param(reported(DEPLOYER, by_address=True), OFF, Confidence.LIKELY, id="from the node's address"),
        pytest.param(reported(SHARED), host_management(), None, id="as the role of host management"),
        pytest.param(reported(SHARED), OFF, Confidence.PROVED, id="as a role that host management no longer gives"),
        pytest.param(
            reported(DEPLOYER), Unreadable("ssm:GetServiceSetting", "no"), Confidence.PROVED, id="unread, and no role"
        ),
    ],
)
def test_a_node_that_reports_as_somebody_else_is_told(
    last: LastReport, setting: HostManagement | Unreadable, sure: Confidence | None
) -> None:
    found = node_reports_as_its_role(AWAY, a_node_role(), last, setting, NOTHING_MADE)
    expected = [Said("wrong-principal", Status.FAIL, sure, ROLE_ARN, ("steps-install-agent",))] if sure else []
    assert said(found) == expected
    for finding in found:
        assert last.report.principal in finding.summary
        assert last.report.error in finding.evidence[0].fact


def test_a_node_that_reports_as_a_role_is_open_while_host_managements_is_not_known() -> None:
    unread = Unreadable("ssm:GetServiceSetting", "not authorized")
    found = node_reports_as_its_role(AWAY, a_node_role(), reported(SHARED), unread, NOTHING_MADE)
    needs = ("ssm:GetServiceSetting",)
    assert said(found) == [Said("wrong-principal", Status.UNKNOWN, Confidence.POSSIBLE, ROLE_ARN, (), needs)]


@pytest.mark.parametrize(("made", "told"), [(NOON - timedelta(minutes=1), True), (NOON + timedelta(minutes=1), False)])
def test_a_report_from_before_a_change_tells_nothing_of_what_is_so_after_it(made: datetime, told: object) -> None:
    change = a_change("replace-instance-profile", made)
    assert bool(node_reports_as_its_role(AWAY, a_node_role(), reported(DEPLOYER), OFF, change)) is told


def test_a_trail_that_may_not_be_read_is_a_note_and_names_the_action() -> None:
    unread = Unreadable("cloudtrail:LookupEvents", "not authorized")
    found = node_reports_as_its_role(AWAY, a_node_role(), unread, OFF, NOTHING_MADE)
    needs = ("cloudtrail:LookupEvents",)
    assert said(found) == [Said("wrong-principal", Status.INFO, Confidence.POSSIBLE, ROLE_ARN, (), needs)]
