"""The prefix lists that routes and security groups name: one call for each list, and none where there are none."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.model.network import PrefixLists, RouteTables, RouteTarget, SecurityGroups
from ssmtui.model.scope import Scope

_A_PAGE = 100
_NO_SUCH_LIST = "InvalidPrefixList"


def _lists(scope: Scope, routes: RouteTables, groups: SecurityGroups) -> Hashable:
    return scope.region, _named(routes, groups)


@reads("ec2:GetManagedPrefixListEntries", key=_lists)
async def prefix_lists(aws: Aws, scope: Scope, routes: RouteTables, groups: SecurityGroups) -> PrefixLists:
    """What each list holds now. A gateway endpoint's own route needs none: it is to the whole of its service."""
    found: dict[str, tuple[str, ...]] = {}
    for list_id in _named(routes, groups):
        pages = aws.pages("ec2", "GetManagedPrefixListEntries", PrefixListId=list_id, MaxResults=_A_PAGE)
        try:
            found[list_id] = tuple([entry.text("Cidr") async for page in pages for entry in page.parts("Entries")])
        except AwsError as error:
            if not error.code.startswith(_NO_SUCH_LIST):
                raise
    return PrefixLists(found)


def _named(routes: RouteTables, groups: SecurityGroups) -> tuple[str, ...]:
    by_routes = {
        route.destination
        for table in routes.tables
        for route in table.routes
        if route.destination.startswith("pl-") and route.target_kind is not RouteTarget.GATEWAY_ENDPOINT
    }
    by_groups = {
        list_id
        for group in groups.by_id.values()
        for rule in (*group.ingress, *group.egress)
        for list_id in rule.prefix_list_ids
    }
    return tuple(sorted(by_routes | by_groups))
