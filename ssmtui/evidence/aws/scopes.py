"""Open scopes: find the requested profiles, roles and Regions, and the account of each."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ssmtui.aws.client_config import default_region, partition_and_suffix, partition_regions
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import declare_reads
from ssmtui.evidence.aws.clients import Clients, ScopeClient
from ssmtui.evidence.aws.credentials import ASSUME_ROLE, CredentialHolder
from ssmtui.evidence.aws.failures import classify_exception
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.aws.profiles import Profiles, can_prompt, profile_name, read_profiles
from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.scope_errors import (
    accounts_not_listed,
    clock_error,
    no_credentials,
    no_credentials_and_region,
    no_region,
    no_such_region,
    role_not_taken,
    scope_error,
    unknown_profile,
    unreadable_from_error,
)
from ssmtui.language import say
from ssmtui.model.scope import (
    Access,
    CredentialsUnavailable,
    OtherPrincipal,
    Scope,
    ScopeError,
    ScopeName,
    ScopeProblem,
)
from ssmtui.model.scope_request import DEFAULT_TIMEOUT, OWN_ACCOUNTS, OtherAccounts
from ssmtui.text.names import is_pattern, match_names

OPENING_ACTIONS = declare_reads("sts:GetCallerIdentity", "iam:GetRole", "ec2:DescribeRegions")
"""The actions to open a scope: the caller, the path of the caller's role, and all Regions if they are requested."""


@dataclass(frozen=True, slots=True)
class OpenScope:
    """An open scope, with its AWS access."""

    scope: Scope
    aws: ScopeClient


async def open_scope(clients: Clients, name: ScopeName) -> OpenScope | ScopeError:
    """Ask STS for the caller and IAM for its role, or return why this is impossible and what to do about it."""
    identified = await identify_scope(clients, name)
    return identified if isinstance(identified, ScopeError) else await add_principals(identified)


async def identify_scope(clients: Clients, name: ScopeName, document: str | None = None) -> OpenScope | ScopeError:
    """Ask STS for the caller, or return why this is impossible and what to do about it. The principals are not known.

    `document` names the Session document to check instead of the preferences.
    """
    aws = clients.scope(name)
    identity = await _identity(clients, aws, name)
    if isinstance(identity, ScopeError):
        if identity.problem in {ScopeProblem.EXPIRED_CREDENTIALS, ScopeProblem.NO_CREDENTIALS}:
            clients.forget_credentials(name.profile)
            if clients.clock_difference is not None and clients.clock_difference.matters:
                return clock_error(identity, clients.clock_difference)
        return identity
    account, caller, answer = identity
    aws.know_caller(account, caller, answer)
    partition, suffix = partition_and_suffix((await clients.session(name)).raw, name.region)
    long_term = await _has_long_term_key(clients, name)
    scope = Scope(name, account, name.region, partition, suffix, caller, None, None, document, long_term)
    return OpenScope(scope, aws)


async def add_principals(identified: OpenScope, judged: str | None = None) -> OpenScope:
    """Return the scope with the principals that IAM can simulate; `judged` is the ARN of another one than the caller.

    IAM is asked for their paths.
    """
    scope, aws = identified.scope, identified.aws
    principal = await iam_principal_of(aws, scope.caller)
    other = await _other_principal(aws, scope.account, judged) if judged is not None else None
    return OpenScope(replace(scope, principal=principal, judged=other), aws)


_LONG_TERM_KEY = "AKIA"
"""The start of the access key IDs of users. IDs of temporary keys start with ASIA.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""


async def _has_long_term_key(clients: Clients, name: ScopeName) -> bool:
    try:
        return (await clients.lend(name)).access_key.startswith(_LONG_TERM_KEY)
    except CredentialsUnavailable:
        return False


async def _other_principal(aws: Aws, account: str, arn: str) -> OtherPrincipal:
    """Return the other principal.

    The path of another account's role is not read: a role with the same name here is another role.
    """
    if ":assumed-role/" in arn and arn.split(":")[4] == account:
        return OtherPrincipal(arn, await iam_principal_of(aws, arn) or arn)
    return OtherPrincipal(arn, arn)


async def iam_principal_of(aws: Aws, caller: str) -> str | None:
    """Return the IAM ARN of a caller for simulations; None if it cannot be simulated (the root user, a federated user).

    The ARN of an assumed role leaves out the role's path, which roles of IAM Identity Center have: iam:GetRole returns
    it. If that is refused, the role is assumed to have no path.
    """
    prefix, _, resource = caller.rpartition(":")
    kind, _, rest = resource.partition("/")
    if kind == "user":
        return caller
    if kind != "assumed-role":
        return None
    role = rest.partition("/")[0]
    partition, account = prefix.split(":")[1], prefix.split(":")[4]
    try:
        return (await aws.call("iam", "GetRole", RoleName=role)).part("Role").arn("Arn")
    except (AwsError, ReadFailed, MalformedAnswer):
        return f"arn:{partition}:iam::{account}:role/{role}"


async def _identity(clients: Clients, aws: ScopeClient, name: ScopeName) -> tuple[str, str, Answer] | ScopeError:
    failure = say("Could not identify the caller")
    try:
        problem = await _taken(clients, name)
        if problem is not None:
            return problem
        identity = await aws.call("sts", "GetCallerIdentity")
        return identity.text("Account"), identity.arn("Arn"), identity
    except sdk.NoCredentials:
        return no_credentials(name)
    except sdk.UnknownProfile:
        return unknown_profile(name, profile_name(name.profile, os.environ))
    except (AwsError, ReadFailed, MalformedAnswer) as failed:
        return scope_error(name, unreadable_from_error(failed), failure)
    except Exception as error:
        # Errors of the SDK while it obtains credentials: unreadable files, an expired token.
        meaning = classify_exception(error, "sts:GetCallerIdentity", clients.settings.deadline)
        if meaning is None:
            raise
        return scope_error(name, unreadable_from_error(meaning), failure)


async def _taken(clients: Clients, name: ScopeName) -> ScopeError | None:
    """Obtain the scope's credentials; return why its role cannot be assumed with the profile's credentials."""
    if name.role is None:
        await clients.session(name)
        return None
    await clients.session(replace(name, role=None))
    try:
        await clients.session(name)
    except ReadFailed:
        raise
    except Exception as error:
        meaning = classify_exception(error, ASSUME_ROLE, clients.settings.deadline)
        if meaning is None:
            raise
        return role_not_taken(name, meaning)
    return None


ORGANIZATION_ACTIONS = declare_reads("organizations:ListAccounts")
"""The action to list an organization's accounts: needs the management account or a delegated administrator's."""

EVERY_REGION = "all"

MAX_CONCURRENT_ACCOUNTS = 32
"""Number of scopes that are read at the same time, of all accounts; the others wait. All Regions of one account fit."""

_ANY_ACCOUNT = "*"

ScopeOrError = ScopeName | ScopeError


@dataclass(frozen=True, slots=True)
class RequestedScopes:
    """The requested scopes. No profile means the default chain; no Region means the AWS CLI's Region.

    `seconds` is the time limit for each account to list its scopes. `regions_of` has the Regions of profiles that
    differ from the others.
    """

    profiles: Sequence[str | None]
    regions: Sequence[str]
    environment: Mapping[str, str]
    others: OtherAccounts = OWN_ACCOUNTS
    seconds: float = DEFAULT_TIMEOUT
    regions_of: Mapping[str | None, Sequence[str]] = field(default_factory=dict)

    def regions_for(self, profile: str | None) -> Sequence[str]:
        """Return the requested Regions of a profile."""
        return self.regions_of.get(profile, self.regions)


async def list_scope_names(clients: Clients, asked: RequestedScopes) -> tuple[ScopeOrError, ...]:
    """Return all requested scopes without repetitions, in the order of the request."""
    found = [name async for names in discover_scopes(clients, asked) for name in names]
    return tuple(dict.fromkeys(found))


async def discover_scopes(clients: Clients, asked: RequestedScopes) -> AsyncGenerator[Sequence[ScopeOrError], None]:
    """Yield the scopes, one account at a time, in the order of AWS's answers.

    A scope can appear more than once.
    """
    at_once = asyncio.Semaphore(MAX_CONCURRENT_ACCOUNTS)

    async def in_regions(holder: ScopeName) -> Sequence[ScopeOrError]:
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
    clients: Clients, asked: RequestedScopes, profile: str | None, home: str | None
) -> AsyncIterator[ScopeName | ScopeError]:
    """Yield the credential holders of a profile, each as a scope in its home Region (empty if there is none)."""
    own, others = ScopeName(profile, home or ""), asked.others
    if not others.roles and others.organization is None:
        yield own
    for role in others.roles:
        yield replace(own, role=role)
    if others.organization is not None:
        wanted = asked.regions_for(profile)
        if not home and not wanted:
            yield await _without_region(clients, own)
            return
        at_home = home or _asked_first(asked, own, wanted)
        with Deadline(asked.seconds).in_force():
            told = await _in_organization(clients, own.in_region(at_home), others)
        for each in told:
            yield each if isinstance(each, ScopeError) else each.in_region(own.region)


async def _in_organization(clients: Clients, own: ScopeName, others: OtherAccounts) -> Sequence[ScopeOrError]:
    """Return the organization's role in each of its accounts; in the caller's own account, the caller."""
    opened = await open_scope(clients, own)
    if isinstance(opened, ScopeError):
        return (opened,)
    partition, here = opened.scope.partition, opened.scope.account
    told: list[ScopeOrError] = []
    accounts: Sequence[str] = others.accounts
    if not accounts:
        try:
            accounts = await _active_accounts(opened)
        except (AwsError, ReadFailed, MalformedAnswer) as failed:
            # The caller's own account can be read in any case.
            accounts = (here,)
            everywhere = replace(own, role=others.role_in(partition, _ANY_ACCOUNT))
            told.append(accounts_not_listed(everywhere, failed))
    told += [own if each == here else replace(own, role=others.role_in(partition, each)) for each in accounts]
    return told


async def _active_accounts(opened: OpenScope) -> Sequence[str]:
    """Return the accounts that are not closed, suspended or pending."""
    pages = opened.aws.pages("organizations", "ListAccounts")
    return sorted([each.text("Id") async for page in pages for each in page.parts("Accounts") if _is_active(each)])


def _is_active(account: Answer) -> bool:
    """Return whether an account is active.

    `State` has replaced `Status` (https://docs.aws.amazon.com/organizations/latest/APIReference/).
    """
    return (account.optional_text("State") or account.optional_text("Status")) in (None, "ACTIVE")


async def _in_regions(clients: Clients, asked: RequestedScopes, holder: ScopeName) -> Sequence[ScopeOrError]:
    wanted = asked.regions_for(holder.profile) or (holder.region,)
    if not any(map(_is_to_be_listed, wanted)):
        return [holder.in_region(each) if each else await _without_region(clients, holder) for each in wanted]
    at_home = holder if holder.region else holder.in_region(_asked_first(asked, holder, wanted))
    enabled = await _enabled_regions(clients, at_home)
    if isinstance(enabled, ScopeError):
        listed = ", ".join(filter(_is_to_be_listed, wanted))
        plain = [holder.in_region(each) for each in wanted if not _is_to_be_listed(each)]
        return (replace(enabled, name=holder.in_region(listed)), *plain)
    found = match_names(wanted, enabled) | {EVERY_REGION: tuple(sorted(enabled))}
    told: list[ScopeOrError] = []
    for word in wanted:
        told += [holder.in_region(each) for each in found[word]] or [no_such_region(holder.in_region(word), enabled)]
    return told


async def _without_region(clients: Clients, holder: ScopeName) -> ScopeError:
    """Return the error if no Region is set. Missing credentials and profiles come first, unless a code is asked for."""
    if can_prompt(holder.profile, os.environ):
        return no_region(holder.profile)
    try:
        await clients.session(replace(holder, role=None, region=default_region([])))
    except sdk.NoCredentials:
        return no_credentials_and_region(holder)
    except sdk.UnknownProfile:
        return unknown_profile(holder, profile_name(holder.profile, os.environ))
    except Exception as error:
        # Credentials that cannot be used are not missing: they are reported when a Region is set.
        if classify_exception(error, "sts:GetCallerIdentity", clients.settings.deadline) is None:
            raise
    return no_region(holder.profile)


def _asked_first(asked: RequestedScopes, holder: ScopeName, wanted: Sequence[str]) -> str:
    """Return the Region in which the Regions are listed if none is set: a requested one, or its partition's default."""
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
        return scope_error(holder, unreadable_from_error(failed), say("Could not list the account's Regions"))


def _is_to_be_listed(region: str) -> bool:
    return region == EVERY_REGION or is_pattern(region)


def home_region(profile: str | None, environment: Mapping[str, str]) -> str | None:
    """Return the Region of the environment or the profile: the AWS CLI reads AWS_REGION, botocore does not."""
    named = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if named:
        return named
    settings = read_profiles(environment).by_name.get(profile_name(profile, environment), {})
    return settings.get("region") or None


def home_scope(profiles: Sequence[str], regions: Sequence[str], environment: Mapping[str, str]) -> ScopeName | None:
    """Return the scope that the AWS CLI uses here without options, if it is a requested scope.

    Keys in the environment override a profile from the environment: then no requested profile has them.
    """
    named = profile_name(None, environment)
    if profiles and (named not in profiles or environment.get("AWS_ACCESS_KEY_ID")):
        return None
    region = home_region(None, environment)
    if region is None:
        return None
    if regions and EVERY_REGION not in regions:
        found = match_names(regions, (region,))
        if not any(region in names for names in found.values()):
            return None
    return ScopeName(named if profiles else None, region)


LISTING_TIMEOUT = 5.0
"""Time limit in seconds for the list of enabled Regions, because a user waits for it."""


async def list_accesses(
    clients: Clients,
    opened: Collection[Scope],
    wanted: Collection[ScopeName],
    environment: Mapping[str, str],
) -> tuple[Access, ...]:
    """Return the credentials that can open scopes, those of this run first.

    This obtains no credentials that were not requested before.
    """
    profiles = read_profiles(environment)
    by_holder = {CredentialHolder(each.name.profile, each.name.role): each for each in opened}
    holders = dict.fromkeys([*by_holder, *(CredentialHolder(each.profile, each.role) for each in wanted)])
    in_force = {profile_name(each.profile, environment) for each in holders if each.profile is None}
    holders |= dict.fromkeys(CredentialHolder(name) for name in sorted(profiles.by_name) if name not in in_force)
    told = await asyncio.gather(
        *(_access(clients, each, by_holder.get(each), profiles, environment) for each in holders)
    )
    return tuple(told)


async def _access(
    clients: Clients, holder: CredentialHolder, opened: Scope | None, profiles: Profiles, environment: Mapping[str, str]
) -> Access:
    name = profile_name(holder.profile, environment)
    named = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or ""
    home = profiles.by_name.get(name, {}).get("region") or (named if holder.profile is None else "")
    regions = await _enabled(clients, opened) if opened is not None else ()
    account = opened.account if opened is not None else profiles.account_of(name)
    everywhere = regions or partition_regions((opened.region if opened is not None else "") or home or named)
    return Access(holder.profile, holder.role, account, home, everywhere)


async def _enabled(clients: Clients, scope: Scope) -> tuple[str, ...]:
    """Return the enabled Regions of the account; empty if AWS does not return them."""
    try:
        with Deadline(LISTING_TIMEOUT).in_force():
            answer = await clients.scope(scope.name).call("ec2", "DescribeRegions")
        return tuple(sorted(each.text("RegionName") for each in answer.parts("Regions")))
    except (AwsError, ReadFailed, MalformedAnswer):
        return ()
