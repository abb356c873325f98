"""Operations of every area, by what AWS documents of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import administrator, client

HOST_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"


def code_of(ask: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        ask(**parameters)
    code: str = raised.value.response["Error"]["Code"]
    return code


def test_both_listings_of_nodes_agree_in_pages_of_any_size(aws: SimulatedAws) -> None:
    aws.load("demo")
    ssm = client(aws, "ssm")
    in_fifties = ssm.get_paginator("describe_instance_information").paginate(PaginationConfig={"PageSize": 5})
    at_once = ssm.describe_instance_properties(MaxResults=1000)["InstanceProperties"]
    listed = [row["InstanceId"] for page in in_fifties for row in page["InstanceInformationList"]]
    assert listed == [row["InstanceId"] for row in at_once]
    assert len(listed) > 40
    assert {row["ResourceType"] for row in at_once} == {"EC2Instance", "ManagedInstance"}


def test_listing_of_nodes_filters(aws: SimulatedAws) -> None:
    aws.load("demo")
    ssm = client(aws, "ssm")
    lost = ssm.describe_instance_properties(
        FiltersWithOperator=[{"Key": "PingStatus", "Values": ["Online"], "Operator": "NotEqual"}]
    )["InstanceProperties"]
    assert {row["PingStatus"] for row in lost} == {"ConnectionLost"}
    windows = ssm.describe_instance_information(Filters=[{"Key": "PlatformTypes", "Values": ["Windows"]}])
    assert {row["PlatformType"] for row in windows["InstanceInformationList"]} == {"Windows"}
    unknown = [{"Key": "InstanceIds", "Values": ["i-00000000000000000"]}]
    assert code_of(ssm.describe_instance_information, Filters=unknown) == "InvalidInstanceId"


def test_change_of_a_role_through_the_api_changes_where_its_nodes_stand(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    ssm, iam = client(aws, "ssm"), client(aws, "iam")
    core = {"PolicyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}
    roles = [
        role["RoleName"]
        for role in iam.list_roles()["Roles"]
        if core["PolicyArn"] in str(iam.list_attached_role_policies(RoleName=role["RoleName"]))
    ]

    def standings() -> set[tuple[str, str]]:
        rows = ssm.describe_instance_properties()["InstanceProperties"]
        channels = [ssm.get_connection_status(Target=row["InstanceId"])["Status"] for row in rows]
        return {(row["PingStatus"], channel) for row, channel in zip(rows, channels, strict=True)}

    assert standings() == {("Online", "connected")}
    for role in roles:
        iam.detach_role_policy(RoleName=role, **core)
    assert ("ConnectionLost", "notconnected") in standings()
    for role in roles:
        iam.attach_role_policy(RoleName=role, **core)
    assert standings() == {("Online", "connected")}


def test_setting_has_its_default_until_it_is_changed_and_after_it_is_reset(aws: SimulatedAws) -> None:
    aws.load("host-management-off")
    ssm = client(aws, "ssm")

    def setting() -> tuple[str, str]:
        shown = ssm.get_service_setting(SettingId=HOST_MANAGEMENT)["ServiceSetting"]
        return shown["SettingValue"], shown["Status"]

    assert setting() == ("$None", "Default")
    assert code_of(ssm.update_service_setting, SettingId=HOST_MANAGEMENT, SettingValue="no-such-role") == (
        "ValidationException"
    )
    ssm.update_service_setting(SettingId=HOST_MANAGEMENT, SettingValue="Engineer")
    assert setting() == ("Engineer", "Customized")
    ssm.reset_service_setting(SettingId=HOST_MANAGEMENT)
    assert setting() == ("$None", "Default")
    assert code_of(ssm.get_service_setting, SettingId="/ssm/none/such") == "ServiceSettingNotFound"


def test_inventory_shows_the_domain_controller_service_and_is_empty_where_nothing_was_gathered(
    aws: SimulatedAws,
) -> None:
    aws.load("domain-controller")
    ssm = client(aws, "ssm")
    running: dict[str, list[str]] = {}
    for node in ssm.describe_instance_information()["InstanceInformationList"]:
        node_id = node["InstanceId"]
        answer = ssm.list_inventory_entries(
            InstanceId=node_id, TypeName="AWS:Service", Filters=[{"Key": "Name", "Values": ["NTDS"], "Type": "Equal"}]
        )
        running[node_id] = [entry["Status"] for entry in answer["Entries"]]
        assert ssm.list_inventory_entries(InstanceId=node_id, TypeName="AWS:Nothing")["Entries"] == []
    assert ["Running"] in running.values()


def test_instance_carries_the_id_of_its_profile_and_its_launch_time(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    instances = [
        instance
        for reservation in client(aws, "ec2").describe_instances()["Reservations"]
        for instance in reservation["Instances"]
    ]
    profiles = client(aws, "iam").list_instance_profiles()["InstanceProfiles"]
    by_arn = {profile["Arn"]: profile["InstanceProfileId"] for profile in profiles}
    for instance in instances:
        assert instance["IamInstanceProfile"]["Id"] == by_arn[instance["IamInstanceProfile"]["Arn"]]
        assert instance["LaunchTime"] == aws.hidden().launch_times[instance["InstanceId"]].replace(
            microsecond=instance["LaunchTime"].microsecond
        )
        assert instance["MetadataOptions"]["HttpTokens"] == "required"


def test_impaired_instance_and_console_are_as_hidden_flags_say(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    ec2 = client(aws, "ec2")
    node_id = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    hidden = aws.hidden()
    hidden.impaired.add(node_id)
    hidden.console_output[node_id] = "No space left on device"
    status = ec2.describe_instance_status(InstanceIds=[node_id])["InstanceStatuses"][0]
    assert status["InstanceStatus"]["Status"] == "impaired"
    assert ec2.get_console_output(InstanceId=node_id)["Output"] == "No space left on device"


def test_key_that_is_not_enabled_does_no_work(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    kms = client(aws, "kms")
    key_id = next(alias["TargetKeyId"] for alias in kms.list_aliases()["Aliases"] if "TargetKeyId" in alias)
    sealed = kms.generate_data_key(KeyId=key_id, NumberOfBytes=64)
    assert len(sealed["Plaintext"]) == 64
    kms.disable_key(KeyId=key_id)
    assert code_of(kms.generate_data_key, KeyId=key_id, NumberOfBytes=64) == "DisabledException"
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert code_of(kms.generate_data_key, KeyId=key_id, NumberOfBytes=64) == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)
    assert kms.generate_data_key(KeyId=key_id, NumberOfBytes=64)["KeyId"]


def test_log_group_takes_a_key_that_serves_it_and_no_other(aws: SimulatedAws) -> None:
    aws.load("log-group-unencrypted")
    logs, kms = client(aws, "logs"), client(aws, "kms")
    keys = {
        alias["AliasName"]: kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["Arn"]
        for alias in kms.list_aliases()["Aliases"]
        if "TargetKeyId" in alias
    }
    name = logs.describe_log_groups()["logGroups"][0]["logGroupName"]
    accepted = []
    for alias, arn in sorted(keys.items()):
        try:
            logs.associate_kms_key(logGroupName=name, kmsKeyId=arn)
        except logs.exceptions.InvalidParameterException:
            continue
        accepted.append(alias)
        assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == arn
    assert accepted
    logs.disassociate_kms_key(logGroupName=name)
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    missing = code_of(logs.associate_kms_key, logGroupName="/none/such", kmsKeyId=keys[accepted[0]])
    assert missing == "ResourceNotFoundException"


def test_bucket_is_encrypted_by_s3_itself_where_nothing_else_was_said(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    s3 = client(aws, "s3", access_key="AKIASIMULATORSEEDING")
    aws.hidden()
    s3.create_bucket(Bucket="plain-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    rules = client(aws, "s3").get_bucket_encryption(Bucket="plain-bucket")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules == [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
    assert code_of(client(aws, "s3").get_bucket_encryption, Bucket="no-such-bucket") == "NoSuchBucket"
    assert code_of(client(aws, "s3").head_bucket, Bucket="no-such-bucket") == "404"


def test_a_node_that_fell_silent_was_last_heard_of_whenever_it_is_asked_for(aws: SimulatedAws) -> None:
    aws.load("agent-asleep")
    before = last_pings(aws)
    aws.pass_time(timedelta(hours=1))
    after = last_pings(aws)
    aws.pass_time(-timedelta(hours=1))
    silent = {id_ for id_, (status, _) in before.items() if status == "ConnectionLost"}
    online = before.keys() - silent
    assert silent
    assert online
    assert {each: after[each] for each in silent} == {each: before[each] for each in silent}
    assert all(after[each][1] - before[each][1] >= timedelta(hours=1) for each in online)


def last_pings(aws: SimulatedAws) -> dict[str, tuple[str, Any]]:
    listed = client(aws, "ssm", "eu-west-3").describe_instance_information()["InstanceInformationList"]
    return {each["InstanceId"]: (each["PingStatus"], each["LastPingDateTime"]) for each in listed}


def test_a_document_keeps_its_tags(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    ssm = administrator(aws, "ssm")
    name = "SSM-SessionManagerRunShell"
    ssm.add_tags_to_resource(ResourceType="Document", ResourceId=name, Tags=[{"Key": "Team", "Value": "ops"}])
    tags = [{"Key": "Team", "Value": "ops"}]
    assert ssm.list_tags_for_resource(ResourceType="Document", ResourceId=name)["TagList"] == tags
    assert ssm.describe_document(Name=name)["Document"]["Tags"] == tags
    ssm.remove_tags_from_resource(ResourceType="Document", ResourceId=name, TagKeys=["Team"])
    assert ssm.list_tags_for_resource(ResourceType="Document", ResourceId=name)["TagList"] == []


@pytest.mark.parametrize("kind", ["Document", "ManagedInstance"])
def test_what_is_not_there_has_no_tags(aws: SimulatedAws, kind: str) -> None:
    aws.load("healthy-small")
    with pytest.raises(ClientError, match="InvalidResourceId"):
        administrator(aws, "ssm").list_tags_for_resource(ResourceType=kind, ResourceId="mi-0123456789abcdef0")
