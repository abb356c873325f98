"""EC2: what moto does not tell of subnets and routes, and does not let be set."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation
from ssmtui.simulator.reality.routing import is_gone


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
