"""The forecast of a role: IAM itself is asked what it would decide once the policy is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.forecast import simulate_fact_changes
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.permissions import CorePermissions, Decision, Denier, EvaluationResult, Question
from ssmtui.model.plan import Call, FactChange, Forecast, Plan, SupposedAnswers, Supposition
from ssmtui.simulator.in_thread import SimulatedAws

FIX = "grant-node-bucket-lookup"


@pytest.fixture
def live(at_simulator: SimulatedAws) -> Iterator[LiveDiagnosis]:
    at_simulator.load("bucket-encryption-unreadable")
    diagnosis = LiveDiagnosis.start(
        DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url)
    )
    yield diagnosis
    diagnosis.close()


def planned(live: LiveDiagnosis, fix: str = FIX) -> tuple[Plan, str]:
    state = follow(live)
    held = next(each for each in state.findings.values() if fix in each.finding.fixes)
    plan = live.plan(held.scope.name, fix, held.id).result()
    assert isinstance(plan, Plan)
    (node,) = held.nodes
    return plan, node.id


def simulated_with_a_policy(aws: SimulatedAws) -> int:
    return sum("PolicyInputList" in str(entry.parameters) for entry in aws.journal.entries)


def test_iam_is_asked_with_the_new_statement(live: LiveDiagnosis, at_simulator: SimulatedAws) -> None:
    plan, node = planned(live)
    assert simulated_with_a_policy(at_simulator) == 0
    forecast = live.forecast(plan).result()
    assert simulated_with_a_policy(at_simulator) > 0
    assert forecast == Forecast((node,), (), (), (), ())
    assert at_simulator.journal.writes == ()


def test_what_iam_says_counts_more_than_what_the_statement_looks_like(
    live: LiveDiagnosis, at_simulator: SimulatedAws
) -> None:
    plan, node = planned(live)
    (call,) = plan.calls
    useless = str(call.parameters["PolicyDocument"]).replace("s3:GetEncryptionConfiguration", "s3:GetBucketTagging")
    of_no_use = replace(plan, calls=(replace(call, parameters={**call.parameters, "PolicyDocument": useless}),))
    assert node not in live.forecast(of_no_use).result().turn_green


def test_iam_is_told_what_is_known_of_the_nodes_requests(live: LiveDiagnosis, at_simulator: SimulatedAws) -> None:
    plan, node = planned(live)
    (call,) = plan.calls
    document = json.loads(str(call.parameters["PolicyDocument"]))
    for statement in document["Statement"]:
        statement["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
    here = {**call.parameters, "PolicyDocument": json.dumps(document)}
    on_condition = replace(plan, calls=(replace(call, parameters=here),))
    useless = json.dumps(document).replace("true", "false")
    of_no_use = replace(plan, calls=(replace(call, parameters={**here, "PolicyDocument": useless}),))
    assert live.forecast(on_condition).result().turn_green == (node,)
    assert node not in live.forecast(of_no_use).result().turn_green


def test_where_iam_refuses_to_simulate_the_forecast_is_our_own(live: LiveDiagnosis, at_simulator: SimulatedAws) -> None:
    plan, node = planned(live)
    at_simulator.fault("refused", "iam", "SimulatePrincipalPolicy")
    assert live.forecast(plan).result().turn_green == (node,)


ROLE = "arn:aws:iam::123456789012:role/ops/web"
ASKED = Question("logs:DescribeLogGroups", "*")
DENIED = EvaluationResult(ASKED, Decision.IMPLICIT_DENY, Denier.IDENTITY)
ALLOWED = EvaluationResult(ASKED, Decision.ALLOWED)
NOW, SUPPOSED = CorePermissions(ROLE, (DENIED,)), CorePermissions(ROLE, (replace(ALLOWED, source="iam:GetRole"),))


def iam_call(operation: str, role: str, **parameters: str) -> Call:
    return Call("iam", operation, {"RoleName": role, **parameters}, "", "*")


async def test_iam_is_asked_about_the_role_that_is_given_policies_and_about_no_other() -> None:
    asked: list[Supposition] = []

    async def ask(supposed: Supposition) -> SupposedAnswers:
        asked.append(supposed)
        return SupposedAnswers((ALLOWED,))

    change = FactChange(CorePermissions, SUPPOSED, replaces=NOW)
    other = FactChange(CorePermissions, SUPPOSED, replaces=replace(NOW, principal=f"{ROLE}-other"))
    calls = (
        iam_call("PutRolePolicy", "web", PolicyDocument="{}"),
        iam_call("AttachRolePolicy", "web", PolicyArn="arn:aws:iam::aws:policy/Managed"),
        iam_call("DetachRolePolicy", "web", PolicyArn="arn:aws:iam::aws:policy/Taken"),
    )
    told = await simulate_fact_changes(ask, calls, (change, other))
    assert told == (replace(change, value=CorePermissions(ROLE, (ALLOWED,))), other)
    assert asked == [Supposition(ROLE, (ASKED,), ("{}",), ("arn:aws:iam::aws:policy/Managed",))]
