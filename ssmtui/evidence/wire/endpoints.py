"""Where AWS is, as the SDK knows it: partitions, their Regions, and the endpoints of services."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache

from ssmtui.evidence.wire import sdk


def partition_and_suffix(session: sdk.Session, region: str) -> tuple[str, str]:
    """The partition that a Region is in, and the DNS suffix of its endpoints."""
    from botocore.exceptions import UnknownRegionError

    resolver = session.raw._get_internal_component("endpoint_resolver")
    try:
        partition = str(resolver.get_partition_for_region(region))
    except UnknownRegionError:
        partition = "aws"
    return partition, str(resolver.get_partition_dns_suffix(partition))


def partition_of(region: str) -> str:
    """The partition that a Region is in, told without a session."""
    from botocore.exceptions import UnknownRegionError
    from botocore.session import Session as PlainSession

    try:
        return str(PlainSession().get_partition_for_region(region))
    except UnknownRegionError:
        return "aws"


def default_region(named: Sequence[str]) -> str:
    """Return the Region that stands for a partition if none is set: where its global services are.

    `named` are ARNs, Regions and patterns of Regions; the first that tells a partition counts, else it is the first.
    """
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("partitions")["partitions"]
    of_arn = {str(each["id"]): each for each in partitions}
    for word in named:
        parts = word.split(":")
        for each in [of_arn[parts[1]]] if len(parts) > 1 and parts[1] in of_arn else partitions:
            if len(parts) > 1 or any(fnmatchcase(region, word) for region in each["regions"]):
                return str(each["outputs"]["implicitGlobalRegion"])
    return str(partitions[0]["outputs"]["implicitGlobalRegion"])


@cache
def regions_like(region: str) -> tuple[str, ...]:
    """The Regions of the partition that a Region is in; of the first partition, where none is named."""
    from botocore.session import Session as PlainSession

    return tuple(sorted(PlainSession().get_available_regions("ec2", partition_of(region) if region else "aws")))


def endpoint_region(session: sdk.Session, service: str, region: str) -> str:
    """The Region that requests to a service are signed for from a Region: another one where it has but one endpoint."""
    resolver = session.raw._get_internal_component("endpoint_resolver")
    endpoint = resolver.construct_endpoint(service, region) or {}
    return str(endpoint.get("credentialScope", {}).get("region") or region)


def service_url(session: sdk.Session, service: str, region: str, endpoint_url: str | None) -> str | None:
    """The URL of a service in a Region: the one asked for or configured, else what its partition gives; None if none.

    `service` may be one that the SDK has no model of.
    """
    from botocore.configprovider import ConfiguredEndpointProvider

    if endpoint_url is not None:
        return endpoint_url
    raw = session.raw
    if not raw.get_config_variable("ignore_configured_endpoint_urls"):
        configured = ConfiguredEndpointProvider(raw.full_config, raw.get_scoped_config(), service).provide()
        if configured:
            return str(configured)
    endpoint = raw._get_internal_component("endpoint_resolver").construct_endpoint(service, region)
    return f"https://{endpoint['hostname']}" if endpoint else None
