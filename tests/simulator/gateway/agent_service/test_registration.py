"""A machine registers by an activation, and gets credentials that are judged as its role."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Role
from ssmtui.simulator.worlds.building_blocks import ADMINISTRATOR, WEB, allow, node, service_role, small_world
from tests.simulator.clients import administrator, client, request
from tests.simulator.gateway.agent_service.scripted_agent import REGION, ScriptedAgent

TILLS = service_role("tills", (allow("ssm:ListInstanceAssociations"),))
STRANGERS = Role("strangers", trusted=("ec2.amazonaws.com",))
NOBODY = service_role("nobody", (), managed=())


@pytest.fixture
def world(aws: SimulatedAws) -> SimulatedAws:
    roles = (WEB, TILLS, STRANGERS, NOBODY)
    aws.load(small_world((node("web-1"),), roles=roles, preferences=None, caller=ADMINISTRATOR))
    return aws


def test_a_registered_machine_is_a_hybrid_node_of_its_activation(world: SimulatedAws) -> None:
    agent = ScriptedAgent(world, TILLS.name)
    ssm = administrator(world, "ssm")
    (listed,) = ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [agent.id]}])[
        "InstanceInformationList"
    ]
    assert (listed["Name"], listed["IamRole"], listed["ResourceType"]) == ("till-1", "tills", "ManagedInstance")
    activation = next(
        each
        for each in ssm.describe_activations()["ActivationList"]
        if each["ActivationId"] == agent.activation["ActivationId"]
    )
    assert (activation["RegistrationsCount"], activation["RegistrationLimit"]) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ActivationCode": "guessed"}, "InvalidActivation"),
        ({"ActivationCode": ""}, "InvalidActivation"),
        ({"ActivationId": "00000000-0000-0000-0000-000000000000"}, "InvalidActivation"),
        # The activation is for one machine, which has registered.
        ({}, "InvalidActivation"),
    ],
)
def test_a_machine_needs_an_activation_that_is_left(world: SimulatedAws, changes: dict[str, str], code: str) -> None:
    agent = ScriptedAgent(world, TILLS.name)
    answer = agent.register(**changes)
    assert (answer.status, answer.json["__type"]) == (400, code)


def test_a_key_that_is_no_key_registers_nothing(world: SimulatedAws) -> None:
    made = administrator(world, "ssm").create_activation(IamRole=TILLS.name)
    agent = ScriptedAgent(world, TILLS.name)
    activation = {name: made[name] for name in ("ActivationId", "ActivationCode")}
    assert agent.register(**activation, PublicKey="bm8ga2V5").json["__type"] == "ValidationException"


def test_an_activation_of_the_scenario_has_no_code(aws: SimulatedAws) -> None:
    aws.load("hybrid-agents")
    (activation, *_) = administrator(aws, "ssm").describe_activations()["ActivationList"]
    agent = ScriptedAgent(aws, activation["IamRole"])
    for code in ("", "None"):
        answer = agent.register(ActivationId=activation["ActivationId"], ActivationCode=code)
        assert answer.json["__type"] == "InvalidActivation"


def test_the_token_of_a_node_is_its_role(world: SimulatedAws) -> None:
    agent = ScriptedAgent(world, TILLS.name)
    assert agent.take_role().status == 200
    assert agent.credentials is not None
    sts = client(world, "sts", access_key=str(agent.credentials.access_key))
    assert sts.get_caller_identity()["Arn"].endswith(f":assumed-role/tills/{agent.id}")
    world.pass_time(timedelta(hours=2))
    assert agent.report().json["__type"] == "UnrecognizedClientException"


def test_only_the_key_of_the_node_gets_its_token(world: SimulatedAws) -> None:
    agent, other = ScriptedAgent(world, TILLS.name), ScriptedAgent(world, TILLS.name, "till-2")
    agent.key = other.key
    assert agent.take_role().json["__type"] == "InvalidSignatureException"
    agent.id = "mi-00000000000000000"
    assert agent.take_role().json["__type"] == "InvalidInstanceId"


def test_a_replaced_key_counts_from_then_on(world: SimulatedAws) -> None:
    agent, other = ScriptedAgent(world, TILLS.name), ScriptedAgent(world, TILLS.name, "till-2")
    replaced = agent.by_key("UpdateManagedInstancePublicKey", NewPublicKey=other.public_key, NewPublicKeyType="Rsa")
    assert replaced.status == 200
    assert agent.take_role().status == 403
    agent.key = other.key
    assert agent.take_role().status == 200


def test_a_role_that_systems_manager_cannot_assume_gives_no_token(world: SimulatedAws) -> None:
    assert ScriptedAgent(world, STRANGERS.name).take_role().json["__type"] == "AccessDeniedException"


def test_a_report_is_what_systems_manager_shows(world: SimulatedAws) -> None:
    agent = ScriptedAgent(world, TILLS.name)
    ssm = administrator(world, "ssm")

    def listed() -> str:
        wanted = [{"Key": "InstanceIds", "Values": [agent.id]}]
        (node,) = ssm.describe_instance_information(Filters=wanted)["InstanceInformationList"]
        return " ".join(str(node.get(key)) for key in ("PingStatus", "AgentVersion", "ComputerName", "IPAddress"))

    agent.take_role()
    assert listed().startswith("ConnectionLost ")
    assert agent.report().status == 200
    assert listed() == "Online 3.3.4851.0 till-1.example 192.0.2.7"
    assert agent.by_role("ListInstanceAssociations", InstanceId=agent.id).json == {"Associations": []}
    entries = [entry.operation for entry in world.journal.entries if agent.id in entry.caller]
    assert entries == ["UpdateInstanceInformation", "ListInstanceAssociations"]


def test_a_role_without_permissions_reports_nothing(world: SimulatedAws) -> None:
    agent = ScriptedAgent(world, NOBODY.name)
    agent.take_role()
    answer = agent.report()
    assert answer.json["__type"] == "AccessDeniedException"
    assert "is not authorized to perform: ssm:UpdateInstanceInformation" in answer.json["message"]


def test_an_inventory_is_kept(world: SimulatedAws) -> None:
    agent = ScriptedAgent(world, TILLS.name)
    agent.take_role()
    item = {
        "TypeName": "AWS:Service",
        "SchemaVersion": "1.0",
        "CaptureTime": "2026-11-30T12:00:00Z",
        "Content": [{"Name": "cron"}],
    }
    assert agent.by_role("PutInventory", InstanceId=agent.id, Items=[item]).status == 200
    kept = administrator(world, "ssm").list_inventory_entries(InstanceId=agent.id, TypeName="AWS:Service")
    assert kept["Entries"] == [{"Name": "cron"}]


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff"])
def test_a_request_that_cannot_be_read_is_refused(world: SimulatedAws, body: bytes) -> None:
    headers = {"X-Amz-Target": "AmazonSSM.RegisterManagedInstance"}
    status, told = request(world, "POST", "/", body, headers)
    assert (status, told["__type"]) == (400, "SerializationException")


def test_the_caller_needs_permission_to_create_an_activation(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    with pytest.raises(Exception, match="ssm:CreateActivation"):
        client(aws, "ssm", REGION).create_activation(IamRole="web")
