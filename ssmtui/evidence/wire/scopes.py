"""Opening a scope: whose credentials these are, in which account, partition and Region."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.evidence.wire import sdk
from ssmtui.evidence.wire.answer import MalformedAnswer
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.operations import declare
from ssmtui.evidence.wire.profiles import profile_name, read_profiles
from ssmtui.evidence.wire.scope_clients import ScopeClients
from ssmtui.evidence.wire.scope_problems import (
    clock_is_wrong,
    no_credentials,
    no_region,
    role_not_taken,
    scope_error,
    unknown_profile,
)
from ssmtui.evidence.wire.sdk_failures import failed_read
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.scope import OtherPrincipal, Scope, ScopeError, ScopeName, ScopeProblem

EVERY_REGION = "all"

ASSUME_ROLE = "sts:AssumeRole"

OPENING_ACTIONS = declare("sts:GetCallerIdentity", "iam:GetRole", "ec2:DescribeRegions")
"""What opening a scope takes: who calls, the path of the caller's role, and the Regions where all are asked for."""


@dataclass(frozen=True, slots=True)
class OpenScope:
    """A scope that is open, and its way to AWS."""

    scope: Scope
    aws: ScopeClients


async def scope_names(
    clients: Clients, profiles: Sequence[str | None], regions: Sequence[str], environment: Mapping[str, str]
) -> tuple[ScopeName | ScopeError, ...]:
    """The scopes that are asked for: every profile (None is the default chain) in every Region, each once.

    No Region named: the one that the environment or the profile names (botocore does not read AWS_REGION, the AWS CLI
    does). `all`: every one enabled for the account.
    """
    names: dict[ScopeName | ScopeError, None] = {}
    for profile in profiles or (None,):
        home = _home_region(profile, environment)
        for region in regions or (home,):
            if region is None:
                names[no_region(profile)] = None
            elif region == EVERY_REGION:
                names.update(dict.fromkeys(await _every_region(clients, profile, home)))
            else:
                names[ScopeName(profile, region)] = None
    return tuple(names)


async def open_scope(
    clients: Clients, name: ScopeName, judged: str | None = None, document: str | None = None
) -> OpenScope | ScopeError:
    """Ask STS who is calling, or say why that cannot be told and what to do about it.

    `judged` is the ARN of a principal that the caller's link is judged for instead of who calls, `document` names the
    Session document that sessions are judged by instead of the preferences.
    """
    aws = clients.scope(name)
    identity = await _identity(clients, aws, name)
    if isinstance(identity, ScopeError):
        if identity.problem in {ScopeProblem.EXPIRED_CREDENTIALS, ScopeProblem.NO_CREDENTIALS}:
            clients.forget_credentials(name.profile)
            if clients.clock_difference is not None and clients.clock_difference.matters:
                return clock_is_wrong(identity, clients.clock_difference)
        return identity
    account, caller = identity
    aws.know_caller(account, caller)
    partition, suffix = sdk.partition_and_suffix(await clients.session(name), name.region)
    principal = await principal_behind(aws, caller)
    other = await _other_principal(aws, account, judged) if judged is not None else None
    scope = Scope(name, account, name.region, partition, suffix, caller, principal, other, document)
    return OpenScope(scope, aws)


async def _other_principal(aws: Aws, account: str, arn: str) -> OtherPrincipal:
    """The path of another account's role is not asked for: this account's role of that name is another one."""
    if ":assumed-role/" in arn and arn.split(":")[4] == account:
        return OtherPrincipal(arn, await principal_behind(aws, arn) or arn)
    return OtherPrincipal(arn, arn)


async def principal_behind(aws: Aws, caller: str) -> str | None:
    """The IAM ARN that can be simulated for a caller, None where none can be (the root user, a federated one).

    The ARN of an assumed role leaves out the role's path, which roles of IAM Identity Center have: iam:GetRole knows
    it. Where that is refused, the role is taken to have none.
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


async def _identity(clients: Clients, aws: ScopeClients, name: ScopeName) -> tuple[str, str] | ScopeError:
    doing = say("find out who is calling")
    try:
        problem = await _taken(clients, name)
        if problem is not None:
            return problem
        identity = await aws.call("sts", "GetCallerIdentity")
        return identity.text("Account"), identity.arn("Arn")
    except sdk.NoCredentials:
        return no_credentials(name)
    except sdk.UnknownProfile:
        return unknown_profile(name, profile_name(name.profile, os.environ))
    except (ReadFailed, MalformedAnswer) as failed:
        return scope_error(name, failed.unreadable, doing)
    except AwsError as error:
        return scope_error(name, Unreadable("", str(error), Obstacle.FAILED, error.source), doing)
    except Exception as error:
        # What the SDK raises while it comes by credentials: files it cannot read, a token that has expired.
        meaning = failed_read(error, "sts:GetCallerIdentity", clients.settings.deadline)
        if not isinstance(meaning, ReadFailed):
            raise
        return scope_error(name, meaning.unreadable, doing)


async def _taken(clients: Clients, name: ScopeName) -> ScopeError | None:
    """Take the scope's credentials; or why its role cannot be taken with those of the profile, which can be had."""
    if name.role is None:
        await clients.session(name)
        return None
    await clients.session(replace(name, role=None))
    try:
        await clients.session(name)
    except ReadFailed:
        raise
    except Exception as error:
        meaning = failed_read(error, ASSUME_ROLE, clients.settings.deadline)
        if meaning is None:
            raise
        return role_not_taken(name, meaning)
    return None


async def _every_region(clients: Clients, profile: str | None, home: str | None) -> Sequence[ScopeName | ScopeError]:
    if home is None:
        return (no_region(profile),)
    opened = await open_scope(clients, ScopeName(profile, home))
    if isinstance(opened, ScopeError):
        return (replace(opened, name=ScopeName(profile, EVERY_REGION)),)
    try:
        regions = (await opened.aws.call("ec2", "DescribeRegions")).parts("Regions")
        return [ScopeName(profile, region) for region in sorted(each.text("RegionName") for each in regions)]
    except (ReadFailed, MalformedAnswer) as failed:
        unreadable = failed.unreadable
    except AwsError as error:
        unreadable = Unreadable("", str(error), Obstacle.FAILED, error.source)
    return (scope_error(ScopeName(profile, EVERY_REGION), unreadable, say("list the account's Regions")),)


def _home_region(profile: str | None, environment: Mapping[str, str]) -> str | None:
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
    region = _home_region(None, environment)
    if region is None or (regions and region not in regions and EVERY_REGION not in regions):
        return None
    return ScopeName(named if profiles else None, region)
