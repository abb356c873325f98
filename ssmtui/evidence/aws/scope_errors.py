"""Describe why a scope is in error, and what to do about it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import replace

from ssmtui.aws.client_config import all_regions
from ssmtui.evidence.aws.profiles import profile_name, read_profiles
from ssmtui.evidence.aws.reader_api import AwsError, MalformedAnswer, ReadFailed
from ssmtui.language import say
from ssmtui.model.access_denied import deciding_sentence, parse_denial
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.model.workstation import ClockDifference
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable


def denying_policy_kind(said: str) -> str:
    """Return the kind of policy in a refusal (`service control policy`); empty if there is none."""
    denial = parse_denial(said)
    return denial.kind if denial else ""


def denial_advice(said: str, action: str, region: str) -> str:
    """Return what to do about a refusal, by the kind of policy."""
    match denying_policy_kind(said):
        case "service control policy":
            return say(
                "A service control policy (SCP) of the organization denies {action} in {region}. Exclude this "
                "Region, or contact the administrators of the organization.",
                action=action,
                region=region,
            )
        case "resource control policy":
            return say(
                "A resource control policy of the organization denies {action}. Contact the administrators of the "
                "organization.",
                action=action,
            )
        case "permissions boundary":
            return say(
                "The permissions boundary of this principal does not allow {action}. Contact the administrator of "
                "the boundary.",
                action=action,
            )
        case "session policy":
            return say(
                "The session policy of these credentials does not allow {action}. Choose another profile.",
                action=action,
            )
        case "vpc endpoint policy":
            return say(
                "The policy of the VPC endpoint for requests from this computer does not allow {action}. Contact the "
                "network administrator.",
                action=action,
            )
        case _:
            return say("Allow {action} for this principal, or choose another profile.", action=action)


_CREDENTIALS_GUIDE = "https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html"

MISSING, EXPIRED, CLOCK = "credentials-missing", "credentials-expired", "workstation-clock-skewed"
UNUSABLE = "caller-credentials"
"""The causes that prevent a scope from opening."""


def no_region(profile: str | None) -> ScopeError:
    """Return the error if no Region is set."""
    return ScopeError(
        ScopeName(profile, ""),
        ScopeProblem.NO_REGION,
        say("No Region is set{of}.", of=_of(profile)),
        say("Use --region, or set AWS_REGION, or set region in the profile."),
        cause=UNUSABLE,
    )


def no_such_region(name: ScopeName, enabled: Sequence[str]) -> ScopeError:
    """Return the error if no Region matches the requested pattern."""
    near = similar_names(name.region.strip("*?"), enabled)
    return ScopeError(
        name,
        ScopeProblem.NO_REGION,
        say("No Region that is enabled for the account matches {pattern}.", pattern=name.region),
        _did_you_mean(near).rstrip() or say("Possible values: {names}", names=", ".join(sorted(enabled))),
    )


def _did_you_mean(near: Sequence[str]) -> str:
    return say("Did you mean {names}?", names=", ".join(map(printable, near))) + " " if near else ""


def unknown_profile(name: ScopeName, profile: str) -> ScopeError:
    """Return the error if no AWS file has the profile."""
    return ScopeError(
        name,
        ScopeProblem.UNKNOWN_PROFILE,
        say("The profile {profile} does not exist in the AWS configuration files.", profile=profile),
        _did_you_mean(similar_names(profile, read_profiles(os.environ).by_name))
        + say("List the profiles with: aws configure list-profiles"),
        cause=UNUSABLE,
    )


def no_credentials(name: ScopeName) -> ScopeError:
    """Return the error if the credential chain is empty."""
    set_up = say(
        "Configure credentials with: {command}. See {credentials_guide}",
        command=_command("configure", name),
        credentials_guide=_CREDENTIALS_GUIDE,
    )
    login = login_command(name)
    return ScopeError(
        name,
        ScopeProblem.NO_CREDENTIALS,
        say("No AWS credentials were found{of}.", of=_of(name.profile)),
        f"{_login(login) if login else set_up} {say('To try ssmtui without an account: ssmtui demo')}",
        cause=MISSING,
        command=login or _command("configure", name),
    )


def no_credentials_and_region(name: ScopeName) -> ScopeError:
    """Return the error if the credential chain is empty and no Region is set."""
    error = no_credentials(name)
    return replace(error, message=say("No AWS credentials were found{of}, and no Region is set.", of=_of(name.profile)))


def clock_error(error: ScopeError, difference: ClockDifference) -> ScopeError:
    """Return the error for rejected credentials if this computer's clock explains the rejection."""
    advice = (
        say("Set the clock of this computer. It is {minutes} minutes ahead of AWS.", minutes=difference.minutes)
        if difference.seconds > 0
        else say("Set the clock of this computer. It is {minutes} minutes behind AWS.", minutes=difference.minutes)
    )
    return replace(error, advice=advice, cause=CLOCK)


def unreadable_from_error(failed: AwsError | ReadFailed | MalformedAnswer) -> Unreadable:
    """Return the marker for a failed read while scopes are opened, where an error is never an answer."""
    if isinstance(failed, AwsError):
        return Unreadable("", str(failed), ReadFailure.FAILED, failed.source)
    return failed.unreadable


def scope_error(name: ScopeName, unreadable: Unreadable, failure: str) -> ScopeError:
    """Return the error of a scope in which a read failed. `failure` is a sentence without its period."""
    problem = _PROBLEMS.get(unreadable.obstacle, ScopeProblem.FAILED)
    of_this_computer = unreadable.obstacle in _NONE_GIVEN and unreadable.source == WORKSTATION
    if of_this_computer or (unreadable.obstacle is ReadFailure.REFUSED and not unreadable.action):
        problem = ScopeProblem.NO_CREDENTIALS
    return ScopeError(
        name,
        problem,
        say("{failure}: {why}.", failure=failure, why=unreadable.why.rstrip(".")),
        _advice(name, problem, unreadable),
        unreadable.action,
        _CAUSES.get(problem, UNUSABLE if unreadable.source == WORKSTATION else ""),
        login_command(name) if problem is ScopeProblem.EXPIRED_CREDENTIALS else "",
    )


def role_not_taken(name: ScopeName, failed: AwsError | ReadFailed) -> ScopeError:
    """Return the error of a scope whose role the profile's principal cannot assume."""
    unreadable = unreadable_from_error(failed)
    role = name.role or ""
    error = scope_error(name, unreadable, say("Could not assume the role {role}", role=role))
    if error.problem is not ScopeProblem.REFUSED:
        return error
    denial = parse_denial(unreadable.why)
    if denial is not None and denial.kind in _SET_BY_OTHERS:
        return replace(error, problem=ScopeProblem.ROLE_NOT_TAKEN)
    advice = say(
        "Two policies must allow {action}: a policy of {caller}, and the trust policy of the role. The trust policy "
        "can require an --external-id or MFA. AWS returns the same error if the role does not exist.",
        caller=(denial.principal if denial else "") or say("the caller"),
        action=unreadable.action,
    )
    return replace(error, problem=ScopeProblem.ROLE_NOT_TAKEN, advice=advice)


def accounts_not_listed(name: ScopeName, failed: AwsError | ReadFailed | MalformedAnswer) -> ScopeError:
    """Return the error if an organization's accounts cannot be listed; `name` has the role for all accounts."""
    error = scope_error(name, unreadable_from_error(failed), say("Could not list the accounts of the organization"))
    if error.problem not in {ScopeProblem.REFUSED, ScopeProblem.FAILED}:
        return error
    return replace(
        error,
        advice=say(
            "Only the management account or a delegated administrator can list the accounts, with the permission "
            "organizations:ListAccounts. Choose a profile there, or name the accounts with --account."
        ),
    )


_SET_BY_OTHERS = frozenset({"service control policy", "resource control policy", "vpc endpoint policy"})
"""Kinds of policies that neither the caller nor the role's owner has set."""

_NONE_GIVEN = frozenset({ReadFailure.EXPIRED, ReadFailure.TIMED_OUT})
"""Failures of a credential source on this computer that yield no usable credentials."""

_PROBLEMS = {
    ReadFailure.REFUSED: ScopeProblem.REFUSED,
    ReadFailure.EXPIRED: ScopeProblem.EXPIRED_CREDENTIALS,
    ReadFailure.UNREACHABLE: ScopeProblem.UNREACHABLE,
    ReadFailure.TIMED_OUT: ScopeProblem.SILENT,
    ReadFailure.THROTTLED: ScopeProblem.THROTTLED,
}

_CAUSES = {
    ScopeProblem.EXPIRED_CREDENTIALS: EXPIRED,
    ScopeProblem.NO_CREDENTIALS: UNUSABLE,
    ScopeProblem.UNREACHABLE: UNUSABLE,
}


def _advice(name: ScopeName, problem: ScopeProblem, unreadable: Unreadable) -> str:
    advice = _advice_on(name, problem, unreadable)
    return _did_you_mean(_similar_regions(name.region)) + advice


def _similar_regions(region: str) -> Sequence[str]:
    """Return Regions with similar names if the SDK does not know the Region; a new Region is similar to none."""
    known = all_regions()
    return () if region in known else similar_names(region, known)


def network_advice() -> str:
    """Return what to do if AWS cannot be reached."""
    if variables := _endpoint_variables():
        return say(
            "Requests go to the endpoint of {variables}. Check that this computer can reach the endpoint.",
            variables=", ".join(variables),
        )
    return say("Check the network and the proxy, and that the Region exists.")


def _advice_on(name: ScopeName, problem: ScopeProblem, unreadable: Unreadable) -> str:
    obstacle = unreadable.obstacle
    match problem:
        case ScopeProblem.REFUSED:
            advice = denial_advice(unreadable.why, unreadable.action, name.region)
            told = deciding_sentence(unreadable.looked_up) if unreadable.looked_up else ""
            return f"{told}. {advice}" if told else advice
        case ScopeProblem.EXPIRED_CREDENTIALS:
            login = login_command(name)
            return _login(login) if login else say("Renew the credentials, then try again.")
        case ScopeProblem.NO_CREDENTIALS if unreadable.source == WORKSTATION and obstacle is ReadFailure.TIMED_OUT:
            return say(
                "The source of the credentials does not respond. Find out why with: {command}",
                command=_command("sts get-caller-identity", name),
            )
        case ScopeProblem.NO_CREDENTIALS if unreadable.source == WORKSTATION:
            login = login_command(name)
            if login:
                return _login(login)
            return say("For details, run: {command}", command=_command("sts get-caller-identity", name))
        case ScopeProblem.NO_CREDENTIALS:
            return say(
                "AWS does not accept these credentials. Check the keys, the Region, and the clock of this computer."
            )
        case ScopeProblem.UNREACHABLE | ScopeProblem.SILENT:
            if problem is ScopeProblem.SILENT and not _endpoint_variables():
                return say("Check the network and the proxy, then try again. SSMTUI_TIMEOUT sets a longer timeout.")
            return network_advice()
        case ScopeProblem.THROTTLED:
            return say("AWS limits the requests of all users in this account and Region. Try again in a minute or two.")
        case _ if unreadable.source == WORKSTATION:
            return say(
                "Check the settings of this computer: the options, the variables that begin with AWS_, and "
                "~/.aws/config."
            )
        case _:
            return say("Try again. If the error persists, check the AWS Health Dashboard.")


def _endpoint_variables() -> tuple[str, ...]:
    """Return the environment variables that replace AWS's public endpoints.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").casefold() == "true":
        return ()
    return tuple(sorted(name for name in os.environ if name.startswith("AWS_ENDPOINT_URL") and os.environ[name]))


def login_command(name: ScopeName) -> str:
    """Return the command that logs in again; empty if the profile's credentials do not come from a login."""
    # The SDK reads the same files with the same environment.
    profiles, in_force = read_profiles(os.environ), profile_name(name.profile, os.environ)
    if profiles.uses_sso(in_force):
        return _command("sso login", name)
    return _command("login", name) if profiles.uses_login(in_force) else ""


def _command(command: str, name: ScopeName) -> str:
    return f"aws {command} --profile {shlex.quote(name.profile)}" if name.profile else f"aws {command}"


def _login(command: str) -> str:
    return say("Log in with: {command}", command=command)


def _of(profile: str | None) -> str:
    return say(" for the profile {profile}", profile=profile) if profile else ""
