"""EC2: instances, subnets, route tables and VPC endpoints."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.models.vpcs import VPCEndPoint
from moto.iam.models import iam_backends

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.console_outputs import STARTED
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.node_state.network import find_instance, ipv6_address, is_gone
from ssmtui.simulator.operations.registry import Result, operation, page
from ssmtui.simulator.responses import AwsError


@operation("ec2", "ModifyVpcEndpoint")
def modify_vpc_endpoint(call: ApiCall) -> Result:
    """Change an endpoint; a name can lead to one endpoint of a VPC only, and only where the VPC has DNS."""
    endpoint = _endpoint(call, str(call.parameters["VpcEndpointId"]))
    wanted = call.parameters.get("PrivateDnsEnabled")
    if wanted:
        _check_private_dns(call, endpoint)
    result: dict[str, Any] = read_answer(call.model, call.moto())
    if wanted is not None:
        endpoint.private_dns_enabled = bool(wanted)
    return result


@operation("ec2", "DescribeVpcEndpoints")
def describe_vpc_endpoints(call: ApiCall) -> Result:
    """List endpoints but for those that were deleted, which EC2 shows for a while and moto for ever."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    there = [each for each in result.get("VpcEndpoints", ()) if each["State"].lower() != "deleted"]
    if call.parameters.get("VpcEndpointIds") and not there:
        named = str(call.parameters["VpcEndpointIds"][0])
        raise AwsError("InvalidVpcEndpointId.NotFound", f"The VpcEndpoint Id '{named}' does not exist")
    return {**result, "VpcEndpoints": there}


def _endpoint(call: ApiCall, endpoint_id: str) -> VPCEndPoint:
    found = ec2_backends[call.account][call.region].vpc_end_points.get(endpoint_id)
    if found is None or found.state == "deleted":
        raise AwsError("InvalidVpcEndpointId.NotFound", f"The VpcEndpoint Id '{endpoint_id}' does not exist")
    return found


def _check_private_dns(call: ApiCall, endpoint: VPCEndPoint) -> None:
    backend = ec2_backends[call.account][call.region]
    vpc = backend.vpcs[endpoint.vpc_id]
    # moto keeps these as text where the API has set them.
    if not all(str(on).lower() == "true" for on in (vpc.enable_dns_support, vpc.enable_dns_hostnames)):
        raise AwsError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {vpc.id}",
        )
    for other in backend.vpc_end_points.values():
        same = (other.vpc_id, other.service_name) == (endpoint.vpc_id, endpoint.service_name)
        if same and other.id != endpoint.id and other.state != "deleted" and _is_on(other):
            raise AwsError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{endpoint.service_name} in the VPC {vpc.id}",
            )


def _is_on(endpoint: VPCEndPoint) -> bool:
    return str(endpoint.private_dns_enabled).lower() == "true"


@operation("ec2", "DescribeInstances")
def describe_instances(call: ApiCall) -> Result:
    """List instances, with the id of the profile (moto gives the association's) and the launch time that is wanted."""
    result = read_answer(call.model, call.moto())
    launch_times = state.hidden(call.account, call.region).launch_times
    profile_ids = _profile_ids(call)
    for reservation in result.get("Reservations", ()):
        for instance in reservation["Instances"]:
            if instance["InstanceId"] in launch_times:
                instance["LaunchTime"] = launch_times[instance["InstanceId"]]
            profile = instance.get("IamInstanceProfile")
            if profile:
                profile["Id"] = profile_ids.get(profile["Arn"], profile["Id"])
            _take_ipv4(call, instance)
    return result


def _take_ipv4(call: ApiCall, instance: dict[str, Any]) -> None:
    """In a subnet of IPv6 only an instance has that address alone; moto knows no such instances."""
    if instance.get("SubnetId") not in state.hidden(call.account, call.region).ipv6_only_subnets:
        return
    found = find_instance(call.account, call.region, instance["InstanceId"])
    del instance["PrivateIpAddress"]
    if found is not None:
        instance["Ipv6Address"] = str(ipv6_address(found))


@operation("ec2", "StartInstances")
def start_instances(call: ApiCall) -> Result:
    """Start instances: a launch of its own, so the former launch time is over."""
    result = read_answer(call.model, call.moto())
    for started in result["StartingInstances"]:
        state.hidden(call.account, call.region).launch_times.pop(started["InstanceId"], None)
    return result


@operation("ec2", "RebootInstances")
def reboot_instances(call: ApiCall) -> Result:
    """Reboot instances: the operating system starts anew, with its clock set and its agent, where it has one."""
    read_answer(call.model, call.moto())
    known = state.hidden(call.account, call.region)
    for node_id in call.parameters["InstanceIds"]:
        known.impaired.discard(node_id)
        its_agent = state.agent(call.account, call.region, node_id)
        if its_agent.installed:
            known.agents[node_id] = replace(
                its_agent, running=True, hibernating=False, clock_skewed=False, channel_stuck=False
            )
            if its_agent.platform_type == "Linux" and not its_agent.disk_full:
                known.console_output[node_id] = STARTED.format(version=its_agent.version)
    return {}


@operation("ec2", "DescribeInstanceStatus")
def describe_instance_status(call: ApiCall) -> Result:
    """List status checks of running instances; the filters are those of the checks' outcome."""
    wanted = call.parameters.get("InstanceIds")
    statuses = [
        _status(call, instance)
        for reservation in ec2_backends[call.account][call.region].reservations.values()
        for instance in reservation.instances
        if instance.state == "running" and (not wanted or instance.id in wanted)
    ]
    members = {"instance-status.status": "InstanceStatus", "system-status.status": "SystemStatus"}
    for entry in call.parameters.get("Filters", ()):
        if entry["Name"] not in members:
            raise AwsError("InvalidParameterValue", f"The filter '{entry['Name']}' is invalid")
        statuses = [each for each in statuses if each[members[entry["Name"]]]["Status"] in entry["Values"]]
    shown = page(call, statuses, default_size=1000)
    return {"InstanceStatuses": list(shown.items), "NextToken": shown.next_token}


def _status(call: ApiCall, instance: Instance) -> dict[str, Any]:
    passed = {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
    failed = {
        "Status": "impaired",
        "Details": [{"Name": "reachability", "Status": "failed", "ImpairedSince": state.now()}],
    }
    impaired = instance.id in state.hidden(call.account, call.region).impaired
    return {
        "InstanceId": instance.id,
        "AvailabilityZone": instance.placement.availability_zone,
        "InstanceState": {"Code": 16, "Name": "running"},
        "InstanceStatus": failed if impaired else passed,
        "SystemStatus": passed,
    }


@operation("ec2", "DescribeIamInstanceProfileAssociations")
def describe_iam_instance_profile_associations(call: ApiCall) -> Result:
    """List which instance has which profile. AWS's answers leave out since when."""
    result = read_answer(call.model, call.moto())
    for association in result.get("IamInstanceProfileAssociations", ()):
        association.pop("Timestamp", None)
    return result


@operation("ec2", "AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation")
def give_iam_instance_profile(call: ApiCall) -> Result:
    """Give an instance a profile, from now on; moto leaves the instance's own copy as it was, where it is another."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    node_id = result["IamInstanceProfileAssociation"]["InstanceId"]
    backend = ec2_backends[call.account][call.region]
    association = backend.iam_instance_profile_associations[node_id]
    kept = {"Arn": association.iam_instance_profile.arn, "Id": association.association_id}
    backend.modify_instance_attribute(node_id, "iam_instance_profile", kept)
    state.hidden(call.account, call.region).profile_times[node_id] = state.now()
    return result


@operation("ec2", "GetConsoleOutput")
def get_console_output(call: ApiCall) -> Result:
    """The end of an instance's console; nothing where it wrote nothing."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    written = state.hidden(call.account, call.region).console_output.get(str(call.parameters["InstanceId"]), "")
    return result | {"Timestamp": state.now(), "Output": base64.b64encode(written.encode()).decode()}


def _profile_ids(call: ApiCall) -> dict[str, str]:
    profiles = iam_backends[call.account][call.partition].instance_profiles.values()
    return {profile.arn: profile.id for profile in profiles}


@operation("ec2", "DescribeSubnets")
def describe_subnets(call: ApiCall) -> Result:
    """List subnets, with the account that shares each, and whether it has DNS64."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    hidden = state.hidden(call.account, call.region)
    for subnet in result.get("Subnets", ()):
        subnet["OwnerId"] = hidden.subnet_owners.get(subnet["SubnetId"], call.account)
        subnet["EnableDns64"] = subnet["SubnetId"] in hidden.dns64_subnets
        if subnet["SubnetId"] in hidden.ipv6_only_subnets:
            subnet["Ipv6Native"] = True
            del subnet["CidrBlock"]
    return result


@operation("ec2", "ModifySubnetAttribute")
def modify_subnet_attribute(call: ApiCall) -> Result:
    """Change an attribute of a subnet; DNS64 is ours."""
    read_answer(call.model, call.moto())
    wanted = call.parameters.get("EnableDns64")
    if wanted is not None:
        subnets = state.hidden(call.account, call.region).dns64_subnets
        (subnets.add if wanted.get("Value") else subnets.discard)(str(call.parameters["SubnetId"]))
    return {}


@operation("ec2", "DescribeRouteTables")
def describe_route_tables(call: ApiCall) -> Result:
    """List route tables; a route whose target is gone is a blackhole."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    tables = ec2_backends[call.account][call.region].route_tables
    for table in result.get("RouteTables", ()):
        gone = [is_gone(ec2_backends[call.account][call.region], each) for each in tables[table["RouteTableId"]].routes]
        for route, is_blackhole in zip(table["Routes"], gone, strict=True):
            route["State"] = "blackhole" if is_blackhole else "active"
    return result
