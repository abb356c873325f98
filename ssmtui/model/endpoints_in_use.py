"""Which endpoint of the VPC carries a node's traffic to a service: the one its name leads to, or a gateway's."""

from __future__ import annotations

from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.network import Endpoint, Endpoints, EndpointType, Placement, RouteTable, RouteTables, VpcDns
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket


def endpoint_in_use(
    placement: Placement, endpoints: Endpoints, routes: RouteTables, dns: VpcDns, service: str
) -> Endpoint | None:
    """The endpoint that stands between a node and a service; None where it goes by public addresses past them all."""
    private = private_endpoint(endpoints, placement.vpc_id, service)
    if private is not None and dns.support and dns.hostnames:
        return private
    table = routes.of(placement.subnet_id, placement.vpc_id)
    return gateway_endpoint(endpoints, table, service) if table is not None else None


def is_abroad(bucket: Bucket, scope: Scope) -> bool:
    """Whether a bucket is known to be in another Region: no endpoint for s3 leads there.

    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    return bucket.region is not None and bucket.region != scope.region


def untold_place(bucket: Bucket | Absent | Moot | Unreadable) -> Unreadable | None:
    """What could not be read, where it is not known which Region a bucket is in; None where it is."""
    if isinstance(bucket, Unreadable):
        return bucket
    if not isinstance(bucket, Bucket) or bucket.region is not None:
        return None
    return Unreadable("s3:GetBucketLocation", say("in which Region {bucket} is was not told", bucket=bucket.name))


def interface_endpoints(endpoints: Endpoints, vpc_id: str, service: str) -> tuple[Endpoint, ...]:
    """The interface endpoints of a VPC for a service that can be used."""
    found = endpoints.of(vpc_id, service)
    return tuple(each for each in found if each.type is EndpointType.INTERFACE and each.available)


def private_endpoint(endpoints: Endpoints, vpc_id: str, service: str) -> Endpoint | None:
    """The interface endpoint that has taken the service's ordinary name: EC2 lets one of a VPC have it."""
    return next((each for each in interface_endpoints(endpoints, vpc_id, service) if each.private_dns), None)


def gateway_endpoint(endpoints: Endpoints, table: RouteTable, service: str) -> Endpoint | None:
    """The gateway endpoint of the service that the table is associated with, or has a route to."""
    targets = {route.target_id for route in table.routes if not route.blackhole}
    for endpoint in endpoints.of(table.vpc_id, service):
        associated = table.id in endpoint.route_table_ids or endpoint.id in targets
        if endpoint.type is EndpointType.GATEWAY and endpoint.available and associated:
            return endpoint
    return None
