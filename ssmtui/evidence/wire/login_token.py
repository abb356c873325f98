"""When a login to IAM Identity Center ends, by the token that the AWS CLI keeps of it. The token itself is not kept."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ssmtui.model.moment import moment_in

_MOST = 1_000_000
"""Characters of its file that are read."""


def login_end(profile: Mapping[str, str], folder: Path) -> datetime | None:
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
