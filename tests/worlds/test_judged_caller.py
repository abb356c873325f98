"""`--for`: the caller's link is judged for another principal, everything else for the nodes as they are."""

from __future__ import annotations

import json

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.state import ACCOUNT
from tests.simulator.clients import administrator

ROLE = f"arn:aws:iam::{ACCOUNT}:role/support/Support"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Support/sam"
USER = f"arn:aws:iam::{ACCOUNT}:user/sam"
STRANGER = "arn:aws:iam::210987654321:role/Support"
OPENS_SESSIONS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["ssm:StartSession", "kms:GenerateDataKey"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"],
            "Resource": "arn:aws:ssm:*:*:session/${aws:userid}-*",
        },
    ],
}
STARTS_SESSIONS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ssm:StartSession", "kms:GenerateDataKey"], "Resource": "*"}],
}


@pytest.fixture
def with_others(at_simulator: SimulatedAws) -> SimulatedAws:
    """A sound world with a role that may open sessions, and a user who may start some and not open their channel."""
    at_simulator.load("healthy-small")
    iam = administrator(at_simulator, "iam")
    trust = {"Version": "2012-10-17", "Statement": []}
    iam.create_role(RoleName="Support", Path="/support/", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="Support", PolicyName="open", PolicyDocument=json.dumps(OPENS_SESSIONS))
    iam.create_user(UserName="sam")
    iam.put_user_policy(UserName="sam", PolicyName="start", PolicyDocument=json.dumps(STARTS_SESSIONS))
    return at_simulator


def judged(aws: SimulatedAws, arn: str) -> FleetState:
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url, judged=arn))
    try:
        return follow(live)
    finally:
        live.close()


def of_caller(state: FleetState) -> dict[str, tuple[Status, str]]:
    return {
        held.finding.cause: (held.finding.status, held.finding.subject.id)
        for held in state.findings.values()
        if "caller" in held.finding.cause
    }


def test_each_kind_of_principal_is_judged_by_its_own_policies(with_others: SimulatedAws) -> None:
    denied = {"caller-preferences-denied", "caller-desktop-denied"}
    for arn in (ROLE, SESSION):
        told = of_caller(judged(with_others, arn))
        assert told.keys() <= denied, arn
        assert told["caller-preferences-denied"] == (Status.INFO, arn)
    state = judged(with_others, USER)
    assert {scope.caller for scope in state.scopes.values()} == {f"arn:aws:sts::{ACCOUNT}:assumed-role/Engineer/alex"}
    told = of_caller(state)
    # Only the policies show that it is denied, and those of users are not read.
    assert told["caller-open-channel-denied"] == (Status.UNKNOWN, USER)
    assert told["caller-terminate-denied"] == (Status.WARN, USER)
    assert {state.verdict(key).status for key in state.nodes} == {VerdictStatus.UNKNOWN}


def test_of_another_accounts_principal_only_what_this_account_says_is_said(with_others: SimulatedAws) -> None:
    state = judged(with_others, STRANGER)
    told = of_caller(state)
    assert told.pop("kms-caller-denied") == (Status.FAIL, STRANGER)  # the key policy admits this account alone
    assert told["caller-start-denied"] == (Status.UNKNOWN, STRANGER)
    assert {status for status, _ in told.values()} == {Status.UNKNOWN, Status.INFO}
