"""Reality follows the state: a repair made through the API opens a session, a loss closes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.node_state.registration import registration_status
from ssmtui.simulator.worlds.building_blocks import DESTINATIONS, preferences
from tests.simulator.clients import client, ids_by_name
from tests.simulator.session_outcome import SessionOutcome, session_outcome

REGION = "eu-west-3"
ACCOUNT = state.ACCOUNT


class Engineer:
    """The caller of a world: its clients, and the ids of what the world holds."""

    def __init__(self, aws: SimulatedAws) -> None:
        self._aws = aws

    def client(self, service: str) -> Any:
        return client(self._aws, service)

    def node(self, name: str) -> str:
        return ids_by_name(REGION)[name]

    def key(self, name: str) -> str:
        aliases = self.client("kms").list_aliases()["Aliases"]
        return str(next(a["TargetKeyId"] for a in aliases if a["AliasName"] == f"alias/acme/{name}"))

    def grant(self, role: str, *statements: dict[str, Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self.client("iam").put_role_policy(RoleName=role, PolicyName="repair", PolicyDocument=document)

    def security_group(self, name: str) -> str:
        groups = self.client("ec2").describe_security_groups()["SecurityGroups"]
        return str(next(group["GroupId"] for group in groups if group["GroupName"] == name))

    def outcome(self, name: str) -> SessionOutcome:
        return session_outcome(ACCOUNT, REGION, self.node(name))


@pytest.fixture
def engineer(aws: SimulatedAws) -> Engineer:
    return Engineer(aws)


def allow(action: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def let_key_be_used(engineer: Engineer) -> None:
    engineer.client("kms").enable_key(KeyId=engineer.key("sessions"))


def cancel_deletion_of_key(engineer: Engineer) -> None:
    kms = engineer.client("kms")
    kms.cancel_key_deletion(KeyId=engineer.key("sessions"))
    kms.enable_key(KeyId=engineer.key("sessions"))


def grant_log_lookup(engineer: Engineer) -> None:
    engineer.grant("queue-worker", allow("logs:DescribeLogGroups"))


def grant_bucket_lookup(engineer: Engineer) -> None:
    engineer.grant("ingest", allow("s3:GetEncryptionConfiguration", f"arn:aws:s3:::{DESTINATIONS.bucket}"))


def give_a_profile(engineer: Engineer) -> None:
    engineer.client("ec2").associate_iam_instance_profile(
        InstanceId=engineer.node("sandbox-2"), IamInstanceProfile={"Name": "web"}
    )


def trust_systems_manager(engineer: Engineer) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole"}
    engineer.client("iam").update_assume_role_policy(
        RoleName="AWSSystemsManagerDefaultEC2InstanceManagementRole",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def attach_core(engineer: Engineer) -> None:
    engineer.client("iam").attach_role_policy(
        RoleName="AWSSystemsManagerDefaultEC2InstanceManagementRole",
        PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy",
    )


def make_logs_endpoint(engineer: Engineer) -> None:
    ec2 = engineer.client("ec2")
    sibling = next(
        endpoint
        for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]
        if endpoint["ServiceName"].endswith(".ssm") and endpoint["Groups"][0]["GroupName"] == "edge-endpoints"
    )
    ec2.create_vpc_endpoint(
        VpcId=sibling["VpcId"],
        ServiceName=f"com.amazonaws.{REGION}.logs",
        VpcEndpointType="Interface",
        SubnetIds=sibling["SubnetIds"],
        SecurityGroupIds=[sibling["Groups"][0]["GroupId"]],
        PrivateDnsEnabled=True,
    )


@pytest.mark.parametrize(
    ("world", "node", "repair"),
    [
        ("key-disabled", "web-1", let_key_be_used),
        ("key-pending-deletion", "web-1", cancel_deletion_of_key),
        ("log-group-unreadable", "queue-1", grant_log_lookup),
        ("bucket-encryption-unreadable", "ingest-1", grant_bucket_lookup),
        ("host-management-off", "sandbox-2", give_a_profile),
        ("host-management-role-trust-wrong", "app-1", trust_systems_manager),
        ("host-management-role-denied", "app-1", attach_core),
        ("log-endpoint-missing", "cdn-1", make_logs_endpoint),
    ],
)
def test_a_repair_opens_the_session(
    aws: SimulatedAws, engineer: Engineer, world: str, node: str, repair: Callable[[Engineer], None]
) -> None:
    aws.load(world)
    assert not engineer.outcome(node).opens
    repair(engineer)
    assert engineer.outcome(node) == SessionOutcome()


def test_what_the_bucket_policy_denies_no_grant_opens(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("bucket-policy-denies")
    engineer.grant("ingest", allow("s3:*"))
    assert engineer.outcome("ingest-1").cause == "s3-encryption-unreadable"


def test_the_faults_of_one_session_come_one_after_the_other(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("demo")
    assert engineer.outcome("etl-1").cause == "kms-node-denied"
    key = engineer.key("sessions")
    engineer.grant("etl", allow("kms:Decrypt", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"))
    assert engineer.outcome("etl-1").cause == "log-group-unreadable"
    engineer.grant("etl", allow("kms:Decrypt"), allow("logs:DescribeLogGroups"))
    assert engineer.outcome("etl-1").opens


def test_one_rule_of_a_security_group_opens_every_node_behind_it(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("demo")
    behind = ("invoice-1", "invoice-2", "invoice-3")
    assert {engineer.outcome(name).cause for name in behind} == {"endpoint-security-group-closed"}
    engineer.client("ec2").authorize_security_group_ingress(
        GroupId=engineer.security_group("billing-endpoints"),
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "UserIdGroupPairs": [{"GroupId": engineer.security_group("billing-nodes")}],
            }
        ],
    )
    assert all(engineer.outcome(name).opens for name in behind)


def test_metadata_options_and_egress_are_looked_at(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("demo")
    ec2 = engineer.client("ec2")
    ec2.modify_instance_metadata_options(InstanceId=engineer.node("scan-1"), HttpEndpoint="enabled")
    ec2.authorize_security_group_egress(
        GroupId=engineer.security_group("core-quarantine"),
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    assert engineer.outcome("scan-1").opens
    assert engineer.outcome("forensics-1").opens


def test_a_stopped_instance_is_not_listed_and_comes_back(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("healthy-small")
    ec2, node_id = engineer.client("ec2"), engineer.node("web-1")
    ec2.stop_instances(InstanceIds=[node_id])
    assert not registration_status(ACCOUNT, REGION, node_id).listed
    assert engineer.outcome("web-1").cause == "instance-not-running"
    ec2.start_instances(InstanceIds=[node_id])
    assert engineer.outcome("web-1").opens


def test_a_node_that_once_reported_stays_listed(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("host-management-role-trust-wrong")
    node_id = engineer.node("app-1")
    assert not registration_status(ACCOUNT, REGION, node_id).listed
    trust_systems_manager(engineer)
    assert registration_status(ACCOUNT, REGION, node_id).ping_status == "Online"
    engineer.client("iam").detach_role_policy(
        RoleName="AWSSystemsManagerDefaultEC2InstanceManagementRole",
        PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy",
    )
    assert registration_status(ACCOUNT, REGION, node_id).ping_status == "ConnectionLost"


def test_without_preferences_nothing_is_asked_of_the_role(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("preferences-absent")
    engineer.grant("web", {"Effect": "Deny", "Action": ["kms:*", "logs:*", "s3:*"], "Resource": "*"})
    assert engineer.outcome("web-1") == SessionOutcome()


def test_a_switch_turned_off_opens_what_it_closed_and_says_what_is_lost(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("log-group-missing")
    assert engineer.outcome("web-1").cause == "log-group-missing"
    engineer.client("ssm").update_document(
        Name="SSM-SessionManagerRunShell",
        Content=engineer_content(engineer),
        DocumentVersion="1",
        DocumentFormat="JSON",
    )
    assert engineer.outcome("web-1") == SessionOutcome(losses=("cloudwatch-logs-lost", "preferences-drift"))


def engineer_content(engineer: Engineer) -> str:
    key_arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{engineer.key('sessions')}"
    return preferences(replace(DESTINATIONS, session_key=key_arn), only_encrypted_log_group=False).content


def test_the_text_is_what_aws_shows(aws: SimulatedAws, engineer: Engineer) -> None:
    aws.load("log-group-unencrypted")
    assert engineer.outcome("web-1").message == (
        "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
        "Either encrypt the log group or choose an option to enable logging without encryption."
    )


@pytest.mark.parametrize(
    ("flag", "cause"),
    [
        ({"installed": False}, "agent-absent"),
        ({"running": False}, "connection-lost"),
        ({"running": False, "registered_before": False}, "not-registered"),
        ({"hibernating": True}, "agent-hibernating"),
        ({"disk_full": True}, "root-volume-full"),
        ({"domain_controller": True}, "domain-controller"),
    ],
)
def test_what_aws_hides_is_a_flag(aws: SimulatedAws, engineer: Engineer, flag: dict[str, bool], cause: str) -> None:
    aws.load("healthy-small")
    agents, node_id = aws.hidden().agents, engineer.node("web-1")
    agents[node_id] = replace(agents[node_id], **flag)  # type: ignore[arg-type]
    assert engineer.outcome("web-1").cause == cause
