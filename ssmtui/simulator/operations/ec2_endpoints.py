"""EC2: VPC endpoints, where moto forgets private DNS and keeps the ones that are gone."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpcs import VPCEndPoint

from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation


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
