"""The ways to kms, logs and s3, where the session preferences need them. No observation proves these."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.checks.check import check
from ssmtui.checks.doubt import switch_as_status
from ssmtui.checks.network.findings import ClosedService, findings_of
from ssmtui.checks.network.prefix_lists import taken_apart
from ssmtui.checks.network.way_out import way_out
from ssmtui.checks.network.ways import Closed, Open, OutOfSight, Surroundings, Way
from ssmtui.checks.subjects import the_subnet
from ssmtui.language import marked, say
from ssmtui.model.address_block import AddressBlock
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.endpoints_in_use import is_abroad, untold_place
from ssmtui.model.finding import Confidence, Evidence, Findings, Status
from ssmtui.model.network import (
    Endpoints,
    NatGateways,
    NetworkAcls,
    Placement,
    PrefixLists,
    RouteTables,
    SecurityGroups,
    Subnets,
    VpcDns,
)
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences, SessionServices
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.storage import Bucket

_CAUSE = "log-endpoint-missing"
_LACKING = ("no-route-to-endpoint", "endpoint-missing")
_UNSEEN_WAY = marked("the node reports to ssm by a way that its network does not show")


@check(
    link=Link.NETWORK,
    causes=(
        _CAUSE,
        "endpoint-security-group-closed",
        "endpoint-private-dns-off",
        "vpc-dns-off",
        "egress-blocked",
        "network-acl-blocks",
        "blackhole-route",
        "shared-vpc",
        "ipv6-only-subnet",
    ),
    subject=the_subnet,
    after=("node-reaches-systems-manager",),
)
def node_reaches_session_services(
    services: SessionServices,
    placement: Placement,
    observation: Observation,
    scope: Scope,
    preferences: SessionPreferences,
    subnets: Subnets,
    routes: RouteTables,
    groups: SecurityGroups,
    acls: NetworkAcls,
    endpoints: Endpoints,
    dns: VpcDns,
    nats: NatGateways | Unreadable,
    lists: PrefixLists | Unreadable,
    block: AddressBlock,
    bucket: Bucket | Absent | Moot | Unreadable,
) -> Findings:
    """Whether the node reaches the services that its sessions need: kms, logs, s3."""
    apart = taken_apart(routes, lists)
    around = Surroundings(
        scope.account, placement, block, subnets, apart, groups, acls, endpoints, dns, nats, lists, scope.region
    )
    obstacles = []
    for service in services.names:
        abroad = bucket if service == "s3" and isinstance(bucket, Bucket) and is_abroad(bucket, scope) else None
        way = way_out(around, service) if abroad is None else _way_abroad(around, abroad)
        untold = untold_place(bucket) if service == "s3" else None
        if untold is not None:
            way = _wherever(around, way, untold)
        way = _seen_with(observation, around, way)
        if not isinstance(way, Open):
            status, needs = _weight(service, preferences)
            obstacles.append(ClosedService(service, _as_log_endpoint(way), status, Confidence.LIKELY, needs))
    return findings_of(obstacles)


def _way_abroad(around: Surroundings, bucket: Bucket) -> Way:
    """The way to a bucket of another Region: a VPC's endpoints for s3 lead to those of their own."""
    way = _past_endpoints(around)
    if not isinstance(way, Closed) or way.cause not in _LACKING:
        return way
    fact = say("the bucket {bucket} is in {region}", bucket=bucket.name, region=bucket.region)
    hop = say(
        "The bucket {bucket} is in {region}, where no endpoint of {vpc_id} leads",
        bucket=bucket.name,
        region=bucket.region,
        vpc_id=around.placement.vpc_id,
    )
    # Whether the VPC has an endpoint for s3 is of no consequence here.
    routes = tuple(each for each in way.evidence if each.source != "ec2:DescribeVpcEndpoints")
    evidence = (*routes, Evidence(fact, "s3:HeadBucket"))
    return replace(way, hop=hop, evidence=evidence, fixes=("steps-network", "edit-preferences"))


def _wherever(around: Surroundings, way: Way, untold: Unreadable) -> Way:
    """The way to a bucket of which it is not known where it is: one that is closed here may be open to elsewhere."""
    if not isinstance(way, Closed) or isinstance(_past_endpoints(around), Closed):
        return way
    needs = (untold.action,) if untold.action else ()
    return OutOfSight(way.cause, way.subject, way.hop, (*way.evidence, Evidence(untold.why, untold.source)), needs)


def _past_endpoints(around: Surroundings) -> Way:
    others = tuple(each for each in around.endpoints.endpoints if each.service != "s3")
    return way_out(replace(around, endpoints=Endpoints(others)), "s3")


def _seen_with(observation: Observation, around: Surroundings, way: Way) -> Way:
    """A closed way, held against what the node proved: where it is online by no way that is to be seen, nothing is."""
    if isinstance(way, Closed) and observation.online and isinstance(way_out(around, "ssm"), Closed):
        unseen = Evidence(say(_UNSEEN_WAY), "ssm:DescribeInstanceProperties")
        return OutOfSight(way.cause, way.subject, way.hop, (*way.evidence, unseen))
    return way


def _as_log_endpoint(way: Closed | OutOfSight) -> Closed | OutOfSight:
    return replace(way, cause=_CAUSE) if way.cause in _LACKING else way


def _weight(service: str, preferences: SessionPreferences) -> tuple[Status, tuple[str, ...]]:
    """Without kms no session opens; without logs or s3 none does where only encrypted destinations are allowed."""
    if service == "logs":
        return switch_as_status(preferences.log_group_encrypted_only)
    if service == "s3":
        return switch_as_status(preferences.s3_encrypted_only)
    return Status.FAIL, ()
