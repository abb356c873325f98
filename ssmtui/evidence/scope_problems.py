"""What is wrong with a scope in words, and what to do about it."""

from __future__ import annotations

import os

from ssmtui.evidence.profiles import profile_name, read_profiles
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem

_CREDENTIALS_GUIDE = "https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html"


def no_region(profile: str | None) -> ScopeError:
    """Nothing names a Region."""
    return ScopeError(
        ScopeName(profile, ""),
        ScopeProblem.NO_REGION,
        f"No Region is set{_of(profile)}.",
        "Name one with --region, or set AWS_REGION, or set region in the profile.",
    )


def unknown_profile(name: ScopeName, profile: str) -> ScopeError:
    """No AWS file has the profile."""
    return ScopeError(
        name,
        ScopeProblem.UNKNOWN_PROFILE,
        f"There is no profile {profile} in the AWS configuration files.",
        "List the profiles with: aws configure list-profiles",
    )


def no_credentials(name: ScopeName) -> ScopeError:
    """The credential chain is empty."""
    set_up = f"Set them up with: {_command('configure', name)}. See {_CREDENTIALS_GUIDE}"
    advice = _login(name) if _uses_sso(name) else set_up
    return ScopeError(name, ScopeProblem.NO_CREDENTIALS, f"No AWS credentials were found{_of(name.profile)}.", advice)


def scope_error(name: ScopeName, unreadable: Unreadable, doing: str) -> ScopeError:
    """The error of a scope in which a read failed. `doing` completes "Could not …"."""
    problem = _PROBLEMS.get(unreadable.obstacle, ScopeProblem.FAILED)
    if unreadable.obstacle is Obstacle.REFUSED and not unreadable.action:
        problem = ScopeProblem.NO_CREDENTIALS
    return ScopeError(
        name,
        problem,
        f"Could not {doing}: {unreadable.why.rstrip('.')}.",
        _advice(name, problem, unreadable),
        unreadable.action,
    )


_PROBLEMS = {
    Obstacle.REFUSED: ScopeProblem.REFUSED,
    Obstacle.EXPIRED: ScopeProblem.EXPIRED_CREDENTIALS,
    Obstacle.UNREACHABLE: ScopeProblem.UNREACHABLE,
    Obstacle.TIMED_OUT: ScopeProblem.UNREACHABLE,
}


def _advice(name: ScopeName, problem: ScopeProblem, unreadable: Unreadable) -> str:
    match problem:
        case ScopeProblem.REFUSED:
            return f"Allow {unreadable.action} to this principal, or choose another profile."
        case ScopeProblem.EXPIRED_CREDENTIALS:
            return _login(name) if _uses_sso(name) else "Renew the credentials, then try again."
        case ScopeProblem.NO_CREDENTIALS:
            return "AWS does not accept these credentials: check the keys, the Region, and this machine's clock."
        case ScopeProblem.UNREACHABLE:
            return "Check the network, the proxy, and that the Region exists."
        case _:
            return "Try again; if it stays, look at the AWS Health Dashboard."


def _uses_sso(name: ScopeName) -> bool:
    # The SDK reads the same files, in the same environment.
    return read_profiles(os.environ).uses_sso(profile_name(name.profile, os.environ))


def _login(name: ScopeName) -> str:
    return f"Log in with: {_command('sso login', name)}"


def _command(command: str, name: ScopeName) -> str:
    return f"aws {command} --profile {name.profile}" if name.profile else f"aws {command}"


def _of(profile: str | None) -> str:
    return f" for the profile {profile}" if profile else ""
