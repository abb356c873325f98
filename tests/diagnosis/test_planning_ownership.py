"""A plan for what CloudFormation, Terraform or CDK owns warns of it, first of all its notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.plan import Plan
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Scenario
from tests.remediation.apply import faulty_worlds as worlds
from tests.simulator.clients import administrator

Tag = Callable[[Any, Plan], None]


def planned(aws: SimulatedAws, fix: str) -> Plan:
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url))
    try:
        state = follow(live)
        held = next(each for each in state.findings.values() if fix in each.finding.fixes)
        plan = live.plan(held.scope.name, fix, held.id).result()
    finally:
        live.close()
    assert isinstance(plan, Plan), plan
    return plan


def on_ec2(client: Any, plan: Plan) -> None:
    client.create_tags(Resources=[plan.subject.id], Tags=[{"Key": "ManagedBy", "Value": "terraform"}])


def on_the_role(client: Any, plan: Plan) -> None:
    client.tag_role(RoleName=plan.subject.name, Tags=[{"Key": "ManagedBy", "Value": "terraform"}])


def on_the_key(client: Any, plan: Plan) -> None:
    client.tag_resource(KeyId=plan.subject.id, Tags=[{"TagKey": "ManagedBy", "TagValue": "terraform"}])


def on_the_document(client: Any, plan: Plan) -> None:
    which = {"ResourceType": "Document", "ResourceId": plan.subject.name}
    client.add_tags_to_resource(**which, Tags=[{"Key": "ManagedBy", "Value": "terraform"}])


@pytest.mark.parametrize(
    ("world", "fix", "service", "tag"),
    [
        (worlds.stopped, "start-instance", "ec2", on_ec2),
        (worlds.egress_closed, "open-node-egress", "ec2", on_ec2),
        ("log-group-unreadable", "grant-node-log-lookup", "iam", on_the_role),
        ("key-disabled", "enable-key", "kms", on_the_key),
        ("key-missing", "clear-session-key", "ssm", on_the_document),
    ],
    ids=["instance", "security-group", "role", "key", "document"],
)
def test_the_owner_is_named_by_its_tag(
    world: str | Callable[[], Scenario], fix: str, service: str, tag: Tag, at_simulator: SimulatedAws
) -> None:
    at_simulator.load(world if isinstance(world, str) else world())
    plan = planned(at_simulator, fix)
    assert not any("ManagedBy" in note for note in plan.notes)
    tag(administrator(at_simulator, service), plan)
    warning = "Terraform manages the resource (tag ManagedBy=terraform): make the change there too."
    assert planned(at_simulator, fix).notes[0].startswith(warning)


def test_tags_that_cannot_be_read_leave_a_doubt(at_simulator: SimulatedAws) -> None:
    at_simulator.load("log-group-unreadable")
    at_simulator.fault("refused", "iam", "ListRoleTags")
    plan = planned(at_simulator, "grant-node-log-lookup")
    doubt = (
        "Whether CloudFormation, Terraform or CDK manages the resource could not be checked (needs iam:ListRoleTags)."
    )
    assert doubt in plan.notes
