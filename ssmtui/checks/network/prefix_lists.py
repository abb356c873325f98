"""Prefix lists taken apart: a route to a list is a route to each of its networks."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.model.answers import Unreadable
from ssmtui.model.network import PrefixLists, Route, RouteTable, RouteTables, RouteTarget


def taken_apart(routes: RouteTables, lists: PrefixLists | Unreadable) -> RouteTables:
    """The route tables; a route to a list that is not known stays as it is."""
    if isinstance(lists, Unreadable):
        return routes
    return RouteTables(tuple(_table(table, lists) for table in routes.tables))


def is_to_a_list(route: Route) -> bool:
    """Whether a route is to a prefix list; a gateway endpoint's own is to the whole of its service instead."""
    return route.destination.startswith("pl-") and route.target_kind is not RouteTarget.GATEWAY_ENDPOINT


def _table(table: RouteTable, lists: PrefixLists) -> RouteTable:
    if not any(is_to_a_list(route) for route in table.routes):
        return table
    return replace(table, routes=tuple(each for route in table.routes for each in _apart(route, lists)))


def _apart(route: Route, lists: PrefixLists) -> tuple[Route, ...]:
    known = lists.get(route.destination) if is_to_a_list(route) else None
    return (route,) if known is None else tuple(replace(route, destination=cidr) for cidr in known)
