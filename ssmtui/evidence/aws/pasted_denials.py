"""Look up authorization details for the refusals in a pasted text. Only their IDs are sent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence

from ssmtui.evidence.aws.authorization_lookup import look_up_denial
from ssmtui.evidence.aws.clients import Clients, ClientSettings, ScopeClient
from ssmtui.evidence.aws.scopes import home_scope, open_scope
from ssmtui.model.access_denied import LOOKUP_ACTION, Denial, LookedUp
from ssmtui.model.scope import ScopeError, ScopeName

_IAMS_HOME = "us-east-1"


def parse_without_lookup(denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
    """Return the refusals with the information in their texts, and the action that would look up their IDs."""
    return tuple(LookedUp(each, needs=LOOKUP_ACTION if each.authorization_id else "") for each in denials)


async def look_up_denials(aws: ScopeClient, denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
    """Return the refusals with AWS's details, as far as their texts have an ID."""
    return tuple([await _look_up_one(aws, each) for each in denials])


async def look_up_in_scopes(by_region: Mapping[str, ScopeClient], denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
    """Look up each refusal in the scope of its own Region if it is open, else in the first scope."""
    found: list[LookedUp] = []
    for each in denials:
        aws = by_region.get(each.region, next(iter(by_region.values()), None))
        found += parse_without_lookup((each,)) if aws is None else await look_up_denials(aws, (each,))
    return tuple(found)


def look_up_with_default_credentials(
    denials: Sequence[Denial], profiles: Sequence[str], regions: Sequence[str], endpoint_url: str | None
) -> tuple[LookedUp, ...]:
    """Look up the refusals with the credentials that the AWS CLI would use here, or return why there are none."""
    if not any(each.authorization_id for each in denials):
        return parse_without_lookup(denials)
    return asyncio.run(_from_here(denials, profiles, regions, endpoint_url))


async def _from_here(
    denials: Sequence[Denial], profiles: Sequence[str], regions: Sequence[str], endpoint_url: str | None
) -> tuple[LookedUp, ...]:
    told = next((each.region for each in denials if each.region), _IAMS_HOME)
    home = home_scope(profiles, regions, os.environ)
    name = home or ScopeName(profiles[0] if profiles else None, regions[0] if regions else told)
    clients = Clients(ClientSettings(endpoint_url=endpoint_url))
    try:
        opened = await open_scope(clients, name)
        if isinstance(opened, ScopeError):
            why = f"{opened.message} {opened.advice}".strip()
            return tuple(LookedUp(each, why_not=why, needs=LOOKUP_ACTION) for each in denials)
        return await look_up_denials(opened.aws, denials)
    finally:
        await clients.close()


async def _look_up_one(aws: ScopeClient, denial: Denial) -> LookedUp:
    if not denial.authorization_id:
        return LookedUp(denial)
    region = await aws.refused_in(denial.action.partition(":")[0], denial)
    return await look_up_denial(denial, region, aws.authorization_pages)
