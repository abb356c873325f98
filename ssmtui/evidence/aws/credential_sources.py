"""How the SDK obtained credentials, and when an IAM Identity Center login ends."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ssmtui.evidence.aws.sdk import ObtainedCredentials
from ssmtui.model.workstation import CredentialKind, Credentials
from ssmtui.text.times import in_utc, moment_in

_MOST = 1_000_000
"""Characters of its file that are read."""


def sso_login_end(profile: Mapping[str, str], folder: Path) -> datetime | None:
    """When the login of a profile ends (UTC); None where it is renewed by itself, or where that cannot be told.

    `folder` is the AWS CLI's `~/.aws/sso/cache`: one JSON file a login, named by the hash of the `sso_session`, or
    of the start URL where a profile has none (https://docs.aws.amazon.com/sdkref/latest/guide/understanding-sso.html).
    """
    name = profile.get("sso_session") or profile.get("sso_start_url")
    if not name:
        return None
    file = folder / f"{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()}.json"
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), encoding="utf-8") as opened:
            kept = json.loads(opened.read(_MOST))
        if "sso_session" in profile and kept.get("refreshToken"):
            return None
        return moment_in(str(kept["expiresAt"]).replace("UTC", "+00:00"))
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None


_KINDS = {
    "assume-role": CredentialKind.ROLE,
    "assume-role-with-web-identity": CredentialKind.WEB_IDENTITY,
    "config-file": CredentialKind.FILES,
    "container-role": CredentialKind.CONTAINER,
    "custom-process": CredentialKind.PROCESS,
    "env": CredentialKind.ENVIRONMENT,
    "iam-role": CredentialKind.INSTANCE,
    "login": CredentialKind.LOGIN,
    "shared-credentials-file": CredentialKind.FILES,
    "sso": CredentialKind.IDENTITY_CENTER,
}
"""By botocore's names of its providers."""


def describe_credentials(
    taken: ObtainedCredentials, chain: Sequence[Mapping[str, str]], login_folder: Path, renewal: str
) -> Credentials:
    """The credentials of a profile. `chain` are its settings and those of the profiles that its role is taken with.

    The SDK renews by itself what it took from a process, a container, an instance or a role; but not beyond the end of
    the login that a role is taken with, and not where that takes an MFA code.
    """
    kind = _KINDS.get(taken.method, CredentialKind.OTHER)
    ends: list[datetime | None] = []
    if kind in {CredentialKind.ENVIRONMENT, CredentialKind.FILES, CredentialKind.OTHER}:
        ends.append(taken.expires)
    if kind in {CredentialKind.IDENTITY_CENTER, CredentialKind.ROLE}:
        ends += [sso_login_end(each, login_folder) for each in chain]
    if kind is CredentialKind.ROLE and any("mfa_serial" in each for each in chain):
        ends.append(taken.expires)
    told = [in_utc(each) for each in ends if each is not None]
    return Credentials(kind, taken.temporary, min(told, default=None), renewal)
