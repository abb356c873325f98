"""Every operation that ssmtui calls answers by the shapes of botocore's models, over the demo world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import client
from tests.simulator.shapes import violations

PREFERENCES = "SSM-SessionManagerRunShell"
HOST_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"


class Recorder:
    """Clients of a Region whose raw answers are judged as they come."""

    def __init__(self, aws: SimulatedAws, region: str) -> None:
        self._aws = aws
        self._region = region
        self._clients: dict[str, Any] = {}
        self.violations: list[str] = []
        self.answered: set[str] = set()

    def ask(self, service: str, method: str, **parameters: Any) -> Any:
        """The parsed answer of a call."""
        if service not in self._clients:
            made = self._clients[service] = client(self._aws, service, self._region)
            made.meta.events.register(f"before-parse.{service}.*", self._judge)
        return getattr(self._clients[service], method)(**parameters)

    def _judge(self, operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
        if response_dict["status_code"] < 300:
            self.answered.add(f"{operation_model.service_model.service_name}:{operation_model.name}")
            self.violations += violations(operation_model, response_dict["body"])


@pytest.fixture
def recorders(aws: SimulatedAws) -> Iterator[list[Recorder]]:
    aws.load("demo")
    made = [Recorder(aws, region) for region in aws.regions]
    yield made
    for recorder in made:
        assert "\n".join(sorted(set(recorder.violations))) == ""


def test_sts_and_systems_manager(recorders: list[Recorder]) -> None:
    for recorder in recorders:
        recorder.ask("sts", "get_caller_identity")
        nodes = recorder.ask("ssm", "describe_instance_properties", MaxResults=1000)["InstanceProperties"]
        recorder.ask("ssm", "describe_instance_information", MaxResults=50)
        for node in nodes:
            recorder.ask("ssm", "get_connection_status", Target=node["InstanceId"])
            recorder.ask("ssm", "list_inventory_entries", InstanceId=node["InstanceId"], TypeName="AWS:Service")
        recorder.ask("ssm", "get_inventory", ResultAttributes=[{"TypeName": "AWS:Service"}])
        recorder.ask("ssm", "get_service_setting", SettingId=HOST_MANAGEMENT)
        recorder.ask("ssm", "get_service_setting", SettingId="/ssm/managed-instance/activation-tier")
        recorder.ask("ssm", "describe_document", Name=PREFERENCES)
        recorder.ask("ssm", "get_document", Name=PREFERENCES, DocumentVersion="$LATEST")
        recorder.ask("ssm", "get_document", Name="AWS-StartSSHSession", DocumentFormat="YAML")
        recorder.ask("ssm", "describe_document", Name="AWS-StartPortForwardingSession")
        recorder.ask("ssm", "list_documents")
        recorder.ask("ssm", "list_document_versions", Name=PREFERENCES)
        recorder.ask("ssm", "describe_activations")
        recorder.ask("ssm", "describe_sessions", State="Active")
        assert len(recorder.answered) == 13


def test_ec2(recorders: list[Recorder]) -> None:
    for recorder in recorders:
        reservations = recorder.ask("ec2", "describe_instances", MaxResults=1000)["Reservations"]
        instances = [instance for reservation in reservations for instance in reservation["Instances"]]
        assert instances
        recorder.ask("ec2", "describe_instance_status", IncludeAllInstances=True)
        for vpc_id in {instance["VpcId"] for instance in instances}:
            for attribute in ("enableDnsSupport", "enableDnsHostnames"):
                recorder.ask("ec2", "describe_vpc_attribute", VpcId=vpc_id, Attribute=attribute)
        for instance in instances[:5]:
            recorder.ask("ec2", "get_console_output", InstanceId=instance["InstanceId"])
        for operation in (
            "describe_subnets",
            "describe_vpcs",
            "describe_security_groups",
            "describe_route_tables",
            "describe_network_acls",
            "describe_vpc_endpoints",
            "describe_nat_gateways",
            "describe_iam_instance_profile_associations",
            "describe_regions",
            "describe_prefix_lists",
            "describe_managed_prefix_lists",
            "get_instance_metadata_defaults",
        ):
            recorder.ask("ec2", operation)
        assert len(recorder.answered) == 16


def test_cloudtrail(recorders: list[Recorder]) -> None:
    by_name = [{"AttributeKey": "EventName", "AttributeValue": "UpdateInstanceInformation"}]
    other = [{"AttributeKey": "EventName", "AttributeValue": "StartSession"}]
    for recorder in recorders:
        events = recorder.ask("cloudtrail", "lookup_events", LookupAttributes=by_name, MaxResults=50)["Events"]
        assert {event["EventName"] for event in events} == {"UpdateInstanceInformation"}
        assert recorder.ask("cloudtrail", "lookup_events", LookupAttributes=other)["Events"] == []


def test_iam(recorders: list[Recorder]) -> None:
    recorder = recorders[0]
    for profile in recorder.ask("iam", "list_instance_profiles")["InstanceProfiles"]:
        recorder.ask("iam", "get_instance_profile", InstanceProfileName=profile["InstanceProfileName"])
    for role in recorder.ask("iam", "list_roles")["Roles"]:
        name = role["RoleName"]
        recorder.ask("iam", "get_role", RoleName=name)
        recorder.ask("iam", "list_role_tags", RoleName=name)
        for attached in recorder.ask("iam", "list_attached_role_policies", RoleName=name)["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            policy = recorder.ask("iam", "get_policy", PolicyArn=arn)["Policy"]
            recorder.ask("iam", "get_policy_version", PolicyArn=arn, VersionId=policy["DefaultVersionId"])
        for policy_name in recorder.ask("iam", "list_role_policies", RoleName=name)["PolicyNames"]:
            recorder.ask("iam", "get_role_policy", RoleName=name, PolicyName=policy_name)
        recorder.ask(
            "iam",
            "simulate_principal_policy",
            PolicySourceArn=role["Arn"],
            ActionNames=["ssm:UpdateInstanceInformation", "kms:Decrypt"],
            ResourceArns=["*"],
        )
    assert len(recorder.answered) == 11


def test_kms_s3_and_logs(recorders: list[Recorder]) -> None:
    for recorder in recorders:
        for alias in recorder.ask("kms", "list_aliases")["Aliases"]:
            if "TargetKeyId" in alias:
                key_id = alias["TargetKeyId"]
                recorder.ask("kms", "describe_key", KeyId=key_id)
                recorder.ask("kms", "get_key_policy", KeyId=key_id, PolicyName="default")
                recorder.ask("kms", "list_grants", KeyId=key_id)
        for bucket in recorder.ask("s3", "list_buckets")["Buckets"]:
            name = bucket["Name"]
            recorder.ask("s3", "head_bucket", Bucket=name)
            recorder.ask("s3", "get_bucket_encryption", Bucket=name)
            recorder.ask("s3", "get_bucket_location", Bucket=name)
            with suppress(ClientError):  # NoSuchBucketPolicy, where it has none
                recorder.ask("s3", "get_bucket_policy", Bucket=name)
        recorder.ask("logs", "describe_log_groups")
        assert {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants", "logs:DescribeLogGroups"} <= recorder.answered
        assert {"s3:HeadBucket", "s3:GetBucketEncryption", "s3:GetBucketLocation"} <= recorder.answered


def test_writes_of_the_two_toggles(recorders: list[Recorder]) -> None:
    recorder = recorders[0]
    document = recorder.ask("ssm", "get_document", Name=PREFERENCES)
    content = document["Content"].replace('"s3EncryptionEnabled": true', '"s3EncryptionEnabled": false')
    recorder.ask(
        "ssm", "update_document", Name=PREFERENCES, Content=content, DocumentVersion=document["DocumentVersion"]
    )
    recorder.ask("ssm", "update_document_default_version", Name=PREFERENCES, DocumentVersion="2")
    recorder.ask("ssm", "delete_document", Name=PREFERENCES)
    recorder.ask("ssm", "create_document", Name=PREFERENCES, Content=content, DocumentType="Session")
    assert len(recorder.answered) == 5


def test_the_judge_finds_what_is_unknown_missing_and_of_another_type(aws: SimulatedAws) -> None:
    model = client(aws, "iam").meta.service_model.operation_model("SimulateCustomPolicy")
    body = b"""<SimulateCustomPolicyResponse><SimulateCustomPolicyResult>
        <IsTruncated>maybe</IsTruncated><Surprise>1</Surprise>
        <EvaluationResults><member><EvalActionName>a:B</EvalActionName></member></EvaluationResults>
        </SimulateCustomPolicyResult></SimulateCustomPolicyResponse>"""
    assert sorted(violations(model, body)) == [
        "SimulateCustomPolicy.EvaluationResults[]: missing EvalDecision",
        "SimulateCustomPolicy.IsTruncated: 'maybe' is no boolean",
        "SimulateCustomPolicy: unknown Surprise",
    ]
