"""Canaries: secrets that are found wherever they get to, and what they look like there."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ACCESS_KEY = "ASIACANARYKEY0000001"
SECRET_KEY = "CANARY/secret+key/wJalrXUtnFEMI/K7MDENG"
TOKEN = "CANARY//session+token//IQoJb3JpZ2luX2VjEXAMPLE=="
SSO_TOKEN = "CANARY-sso-token-eyJraWQiOiJ"
EXTERNAL_ID = "CANARY-external-id"
TYPED = "CANARY-typed-in-a-session"
MFA_CODE = "739184"

KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_SESSION_TOKEN": TOKEN}
_PLANTED = (ACCESS_KEY, SECRET_KEY, TOKEN, SSO_TOKEN, EXTERNAL_ID, TYPED, MFA_CODE)


@dataclass(frozen=True, slots=True)
class Plant:
    """A way in which somebody has credentials: the variables of it, and the files that they wrote themselves."""

    name: str
    variables: Mapping[str, str]
    own_files: tuple[Path, ...] = ()
    options: tuple[str, ...] = ()


def plants(home: Path) -> tuple[Plant, ...]:
    """Canaries in the environment, in the AWS files, from a program, and behind a role with a code; files at home."""
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
        "mfa_serial = arn:aws:iam::123456789012:mfa/alex\n",
        encoding="utf-8",
    )
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(keys)}
    own = (keys, config, program)
    return (
        Plant("environment", KEYS),
        Plant("file", files, own, ("--profile", "static")),
        Plant("program", files, own, ("--profile", "program")),
        Plant("role with a code", files, own, ("--profile", "guarded")),
    )


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
