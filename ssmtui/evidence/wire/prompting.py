"""Whether taking a profile's credentials may prompt on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.evidence.wire.profiles import profile_name, read_profiles


def may_prompt(profile: str | None, environment: Mapping[str, str]) -> bool:
    """Whether a role in the profile's chain asks for an MFA code. Reads the AWS files; imports no SDK.

    Keys in the environment come before any profile that is not named on the command line, as in the AWS CLI.
    """
    if profile is None and environment.get("AWS_ACCESS_KEY_ID"):
        return False
    chain = read_profiles(environment).chain(profile_name(profile, environment))
    return any("role_arn" in each and "mfa_serial" in each for each in chain)
