"""Run command lines and the app with canaries for secrets, and search all that they print, write and start."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ssmtui.remediation.export.format import all_formats as hand_overs
from ssmtui.report.format import all_formats
from ssmtui.simulator import gateway
from ssmtui.simulator.in_thread import SimulatedAws
from tests.session.emulator import Emulator
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
    """A source of credentials: its variables, and the files that the user wrote.

    If it `is_refused`, only error messages are expected: this environment lacks what the source needs.
    """

    name: str
    variables: Mapping[str, str]
    own_files: tuple[Path, ...] = ()
    options: tuple[str, ...] = ()
    is_refused: bool = False


def plants(home: Path, portal: Portal) -> tuple[Plant, ...]:
    """Return canaries in the environment, the AWS files, a program, a role with a code, and both logins."""
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
    """Return whether the SDK lacks the library for `aws login`: then it reports that."""
    from botocore.compat import HAS_CRT

    return not HAS_CRT


def _login_cache(home: Path) -> Path:
    """Return where the AWS CLI stores the result of `aws login`."""
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
    """Return the canaries in a text, in plain form or encoded."""
    sought = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return tuple(each for each in (*_PLANTED, *more) if any(form in sought for form in _forms(each)))


def _forms(secret: str) -> tuple[bytes, ...]:
    raw = secret.encode()
    # Only the middle of the base64 text: the text around it changes its ends.
    middles = (base64.b64encode(b"x" * pad + raw)[4:-4] for pad in range(3))
    encoded = tuple(middle for middle in middles if len(middle) >= 12)
    return (raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), *encoded)


_BODY = """
import json, os, sys
if sys.argv[1:] == ["--version"]:
    print("1.2.764.0")
lines = []
for each in os.listdir("/proc"):
    if each.isdigit():
        try:
            lines.append(open(f"/proc/{each}/cmdline", "rb").read().decode("utf-8", "replace"))
        except OSError:
            pass
told = {"words": sys.argv, "environment": dict(os.environ), "lines": lines}
with open(os.path.join(FOLDER, f"{os.path.basename(sys.argv[0])}-{os.getpid()}.json"), "w") as file:
    json.dump(told, file)
"""


@dataclass(frozen=True, slots=True)
class Started:
    """The start of a program: its arguments, its environment, and the arguments of every process."""

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    lines: tuple[str, ...]

    @property
    def opens_session(self) -> bool:
        """Whether it is the plugin for a session, which needs credentials, but not as an argument."""
        return self.name == "session-manager-plugin" and len(self.words) > 2


def programs(folder: Path, told: Path) -> Path:
    """Return a folder for PATH with all programs; what each is given is written into `told`."""
    for name in ("session-manager-plugin", "aws", "browser", "xdg-open"):
        program = folder / name
        program.write_text(f"#!{sys.executable}\nFOLDER = {str(told)!r}\n{_BODY}", encoding="utf-8")
        program.chmod(0o755)
    return folder


def started(told: Path) -> Iterator[Started]:
    """Yield the programs started since the last call."""
    for file in sorted(told.glob("*.json")):
        given: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        file.unlink()
        name = Path(given["words"][0]).name
        yield Started(name, tuple(given["words"]), given["environment"], tuple(given["lines"]))


ROOT = Path(__file__).parents[3]
_GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:/ssm/sessions"
_FIX = ("fix", "log-group-unencrypted", "--subject", _GROUP, "--with", "toggle-cloudwatch-encryption")
_THERE = ("--region", "eu-central-1")
_ELSEWHERE = (
    ("check", "--format", "json"),
    (*_FIX, *_THERE, "--yes"),
    ("undo", "--yes"),
    ("connect", "web-1", "--", "echo", TYPED),
    ("snapshot", "kept.json"),
)
_NEEDS_NO_ACCOUNT = frozenset({"explain", "causes", "checks", "schema", "completion", "policy"})


@dataclass(slots=True)
class Looked:
    """The searched data, and the places where a canary was found that must not be there."""

    looked: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def add(self, other: Looked) -> None:
        """Add the result of another search."""
        self.looked += other.looked
        self.lost += other.lost


def lines() -> Iterator[tuple[str, ...]]:
    """Yield every command that reads, writes, opens or prints anything; `--log-file` is added to each."""
    outputs = [word for each in sorted(all_formats()) for word in ("--format", each, "--output", f"report-{each}.txt")]
    yield ("check", *outputs)
    yield ("check", "--redact", "--format", "json")
    yield ("check", "web-1", "--format", "ndjson")
    yield (
        "explain",
        "An error occurred (TargetNotConnected) when calling the StartSession operation",
        "--format",
        "json",
    )
    yield ("snapshot", "kept.json")
    yield ("snapshot", "redacted.json", "--redact")
    yield ("report-bug", "bug.json")
    yield (*_FIX, *_THERE)
    for each in sorted(hand_overs()):
        yield (*_FIX, *_THERE, "--as", each)
    yield (*_FIX, *_THERE, "--yes")
    yield ("undo", "--list")
    yield ("undo", "--yes")
    yield ("connect", "web-1")
    yield ("connect", "web-1", "--", "echo", TYPED)
    yield ("connect", "web-1", "--builtin", "--", "echo", TYPED)
    yield ("probe", "web-1")
    yield ("ssh-config", "web-1")
    yield ("info", "--format", "json")
    yield ("policy", "--account", "123456789012", "--region", "eu-west-3")


def run_all(aws: SimulatedAws, folder: Path, portal: Portal) -> Looked:
    """Run all lines with keys in the environment, and those that use credentials with every other source, too."""
    by_environment, *others = plants(folder, portal)
    looked = run_lines(aws, folder, by_environment, tuple(lines()))
    for plant in others:
        looked.add(run_lines(aws, folder, plant, _ELSEWHERE))
    return looked


def run_lines(aws: SimulatedAws, folder: Path, plant: Plant, chosen: tuple[tuple[str, ...], ...]) -> Looked:
    """Run lines with one source of credentials, and one that crashes."""
    looked = Looked()
    for line in chosen:
        _run(aws, folder, plant, line, looked)
    if not plant.is_refused:
        _run(aws, folder, plant, ("check",), looked, SECRETS_CRASH="yes")
    return looked


def environment_of(aws: SimulatedAws, folder: Path, plant: Plant) -> dict[str, str]:
    """Return the variables of ssmtui, with folders below the given one."""
    for each in ("home", "told", "programs", "temporary"):
        (folder / each).mkdir(exist_ok=True)
    return {
        "PATH": f"{programs(folder / 'programs', folder / 'told')}{os.pathsep}{os.defpath}",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "temporary"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "SSMTUI_EXTERNAL_ID": EXTERNAL_ID,
        **{name: value for name, value in aws.environment.items() if name not in _KEYS},
        **plant.variables,
    }


def given_by_aws() -> tuple[str, ...]:
    """Return the tokens and channel addresses of the opened sessions: both together give access to a session."""
    tokens = gateway.openings.tokens.issued()
    return (*tokens.values(), *(gateway.stream_url(each) for each in tokens))


def _run(
    aws: SimulatedAws, folder: Path, plant: Plant, line: tuple[str, ...], looked: Looked, **variables: str
) -> None:
    aws.give_key(ACCESS_KEY)
    home, told = folder / "home", folder / "told"
    environment = {**environment_of(aws, folder, plant), **variables}
    log = home / "ssmtui.log"
    words = (*line, "--log-file", str(log))
    if line[0] not in _NEEDS_NO_ACCOUNT and plant.options:
        words = (line[0], *plant.options, *words[1:])
    split = words.index("--") if "--" in words else len(words)
    if split < len(words):
        words = (*words[:split], "--log-file", str(log), *words[split:-2])
    if line[0] in ("policy",):
        words = line
    ran = subprocess.run(
        [sys.executable, "-m", "tools.trust.secrets.started", *words],
        env=environment,
        cwd=home,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        umask=0o022,
    )
    named = f"{' '.join(line[:3])} by {plant.name}{' in a crash' if variables else ''}"
    looked.looked["command"] += 1
    wrong = (1, 2) if plant.is_refused else (1, 2, 4)
    if ran.returncode != (1 if variables else ran.returncode) or (not variables and ran.returncode in wrong):
        looked.lost.append(f"{named} ended with {ran.returncode}: {ran.stderr[-300:].decode()}")
    typed = (TYPED,) if TYPED in line else ()
    given = given_by_aws()
    for where, text in (("standard output", ran.stdout), ("standard error", ran.stderr)):
        looked.looked["output"] += 1
        told_in(looked, f"{named}: {where}", set(leaks(text, given)) - set(typed))
    look_at_files(folder, plant, named, given, looked)
    look_at_programs(told, named, given, typed, looked)


_KEYS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})


def look_at_files(folder: Path, plant: Plant, named: str, given: tuple[str, ...], looked: Looked) -> None:
    for file in (*(folder / "home").rglob("*"), *(folder / "temporary").rglob("*")):
        if not file.is_file() or file in plant.own_files:
            continue
        looked.looked["file"] += 1
        told_in(looked, f"{named}: {file.name}", set(leaks(file.read_bytes(), given)))
        # Reports are for other readers: the user's umask decides.
        is_report = file.parent == folder / "home" and file.name.startswith(("report-", "ssmtui-2"))
        if stat.S_IMODE(file.stat().st_mode) & 0o077 and not is_report:
            looked.lost.append(f"{named}: others may read {file.relative_to(folder)}")


def look_at_programs(told: Path, named: str, given: tuple[str, ...], typed: tuple[str, ...], looked: Looked) -> None:
    for each in started(told):
        looked.looked["program started"] += 1
        where = f"{named}: {each.name}"
        spoken = " ".join((*each.words, *each.lines))
        told_in(looked, f"{where}, its words", set(leaks(spoken, given)) - set(typed))
        if not each.opens_session:
            kept = " ".join(
                f"{name}={value}" for name, value in each.environment.items() if name != "SSMTUI_EXTERNAL_ID"
            )
            told_in(looked, f"{where}, its environment", set(leaks(kept, given)))


def told_in(looked: Looked, where: str, found: set[str]) -> None:
    looked.lost.extend(f"{where} holds {each}" for each in sorted(found))


_COPIED = re.compile(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")
_ENTER, _ESCAPE, _TAB = b"\r", b"\x1b", b"\t"

WALK: tuple[bytes, ...] = (
    # The fleet, and the raw facts of a node.
    *(b"c", b"C", b"y", b"c", _ESCAPE, _ENTER, b"c", b"C", b"y", b"c", _ESCAPE, b"F", b"c", _ESCAPE, _ESCAPE),
    # Its causes, and a change: previewed, exported in every format, made and undone.
    *(_TAB, b"c", _ENTER, b"c", _ESCAPE, _TAB, b"p", b"c", b"w", b"c", b"h", b"c", *(_TAB, b"c") * 6, _ESCAPE, _ESCAPE),
    *(_ESCAPE, b"Z", b"c", _ESCAPE),
    # A probe, a shell and a tunnel: real sessions.
    *(b"v", _ENTER, b"wait", b"c", _ESCAPE, b"s", b"wait", b"S", b"wait", b"c", _ESCAPE),
    # The API calls, the scopes, and a pasted error.
    *(b"@", b"c", _ESCAPE, b"a", _ESCAPE, b"~", b"c", _ESCAPE, b"x", b"\x1b[200~TargetNotConnected\x1b[201~", b"wait"),
    *(b"c", _ESCAPE, _ESCAPE, b"\x13", b"wait"),
)
"""Keys; `wait` is a longer pause."""


def copied(shown: bytes) -> Sequence[bytes]:
    """Return the clipboard contents in the output to a terminal (OSC 52)."""
    return [base64.b64decode(each) for each in _COPIED.findall(shown)]


def run_app(aws: SimulatedAws, folder: Path, plant: Plant, walk: Sequence[bytes] = WALK) -> Looked:
    """Walk through the app with full logging, and search wherever it leaves data."""
    looked = Looked()
    aws.give_key(ACCESS_KEY)
    environment = {**environment_of(aws, folder, plant), "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}
    log = folder / "home" / "app.log"
    there = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(folder / "home")]
    words = [sys.executable, "-m", "tools.trust.secrets.started", *plant.options, "--log-file", str(log)]
    terminal = Emulator([*there, *words], environment, (40, 140))
    terminal.patience = 120
    try:
        terminal.wait_for(b"Role cannot use the session key")
        for keys in walk:
            if keys != b"wait":
                terminal.type(keys)
            terminal.read_for(2.5 if keys == b"wait" else 0.4)
        terminal.type(b"\x1b\x1b\x1bq")
        terminal.read_for(0.5)
        terminal.type(b"\x03")
        code = terminal.end()
    finally:
        terminal.close()
    looked.lost.extend(_faults(terminal.shown, code, plant))
    given = given_by_aws()
    looked.looked["app"] += 1
    named = f"the app by {plant.name}"
    told_in(looked, f"{named}: its terminal", set(leaks(terminal.shown, given)))
    for text in copied(terminal.shown):
        looked.looked["copied text"] += 1
        told_in(looked, f"{named}: what it copies", set(leaks(text, given)))
    look_at_files(folder, plant, named, given, looked)
    look_at_programs(folder / "told", named, given, (), looked)
    return looked


def _faults(shown: bytes, code: int, plant: Plant) -> Iterator[str]:
    if code not in {0, 130}:
        yield f"the app by {plant.name} ended with {code}"
    if not copied(shown):
        yield f"the app by {plant.name} copied nothing: {shown[-300:]!r}"
