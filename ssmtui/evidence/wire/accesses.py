"""What could be looked at besides: the profiles of the AWS files, the roles of this run, the Regions of each."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from ssmtui.evidence.wire.acceptance import Holder
from ssmtui.evidence.wire.answer import MalformedAnswer
from ssmtui.evidence.wire.aws import AwsError, ReadFailed
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.deadline import Deadline
from ssmtui.evidence.wire.endpoints import regions_like
from ssmtui.evidence.wire.operations import declare
from ssmtui.evidence.wire.profiles import Profiles, profile_name, read_profiles
from ssmtui.model.access import Access
from ssmtui.model.scope import Scope, ScopeName

declare("ec2:DescribeRegions")

LISTED_WITHIN = 5.0
"""Seconds in which AWS tells which Regions are enabled; somebody waits for the list."""


async def accesses(
    clients: Clients,
    opened: Collection[Scope],
    wanted: Collection[ScopeName],
    environment: Mapping[str, str],
) -> tuple[Access, ...]:
    """By which credentials scopes can be opened: those of this run first.

    No credentials are taken for it that nobody has asked for yet.
    """
    profiles = read_profiles(environment)
    by_holder = {Holder(each.name.profile, each.name.role): each for each in opened}
    holders = dict.fromkeys([*by_holder, *(Holder(each.profile, each.role) for each in wanted)])
    in_force = {profile_name(each.profile, environment) for each in holders if each.profile is None}
    holders |= dict.fromkeys(Holder(name) for name in sorted(profiles.by_name) if name not in in_force)
    told = await asyncio.gather(
        *(_access(clients, each, by_holder.get(each), profiles, environment) for each in holders)
    )
    return tuple(told)


async def _access(
    clients: Clients, holder: Holder, opened: Scope | None, profiles: Profiles, environment: Mapping[str, str]
) -> Access:
    name = profile_name(holder.profile, environment)
    named = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or ""
    home = profiles.by_name.get(name, {}).get("region") or (named if holder.profile is None else "")
    regions = await _enabled(clients, opened) if opened is not None else ()
    account = opened.account if opened is not None else profiles.account_of(name)
    everywhere = regions or regions_like((opened.region if opened is not None else "") or home or named)
    return Access(holder.profile, holder.role, account, home, everywhere)


async def _enabled(clients: Clients, scope: Scope) -> tuple[str, ...]:
    """The Regions that are enabled for the account; none, where AWS does not say."""
    try:
        with Deadline(LISTED_WITHIN).in_force():
            answer = await clients.scope(scope.name).call("ec2", "DescribeRegions")
        return tuple(sorted(each.text("RegionName") for each in answer.parts("Regions")))
    except (AwsError, ReadFailed, MalformedAnswer):
        return ()
