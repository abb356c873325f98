"""IAM Identity Center's side of a login, and an AWS CLI that logs in there: both for tests, on loopback.

The portal hands out the credentials of a role for a token that it knows. `profile_of_portal` writes what somebody has
who logged in with a token; `stand_in_aws` is a program that notes how it was started, and writes another one.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

SESSION = "acme"
PROFILE = "prod"
LASTS = timedelta(hours=8)


class Portal:
    """The access key that each token stands for; a token that is not among them has ended. The rest of it is alike."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, str] = {}
        self.secret, self.session_token = "s", "t"


@contextmanager
def sso_portal() -> Iterator[Portal]:
    """A portal for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = portal.keys.get(self.headers.get("x-amz-sso_bearer_token", ""))
            if key is None:
                self._answer(401, {"message": "Session token not found or invalid"}, "UnauthorizedException")
                return
            ends = int((datetime.now(UTC) + LASTS).timestamp() * 1000)
            secret, token = portal.secret, portal.session_token
            told = {"accessKeyId": key, "secretAccessKey": secret, "sessionToken": token, "expiration": ends}
            self._answer(200, {"roleCredentials": told}, "")

        def _answer(self, status: int, document: object, error: str) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    portal = Portal(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def cache_of(home: Path) -> Path:
    """Where the AWS CLI keeps the login."""
    name = hashlib.sha1(SESSION.encode(), usedforsecurity=False).hexdigest()
    return home / ".aws" / "sso" / "cache" / f"{name}.json"


def login(token: str) -> str:
    """A login as the AWS CLI keeps it."""
    ends = (datetime.now(UTC) + LASTS).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"startUrl": "https://acme", "region": "eu-west-3", "accessToken": token, "expiresAt": ends})


def profile_of_portal(home: Path, account: str, token: str) -> None:
    """The files of somebody who has logged in with a token."""
    cache = cache_of(home)
    cache.parent.mkdir(parents=True)
    cache.write_text(login(token))
    (home / ".aws" / "config").write_text(
        f"[profile {PROFILE}]\nsso_session = {SESSION}\nsso_account_id = {account}\nsso_role_name = Engineer\n"
        f"region = eu-west-3\n[sso-session {SESSION}]\nsso_start_url = https://acme\nsso_region = eu-west-3\n"
    )


def stand_in_aws(folder: Path, home: Path, token: str, *, asks: bool = False) -> Path:
    """A program `aws` in a folder, that logs in with a token; where it is started from is noted in the file given back.

    It waits for a line first, where it asks.
    """
    noted = folder / "noted.json"
    program = folder / "aws"
    wait = (
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\nprint('Then enter the code: ABCD-EFGH', flush=True)\ninput()\n"
        if asks
        else ""
    )
    program.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, signal, sys\n{wait}"
        f"cache, noted = pathlib.Path({str(cache_of(home))!r}), pathlib.Path({str(noted)!r})\n"
        f"new = cache.with_suffix('.new')\nnew.write_text({login(token)!r})\nnew.replace(cache)\n"
        "variables = sorted(name for name in os.environ if name.startswith('AWS_'))\n"
        "noted.write_text(json.dumps([sys.argv[1:], variables]))\n"
        "print('Successfully logged into Start URL: https://acme', flush=True)\n"
    )
    program.chmod(0o755)
    return noted
