"""Which scopes are asked for: every profile, as itself or in its roles, in every Region; told as they become known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ssmtui.evidence.wire.answer import Answer, MalformedAnswer
from ssmtui.evidence.wire.aws import AwsError, ReadFailed
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.deadline import Deadline
from ssmtui.evidence.wire.endpoints import default_region
from ssmtui.evidence.wire.operations import declare
from ssmtui.evidence.wire.profiles import profile_name, read_profiles
from ssmtui.evidence.wire.scope_problems import accounts_not_listed, no_region, no_such_region, scope_error, unread
from ssmtui.evidence.wire.scopes import OpenScope, open_scope
from ssmtui.language import say
from ssmtui.model.name_patterns import is_pattern, named_by
from ssmtui.model.other_accounts import OWN_ACCOUNTS, OtherAccounts
from ssmtui.model.scope import TIME_GIVEN, ScopeError, ScopeName

ORGANIZATION_ACTIONS = declare("organizations:ListAccounts")
"""What an organization's accounts take to be told: of its management account, or of a delegated administrator's."""

EVERY_REGION = "all"

AT_ONCE = 32
"""Scopes that are looked at side by side, of however many accounts; the others wait. An account's Regions fit in."""

_ANY_ACCOUNT = "*"

Named = ScopeName | ScopeError


@dataclass(frozen=True, slots=True)
class AskedScopes:
    """What scopes are asked for by. No profile is the default chain; no Region the one that the AWS CLI would use.

    `seconds` are those that each account is given to say what there is to look at. Of profiles in `regions_of` other
    Regions are asked for than of the rest.
    """

    profiles: Sequence[str | None]
    regions: Sequence[str]
    environment: Mapping[str, str]
    others: OtherAccounts = OWN_ACCOUNTS
    seconds: float = TIME_GIVEN
    regions_of: Mapping[str | None, Sequence[str]] = field(default_factory=dict)

    def regions_for(self, profile: str | None) -> Sequence[str]:
        """The Regions that are asked for of a profile."""
        return self.regions_of.get(profile, self.regions)


async def scope_names(clients: Clients, asked: AskedScopes) -> tuple[Named, ...]:
    """All of them, each once, in the order of asking."""
    found = [name async for names in told_scopes(clients, asked) for name in names]
    return tuple(dict.fromkeys(found))


async def told_scopes(clients: Clients, asked: AskedScopes) -> AsyncGenerator[Sequence[Named], None]:
    """The scopes, an account at a time, as AWS says which these are: who answers first comes first.

    One may be told more than once.
    """
    at_once = asyncio.Semaphore(AT_ONCE)

    async def in_regions(holder: ScopeName) -> Sequence[Named]:
        async with at_once:
            with Deadline(asked.seconds).in_force():
                return await _in_regions(clients, asked, holder)

    for profile in asked.profiles or (None,):
        home = home_region(profile, asked.environment)
        holders: list[ScopeName] = []
        async for each in _holders(clients, asked, profile, home):
            if isinstance(each, ScopeError):
                yield (each,)
            else:
                holders.append(each)
        telling = [asyncio.ensure_future(in_regions(holder)) for holder in holders]
        try:
            for told in asyncio.as_completed(telling):
                yield await told
        finally:
            for task in telling:
                task.cancel()


async def _holders(
    clients: Clients, asked: AskedScopes, profile: str | None, home: str | None
) -> AsyncIterator[ScopeName | ScopeError]:
    """Whose credentials a profile stands for, each as a scope in its home Region (none: an empty one)."""
    own, others = ScopeName(profile, home or ""), asked.others
    if not others.roles and others.organization is None:
        yield own
    for role in others.roles:
        yield replace(own, role=role)
    if others.organization is not None:
        wanted = asked.regions_for(profile)
        if not home and not wanted:
            yield no_region(profile)
            return
        at_home = home or _asked_first(asked, own, wanted)
        with Deadline(asked.seconds).in_force():
            told = await _in_organization(clients, own.in_region(at_home), others)
        for each in told:
            yield each if isinstance(each, ScopeError) else each.in_region(own.region)


async def _in_organization(clients: Clients, own: ScopeName, others: OtherAccounts) -> Sequence[Named]:
    """The organization's role in each of its accounts; in one's own, what one is already."""
    opened = await open_scope(clients, own)
    if isinstance(opened, ScopeError):
        return (opened,)
    partition, here = opened.scope.partition, opened.scope.account
    told: list[Named] = []
    accounts: Sequence[str] = others.accounts
    if not accounts:
        try:
            accounts = await _active_accounts(opened)
        except (AwsError, ReadFailed, MalformedAnswer) as failed:
            # One's own account can be looked at all the same.
            accounts = (here,)
            everywhere = replace(own, role=others.role_in(partition, _ANY_ACCOUNT))
            told.append(accounts_not_listed(everywhere, failed))
    told += [own if each == here else replace(own, role=others.role_in(partition, each)) for each in accounts]
    return told


async def _active_accounts(opened: OpenScope) -> Sequence[str]:
    """Those that are neither closed nor suspended, nor to be opened yet."""
    pages = opened.aws.pages("organizations", "ListAccounts")
    return sorted([each.text("Id") async for page in pages for each in page.parts("Accounts") if _is_active(each)])


def _is_active(account: Answer) -> bool:
    """`State` has taken the place of `Status` (https://docs.aws.amazon.com/organizations/latest/APIReference/)."""
    return (account.optional_text("State") or account.optional_text("Status")) in (None, "ACTIVE")


async def _in_regions(clients: Clients, asked: AskedScopes, holder: ScopeName) -> Sequence[Named]:
    wanted = asked.regions_for(holder.profile) or (holder.region,)
    if not any(map(_is_to_be_listed, wanted)):
        return [holder.in_region(each) if each else no_region(holder.profile) for each in wanted]
    at_home = holder if holder.region else holder.in_region(_asked_first(asked, holder, wanted))
    enabled = await _enabled_regions(clients, at_home)
    if isinstance(enabled, ScopeError):
        listed = ", ".join(filter(_is_to_be_listed, wanted))
        plain = [holder.in_region(each) for each in wanted if not _is_to_be_listed(each)]
        return (replace(enabled, name=holder.in_region(listed)), *plain)
    found = named_by(wanted, enabled) | {EVERY_REGION: tuple(sorted(enabled))}
    told: list[Named] = []
    for word in wanted:
        told += [holder.in_region(each) for each in found[word]] or [no_such_region(holder.in_region(word), enabled)]
    return told


def _asked_first(asked: AskedScopes, holder: ScopeName, wanted: Sequence[str]) -> str:
    """Return the Region that is asked which others there are if none is set: one that is wanted, or its partition's."""
    plain = next((each for each in wanted if not _is_to_be_listed(each)), None)
    if plain is not None:
        return plain
    profiles = read_profiles(asked.environment)
    settings = profiles.chain(profile_name(holder.profile, asked.environment))
    arns = [*filter(None, (holder.role,)), *(each["role_arn"] for each in settings if "role_arn" in each)]
    return default_region([*arns, *(each for each in wanted if each != EVERY_REGION)])


async def _enabled_regions(clients: Clients, holder: ScopeName) -> Sequence[str] | ScopeError:
    opened = await open_scope(clients, holder)
    if isinstance(opened, ScopeError):
        return opened
    try:
        regions = (await opened.aws.call("ec2", "DescribeRegions")).parts("Regions")
        return [each.text("RegionName") for each in regions]
    except (AwsError, ReadFailed, MalformedAnswer) as failed:
        return scope_error(holder, unread(failed), say("list the account's Regions"))


def _is_to_be_listed(region: str) -> bool:
    return region == EVERY_REGION or is_pattern(region)


def home_region(profile: str | None, environment: Mapping[str, str]) -> str | None:
    """The Region that the environment or the profile names: the AWS CLI reads AWS_REGION, botocore does not."""
    named = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if named:
        return named
    settings = read_profiles(environment).by_name.get(profile_name(profile, environment), {})
    return settings.get("region") or None


def home_scope(profiles: Sequence[str], regions: Sequence[str], environment: Mapping[str, str]) -> ScopeName | None:
    """The scope that the AWS CLI would use here without options, where it is among those asked for.

    Keys in the environment come before a profile that only the environment names: no profile asked for has them.
    """
    named = profile_name(None, environment)
    if profiles and (named not in profiles or environment.get("AWS_ACCESS_KEY_ID")):
        return None
    region = home_region(None, environment)
    if region is None:
        return None
    if regions and EVERY_REGION not in regions:
        found = named_by(regions, (region,))
        if not any(region in names for names in found.values()):
            return None
    return ScopeName(named if profiles else None, region)
