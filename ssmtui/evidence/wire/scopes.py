"""Opening a scope: whose credentials these are, in which account, partition and Region."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from ssmtui.evidence.wire import sdk
from ssmtui.evidence.wire.answer import MalformedAnswer
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.endpoints import partition_and_suffix
from ssmtui.evidence.wire.operations import declare
from ssmtui.evidence.wire.profiles import profile_name
from ssmtui.evidence.wire.role_taking import ASSUME_ROLE
from ssmtui.evidence.wire.scope_clients import ScopeClients
from ssmtui.evidence.wire.scope_problems import (
    clock_is_wrong,
    no_credentials,
    role_not_taken,
    scope_error,
    unknown_profile,
    unread,
)
from ssmtui.evidence.wire.sdk_failures import failed_read
from ssmtui.language import say
from ssmtui.model.scope import OtherPrincipal, Scope, ScopeError, ScopeName, ScopeProblem

OPENING_ACTIONS = declare("sts:GetCallerIdentity", "iam:GetRole", "ec2:DescribeRegions")
"""What opening a scope takes: who calls, the path of the caller's role, and the Regions where all are asked for."""


@dataclass(frozen=True, slots=True)
class OpenScope:
    """A scope that is open, and its way to AWS."""

    scope: Scope
    aws: ScopeClients


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
    partition, suffix = partition_and_suffix(await clients.session(name), name.region)
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
    except (AwsError, ReadFailed, MalformedAnswer) as failed:
        return scope_error(name, unread(failed), doing)
    except Exception as error:
        # What the SDK raises while it comes by credentials: files it cannot read, a token that has expired.
        meaning = failed_read(error, "sts:GetCallerIdentity", clients.settings.deadline)
        if meaning is None:
            raise
        return scope_error(name, unread(meaning), doing)


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
