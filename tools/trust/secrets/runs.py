"""Command lines run with canaries for secrets, and a look at all that they said, wrote and started."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ssmtui.remediation.export.format import all_formats as hand_overs
from ssmtui.report.format import all_formats
from ssmtui.simulator import gateway
from ssmtui.simulator.in_thread import SimulatedAws
from tests.sso_portal import Portal
from tools.trust.secrets.plants import ACCESS_KEY, EXTERNAL_ID, TYPED, Plant, leaks, plants
from tools.trust.secrets.standing_in import programs, started

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
    """What was looked through, and where something was found that must not be there."""

    looked: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def add(self, other: Looked) -> None:
        """What was looked through elsewhere, too."""
        self.looked += other.looked
        self.lost += other.lost


def lines() -> Iterator[tuple[str, ...]]:
    """Every command that reads, writes, opens or prints anything; `--log-file` is added to each."""
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
    """Run all lines by keys of the environment, and those that take credentials elsewhere by every other way, too."""
    by_environment, *others = plants(folder, portal)
    looked = run_lines(aws, folder, by_environment, tuple(lines()))
    for plant in others:
        looked.add(run_lines(aws, folder, plant, _ELSEWHERE))
    return looked


def run_lines(aws: SimulatedAws, folder: Path, plant: Plant, chosen: tuple[tuple[str, ...], ...]) -> Looked:
    """Run lines by one way to have credentials, and one that crashes."""
    looked = Looked()
    for line in chosen:
        _run(aws, folder, plant, line, looked)
    if not plant.is_refused:
        _run(aws, folder, plant, ("check",), looked, SECRETS_CRASH="yes")
    return looked


def environment_of(aws: SimulatedAws, folder: Path, plant: Plant) -> dict[str, str]:
    """The variables that ssmtui is started with, in folders made for it below one."""
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
    """The tokens of the sessions that were opened, and where their channels are: whoever has both is in them."""
    tokens = gateway.openings._tokens
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
        # Reports are for whoever is to read them: as the person's umask has it.
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
