"""A small fleet as told by events: one node of every verdict, one scope in error."""

from __future__ import annotations

from ssmtui.diagnosis.events import (
    ConnectionRead,
    Event,
    FindingChanged,
    NodeListed,
    ProgressChanged,
    ScopeFailed,
    ScopeOpened,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.model.node import ConnectionStatus, InstanceState, PingStatus
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from tests.builders.fleet import a_finding, a_node, a_scope, a_verdict, held

SCOPE = a_scope()
WEB = a_node("i-0a", "web-1")
API = a_node("i-0b", "api-1")
JOBS = a_node("i-0c", "jobs-1", ping=PingStatus.CONNECTION_LOST)
OLD = a_node("i-0d", "old-1", state=InstanceState.STOPPED, ping=None)
DENIED = held(a_finding("kms-node-denied"), API, JOBS)
BLIND = held(a_finding("s3-logs-lost", Status.UNKNOWN, needs=("iam:SimulatePrincipalPolicy",)), JOBS)
ERROR = ScopeError(
    ScopeName("audit", "eu-west-1"),
    ScopeProblem.EXPIRED_CREDENTIALS,
    "The credentials of profile audit have expired.",
    "Run: aws sso login --profile audit",
)


def events() -> list[Event]:
    return [
        ScopeOpened(SCOPE),
        ScopeFailed(ERROR),
        *(NodeListed(SCOPE, node) for node in (OLD, WEB, API, JOBS)),
        ConnectionRead(WEB.key, ConnectionStatus.CONNECTED),
        ConnectionRead(API.key, ConnectionStatus.CONNECTED),
        ConnectionRead(JOBS.key, ConnectionStatus.NOT_CONNECTED),
        FindingChanged(DENIED),
        FindingChanged(BLIND),
        VerdictChanged(WEB.key, a_verdict()),
        VerdictChanged(API.key, a_verdict(VerdictStatus.FAIL, root_cause="kms-node-denied", finding_ids=(DENIED.id,))),
        VerdictChanged(JOBS.key, a_verdict(VerdictStatus.UNKNOWN, finding_ids=(BLIND.id,))),
        VerdictChanged(OLD.key, a_verdict(VerdictStatus.STOPPED)),
        ProgressChanged(SCOPE.name, 4, 4, False, (("ec2:DescribeInstances", 1), ("ssm:GetConnectionStatus", 3)), False),
        ScopeSettled(SCOPE.name),
    ]


def the_fleet() -> FleetState:
    state = FleetState()
    for event in events():
        state.apply(event)
    return state
