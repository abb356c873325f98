"""Run Command, sessions that are open, and what moto forgets of endpoints, reboots and instance profiles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import client
from tests.simulator.operations.test_areas import code_of

SHELL, UPDATE = "AWS-RunShellScript", "AWS-UpdateSSMAgent"


def node_named(aws: SimulatedAws, name: str) -> str:
    filters = [{"Name": "tag:Name", "Values": [name]}]
    (reservation,) = client(aws, "ec2").describe_instances(Filters=filters)["Reservations"]
    return str(reservation["Instances"][0]["InstanceId"])


def test_a_command_restarts_an_agent_whose_channel_is_stuck_and_is_found_by_its_comment(aws: SimulatedAws) -> None:
    aws.load("control-channel-down")
    ssm, node = client(aws, "ssm"), node_named(aws, "stuck-1")
    assert ssm.get_connection_status(Target=node)["Status"] == "notconnected"
    parameters = {"commands": ["systemctl restart amazon-ssm-agent"]}
    sent = ssm.send_command(InstanceIds=[node], DocumentName=SHELL, Parameters=parameters, Comment="mine")["Command"]
    invocation = ssm.get_command_invocation(CommandId=sent["CommandId"], InstanceId=node)
    assert invocation["Status"] == "Success"
    assert ssm.get_connection_status(Target=node)["Status"] == "connected"
    since = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    after = [{"key": "InvokedAfter", "value": since}]
    assert [each["Comment"] for each in ssm.list_commands(InstanceId=node, Filters=after)["Commands"]] == ["mine"]
    before = [{"key": "InvokedBefore", "value": since}]
    assert ssm.list_commands(InstanceId=node, Filters=before)["Commands"] == []
    unknown = {"CommandId": "0" * 36, "InstanceId": node}
    assert code_of(ssm.get_command_invocation, **unknown) == "InvocationDoesNotExist"


def test_a_command_that_does_not_fit_the_node_or_does_not_reach_it(aws: SimulatedAws) -> None:
    aws.load("agent-asleep")
    ssm, asleep, web = client(aws, "ssm"), node_named(aws, "sleeper-1"), node_named(aws, "web-1")
    assert ssm.send_command(InstanceIds=[asleep], DocumentName=UPDATE)["Command"]["Status"] == "Pending"
    power = {"InstanceIds": [web], "DocumentName": "AWS-RunPowerShellScript"}
    assert code_of(ssm.send_command, **power) == "UnsupportedPlatformType"
    assert code_of(ssm.send_command, InstanceIds=[web], DocumentName="Mine") == "InvalidDocument"
    nobody = {"InstanceIds": ["i-00000000000000000"], "DocumentName": SHELL}
    assert code_of(ssm.send_command, **nobody) == "InvalidInstanceId"


def test_an_update_makes_an_agent_the_newest(aws: SimulatedAws) -> None:
    aws.load("agent-too-old")
    ssm, node = client(aws, "ssm"), node_named(aws, "museum-1")
    ssm.send_command(InstanceIds=[node], DocumentName=UPDATE)
    one = [{"Key": "InstanceIds", "Values": [node]}]
    (row,) = ssm.describe_instance_information(Filters=one)["InstanceInformationList"]
    assert (row["AgentVersion"], row["IsLatestVersion"]) == ("3.3.5828.0", True)


def test_open_sessions_are_listed_the_newest_first_and_end(aws: SimulatedAws) -> None:
    aws.load("sessions-left-open")
    ssm = client(aws, "ssm")
    active = ssm.describe_sessions(State="Active")["Sessions"]
    assert [each["StartDate"] for each in active] == sorted((each["StartDate"] for each in active), reverse=True)
    first = active[0]["SessionId"]
    assert ssm.terminate_session(SessionId=first)["SessionId"] == first
    one = [{"key": "SessionId", "value": first}]
    assert ssm.describe_sessions(State="Active", Filters=one)["Sessions"] == []
    (ended,) = ssm.describe_sessions(State="History", Filters=one)["Sessions"]
    assert ended["Status"] == "Terminated"
    unknown = first.rpartition("-")[0] + "-0"
    assert code_of(ssm.terminate_session, SessionId=unknown) == "DoesNotExistException"


def test_private_dns_of_an_endpoint_is_kept_and_is_one_of_a_vpc(aws: SimulatedAws) -> None:
    aws.load("log-endpoint-missing")
    ec2 = client(aws, "ec2")
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    one = next(each for each in endpoints if each["ServiceName"].endswith(".ssm"))
    ec2.modify_vpc_endpoint(VpcEndpointId=one["VpcEndpointId"], PrivateDnsEnabled=False)
    (changed,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[one["VpcEndpointId"]])["VpcEndpoints"]
    assert changed["PrivateDnsEnabled"] is False
    same = {"VpcId": one["VpcId"], "ServiceName": one["ServiceName"], "VpcEndpointType": "Interface"}
    ec2.create_vpc_endpoint(**same, SubnetIds=one["SubnetIds"], PrivateDnsEnabled=True)
    again = {"VpcEndpointId": one["VpcEndpointId"], "PrivateDnsEnabled": True}
    assert code_of(ec2.modify_vpc_endpoint, **again) == "InvalidParameter"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[one["VpcEndpointId"]])
    gone = {"VpcEndpointIds": [one["VpcEndpointId"]]}
    assert code_of(ec2.describe_vpc_endpoints, **gone) == "InvalidVpcEndpointId.NotFound"
    assert code_of(ec2.modify_vpc_endpoint, **again) == "InvalidVpcEndpointId.NotFound"


def test_a_reboot_wakes_the_agent_and_sets_the_clock(aws: SimulatedAws) -> None:
    aws.load("agent-asleep")
    ec2, ssm = client(aws, "ec2"), client(aws, "ssm")
    for name in ("sleeper-1", "drifter-1"):
        node = node_named(aws, name)
        assert ssm.get_connection_status(Target=node)["Status"] == "notconnected"
        ec2.reboot_instances(InstanceIds=[node])
        assert ssm.get_connection_status(Target=node)["Status"] == "connected"


def test_a_profile_is_the_instances_from_the_moment_it_is_given(aws: SimulatedAws) -> None:
    aws.load("host-management-off")
    ec2, node = client(aws, "ec2"), node_named(aws, "sandbox-1")
    ec2.associate_iam_instance_profile(InstanceId=node, IamInstanceProfile={"Name": "web"})
    of_node = [{"Name": "instance-id", "Values": [node]}]
    (association,) = ec2.describe_iam_instance_profile_associations(Filters=of_node)["IamInstanceProfileAssociations"]
    # No recorded answer of EC2's has the Timestamp that its model has (docs/facts/nodes.md §6).
    assert association.keys() == {"AssociationId", "InstanceId", "IamInstanceProfile", "State"}
    (reservation,) = ec2.describe_instances(InstanceIds=[node])["Reservations"]
    assert reservation["Instances"][0]["IamInstanceProfile"]["Arn"].endswith("/web")
