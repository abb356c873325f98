"""When credentials end without the SDK being able to renew them."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from aiobotocore.session import AioSession

from ssmtui.evidence.aws.credentials import ObtainedCredentials, describe_credentials
from ssmtui.model.workstation import CredentialKind
from tests.builders.fleet import NOON

HOUR = NOON + timedelta(hours=1)
TONIGHT = NOON + timedelta(hours=8)
START_URL = "https://example.awsapps.com/start"
SESSION = {"sso_session": "corp"}
LEGACY = {"sso_start_url": START_URL}
ROLE = {"role_arn": "arn:aws:iam::123456789012:role/Engineer", "source_profile": "base"}
MFA = {**ROLE, "mfa_serial": "arn:aws:iam::123456789012:mfa/alex"}
PLAIN = {"region": "eu-west-3"}


def log_in(folder: Path, name: str, **more: str) -> None:
    """What the AWS CLI keeps of a login that ends tonight."""
    kept = {"accessToken": "a secret", "expiresAt": "2026-11-25T20:00:00Z", **more}
    (folder / f"{hashlib.sha1(name.encode()).hexdigest()}.json").write_text(json.dumps(kept))  # noqa: S324


@pytest.mark.parametrize(
    ("method", "chain", "kind", "expires"),
    [
        pytest.param("env", [], CredentialKind.ENVIRONMENT, HOUR, id="in variables: nobody renews them"),
        pytest.param("shared-credentials-file", [PLAIN], CredentialKind.FILES, HOUR, id="in a file"),
        pytest.param("custom-process", [PLAIN], CredentialKind.PROCESS, None, id="the process is run again"),
        pytest.param("iam-role", [], CredentialKind.INSTANCE, None, id="the instance hands out new ones"),
        pytest.param("container-role", [], CredentialKind.CONTAINER, None, id="the container hands out new ones"),
        pytest.param("assume-role", [ROLE, PLAIN], CredentialKind.ROLE, None, id="the role is taken again"),
        pytest.param("assume-role", [MFA, PLAIN], CredentialKind.ROLE, HOUR, id="a role that takes a code"),
        pytest.param("assume-role", [ROLE, LEGACY], CredentialKind.ROLE, TONIGHT, id="a role taken with a login"),
        pytest.param("assume-role", [MFA, LEGACY], CredentialKind.ROLE, HOUR, id="whichever ends first"),
        pytest.param("sso", [LEGACY], CredentialKind.IDENTITY_CENTER, TONIGHT, id="as long as the login"),
        pytest.param("sso", [SESSION], CredentialKind.IDENTITY_CENTER, None, id="a login that renews itself"),
        pytest.param("sso", [{"sso_session": "gone"}], CredentialKind.IDENTITY_CENTER, None, id="no token is kept"),
        pytest.param("login", [PLAIN], CredentialKind.LOGIN, None, id="aws login"),
        pytest.param("something-new", [PLAIN], CredentialKind.OTHER, HOUR, id="a provider that is not known"),
    ],
)
def test_when_somebody_must_do_something(
    method: str, chain: list[dict[str, str]], kind: CredentialKind, expires: object, tmp_path: Path
) -> None:
    log_in(tmp_path, START_URL)
    log_in(tmp_path, "corp", refreshToken="another secret")
    told = describe_credentials(ObtainedCredentials(method, True, HOUR), chain, tmp_path, "aws sso login")
    assert (told.kind, told.expires, told.temporary, told.renewal) == (kind, expires, True, "aws sso login")
    assert "secret" not in repr(told)


def test_a_session_without_a_refresh_token_ends(tmp_path: Path) -> None:
    log_in(tmp_path, "corp")
    assert describe_credentials(ObtainedCredentials("sso", True, HOUR), [SESSION], tmp_path, "").expires == TONIGHT


@pytest.mark.parametrize("kept", ["", "{}", "[]", "nonsense", '{"expiresAt": "soon"}', '{"expiresAt": null}'])
def test_a_token_that_is_not_understood_has_no_end_that_could_be_told(kept: str, tmp_path: Path) -> None:
    log_in(tmp_path, START_URL)
    next(tmp_path.iterdir()).write_text(kept)
    assert describe_credentials(ObtainedCredentials("sso", True, HOUR), [LEGACY], tmp_path, "").expires is None


def test_every_provider_of_the_sdk_is_known_but_those_of_other_tools(tmp_path: Path) -> None:
    providers = AioSession().get_component("credential_provider").providers
    unknown = {
        each.METHOD
        for each in providers
        if describe_credentials(ObtainedCredentials(each.METHOD, True, None), [], tmp_path, "").kind
        is CredentialKind.OTHER
    }
    assert len(providers) > 5
    assert unknown <= {"boto-config", "ec2-credentials-file"}
