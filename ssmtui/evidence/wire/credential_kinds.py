"""From how the SDK came by credentials to what a person must know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ssmtui.evidence.wire.login_token import login_end
from ssmtui.evidence.wire.sdk import TakenCredentials
from ssmtui.model.moment import in_utc
from ssmtui.model.workstation import CredentialKind, Credentials

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


def credentials_of(
    taken: TakenCredentials, chain: Sequence[Mapping[str, str]], login_folder: Path, renewal: str
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
        ends += [login_end(each, login_folder) for each in chain]
    if kind is CredentialKind.ROLE and any("mfa_serial" in each for each in chain):
        ends.append(taken.expires)
    told = [in_utc(each) for each in ends if each is not None]
    return Credentials(kind, taken.temporary, min(told, default=None), renewal)
