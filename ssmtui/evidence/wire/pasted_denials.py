"""AWS's own word for the refusals of a pasted text: only their ids are sent, and only where the text carries some."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence

from ssmtui.evidence.wire.asked_scopes import home_scope
from ssmtui.evidence.wire.authorization import look_up
from ssmtui.evidence.wire.clients import Clients, ClientSettings
from ssmtui.evidence.wire.scope_clients import ScopeClients
from ssmtui.evidence.wire.scopes import open_scope
from ssmtui.model.authorization import LOOK_UP, LookedUp
from ssmtui.model.denial import Denial
from ssmtui.model.scope import ScopeError, ScopeName

_IAMS_HOME = "us-east-1"


def not_looked_up(denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
    """The refusals as their text tells them, with the action that would tell more where they carry an id."""
    return tuple(LookedUp(each, needs=LOOK_UP if each.authorization_id else "") for each in denials)


async def look_up_all(aws: ScopeClients, denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
    """Each refusal with AWS's own word, as far as its text carries an id."""
    return tuple([await _look_up_one(aws, each) for each in denials])


async def look_up_in(by_region: Mapping[str, ScopeClients], denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
    """The same, each asked in its own Region where that is open, else in the first."""
    found: list[LookedUp] = []
    for each in denials:
        aws = by_region.get(each.region, next(iter(by_region.values()), None))
        found += not_looked_up((each,)) if aws is None else await look_up_all(aws, (each,))
    return tuple(found)


def look_up_from_here(
    denials: Sequence[Denial], profiles: Sequence[str], regions: Sequence[str], endpoint_url: str | None
) -> tuple[LookedUp, ...]:
    """The same with the credentials that the AWS CLI would use here, or with why there are none."""
    if not any(each.authorization_id for each in denials):
        return not_looked_up(denials)
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
            return tuple(LookedUp(each, why_not=why, needs=LOOK_UP) for each in denials)
        return await look_up_all(opened.aws, denials)
    finally:
        await clients.close()


async def _look_up_one(aws: ScopeClients, denial: Denial) -> LookedUp:
    if not denial.authorization_id:
        return LookedUp(denial)
    region = await aws.refused_in(denial.action.partition(":")[0], denial)
    return await look_up(denial, region, aws.authorization_pages)
