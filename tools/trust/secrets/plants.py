"""Canaries: secrets that are found wherever they get to, and what they look like there."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from tests.sso_portal import SESSION, Portal, cache_of, login

ACCESS_KEY = "ASIACANARYKEY0000001"
SECRET_KEY = "CANARY/secret+key/wJalrXUtnFEMI/K7MDENG"
TOKEN = "CANARY//session+token//IQoJb3JpZ2luX2VjEXAMPLE=="
SSO_TOKEN = "CANARY-sso-token-eyJraWQiOiJ"
LOGIN_TOKENS = ("CANARY-login-refresh-token-Atzr", "CANARY-login-id-token-eyJhbGci", "CANARY-login-dpop-key-MHcCAQEE")
_LOGIN = "arn:aws:iam::123456789012:user/alex"
EXTERNAL_ID = "CANARY-external-id"
TYPED = "CANARY-typed-in-a-session"
MFA_CODE = "739184"

KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_SESSION_TOKEN": TOKEN}
_PLANTED = (ACCESS_KEY, SECRET_KEY, TOKEN, SSO_TOKEN, *LOGIN_TOKENS, EXTERNAL_ID, TYPED, MFA_CODE)


@dataclass(frozen=True, slots=True)
class Plant:
    """A way in which somebody has credentials: the variables of it, and the files that they wrote themselves.

    Of one that `is_refused` nothing comes here but words: this environment lacks what it takes.
    """

    name: str
    variables: Mapping[str, str]
    own_files: tuple[Path, ...] = ()
    options: tuple[str, ...] = ()
    is_refused: bool = False


def plants(home: Path, portal: Portal) -> tuple[Plant, ...]:
    """Canaries in the environment, in the AWS files, from a program, behind a role with a code, and of both logins."""
    portal.keys[SSO_TOKEN] = ACCESS_KEY
    portal.secret, portal.session_token = SECRET_KEY, TOKEN
    folder = home / "aws"
    folder.mkdir(exist_ok=True)
    keys, config, program = folder / "credentials", folder / "config", folder / "credentials.py"
    ini = "\n".join(f"{name.lower()} = {value}" for name, value in KEYS.items())
    keys.write_text(f"[static]\n{ini}\n", encoding="utf-8")
    told = {"Version": 1, "AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY, "SessionToken": TOKEN}
    program.write_text(f"print({json.dumps(told)!r})\n", encoding="utf-8")
    role = "arn:aws:iam::123456789012:role/Engineer"
    config.write_text(
        f"[profile static]\n[profile program]\ncredential_process = {sys.executable} {program}\n"
        f"[profile guarded]\nrole_arn = {role}\nsource_profile = static\nexternal_id = {EXTERNAL_ID}\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/alex\n"
        f"[profile portal]\nsso_session = {SESSION}\nsso_account_id = 123456789012\nsso_role_name = Engineer\n"
        f"[sso-session {SESSION}]\nsso_start_url = https://acme\nsso_region = eu-west-3\n"
        f"[profile login]\nlogin_session = {_LOGIN}\n",
        encoding="utf-8",
    )
    logins = (_kept(cache_of(home / "home"), login(SSO_TOKEN)), _kept(_login_cache(home / "home"), _login_kept()))
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(keys)}
    own = (keys, config, program, *logins)
    return (
        Plant("environment", KEYS, own),
        Plant("file", files, own, ("--profile", "static")),
        Plant("program", files, own, ("--profile", "program")),
        Plant("role with a code", files, own, ("--profile", "guarded")),
        Plant("portal", {**files, "AWS_ENDPOINT_URL_SSO": portal.url}, own, ("--profile", "portal")),
        Plant("login", files, own, ("--profile", "login"), is_refused=crt_is_missing()),
    )


def crt_is_missing() -> bool:
    """Whether the SDK lacks what it takes to go by `aws login`: then it says so."""
    from botocore.compat import HAS_CRT

    return not HAS_CRT


def _login_cache(home: Path) -> Path:
    """Where the AWS CLI keeps what came of `aws login`."""
    return home / ".aws" / "login" / "cache" / f"{sha256(_LOGIN.encode()).hexdigest()}.json"


def _login_kept() -> str:
    refresh, identity, key = LOGIN_TOKENS
    keys = {"accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET_KEY, "sessionToken": TOKEN}
    access = {**keys, "accountId": "123456789012", "expiresAt": "2099-01-01T00:00:00Z"}
    told = {"accessToken": access, "tokenType": "urn:aws:params:oauth:token-type:access_token_sigv4"}
    return json.dumps({**told, "refreshToken": refresh, "idToken": identity, "clientId": "cli", "dpopKey": key})


def _kept(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def leaks(text: str | bytes, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The canaries that stand in a text, in the clear or in what somebody would encode them to."""
    sought = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return tuple(each for each in (*_PLANTED, *more) if any(form in sought for form in _forms(each)))


def _forms(secret: str) -> tuple[bytes, ...]:
    raw = secret.encode()
    # Of base64 the middle alone: what stands before and behind it moves its ends.
    middles = (base64.b64encode(b"x" * pad + raw)[4:-4] for pad in range(3))
    encoded = tuple(middle for middle in middles if len(middle) >= 12)
    return (raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), *encoded)
